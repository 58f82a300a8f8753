/** The whole format of `nango.yaml`: one project that uses every rule of it, beside the same in code; and every mistake, with its code, file and line. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readYaml } from '../src/yaml/read.ts';
import { makeProject, runCli } from './project.ts';
import { startDeployServer } from './server.ts';

const within = 240_000;

const yaml = `
integrations:
  shop:
    syncs:
      everything:
        description: "  All kinds of fields  "
        output: [Everything, Tree]
        runs: every 30 minutes
        sync_type: INCREMENTAL
        auto_start: false
        version: 2
        scopes: [read, write]
        input: Settings
        endpoint: [/everything, { method: GET, path: /trees, group: Trees }]
        webhook-subscriptions: [item.created, item.deleted]
      plain: { description: Leaves, output: Leaf, runs: every day, track_deletes: true, version: 1.2.3, scopes: "read, write", webhook-subscriptions: "*" }
    actions:
      ask: { description: Asks, input: Question, output: [string, number], endpoint: PUT /ask, version: "7", scopes: write }
      patch: { description: Patches, input: open | closed, output: Leaf | null, endpoint: { path: /patch, group: Things } }
      inline: { description: Lists, input: "string[]", output: "Leaf[]", endpoint: /leaves }
      nothing: { description: Does, input: null }
    on-events:
      post-connection-creation: [welcome, tour]
      pre-connection-deletion: [farewell]
      validate-connection: [check]
  kept-apart:
    actions:
      nothing: { description: The same name elsewhere, output: boolean }
    post-connection-scripts: [setup]
models:
  Base: { id: string, shared: integer, over: string }
  Extra: { shared: boolean, more: bool, __string: any }
  Everything:
    over: number
    __extends: Base, Extra
    texts: [string, char, varchar]
    numbers: INT | float | Number
    flags: boolean
    big?: bigint
    when: date
    Then?: Date
    open: object
    anything: any
    list: array
    never?: never
    nothing?: undefined
    yes: true
    five: 5
    half: 0.5
    none: null
    quoted: "5"
    truth: "true"
    nil: "null"
    one: Leaf
    many: Leaf[]
    nested: "string[][]"
    either: Leaf | Tree[] | null
    state: open | closed | in progress
    mixed: [Leaf, string]
    maybe?: { deep: { deeper?: "number[]" }, id: string }
    of: { __string: number }
    with-dash: string
    "with space?": string
  Leaf: { id: string, colour: red | green }
  Tree: { id: string, above: Tree | null, forest?: Forest }
  Forest: { trees: "Tree[]" }
  Settings: { regions: "string[]", mapping?: { __string: string } }
  Question: { text: string, Thing: Leaf }
`;
const sync = (models: string) => `import type { NangoSync${models} } from '../../models';

export default async function fetchData(nango: NangoSync): Promise<void> {
  await nango.batchSave([{ id: '1', colour: 'red' }], 'Leaf');
}
`;
const script =
  "import type { NangoAction } from '../../models';\nexport default async function onEvent(nango: NangoAction): Promise<void> { await nango.log('ran'); }\n";
const action = (type: string, value: string) =>
  `import type { Leaf, NangoAction } from '../../models';\nconst leaf: Leaf = { id: '1', colour: 'red' };\nexport default async function run(_nango: NangoAction): Promise<${type}> { void leaf; return ${value}; }\n`;
const inYaml = {
  'nango.yaml': yaml,
  'shop/syncs/everything.ts': `${sync('').replace("'Leaf'", "'Everything'")}export async function onWebhookPayloadReceived(nango: NangoSync, payload: { id: string }): Promise<void> { await nango.log(payload.id); }\n`,
  'shop/syncs/plain.ts': `${sync(', Leaf')}export async function onWebhookPayloadReceived(nango: NangoSync, leaf: Leaf): Promise<void> { await nango.batchSave([leaf], 'Leaf'); }\n`,
  'shop/actions/ask.ts': action('(string | number)[]', "['a', 1]"),
  'shop/actions/patch.ts': action('Leaf | null', 'leaf'),
  'shop/actions/inline.ts': action('Leaf[]', '[leaf]'),
  'shop/actions/nothing.ts': action('void', 'undefined'),
  'kept-apart/actions/nothing.ts': action('boolean', 'true'),
  'shop/on-events/welcome.ts': script,
  'shop/on-events/tour.ts': script,
  'shop/on-events/farewell.ts': script,
  'shop/on-events/check.ts': script,
  'kept-apart/post-connection-scripts/setup.ts': script,
};

const models = `import { z } from 'zod';
export const Leaf = z.object({ id: z.string(), colour: z.enum(['red', 'green']) });
const Forest = z.object({ trees: z.array(z.lazy((): z.ZodType => Tree)) });
export const Tree = z.object({ id: z.string(), above: z.union([z.lazy((): z.ZodType => Tree), z.null()]), forest: Forest.optional() });
export const Settings = z.object({ regions: z.array(z.string()), mapping: z.object({}).catchall(z.string()).optional() });
export const Question = z.object({ text: z.string(), Thing: Leaf });
export const Everything = z.object({
  id: z.string(), shared: z.number(), over: z.number(), more: z.boolean(),
  texts: z.array(z.union([z.string(), z.string(), z.string()])), numbers: z.union([z.number(), z.number(), z.number()]), flags: z.boolean(), big: z.bigint().optional(),
  when: z.date(), Then: z.date().optional(), open: z.record(z.string(), z.any()), anything: z.any(), list: z.array(z.any()), never: z.never().optional(), nothing: z.undefined().optional(),
  yes: z.literal(true), five: z.literal(5), half: z.literal(0.5), none: z.null(), quoted: z.literal(5), truth: z.literal(true), nil: z.null(),
  one: Leaf, many: z.array(Leaf), nested: z.array(z.array(z.string())), either: z.union([Leaf, z.array(Tree), z.null()]),
  state: z.enum(['open', 'closed', 'in progress']), mixed: z.array(z.union([Leaf, z.string()])),
  maybe: z.object({ deep: z.object({ deeper: z.array(z.number()).optional() }), id: z.string() }).optional(), of: z.object({}).catchall(z.number()),
  'with-dash': z.string(), 'with space': z.string().optional(),
}).catchall(z.any());
`;
const coded = (kind: string, options: string) => {
  const used = ['Everything', 'Leaf', 'Question', 'Settings', 'Tree'].filter((name) => new RegExp(`\\b${name}\\b`).test(options));
  const imported = used.length > 0 ? `import { ${used.join(', ')} } from '../../models.js';\n` : '';
  const zod = options.includes('z.') ? "import { z } from 'zod';\n" : '';
  return `import { ${kind} } from 'nango';\n${zod}${imported}export default ${kind}({ ${options} });\n`;
};
const throws = 'exec: async () => { throw new Error(); }';
const event = (name: string, on: string) => coded('createOnEvent', `description: '${name}', event: '${on}', exec: async () => {}`);
const inCode = {
  'models.ts': models,
  'shop/syncs/everything.ts': coded(
    'createSync',
    "description: 'All kinds of fields', version: '2', frequency: 'every 30 minutes', syncType: 'incremental', autoStart: false, scopes: ['read', 'write'], models: { Everything, Tree }, metadata: Settings, endpoints: [{ method: 'GET', path: '/everything' }, { method: 'GET', path: '/trees', group: 'Trees' }], webhookSubscriptions: ['item.created', 'item.deleted'], exec: async () => {}, onWebhook: async () => {}",
  ),
  'shop/syncs/plain.ts': coded(
    'createSync',
    "description: 'Leaves', version: '1.2.3', frequency: 'every day', autoStart: true, trackDeletes: true, scopes: ['read', 'write'], models: { Leaf }, webhookSubscriptions: ['*'], exec: async () => {}, onWebhook: async () => {}",
  ),
  'shop/actions/ask.ts': coded(
    'createAction',
    `description: 'Asks', version: '7', scopes: ['write'], input: Question, output: z.array(z.union([z.string(), z.number()])), endpoint: { method: 'PUT', path: '/ask' }, ${throws}`,
  ),
  'shop/actions/patch.ts': coded(
    'createAction',
    `description: 'Patches', input: z.enum(['open', 'closed']), output: z.union([Leaf, z.null()]), endpoint: { method: 'POST', path: '/patch', group: 'Things' }, ${throws}`,
  ),
  'shop/actions/inline.ts': coded(
    'createAction',
    `description: 'Lists', input: z.array(z.string()), output: z.array(Leaf), endpoint: { method: 'POST', path: '/leaves' }, ${throws}`,
  ),
  'shop/actions/nothing.ts': coded('createAction', "description: 'Does', input: z.void(), output: z.void(), exec: async () => {}"),
  'kept-apart/actions/nothing.ts': coded(
    'createAction',
    "description: 'The same name elsewhere', input: z.void(), output: z.boolean(), exec: async () => true",
  ),
  'shop/on-events/welcome.ts': event('welcome', 'post-connection-creation'),
  'shop/on-events/tour.ts': event('tour', 'post-connection-creation'),
  'shop/on-events/farewell.ts': event('farewell', 'pre-connection-deletion'),
  'shop/on-events/check.ts': event('check', 'validate-connection'),
  'kept-apart/on-events/setup.ts': event('setup', 'post-connection-creation'),
};

/** What a deployment says of all functions, apart from their code, in one order. */
async function deployed(root: string) {
  const { host, requests } = await startDeployServer();
  const { exitCode, errors } = await runCli(root, ['deploy'], { env: { BOWLINE_HOST: host, BOWLINE_SECRET_KEY_DEV: 'k' } });
  expect(exitCode, errors).toBe(0);
  const { flowConfigs = [], onEventScriptsByProvider = [] } = requests[1]?.body ?? {};
  const named = flowConfigs.map(
    ({ fileBody: _, ...flow }) => [`${flow.providerConfigKey} ${flow.type} ${flow.syncName}`, inOrder(flow)] as const,
  );
  const events = onEventScriptsByProvider.flatMap(({ providerConfigKey, scripts }) =>
    scripts.map(({ name, event: on }) => `${providerConfigKey} ${on} ${name}`),
  );
  return { flows: Object.fromEntries(named), events: events.sort() };
}

/** A schema asks for the same fields whatever order its parents were merged in. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, key === 'required' && Array.isArray(one) ? [...one].sort() : inOrder(one)]),
  );
}

it(
  'a project with every rule deploys as the same in code does, also when it was migrated; its recordings play before and after',
  async () => {
    const recordings = {
      'shop/tests/plain.test.json': JSON.stringify({ nango: { batchSave: { Leaf: [{ id: '1', colour: 'red' }] } } }),
      'shop/tests/plain.hook.test.json': JSON.stringify({
        nango: { batchSave: { Leaf: [{ id: '2', colour: 'green' }] } },
        bowline: { kind: 'webhook', payload: { id: '2', colour: 'green' } },
      }),
      'shop/tests/ask.test.json': JSON.stringify({ input: { text: 'a' }, output: ['a', 1] }),
      'shop/tests/inline.test.json': JSON.stringify({ input: [], output: [{ id: '1', colour: 'red' }] }),
    };
    const root = makeProject({ ...inYaml, ...recordings });
    const code = await deployed(makeProject(inCode));
    expect(Object.keys(code.flows)).toHaveLength(7);
    expect(code.events).toHaveLength(5);
    expect(await deployed(root)).toEqual(code);
    expect(await runCli(root, ['test'])).toMatchObject({ exitCode: 0 });
    // A model that is declared and never saved is a warning.
    expect(await runCli(root, ['migrate'])).toMatchObject({ exitCode: 0, errors: expect.not.stringContaining(' - error ') });
    expect(readFileSync(join(root, 'index.ts'), 'utf8')).toContain("import './kept-apart/on-events/setup.js';");
    expect(await deployed(root)).toEqual(code);
    const after = await runCli(root, ['test', '--json']);
    expect(JSON.parse(after.output).tests.map(({ ok }: { ok: boolean }) => ok)).toEqual([true, true, true, true]);
  },
  within,
);

const head = 'integrations:\n  crm:\n';
const sync1 = 'syncs: { a: { output: Item, runs: every hour, endpoint: /a } }';
const item = '  Item: { id: string }\n';
/** What stands below the integration, the models, then code, line and severity. */
it.each([
  ['invalid_model_name', 'actions: {}', `${item}  A-B: { id: string }\n`, 6, 'error'],
  ['duplicate_model', 'syncs:\n      a: { output: Item, runs: every hour }\n      b: { output: Item, runs: every hour }', item, 5, 'error'],
  ['model_not_found', 'syncs: { a: { output: Nothing, runs: every hour } }', item, 3, 'error'],
  ['model_missing_id', sync1, '  Item:\n    name: string\n', 5, 'error'],
  ['duplicate_endpoint', `${sync1}\n    actions:\n      b: { endpoint: GET /a }`, item, 5, 'error'],
  ['endpoints_mismatch', 'syncs: { a: { output: Item, runs: every hour, endpoint: [/a, /b] } }', item, 3, 'error'],
  ['invalid_runs', 'syncs:\n      a:\n        output: Item\n        runs: every 5s', item, 6, 'error'],
  ['model_is_literal', 'actions:\n      a: { input: hello }', item, 4, 'warning'],
  ['cyclic_model', 'actions: {}', `${item}  Tree:\n    above: Tree\n`, 6, 'warning'],
  ['model_extends_not_found', 'actions: {}', `${item}  B:\n    id: string\n    __extends: C\n`, 8, 'error'],
  ['type_syntax_error', 'actions:\n      a: { output: "[]" }', item, 4, 'error'],
  ['type_syntax_error', 'actions: {}', `${item}  B: { a: "Map<string, string>" }\n`, 6, 'error'],
  ['model_not_found_fallback', 'actions: {}', `${item}  B: { a: Itme }\n`, 6, 'warning'],
  [
    'both_post_connection_scripts_and_on_events_present',
    'on-events: { post-connection-creation: [a] }\n    post-connection-scripts: [b]',
    item,
    4,
    'error',
  ],
  ['invalid_name', 'actions:\n      "../a": {}', item, 4, 'error'],
])('%s is told with file, line and severity', (code, below, given, line, severity) => {
  const { problems } = readYaml(`${head}    ${below}\nmodels:\n${given}`);
  expect(problems.map((one) => ({ code: one.code, file: one.file, line: one.line, severity: one.severity }))).toContainEqual({
    code,
    file: 'nango.yaml',
    line,
    severity,
  });
});

it('keys that the format does not know are refused where they stand; a sync without output is left out; the first version is named as such', () => {
  const problems = (text: string) => readYaml(text).problems.map(({ line, message, severity }) => ({ line, message, severity }));
  expect(problems(`${head}    ${sync1}\nmodels:\n${item}extra: 1\n`)).toMatchObject([{ message: expect.stringContaining('extra') }]);
  expect(problems(`${head}    actions:\n      a:\n        runs: every hour\n`)).toMatchObject([
    { line: 4, message: expect.stringContaining('runs') },
  ]);
  expect(problems(`${head}    ${sync1}\nmodels:\n  Item: { a: string[], b: number }\n  B: { c: [ }\n`)).toMatchObject([{ line: 5 }]);
  const without = readYaml(`${head}    syncs:\n      a: { runs: every hour }\n`);
  expect(without).toMatchObject({ functions: [], problems: [{ severity: 'warning', line: 4 }] });
  expect(
    problems('integrations:\n  crm:\n    a:\n      type: action\n      returns: [Item]\nmodels:\n  Item: { id: string }\n'),
  ).toMatchObject([{ line: 2, message: expect.stringContaining('first version of the format') }]);
});
