/** Projects whose functions are declared in `nango.yaml`: read, compiled, deployed and played like those in code. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { evaluateModels } from '../src/yaml/models.ts';
import { readYaml } from '../src/yaml/read.ts';
import { makeProject, runCli } from './project.ts';
import { startDeployServer } from './server.ts';

const within = 120_000;

const yaml = `
integrations:
  github:
    syncs:
      issues:
        description: Issues
        runs: every half hour
        output: Issue
        input: Settings
        sync_type: incremental
        auto_start: false
        scopes: repo, read:user
        endpoint: GET /issues
        webhook-subscriptions: issues
    actions:
      create-issue:
        description: Creates an issue
        input: NewIssue
        output: Issue
        endpoint: { method: POST, path: /issues, group: Issues }
      ping:
        output: string
    on-events:
      post-connection-creation: [hello]
models:
  Issue:
    id: string
    title: string
    state: open | closed
    labels?: string[]
    author: User
  User:
    name: string | null
  Settings:
    repos: string[]
  NewIssue:
    title: string
`;
const yamlProject = {
  'nango.yaml': yaml,
  'github/syncs/issues.ts': `import type { Issue, NangoSync } from '../../models';

export default async function fetchData(nango: NangoSync): Promise<void> {
  const { repos } = await nango.getMetadata<{ repos: string[] }>();
  for (const repo of repos) {
    const { data } = await nango.get({ endpoint: \`/repos/\${repo}/issues\`, retries: 3 });
    const issues: Issue[] = data.map((one: Issue) => ({ id: String(one.id), title: one.title, state: one.state, author: { name: null } }));
    // bowline-ignore missing_checkpoint: a handful of repositories
    await nango.batchSave(issues, 'Issue');
  }
}

export async function onWebhookPayloadReceived(nango: NangoSync, payload: { issue: Issue }): Promise<void> {
  await nango.batchSave([payload.issue], 'Issue');
}
`,
  'github/actions/create-issue.ts': `import { ActionError } from '../../models';
import type { Issue, NangoAction, NewIssue } from '../../models';

export default async function runAction(nango: NangoAction, input: NewIssue): Promise<Issue> {
  if (!input?.title) throw new ActionError({ message: 'A title is needed', code: 7 });
  return (await nango.post({ endpoint: '/issues', data: input })).data;
}
`,
  'github/actions/ping.ts':
    "import type { NangoAction } from '../../models';\nexport default async (_nango: NangoAction, input?: unknown): Promise<string> => String(input);\n",
  'github/on-events/hello.ts':
    "import type { NangoAction } from '../../models';\nexport default async function onEvent(nango: NangoAction) { await nango.log('hello'); }\n",
};
const models = `const User = z.object({ name: z.union([z.string(), z.null()]) });
export const Issue = z.object({ id: z.string(), title: z.string(), state: z.enum(['open', 'closed']), labels: z.array(z.string()).optional(), author: User });
`;
const head =
  "import { createAction, createOnEvent, createSync } from 'bowline';\nimport { z } from 'zod';\nimport { Issue } from '../../models.js';\n";
const inCode = {
  'models.ts': `import { z } from 'zod';\n${models}`,
  'github/syncs/issues.ts': `${head}void createAction; void createOnEvent;
export default createSync({ description: 'Issues', frequency: 'every half hour', models: { Issue }, metadata: z.object({ repos: z.array(z.string()) }), syncType: 'incremental',
  autoStart: false, scopes: ['repo', 'read:user'], endpoints: [{ method: 'GET', path: '/issues' }], webhookSubscriptions: ['issues'], exec: async () => {}, onWebhook: async () => {} });
`,
  'github/actions/create-issue.ts': `${head}void createSync; void createOnEvent;
export default createAction({ description: 'Creates an issue', input: z.object({ title: z.string() }), output: Issue, endpoint: { method: 'POST', path: '/issues', group: 'Issues' }, exec: async () => { throw new Error(); } });
`,
  'github/actions/ping.ts': `${head}void createSync; void createOnEvent; void Issue;
export default createAction({ description: 'Pings', input: z.void(), output: z.string(), exec: async () => '' });
`,
  'github/on-events/hello.ts': `${head}void createSync; void createAction; void Issue; void z;
export default createOnEvent({ description: 'Hello', event: 'post-connection-creation', exec: async () => {} });
`,
};

const deployed = async (files: Record<string, string>) => {
  const { host, requests } = await startDeployServer();
  const { exitCode, errors } = await runCli(makeProject(files), ['deploy'], { env: { BOWLINE_HOST: host, BOWLINE_SECRET_KEY_DEV: 'k' } });
  expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
  const { flowConfigs = [], onEventScriptsByProvider = [] } = requests[1]?.body ?? {};
  const byName = (a: { syncName: string }, b: { syncName: string }) => (a.syncName < b.syncName ? -1 : 1);
  return {
    flows: flowConfigs
      .map(({ fileBody: _, ...flow }) => ({ ...flow, metadata: flow.syncName === 'ping' ? {} : flow.metadata }))
      .sort(byName),
    events: onEventScriptsByProvider.map(({ providerConfigKey, scripts }) => [
      providerConfigKey,
      scripts.map(({ name, event }) => [name, event]),
    ]),
  };
};

it(
  'a project in YAML and the same in code make identical deployments',
  async () => {
    expect(await deployed(yamlProject)).toEqual(await deployed(inCode));
  },
  within,
);

it(
  'its functions are played with recordings, webhook handlers and its own ActionError included',
  async () => {
    const issue = { id: '1', title: 'a', state: 'open', author: { name: null } };
    const root = makeProject({
      ...yamlProject,
      'github/tests/issues.test.json': JSON.stringify({
        nango: { getMetadata: { repos: ['a/b'] }, batchSave: { Issue: [issue] } },
        api: { get: { '/repos/a/b/issues': { response: [{ id: 1, title: 'a', state: 'open' }] } } },
      }),
      'github/tests/issues.hook.test.json': JSON.stringify({
        nango: { batchSave: { Issue: [issue] } },
        bowline: { kind: 'webhook', payload: { issue } },
      }),
      'github/tests/create-issue.test.json': JSON.stringify({
        input: {},
        bowline: {
          expect: {
            error: {
              type: 'action_script_runtime_error',
              message: 'A title is needed',
              payload: { message: 'A title is needed', code: 7 },
            },
          },
        },
      }),
      'github/tests/ping.test.json': JSON.stringify({ input: {}, output: 'undefined' }),
    });
    const { output } = await runCli(root, ['test', '--json']);
    expect(JSON.parse(output).tests.filter(({ ok }: { ok: boolean }) => !ok)).toEqual([]);
    expect(JSON.parse(output).tests).toHaveLength(4);
  },
  within,
);

it(
  'it may lie in nango-integrations, with its files in the root of it; types are checked against the models it writes',
  async () => {
    const files = Object.fromEntries(
      Object.entries(yamlProject).map(([name, text]) => [
        `nango-integrations/${name === 'nango.yaml' ? name : name.replace(/^.*\//, '')}`,
        text.replaceAll("'../../models'", "'./models'"),
      ]),
    );
    const root = makeProject(files);
    expect(await runCli(root, ['compile'])).toMatchObject({ exitCode: 0, errors: '' });
    expect(existsSync(join(root, 'nango-integrations/build/github_syncs_issues.cjs'))).toBe(true);
    expect(readFileSync(join(root, 'nango-integrations/models.ts'), 'utf8')).toContain('export type Issue = z.infer<typeof Issue>;');
    const wrong = makeProject({
      ...files,
      'nango-integrations/ping.ts': "import type { Issue } from './models';\nexport default async (): Promise<Issue> => ({ id: 1 });\n",
    });
    const { exitCode, errors } = await runCli(wrong, ['compile']);
    expect(exitCode).toBe(10);
    expect(errors).toContain('ping.ts:2');
  },
  within,
);

it(
  'migrated to code, in either layout, it deploys the same and keeps what its functions do',
  async () => {
    const before = await deployed(yamlProject);
    const recording = JSON.stringify({ input: {}, bowline: { expect: { error: { message: 'A title is needed' } } } });
    const flat = Object.fromEntries(
      Object.entries(yamlProject).map(([name, text]) => [
        name.replace(/^github\/.*\//, ''),
        text.replaceAll("'../../models'", "'./models'"),
      ]),
    );
    for (const files of [yamlProject, flat]) {
      const root = makeProject({ ...files, 'github/tests/create-issue.test.json': recording });
      expect(await runCli(root, ['migrate'])).toMatchObject({ exitCode: 0, errors: '' });
      expect(existsSync(join(root, 'nango.yaml'))).toBe(false);
      expect(existsSync(join(root, 'ping.ts'))).toBe(false);
      const text = readFileSync(join(root, 'github/syncs/issues.ts'), 'utf8');
      expect(text).toContain("import { Issue, Settings } from '../../models.js';");
      expect(text).toContain('  onWebhook: onWebhookPayloadReceived,');
      expect((await runCli(root, ['test'])).exitCode).toBe(0);
      const { host, requests } = await startDeployServer();
      await runCli(root, ['deploy'], { env: { BOWLINE_HOST: host, BOWLINE_SECRET_KEY_DEV: 'k' } });
      const flows = requests[1]?.body.flowConfigs.map(({ fileBody: _, ...flow }) => ({
        ...flow,
        metadata: flow.syncName === 'ping' ? {} : flow.metadata,
      }));
      expect(flows?.sort((a, b) => (a.syncName < b.syncName ? -1 : 1))).toEqual(before.flows);
    }
    expect((await runCli(makeProject({ 'index.ts': '' }), ['migrate'])).exitCode).toBe(2);
    const odd = makeProject({ ...yamlProject, 'github/actions/ping.ts': 'export const nothing = 1;\n' });
    expect(await runCli(odd, ['migrate'])).toMatchObject({ exitCode: 10, errors: expect.stringContaining('github/actions/ping.ts') });
    expect(existsSync(join(odd, 'nango.yaml'))).toBe(true);
  },
  within,
);

describe('a type of the format', () => {
  const check = (fields: string) => {
    const { models, problems } = readYaml(`integrations: {}\nmodels:\n  User: { id: string }\n  M:\n${fields.replace(/^/gm, '    ')}\n`);
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    return z.toJSONSchema(evaluateModels(models).M ?? z.never(), { unrepresentable: 'any' });
  };
  it.each([
    ['a: string', { type: 'string' }],
    ['a: Integer', { type: 'number' }],
    ['a: bool', { type: 'boolean' }],
    ['a: true', { type: 'boolean', const: true }],
    ['a: 5', { type: 'number', const: 5 }],
    ['a: "10.5"', { type: 'number', const: 10.5 }],
    ['a: null', { type: 'null' }],
    ['a: string[]', { type: 'array', items: { type: 'string' } }],
    ['a: [string, number]', { type: 'array', items: { type: ['string', 'number'] } }],
    ['a: open | closed', { type: 'string', enum: ['open', 'closed'] }],
    ['a: string | null', { type: ['string', 'null'] }],
    ['a: a.b', { type: 'string', const: 'a.b' }],
    ['a: 1st', { type: 'string', const: '1st' }],
    ['a: any', {}],
    ['a: { b: number }', { type: 'object', properties: { b: { type: 'number' } }, required: ['b'], additionalProperties: false }],
  ])('%s', (fields, schema) => {
    expect(check(fields)).toMatchObject({ properties: { a: schema }, required: ['a'] });
  });

  it('optional fields, parents, all other keys, and models that use themselves or each other', () => {
    expect(check('a?: string\n__string: number')).toMatchObject({
      properties: { a: { type: 'string' } },
      additionalProperties: { type: 'number' },
    });
    const { models } = readYaml(
      'integrations: {}\nmodels:\n  A: { id: string, x: number }\n  B: { __extends: "A, C", x: string }\n  C: { y: "boolean", x: "boolean" }\n  Tree: { id: string, above: Tree | null, forest: Forest }\n  Forest: { trees: "Tree[]" }',
    );
    const made = evaluateModels(models);
    expect(made.B?.parse({ id: '1', x: 'own', y: true })).toEqual({ id: '1', x: 'own', y: true });
    const leaf = { id: '2', above: null, forest: { trees: [] } };
    expect(made.Tree?.safeParse({ id: '1', above: leaf, forest: { trees: [leaf] } }).success).toBe(true);
    expect(made.Tree?.safeParse({ id: '1', above: { id: 2 }, forest: { trees: [] } }).success).toBe(false);
  });
});

const broken = (more: string, models = '  Item: { id: string }') =>
  readYaml(`integrations:\n  crm:\n${more.replace(/^/gm, '    ')}\nmodels:\n${models}\n`).problems.map(
    ({ line, message, code, severity }) => ({ line, message, code, severity }),
  );

it.each([
  ['syncs:\n  a: { output: Nothing, runs: every hour }', 4, /Nothing is not among the models/],
  ['syncs:\n  a: { output: Item, runs: every 5s }', 4, /at most every 30 seconds/],
  ['syncs:\n  a: { output: Item, runs: every hour }\n  b: { output: Item, runs: every hour }', 5, /saved by a already/],
  ['syncs:\n  a: { output: Item, runs: every hour, endpoint: [/a, /b] }', 4, /2 endpoints for 1 models/],
  ['syncs:\n  a: { output: Item, runs: every hour, foo: 1 }', 4, /foo/],
  ['actions:\n  a: { input: "Partial<Item>" }', 4, /is TypeScript/],
  ['actions:\n  a: { input: "[]" }', 4, /needs a type before it/],
  ['on-events: { post-connection-creation: [a] }\npost-connection-scripts: [b]', 4, /exclude each other/],
  ['a: { runs: every hour, returns: Item }', 2, /first version of the format/],
])('%s is told with its line', (more, line, message) => {
  expect(broken(more)).toContainEqual(expect.objectContaining({ line, message: expect.stringMatching(message), severity: 'error' }));
});

it('of models: names, parents, ids; broken YAML; files that are not there', async () => {
  expect(broken('actions: {}', '  A-B: { id: string }\n  C: { __extends: D }').map(({ message }) => message)).toEqual([
    "A-B: a model's name has letters, digits and _ only",
    'C extends D, which is no model',
  ]);
  expect(broken('syncs:\n  a: { output: Item, runs: every hour }', '  Item: { name: string }')).toMatchObject([
    { code: 'model_missing_id' },
  ]);
  expect(readYaml('integrations: [').problems).toMatchObject([{ severity: 'error', line: 1 }]);
  const { exitCode, errors } = await runCli(makeProject({ 'nango.yaml': yaml }), ['compile']);
  expect(exitCode).toBe(10);
  expect(errors).toContain('There is no file github/syncs/issues.ts');
});
