/**
 * The published command of the reference system, unmodified, against this server: a whole project in the style its users have is compiled, dry-run,
 * recorded, deployed, pulled and taken back by it, and by our own command with the same outcome.
 */
import { createHmac } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dropHome, makeHome, type Platform, root, startPlatform, until } from './platform.ts';
import { type Asked, installPublishedCommand, lendModules, published, runProgram, watchRequests, write } from './published-command.ts';
import { json, startUpstream, type Upstream, writeProvider } from './upstream.ts';

/** The folder and integration of the project; its provider has a name that the published command knows, else it refuses to paginate. */
const KEY = 'upstream';
const PROVIDER = 'algolia';
const ID = 'customer-1';
const within = 240_000;
const missing = installPublishedCommand();
if (missing) console.warn(`Not run: ${missing}`);

let folder: string;
let project: string;
let platform: Platform;
let upstream: Upstream;
let watched: Awaited<ReturnType<typeof watchRequests>>;

describe.skipIf(missing !== undefined)('the published command', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bowline-published-'));
    upstream = await startShop();
    const place = await makeHome();
    platform = await startPlatform({ ...place, providers: [writeProvider(folder, upstream.url, PROVIDER)], allow: [upstream.host] });
    watched = await watchRequests(platform.url);
    await platform.nango.createIntegration({ provider: PROVIDER, unique_key: KEY });
    await connect(ID);
    project = join(folder, 'monorepo/nango-integrations');
    cpSync(join(root, 'test/monorepo'), join(folder, 'monorepo'), { recursive: true });
    mkdirSync(join(project, '.nango'));
    lendModules(project);
  }, within);

  afterAll(async () => {
    await platform?.stop();
    await Promise.all([upstream?.stop(), watched?.stop()]);
    if (platform) dropHome(platform);
    rmSync(folder, { recursive: true, force: true });
  });

  test('compiles a project of every idiom, and ours compiles it without a change', { timeout: within }, async () => {
    expect(await command(['compile'])).toMatchObject({ status: 0, output: expect.stringContaining('Compiled') });
    expect(await bowline(['compile'])).toMatchObject({ status: 0, output: expect.stringContaining('Compiled 9 functions') });
  });

  test('dry-runs functions with a connection of this server, validates them and records what they did', { timeout: within }, async () => {
    const sync = await command(['dryrun', 'items', ID, '-e', 'dev', '--validate', '--save']);
    expect(sync).toMatchObject({ status: 0, output: expect.stringMatching(/"added": 5[\s\S]*Mocks saved/) });
    const words = ['dryrun', 'make-item', ID, '-e', 'dev', '--validate', '--input'];
    const action = await command([...words, '{"name":"new"}', '--save']);
    expect(action).toMatchObject({ status: 0, output: expect.stringMatching(/"method": "POST"[\s\S]*Mocks saved/) });
    const refused = await command([...words, '{"name":"taken"}']);
    expect(refused).toMatchObject({ status: 12, output: expect.stringContaining('"message": "This name is taken"') });
  });

  test('deploys the project: the plan names what is new, with its connections, and all of it is there', { timeout: within }, async () => {
    const { status, output } = await command(['deploy', 'dev']);
    expect(status, output).toBe(0);
    expect(output).toMatch(/\+ upstream → items +\(0 impacted connections\)/); // it does not start by itself
    expect(output).toMatch(/\+ upstream → settings +\(1 impacted connections\)/);
    expect(output).toMatch(/Syncs +to create \[ 2 \][\s\S]*Actions +to create \[ 4 \][\s\S]*OnEvents +to create \[ 3 \]/);
    expect(output).toContain('- items@v1.2.0');
    expect(await names()).toEqual(asDeployed);
  });

  test('what it deployed runs: syncs, records by the published client, actions, their errors, every event', {
    timeout: within,
  }, async () => {
    const { nango } = platform;
    const of = { providerConfigKey: KEY, connectionId: ID };
    await nango.triggerSync(KEY, ['items'], ID);
    const records = (model: string, count: number) =>
      until(`${count} of ${model}`, async () => {
        const page = await nango.listRecords({ ...of, model });
        return page.records.length === count ? page.records : undefined;
      });
    expect((await records('Item', 5))[0]).toMatchObject({ id: '1', name: 'Item 1', _nango_metadata: { last_action: 'ADDED' } });
    await records('Setting', 2); // of the sync that starts by itself
    expect(await nango.triggerAction(KEY, ID, 'make-item', { name: ' new ' })).toMatchObject({ method: 'POST', body: '{"name":"new"}' });
    expect(await nango.triggerAction(KEY, ID, 'settings')).toEqual({ currency: 'EUR' });
    expect(await nango.triggerAction(KEY, ID, 'digest', { text: 'abc' })).toEqual({
      one: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      other: createHmac('sha1', 'key').update('abc').digest('base64'),
      host: 'example.com',
      query: 'text=abc',
      uuid: true,
      bytes: 'YWJj',
    });
    const id = '0192c7a4-6b1e-7d52-8f30-4a5b6c7d8e9f';
    expect(await nango.triggerAction(KEY, ID, 'kinds', { kind: 'cash', id })).toMatchObject({ kind: 'kind-cash', tree: { name: 'root' } });
    const payload = { message: 'This name is taken', type: 'conflict', details: { name: 'taken' } };
    await expect(nango.triggerAction(KEY, ID, 'make-item', { name: 'taken' })).rejects.toMatchObject({
      response: { status: 500, data: { error: { code: 'action_script_runtime_error', payload } } },
    });
    await connect('customer-2');
    await until('the greeting', async () => 'welcomed' in (await nango.getMetadata(KEY, 'customer-2')));
    await nango.deleteConnection(KEY, 'customer-2');
    expect(upstream.seen.some(({ method, path }) => method === 'DELETE' && path === '/hooks/1')).toBe(true);
    await expect(connect('customer-3', 'a key that may not list')).rejects.toThrow();
    expect((await nango.listConnections()).connections.map(({ connection_id }) => connection_id)).toEqual([ID]);
  });

  test('pulls functions back byte for byte, and says what there is not', { timeout: within }, async () => {
    const flags = { items: ['syncs'], check: ['on-events'], settings: ['actions', '-a'] };
    await Promise.all(
      Object.entries(flags).map(async ([name, [kind = '', ...flag]]) => {
        const file = join(project, KEY, kind, `${name}.ts`);
        const text = readFileSync(file);
        rmSync(file);
        expect(await command(['pull', KEY, name, '-e', 'dev', '--force', ...flag])).toMatchObject({ status: 0 });
        expect(readFileSync(file).equals(text), name).toBe(true);
      }),
    );
    const [ambiguous, absent] = await Promise.all(
      ['settings', 'absent'].map((name) => command(['pull', KEY, name, '-e', 'dev', '--force'])),
    );
    expect(ambiguous).toMatchObject({ status: 1, output: expect.stringContaining('--sync') });
    expect(absent).toMatchObject({ status: 1, output: expect.stringContaining('has no function "absent"') });
  });

  test('deploys it again without a change to any version, and just what our command deploys', { timeout: within }, async () => {
    expect(await command(['deploy', 'dev'])).toMatchObject({ status: 0, output: expect.stringContaining('Only updates') });
    expect(await names()).toEqual(asDeployed);
    const [theirs, told] = [lastDeployment(), await toldOfFunctions()];
    expect(await bowline(['deploy', 'dev', '--auto-confirm'])).toMatchObject({ status: 0 });
    expect(lastDeployment()).toEqual(theirs);
    expect(await toldOfFunctions()).toEqual(told);
    expect(await names()).toEqual(asDeployed.map((line) => line.replace(/ 1$/, ' 2'))); // the text of a bundle differs
  });

  test('deploys one action with a version, one sync, one integration, and leaves the others', { timeout: within }, async () => {
    const before = await names();
    change('actions/digest.ts', 'under all their names', 'under each of their names');
    change('syncs/settings.ts', "value: 'EUR'", "value: 'CHF'");
    expect(await command(['deploy', 'dev', '-a', 'digest', '-v', '7.0.0'])).toMatchObject({ status: 0 });
    expect(await names()).toEqual(before.map((line) => line.replace('digest 2', 'digest 7.0.0')));
    expect(await command(['deploy', 'dev', '-s', 'settings'])).toMatchObject({
      status: 0,
      output: expect.stringContaining('- settings@v3'),
    });
    expect(await command(['deploy', 'dev', '-i', KEY])).toMatchObject({ status: 0, output: expect.stringContaining('- digest@v7.0.0') });
  });

  test('its recordings are played by our command, and it writes tests and documents', { timeout: within }, async () => {
    expect(await command(['generate:tests'])).toMatchObject({ status: 0, output: expect.stringContaining('upstream-items.test.ts') });
    expect(await command(['generate:docs'])).toMatchObject({ status: 0 });
    expect(existsSync(join(project, KEY, 'actions/make-item.md'))).toBe(true);
    const { status, output } = await bowline(['test', '--json']);
    expect({ status, output }).toMatchObject({ status: 0 });
    expect(JSON.parse(output).tests.map(({ ok }: { ok: boolean }) => ok)).toEqual([true, true]);
  });

  test('asks before it deletes a sync that has connections, and deletes it when allowed; a linked folder is another integration', {
    timeout: within,
  }, async () => {
    await platform.nango.createIntegration({ provider: PROVIDER, unique_key: 'linked' });
    symlinkSync(join(project, KEY), join(project, 'linked'), 'dir');
    const index = readFileSync(join(project, 'index.ts'), 'utf8').replace("import './upstream/syncs/items.js';\n", '');
    write(project, { 'index.ts': `${index}import './linked/syncs/items.js';\n` });
    const asked = await command(['deploy', 'dev'], 'n\n');
    expect(asked.output).toMatch(/- upstream → items +\(1 impacted connections\)/);
    expect(asked.output).toContain('The following models have been removed: Item');
    expect(asked.output).toContain('Are you sure');
    expect(await names()).toContain('sync items 1.2.0');
    expect(await command(['deploy', 'dev', '--allow-destructive'])).toMatchObject({ status: 0 });
    expect(await names()).not.toContain('sync items 1.2.0');
    expect(await names('linked')).toEqual(['sync items 1.2.0']);
  });

  test('a project that its init made is ours to compile, and so are functions in deeper folders', { timeout: within }, async () => {
    const made = join(folder, 'made');
    expect(await published(folder, ['init', 'made', '--copy', '--no-telemetry'])).toMatchObject({ status: 0 });
    expect(await bowline(['compile'], made)).toMatchObject({ status: 0, output: expect.stringContaining('Compiled 3 functions') });
    const deep = readFileSync(join(project, KEY, 'actions/settings.ts'), 'utf8');
    write(project, {
      [`${KEY}/actions/reports/monthly.ts`]: deep.replace('/settings/now', '/monthly'),
      'index.ts': "import './upstream/actions/reports/monthly.js';\n",
    });
    expect(await bowline(['compile'])).toMatchObject({ status: 0, output: expect.stringContaining('Compiled 1 function') });
  });

  test('a project in YAML that it turned into code is ours to compile', { timeout: within }, async () => {
    const old = join(folder, 'old');
    write(old, inYaml);
    lendModules(old);
    expect(await published(old, ['migrate-to-zero-yaml', '--no-telemetry'])).toMatchObject({ status: 0 });
    expect(existsSync(join(old, 'nango.yaml'))).toBe(false);
    expect(await bowline(['compile'], old)).toMatchObject({ status: 0, output: expect.stringContaining('Compiled 3 functions') });
  });

  test('deploys a function without a trigger, which is called as an action is', { timeout: within }, async () => {
    write(project, { [`${KEY}/functions/sum.ts`]: sum, 'index.ts': `import './${KEY}/functions/sum.js';\n` });
    expect(await command(['deploy', 'dev'])).toMatchObject({ status: 0, output: expect.stringContaining('upstream → sum') });
    expect(await platform.nango.triggerAction(KEY, ID, 'sum', { a: 2, b: 3 })).toBe(5);
  });

  test('was answered whatever it asked for', () => {
    const kinds = new Set(watched.asked.filter(isTheirs).map(({ method, path, status }) => `${method} ${shapeOf(path)} ${status}`));
    expect([...kinds].sort()).toEqual([
      'GET /connection/{connection} 200',
      'GET /connections 200',
      'GET /connections/{connection} 200',
      'GET /integrations/{integration} 200',
      'GET /integrations/{integration}/functions/{function}/code 200',
      'GET /integrations/{integration}/functions/{function}/code 404',
      'GET /integrations/{integration}/functions/{function}/code 409',
      'GET /proxy/items 200',
      'POST /cli/telemetry 204',
      'POST /functions/deployments/bundle 200',
      'POST /functions/deployments/bundle/preview 200',
      'POST /proxy/made 200',
      'POST /sync/deploy 200',
      'POST /sync/deploy/confirmation 200',
    ]);
  });
});

const sum = `import { createFunction } from 'nango/experimental';
import { z } from 'zod';

export default createFunction({
  description: 'Adds',
  input: z.object({ a: z.number(), b: z.number() }),
  output: z.number(),
  trigger: { kind: 'none' },
  exec: async (_nango, trigger) => trigger.input.a + trigger.input.b,
});
`;
const inYaml = {
  'package.json': '{ "name": "old", "type": "module" }',
  'nango.yaml': `integrations:
  upstream:
    syncs:
      leaves: { description: Leaves, output: Leaf, runs: every hour, auto_start: false, endpoint: GET /leaves, input: Settings, webhook-subscriptions: [leaf.created] }
    actions:
      ask: { description: Asks, input: Question, output: Leaf, endpoint: POST /ask }
    on-events:
      post-connection-creation: [welcome]
models:
  Leaf: { id: string, colour: red | green, label?: string }
  Settings: { regions: "string[]" }
  Question: { text: string }
`,
  'upstream/syncs/leaves.ts': `import type { Leaf, NangoSync } from '../../models';

export default async function fetchData(nango: NangoSync): Promise<void> {
  const { data } = await nango.get<{ items: { id: string }[] }>({ endpoint: '/items', retries: 3 });
  const leaves: Leaf[] = data.items.map(({ id }) => ({ id, colour: 'red' }));
  await nango.batchSave(leaves, 'Leaf');
}

export async function onWebhookPayloadReceived(nango: NangoSync, payload: any): Promise<void> {
  await nango.batchSave([{ id: payload.id, colour: 'green' }], 'Leaf');
}
`,
  'upstream/actions/ask.ts': `import type { Leaf, NangoAction, Question } from '../../models';

export default async function runAction(nango: NangoAction, input: Question): Promise<Leaf> {
  if (!input.text) throw new nango.ActionError({ message: 'A text is needed' });
  return { id: input.text, colour: 'green' };
}
`,
  'upstream/on-events/welcome.ts': `import type { NangoAction } from '../../models';

export default async function onEvent(nango: NangoAction): Promise<void> {
  await nango.log('welcome');
}
`,
};

const asDeployed = [
  'action digest 1',
  'action kinds 1',
  'action make-item 2.1.0',
  'action settings 1',
  'on-event check 1',
  'on-event farewell 1',
  'on-event welcome 1',
  'sync items 1.2.0',
  'sync settings 1',
];

const change = (file: string, from: string, to: string) =>
  write(project, { [`${KEY}/${file}`]: readFileSync(join(project, KEY, file), 'utf8').replace(from, to) });

const command = (words: string[], input?: string) => published(project, words, { url: watched.url, key: platform.apiKey }, input);

/** Our own command, in a process of its own: what it asks for passes through this one. */
const bowline = (words: string[], cwd = project) =>
  runProgram([join(root, 'packages/cli/dist/bowline.js'), ...words], cwd, {
    ...process.env,
    NO_COLOR: '1',
    BOWLINE_HOST: watched.url,
    BOWLINE_SECRET_KEY_DEV: platform.apiKey,
  });

/** Five items on three pages for whoever has a key, an echo of everything else. */
function startShop(): Promise<Upstream> {
  const items = [1, 2, 3, 4, 5].map((id) => ({ id, name: `Item ${id}` }));
  return startUpstream(({ method, path, query, headers, body }, response) => {
    if (headers.authorization !== 'Bearer key-1') return json(response, 403, { message: 'not with this key' });
    const page = Number(query.get('page') ?? 1);
    if (path === '/items') return json(response, 200, { items: items.slice((page - 1) * 2, page * 2), next: page < 3 ? page + 1 : null });
    json(response, 200, { method, path, body });
  });
}

async function connect(connection_id: string, apiKey = 'key-1'): Promise<void> {
  const answer = await platform.fetch('/connections', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ provider_config_key: KEY, connection_id, credentials: { type: 'API_KEY', apiKey }, metadata: { team: 'T1' } }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

type Told = { type: string; name: string; version: string };
const functions = async (uniqueKey = KEY): Promise<Told[]> => {
  const answer = await platform.fetch(`/integrations/${uniqueKey}/functions?limit=100`);
  return ((await answer.json()) as { data: Told[] }).data; // proof: the route's own answer
};
const names = async (uniqueKey = KEY) => (await functions(uniqueKey)).map(({ type, name, version }) => `${type} ${name} ${version}`).sort();

/** What the API tells of all functions, apart from when and with which number they came, and from numbers counted up because a bundle's text differs. */
async function toldOfFunctions() {
  const scripts = await platform.nango.getScriptsConfig();
  const volatile = ['id', 'last_deployed', 'version', 'sdk_version', 'updated_at', 'created_at'];
  const plain: unknown = JSON.parse(
    JSON.stringify([await functions(), scripts], (key, value: unknown) => (volatile.includes(key) ? undefined : value)),
  );
  return alike(plain);
}

/** The body of the last deployment without bundles, absent where a default says the same, in one order. */
function lastDeployment() {
  const body = watched.asked.filter(({ path }) => path === '/sync/deploy').at(-1)?.body;
  const { flowConfigs, onEventScriptsByProvider = [], sdkVersion: _, debug: __, ...rest } = body as Deployment; // proof: the server accepted it
  const flows = flowConfigs.map(({ fileBody, ...flow }) => {
    const { features = [], attributes = {}, track_deletes = false, auto_start = false, ...more } = flow;
    return { ...more, features, attributes, track_deletes, auto_start, runs: flow.runs || null, source: fileBody.ts };
  });
  const events = onEventScriptsByProvider.map(({ providerConfigKey, scripts }) => ({
    providerConfigKey,
    scripts: scripts.map(({ fileBody, ...script }) => ({ ...script, source: fileBody.ts })),
  }));
  const order = (one: object) =>
    JSON.stringify([Reflect.get(one, 'providerConfigKey'), Reflect.get(one, 'type'), Reflect.get(one, 'syncName')]);
  return alike({ ...rest, flows: flows.sort((a, b) => (order(a) < order(b) ? -1 : 1)), events });
}
type Code = { fileBody: { js: string; ts: string } };
type Flow = Code & { features?: string[]; attributes?: object; track_deletes?: boolean; auto_start?: boolean; runs: string | null };
type Deployment = {
  flowConfigs: Flow[];
  onEventScriptsByProvider?: { providerConfigKey: string; scripts: Code[] }[];
  sdkVersion: string;
  debug: boolean;
};

/**
 * One schema as two versions of zod write it: of `4.3`, which the published command brings, and of ours. Ours merges plain types into a list, says
 * that a tuple ends, and has other expressions beside the same `format`.
 */
function alike(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(alike);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, alike(one)] as const);
  const { anyOf, type, pattern, format, items, ...rest } = Object.fromEntries(entries) as Schema; // proof: keys of an object
  const types = anyOf?.every((one) => Object.keys(one).join() === 'type') ? anyOf.map((one) => one.type) : undefined;
  if (Array.isArray(items)) for (const bound of ['additionalItems', 'minItems', 'maxItems']) delete rest[bound];
  return {
    ...rest,
    ...(types || type !== undefined ? { type: types ?? type } : {}),
    ...(anyOf && !types ? { anyOf } : {}),
    ...(format === undefined ? (pattern === undefined ? {} : { pattern }) : { format }),
    ...(items === undefined ? {} : { items }),
  };
}
type Schema = Record<string, unknown> & { anyOf?: Record<string, unknown>[] };

/** Both commands ask through the same door. */
const isTheirs = ({ headers }: Asked) => !String(headers['user-agent']).startsWith('bowline');
const shapeOf = (path: string) =>
  path
    .replace(/\?.*$/, '')
    .replace(/^\/(connections?)\/[^/]+$/, '/$1/{connection}')
    .replace(/^\/integrations\/[^/]+/, '/integrations/{integration}')
    .replace(/\/functions\/[^/]+\/code$/, '/functions/{function}/code');
