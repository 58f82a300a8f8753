/** What was deployed when, and the way back, as the command shows and does it, with the whole platform. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeProject, runCli } from '../packages/cli/test/project.ts';
import { flowOf } from '../packages/server/test/functions.ts';
import { type Json, type Platform, startPlatform } from '../packages/server/test/platform.ts';

let platform: Platform;
let count = 0;
beforeAll(async () => {
  platform = await startPlatform({ worker: false });
});

const env = () => ({ BOWLINE_HOST: platform.url, BOWLINE_SECRET_KEY_DEV: platform.apiKey });
const bowline = (words: string[], answers?: string[], root = makeProject({})) =>
  runCli(root, words, { env: env(), ...(answers && { answers }) });
const json = async (words: string[], root?: string): Promise<Json> =>
  JSON.parse((await bowline([...words, '--json'], undefined, root)).output);

/** An integration of its own. */
async function fresh(): Promise<string> {
  const unique_key = `own-${++count}`;
  await platform.call('POST', '/integrations', { unique_key, provider: 'unauthenticated' });
  return unique_key;
}
const actionOf = (returns: string, imports = '') =>
  `${imports}import { createAction } from 'bowline';\nimport { z } from 'zod';\n\nexport default createAction({ description: 'd', input: z.any(), output: z.any(), exec: async () => ${returns} });\n`;
const project = (key: string, files: Record<string, string>) =>
  makeProject(Object.fromEntries(Object.entries(files).map(([path, text]) => [path.replace('KEY', key), text])));
const deploy = async (root: string, words: string[] = []) => {
  const { exitCode, output, errors } = await bowline(['deploy', ...words], undefined, root);
  expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
  return output;
};

/** An action of two versions, of which the second runs. */
async function twice(): Promise<{ key: string; root: string }> {
  const key = await fresh();
  const root = project(key, { 'KEY/actions/one.ts': actionOf('1'), 'KEY/actions/same.ts': actionOf('0') });
  await deploy(root, ['-i', key]);
  writeFileSync(join(root, key, 'actions/one.ts'), actionOf('2'));
  expect(await deploy(root, ['-i', key])).toContain('Deployed 1 function to dev; 1 unchanged');
  return { key, root };
}
const running = async (key: string, name = 'one'): Promise<string> =>
  (await platform.call('GET', `/integrations/${key}/functions/${name}/code`)).body.code;

describe('bowline versions and bowline deployments', () => {
  it('list what was deployed, by whom and when, in words and as JSON', async () => {
    const { key } = await twice();
    const versions = await bowline(['versions', key, 'one']);
    expect(versions).toMatchObject({ exitCode: 0, errors: '' });
    const [, second, first] = versions.output.split('\n');
    expect(second).toMatch(/^2\s+v2\s+runs\s+20\d\d-\S+Z\s+\S.*\s+repo\s+\d+\s+[0-9a-f]{12}$/);
    expect(first).toMatch(/^1\s+v1\s{4,}20/);
    expect((await json(['versions', key, 'one'])).versions).toMatchObject([{ number: 2, current: true }, { number: 1 }]);
    expect((await bowline(['deployments', '--limit', '2'])).output).toContain(`updated ${key}/one`);
    const { deployments } = await json(['deployments', '--limit', '1']);
    expect(deployments).toMatchObject([
      { kind: 'deploy', unchanged: 1, changes: [{ name: 'one', from: { number: 1 }, to: { number: 2 } }] },
    ]);
  }, 60_000);

  it('say what to do about a name that never was', async () => {
    const key = await fresh();
    expect(await bowline(['versions', key, 'nothing'])).toMatchObject({ exitCode: 11, errors: expect.stringContaining('never had') });
  });
});

describe('bowline rollback', () => {
  it('shows what would change and changes nothing with --plan', async () => {
    const { key } = await twice();
    const { output, exitCode, questions } = await bowline(['rollback', key, 'one', '--to', '1', '--plan'], ['y']);
    expect({ exitCode, questions }).toEqual({ exitCode: 0, questions: [] });
    expect(output).toContain(`~ back    action   ${key} → one  2 (v2) → 1 (v1)`);
    expect(await running(key)).toBe(actionOf('2'));
  }, 60_000);

  it.each<[string[], string[] | undefined, number, string]>([
    [[], ['n'], 11, '2'],
    [[], [''], 11, '2'],
    [[], undefined, 11, '2'],
    [['--json'], undefined, 11, '2'],
    [[], ['y'], 0, '1'],
    [['-y'], undefined, 0, '1'],
    [['-y', '--json'], undefined, 0, '1'],
  ])(
    'with %j and the answers %j ends with %d',
    async (words, answers, exitCode, returns) => {
      const { key } = await twice();
      expect((await bowline(['rollback', key, 'one', '--to', 'v1', ...words], answers)).exitCode).toBe(exitCode);
      expect(await running(key)).toBe(actionOf(returns));
    },
    60_000,
  );

  it('of everything deletes what came since only with a word about that', async () => {
    const { key, root } = await twice();
    const { deployments } = await json(['deployments', '--limit', '1']);
    const to = String(deployments[0].number);
    writeFileSync(join(root, key, 'actions/new.ts'), actionOf('3'));
    await deploy(root, ['-i', key]);
    const refused = await bowline(['rollback', '--to', to, '-y']);
    expect(refused).toMatchObject({ exitCode: 11, errors: expect.stringContaining(`This deletes ${key}/new. Pass --allow-destructive`) });
    expect(await running(key, 'new')).toBe(actionOf('3'));
    const asked = await bowline(['rollback', '--to', to], ['yes']);
    expect(asked).toMatchObject({ exitCode: 0, questions: ['Roll back and delete? [y/N] '] });
    expect((await platform.call('GET', `/integrations/${key}/functions/new`)).status).toBe(404);
    // Once more there is nothing to do.
    expect((await bowline(['rollback', '--to', to])).output).toContain('Nothing would change.');
  }, 60_000);

  it.each<[string[], string]>([
    [['--to', '99'], 'There is no version 99'],
    [['--to', 'v99'], 'There is no version v99'],
  ])(
    'says what to write instead of %j',
    async (words, message) => {
      const { key } = await twice();
      expect(await bowline(['rollback', key, 'one', ...words])).toMatchObject({ exitCode: 2, errors: expect.stringContaining(message) });
    },
    60_000,
  );

  it('names the numbers of versions that share a label', async () => {
    const key = await fresh();
    for (const exec of ['return 1', 'return 2']) {
      const flowConfigs = [flowOf({ type: 'action', name: 'one', integration: key, exec, version: '1.0.0' })];
      const body = { flowConfigs, reconcile: true, debug: false, nangoYamlBody: '', deployMode: 'single' };
      expect((await platform.call('POST', '/sync/deploy', body)).status).toBe(200);
    }
    const { exitCode, errors } = await bowline(['rollback', key, 'one', '--to', 'v1.0.0']);
    expect([exitCode, errors]).toEqual([2, expect.stringContaining('one of the numbers 2, 1')]);
  });

  it('wants a number of a deployment, and both names of a function', async () => {
    expect(await bowline(['rollback', '--to', 'v1'])).toMatchObject({
      exitCode: 2,
      errors: expect.stringContaining('bowline deployments'),
    });
    expect(await bowline(['rollback', 'github', '--to', '1'])).toMatchObject({
      exitCode: 2,
      errors: expect.stringContaining('Name a function'),
    });
    expect(await bowline(['rollback', '--to', '99999'])).toMatchObject({
      exitCode: 11,
      errors: expect.stringContaining('no deployment 99999'),
    });
  });
});

describe('bowline pull', () => {
  const helpers = {
    'KEY/helpers/page.ts': "import type { Page } from '../../models.js';\nexport const page = (): Page => ({ size: 1 });\n",
    'models.ts': 'export type Page = { size: number };\n',
  };
  const withHelpers = (key: string) =>
    project(key, { ...helpers, 'KEY/actions/one.ts': actionOf('page()', "import { page } from '../helpers/page.js';\n") });

  it('gives back a function with all files it imports, also those it takes only types from, so that it compiles', async () => {
    const key = await fresh();
    await deploy(withHelpers(key), ['-i', key]);
    const root = makeProject({});
    const pulled = await json(['pull', key, 'one'], root);
    expect(pulled).toMatchObject({ ok: true, missing: [] });
    expect(pulled.written.sort()).toEqual([`${key}/actions/one.ts`, `${key}/helpers/page.ts`, 'models.ts'].sort());
    expect(readFileSync(join(root, key, 'helpers/page.ts'), 'utf8')).toBe(helpers['KEY/helpers/page.ts']);
    expect(await bowline(['compile'], undefined, root)).toMatchObject({ exitCode: 0 });
    expect((await bowline(['pull', key, 'one'], undefined, root)).output).toContain('is the same already');
  }, 60_000);

  it('names a helper that differs, and overwrites it only with a yes or -f', async () => {
    const key = await fresh();
    await deploy(withHelpers(key), ['-i', key]);
    const root = makeProject({ 'models.ts': 'mine' });
    const refused = await bowline(['pull', key, 'one'], ['n'], root);
    expect(refused).toMatchObject({ exitCode: 2, questions: ['models.ts differs from what is deployed. Overwrite it? [y/N] '] });
    expect(existsSync(join(root, key)), 'nothing of it is written').toBe(false);
    expect(await bowline(['pull', key, 'one', '-y'], undefined, root)).toMatchObject({ exitCode: 2 });
    expect(readFileSync(join(root, 'models.ts'), 'utf8')).toBe('mine');
    expect(await bowline(['pull', key, 'one', '-f'], undefined, root)).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(root, 'models.ts'), 'utf8')).toBe(helpers['models.ts']);
  }, 60_000);

  it('writes an earlier version, and that of a function that was deleted', async () => {
    const { key, root } = await twice();
    const target = makeProject({});
    expect(await bowline(['pull', key, 'one', '--version', '1'], undefined, target)).toMatchObject({ exitCode: 0, errors: '' });
    expect(readFileSync(join(target, key, 'actions/one.ts'), 'utf8')).toBe(actionOf('1'));
    await deploy(root, ['-i', key]);
    writeFileSync(join(root, key, 'actions/same.ts'), actionOf('9'));
    expect(await json(['pull', key, 'same', '--version', 'v1', '-f'], target)).toMatchObject({ ok: true, version: 1 });
  }, 60_000);

  it('writes nothing through a link that leads out of the project', async () => {
    const key = await fresh();
    await deploy(withHelpers(key), ['-i', key]);
    const root = makeProject({});
    const outside = mkdtempSync(join(tmpdir(), 'bowline-outside-'));
    mkdirSync(join(root, key));
    symlinkSync(outside, join(root, key, 'helpers'));
    const { exitCode, errors } = await bowline(['pull', key, 'one', '-f'], undefined, root);
    expect([exitCode, errors]).toEqual([11, expect.stringContaining('is not in the project')]);
    expect(existsSync(join(outside, 'page.ts'))).toBe(false);
  }, 60_000);
});
