/** Test files of a project's own, written for `nango/test`, in a real Vitest. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { makeProject } from './project.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const within = 120_000;

const project = {
  'package.json': '{ "type": "module" }',
  'vitest.config.ts': `import { bowline } from '${repository}packages/cli/dist/vitest.js';\nexport default { plugins: [bowline()] };\n`,
  'github/syncs/issues.ts': `import { createSync } from 'nango';
import { z } from 'zod';
const sync = createSync({ description: 'd', frequency: 'every hour', models: { Issue: z.object({ id: z.string() }) }, checkpoint: z.object({ page: z.number() }), exec: async (nango) => {
  const { repo } = await nango.getMetadata<{ repo: string }>();
  for await (const page of nango.paginate({ endpoint: \`/repos/\${repo}/issues\`, paginate: { type: 'offset', offset_name_in_request: 'page', offset_start_value: 1, offset_calculation_method: 'per-page', limit: 2, limit_name_in_request: 'per_page' } }))
    await nango.batchSave(page, 'Issue');
  await nango.saveCheckpoint({ page: ((await nango.getCheckpoint())?.page ?? 0) + 1 });
} });
export default sync;
`,
  'github/actions/get.ts': `import { createAction } from 'nango';
import { z } from 'zod';
export default createAction({ description: 'd', input: z.object({ id: z.string() }), output: z.any(), exec: async (nango, input) => {
  const { data, status } = await nango.get({ endpoint: '/issues', params: { id: input.id } });
  if (status === 404) throw new nango.ActionError({ message: 'no such issue' });
  return data;
} });
`,
  'github/tests/issues.test.json': JSON.stringify({
    nango: { getMetadata: { repo: 'a/b' }, batchSave: { Issue: [{ id: '1' }, { id: '2' }, { id: '3' }] } },
    api: {
      get: {
        '/repos/a/b/issues': [
          { request: { params: { page: '1', per_page: '2' } }, response: [{ id: '1' }, { id: '2' }] },
          { request: { params: { page: '2', per_page: '2' } }, response: [{ id: '3' }] },
        ],
      },
    },
  }),
  'github/tests/get.test.json': JSON.stringify({
    input: { id: '7' },
    output: { id: '7' },
    api: {
      get: {
        '/issues': [
          { request: { params: { id: '7' } }, response: { id: '7' } },
          { request: { params: { id: '8' } }, status: 404, response: {} },
        ],
      },
    },
  }),
  'github/tests/github-issues.test.ts': `import { describe, expect, it, vi } from 'vitest';
import sync from '../syncs/issues.js';
describe('issues', () => {
  const nangoMock = new (globalThis as any).vitest.NangoSyncMock({ dirname: import.meta.dirname, name: 'issues', Model: 'Issue' });
  it('saves what was recorded', async () => {
    const saved = vi.spyOn(nangoMock, 'batchSave');
    await sync.exec(nangoMock);
    expect(saved.mock.calls.flatMap(([records]: any) => records)).toStrictEqual(await nangoMock.getBatchSaveData('Issue'));
    expect(nangoMock.saveCheckpoint).toHaveBeenCalledWith({ page: 1 });
    await expect(nangoMock.getConnection()).rejects.toThrow(/^Missing mock data for getConnection$/);
    expect(await nangoMock.getBatchDeleteData('Issue')).toBeUndefined();
  });
});
`,
  'github/tests/github-get.test.ts': `import { expect, it } from 'vitest';
import { NangoActionMock } from 'nango/test';
import action from '../actions/get.js';
const nango = new NangoActionMock({ dirname: import.meta.dirname, name: 'get' }) as any;
it('answers what was recorded', async () => {
  expect(await action.exec(nango, await nango.getInput())).toEqual(await nango.getOutput());
});
it('refuses, and tells what is not recorded', async () => {
  await expect(action.exec(nango, { id: '8' })).rejects.toMatchObject({ type: 'action_script_runtime_error', payload: { message: 'no such issue' } });
  await expect(action.exec(nango, { id: '9' })).rejects.toThrow(/No mock found for GET issues.*id=9/);
  expect('mock' in nango.log).toBe(true);
});
`,
};

const run = (root: string) =>
  promisify(execFile)(process.execPath, [join(repository, 'node_modules/vitest/vitest.mjs'), 'run', '--root', root, '--reporter', 'json'], {
    cwd: root,
  }).then(
    ({ stdout }) => JSON.parse(stdout),
    ({ stdout }: { stdout: string }) => JSON.parse(stdout),
  );

it(
  'pass, without anything installed in the project, and fail when the function does something else',
  async () => {
    const root = makeProject(project);
    expect(await run(root)).toMatchObject({ success: true, numPassedTests: 3 });
    const broken = makeProject({
      ...project,
      'github/actions/get.ts': project['github/actions/get.ts'].replace('return data', 'return null'),
    });
    expect(await run(broken)).toMatchObject({ success: false, numPassedTests: 2, numFailedTests: 1 });
  },
  within,
);
