import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { exampleFolder, makeProject, runCli, syncFile } from './project.ts';

const compile = async (files: Record<string, string>) => {
  const root = makeProject(files);
  return { root, ...(await runCli(root, ['compile'])) };
};

describe('a project that compiles', () => {
  it('writes a bundle a function and the manifest for the example users start from', async () => {
    const root = mkdtempSync(join(tmpdir(), 'bowline-example-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    cpSync(exampleFolder, root, { recursive: true, filter: (path) => !/\/(build|\.nango|node_modules)$/.test(path) });
    const { exitCode, errors } = await runCli(tmpdir(), ['compile', '--cwd', root]);
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
    const manifest = JSON.parse(readFileSync(join(root, '.nango/nango.json'), 'utf8'));
    expect(manifest.map(({ providerConfigKey }: { providerConfigKey: string }) => providerConfigKey)).toEqual(
      expect.arrayContaining(['github', 'linear']),
    );
    const github = manifest.find(({ providerConfigKey }: { providerConfigKey: string }) => providerConfigKey === 'github');
    const named = (functions: { name: string }[], ...names: string[]) => functions.filter(({ name }) => names.includes(name));
    expect(named(github.syncs, 'issues', 'labels')).toMatchObject([
      {
        name: 'issues',
        runs: 'every 5 minutes',
        auto_start: true,
        output: ['Issue'],
        input: 'SyncMetadata_github_issues',
        features: ['checkpoints'],
      },
      { name: 'labels', output: ['Label'], input: null, features: [] },
    ]);
    expect(named(github.actions, 'create-issue', 'whoami')).toMatchObject([
      { name: 'create-issue', input: 'ActionInput_github_createissue', output: ['ActionOutput_github_createissue'] },
      { name: 'whoami', json_schema: { definitions: { ActionInput_github_whoami: { type: 'null' } } } },
    ]);
    const bundle = readFileSync(join(root, 'build/github_syncs_issues.cjs'), 'utf8');
    expect(bundle).toContain('require("zod")');
    expect(bundle).not.toMatch(/require\("(nango|bowline)"\)/);
  }, 60_000);

  it.each(['nango', 'bowline', '@nangohq/runner-sdk'])(
    'may import types as values from %s and needs no node_modules',
    async (from) => {
      const source = `import { createAction } from 'nango';
import { ProxyConfiguration } from '${from}';
import type { NangoAction } from '${from}';
import { createHash } from 'node:crypto';
import soap from 'soap';
import * as z from 'zod';

const config: ProxyConfiguration = { endpoint: '/x', retries: 3 };
const helper = async (nango: NangoAction) => (await nango.get(config)).data.items[0].name;
const action = createAction({
  description: 'd',
  input: z.object({ at: z.date() }),
  output: z.object({ name: z.string() }),
  exec: async (nango) => ({ client: await soap.createClientAsync('x'), name: createHash('sha256').update(Buffer.from(await helper(nango))).digest('hex') }),
});
export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
`;
      const { exitCode, errors, root } = await compile({ 'crm/actions/hash.ts': source });
      expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
      const manifest = JSON.parse(readFileSync(join(root, '.nango/nango.json'), 'utf8'));
      expect(manifest[0].actions[0].json_schema.definitions.ActionInput_crm_hash.properties.at).toEqual({
        type: 'string',
        format: 'date-time',
      });
    },
    60_000,
  );

  it('takes the kind from the call, not from the folder, and a sync and an action may share a name', async () => {
    const { exitCode, root } = await compile({
      'figma/actions/files.ts': syncFile(),
      'figma/syncs/nodes.ts':
        "import { createAction } from 'nango';\nimport { z } from 'zod';\nexport default createAction({ description: 'd', input: z.void(), output: z.null(), exec: () => null });\n",
      'figma/actions/nodes.ts': syncFile({ Item: 'Node' }),
      'figma/on-events/start.ts':
        "import { createOnEvent } from 'nango';\nexport default createOnEvent({ description: 'd', event: 'post-connection-creation', exec: async () => {} });\n",
    });
    expect(exitCode).toBe(0);
    const [figma] = JSON.parse(readFileSync(join(root, '.nango/nango.json'), 'utf8'));
    expect(figma.syncs.map(({ name }: { name: string }) => name)).toEqual(['files', 'nodes']);
    expect(figma.actions.map(({ name }: { name: string }) => name)).toEqual(['nodes']);
    expect(figma.onEventScripts['post-connection-creation']).toEqual(['start']);
  }, 60_000);

  it('accepts calls that are awaited later, returned or handled', async () => {
    const body = `async (nango) => {
  await Promise.all(['1', '2'].map((id) => nango.batchSave([{ id }], 'Item')));
  const pending = [nango.get({ endpoint: '/x' })];
  await Promise.allSettled(pending);
  nango.get({ endpoint: '/y' }).catch(() => undefined);
  console.log('nowhere');
}`;
    const { exitCode, errors } = await compile({ 'crm/syncs/a.ts': syncFile({ 'async () => {}': body }) });
    expect(errors).toMatch(/^crm\/syncs\/a\.ts:9:3 - warning console_is_silent: .*nango\.log/);
    expect(exitCode).toBe(0);
  }, 60_000);

  it('warns of a function that index.ts forgets, and leaves it out', async () => {
    const { exitCode, errors, root } = await compile({
      'index.ts': "// functions\nimport './crm/syncs/one.js';\n/*\nimport './crm/syncs/two.js';\n*/\n",
      'crm/syncs/one.ts': syncFile(),
      'crm/syncs/two.ts': syncFile({ Item: 'Other' }),
    });
    expect(exitCode).toBe(0);
    expect(errors).toContain("index.ts - warning: crm/syncs/two.ts is not imported and is left out. Add: import './crm/syncs/two.js';");
    expect(existsSync(join(root, 'build/crm_syncs_two.cjs'))).toBe(false);
  }, 60_000);
});

describe('a project with a problem', () => {
  it.each<[string, Record<string, string>, RegExp]>([
    [
      'a type error',
      { 'crm/syncs/a.ts': syncFile({ 'async () => {}': "async (nango) => {\n  await nango.batchSave([{ id: 5 }], 'Item');\n}" }) },
      /^crm\/syncs\/a\.ts:5:28 - error TS2322: Type 'number' is not assignable to type 'string'/m,
    ],
    [
      'a model that was not declared',
      { 'crm/syncs/a.ts': syncFile({ 'async () => {}': "async (nango) => {\n  await nango.batchSave([{ id: '5' }], 'Thing');\n}" }) },
      /^crm\/syncs\/a\.ts:5:\d+ - error TS2345: .*"Thing".*"Item"/m,
    ],
    [
      'a disallowed import',
      {
        'crm/syncs/a.ts': `import { readFileSync } from 'node:fs';\n${syncFile({ 'async () => {}': "async () => { readFileSync('/etc/passwd'); }" })}`,
      },
      /^crm\/syncs\/a\.ts:1:\d+ - error disallowed_import: 'node:fs' is not available to functions/m,
    ],
    [
      'a disallowed import in a helper',
      {
        'crm/syncs/a.ts': `import { help } from '../help.js';\n${syncFile({ 'async () => {}': 'async () => { help(); }' })}`,
        'crm/help.ts': "\nimport { execSync } from 'child_process';\nexport const help = () => execSync('id');\n",
      },
      /^crm\/help\.ts:2:\d+ - error disallowed_import: 'child_process'/m,
    ],
    [
      'a frequency that is too short',
      { 'crm/syncs/a.ts': syncFile({ 'every hour': 'every 5 seconds' }) },
      /^crm\/syncs\/a\.ts:4:\d+ - error invalid_frequency: frequency: "every 5 seconds" is 5 seconds; .*every 30 seconds/m,
    ],
    [
      'a frequency that is none',
      { 'crm/syncs/a.ts': syncFile({ 'every hour': 'hourly' }) },
      /^crm\/syncs\/a\.ts:4:\d+ - error invalid_frequency: frequency: "hourly" is not a frequency/m,
    ],
    [
      'a model without id',
      { 'crm/syncs/a.ts': syncFile({ 'id: z.string()': 'name: z.string()' }) },
      /^crm\/syncs\/a\.ts:4:\d+ - error model_missing_id: models: Item needs a string id/m,
    ],
    [
      'a model whose name is not one',
      { 'crm/syncs/a.ts': syncFile({ 'Item:': "'my item':" }) },
      /^crm\/syncs\/a\.ts:4:\d+ - error invalid_model_name: models: "my item" must begin with a capital/m,
    ],
    [
      'two syncs that share a model',
      { 'crm/syncs/a.ts': syncFile(), 'crm/syncs/b.ts': syncFile() },
      /^crm\/syncs\/b\.ts:4:\d+ - error duplicate_model: The model "Item" of crm is already declared in crm\/syncs\/a\.ts/m,
    ],
    [
      'two syncs of one name',
      { 'crm/syncs/a.ts': syncFile(), 'crm/actions/a.ts': syncFile({ Item: 'Other' }) },
      /error duplicate_function: The function "sync a" of crm is already declared/m,
    ],
    [
      'deletions asked of an incremental sync',
      { 'crm/syncs/a.ts': syncFile({ 'exec:': "syncType: 'incremental', trackDeletes: true, exec:" }) },
      /^crm\/syncs\/a\.ts:4:\d+ - error incremental_track_deletes/m,
    ],
    [
      'webhooks nothing handles',
      { 'crm/syncs/a.ts': syncFile({ 'exec:': "webhookSubscriptions: ['*'], exec:" }) },
      /error missing_on_webhook/m,
    ],
    [
      'a call that nobody awaits',
      { 'crm/syncs/a.ts': syncFile({ 'async () => {}': "async (nango) => {\n  nango.batchSave([{ id: '5' }], 'Item');\n}" }) },
      /^crm\/syncs\/a\.ts:5:3 - error method_need_await: nango\.batchSave\(\) is not awaited/m,
    ],
    [
      'a call that nobody awaits, in a helper',
      {
        'crm/syncs/a.ts': `import { help } from '../help.js';\n${syncFile({ 'async () => {}': 'async (nango) => { await help(nango); }' })}`,
        'crm/help.ts':
          "import type { NangoAction } from 'nango';\nexport const help = async (nango: NangoAction) => {\n  nango.log('x');\n};\n",
      },
      /^crm\/help\.ts:3:3 - error method_need_await/m,
    ],
    [
      'retryOn without retries',
      { 'crm/syncs/a.ts': syncFile({ 'async () => {}': "async (nango) => {\n  await nango.get({ endpoint: '/x', retryOn: [404] });\n}" }) },
      /^crm\/syncs\/a\.ts:5:9 - error retryon_need_retries/m,
    ],
    [
      'a crawl for deletions that never ends',
      { 'crm/syncs/a.ts': syncFile({ 'async () => {}': "async (nango) => {\n  await nango.trackDeletesStart('Item');\n}" }) },
      /^crm\/syncs\/a\.ts:5:9 - error track_deletes_unpaired/m,
    ],
    [
      'no default export',
      { 'crm/syncs/a.ts': 'export {};\n' },
      /^crm\/syncs\/a\.ts:1:1 - error invalid_default_export: .*export default createSync/m,
    ],
    [
      'an error at the top level',
      { 'crm/syncs/a.ts': `${syncFile()}\nthrow new Error('boom');\n` },
      /^crm\/syncs\/a\.ts:7:7 - error evaluation_failed: The file failed while it was loaded: boom/m,
    ],
    [
      'a dangling import in index.ts',
      { 'index.ts': "\nimport './crm/syncs/gone.js';\n" },
      /^index\.ts:2:1 - error: There is no file crm\/syncs\/gone\.ts/m,
    ],
    [
      'an import of index.ts that leaves the project',
      { 'index.ts': "import '../crm/syncs/gone.js';\n" },
      /^index\.ts:1:1 - error: .* is outside the project/m,
    ],
    ['no functions', { 'package.json': '{}' }, /No functions found in .*bowline init/],
    ['nango.yaml without functions', { 'nango.yaml': 'integrations: {}\n' }, /declares no syncs/],
  ])(
    'fails with 10 and names the place: %s',
    async (_what, files, message) => {
      const { exitCode, errors, root } = await compile(files);
      expect(errors).toMatch(message);
      expect(exitCode).toBe(10);
      expect(existsSync(join(root, 'build'))).toBe(false);
    },
    60_000,
  );

  it('stops a file that loops while it is loaded', async () => {
    const { exitCode, errors } = await compile({ 'crm/syncs/a.ts': `${syncFile()}\nfor (;;) {}\n` });
    expect(errors).toMatch(/crm\/syncs\/a\.ts.* error evaluation_failed: .*timed out/);
    expect(exitCode).toBe(10);
  }, 60_000);

  it('reports the problems of all files at once, as JSON when asked', async () => {
    const root = makeProject({
      'crm/syncs/a.ts': syncFile({ 'every hour': 'never' }),
      'crm/syncs/b.ts': syncFile({ Item: 'Other', 'async () => {}': 'async () => { const x: string = 5; return x; }' }),
    });
    const { exitCode, output, errors } = await runCli(root, ['compile', '--json']);
    expect(errors).toBe('');
    const document = JSON.parse(output);
    expect(document).toMatchObject({ ok: false, error: { exitCode: 10 } });
    expect(document.error.diagnostics.map(({ file }: { file: string }) => file)).toEqual(
      expect.arrayContaining(['crm/syncs/a.ts', 'crm/syncs/b.ts']),
    );
    expect(exitCode).toBe(10);
  }, 60_000);
});
