/**
 * One source, sent by the command and over the Functions API: what is kept of it, and what it does, is the same. The code itself is not, byte for byte:
 * the command bundles a project's files, the server only translates a stranger's text, with no files at all.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeProject, runCli } from '../packages/cli/test/project.ts';
import { addressOf } from '../packages/server/src/deployments/code.ts';
import { importConnection } from '../packages/server/test/connections/fixture.ts';
import { recordsOf, settled } from '../packages/server/test/functions.ts';
import { eventually, type Json, type Platform, startPlatform } from '../packages/server/test/platform.ts';

const [COMMAND, API] = ['by-command', 'by-api'];
let platform: Platform;

const sources = {
  action: {
    name: 'greet',
    code: `import { createAction } from 'nango';
import * as z from 'zod';

const Input = z.object({ name: z.string().describe('whom'), times: z.number().int().min(1).default(1) });
const Output = z.object({ text: z.string(), at: z.string().nullable() });
class Count {
  left = 0;
  take = (): number => this.left--;
}

export default createAction({
  description: 'Greets — somebody, «often»',
  version: '2.3.4',
  scopes: ['read', 'write'],
  endpoint: { method: 'POST', path: '/greet', group: 'Greetings' },
  input: Input,
  output: Output,
  exec: async (nango, input): Promise<z.infer<typeof Output>> => {
    if (input.name === 'nobody') throw new nango.ActionError({ message: 'There is nobody' });
    const count = new Count();
    count.left = input.times;
    const words: string[] = [];
    while (count.take() > 0) words.push(\`hello \${input.name}\`);
    return { text: words.join(', '), at: null };
  },
});
`,
  },
  sync: {
    name: 'items',
    code: `import { createSync } from 'nango';
import { z } from 'zod';

const Item = z.object({ id: z.string(), name: z.string().optional(), parts: z.array(z.object({ size: z.number() })) });

const sync = createSync({
  description: 'Keeps items',
  version: '1.0.0',
  frequency: 'every 2 hours',
  autoStart: true,
  syncType: 'full',
  trackDeletes: false,
  scopes: ['items'],
  endpoints: [{ method: 'GET', path: '/items' }],
  webhookSubscriptions: ['item.changed'],
  metadata: z.object({ team: z.string() }),
  checkpoint: z.object({ after: z.string() }),
  models: { Item },
  exec: async (nango) => {
    const before = await nango.getCheckpoint();
    await nango.batchSave(['a', 'b'].map((id) => ({ id, name: before?.after ?? 'first', parts: [{ size: 1 }] })), 'Item');
    await nango.saveCheckpoint({ after: 'b' });
  },
  onWebhook: async () => {},
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
`,
  },
} as const;
type Type = keyof typeof sources;
const types: Type[] = ['action', 'sync'];

beforeAll(async () => {
  platform = await startPlatform();
  for (const unique_key of [COMMAND, API]) {
    await platform.call('POST', '/integrations', { unique_key, provider: 'unauthenticated' });
    await importConnection(platform, `c-${unique_key}`, { provider_config_key: unique_key, credentials: { type: 'NONE' } });
  }
  const root = mkdtempSync(join(tmpdir(), 'bowline-same-code-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  for (const type of types) {
    mkdirSync(join(root, COMMAND, `${type}s`), { recursive: true });
    writeFileSync(join(root, COMMAND, `${type}s`, `${sources[type].name}.ts`), sources[type].code);
  }
  const env = { BOWLINE_HOST: platform.url, BOWLINE_SECRET_KEY_DEV: platform.apiKey };
  expect(await runCli(root, ['deploy', 'dev'], { env })).toMatchObject({ exitCode: 0, errors: '' });
  for (const type of types) expect(await deployByApi(type)).toMatchObject({ status: 'success' });
}, 120_000);

async function deployByApi(type: Type): Promise<Json> {
  const { name, code } = sources[type];
  const wanted = { type: 'function', integration_id: API, function_name: name, function_type: type, code };
  const { status, body } = await platform.call('POST', '/functions/deployments', wanted);
  expect([status, body]).toMatchObject([202, {}]);
  return eventually(async () => {
    const job = (await platform.call('GET', `/functions/deployments/${body.id}`)).body;
    return job.completed_at && job;
  }, 'the deployment has ended');
}

/** Names of schemas carry the integration's key. */
const neutral = (value: Json, key: string): Json =>
  JSON.parse([key, key.replaceAll('-', '_')].reduce((text, one) => text.replaceAll(one, 'KEY'), JSON.stringify(value)));
const of = async (path: (key: string) => string, key: string): Promise<Json> => neutral((await platform.call('GET', path(key))).body, key);

describe.each(types)('the source of one %s', (type) => {
  const { name, code } = sources[type];

  test('is the same function to whoever lists it', async () => {
    const read = async (key: string) => {
      const { id, last_deployed, source, ...rest } = (await of((one) => `/integrations/${one}/functions/${name}`, key)).data;
      expect([typeof id, typeof last_deployed, source]).toEqual(['number', 'string', key === API ? 'standalone' : 'repo']);
      return rest;
    };
    const [command, api] = [await read(COMMAND), await read(API)];
    expect(command).toMatchObject({ name, type, json_schema: { definitions: {} } });
    expect(api).toEqual(command);
  });

  test('is kept with the same definition: endpoints, webhooks, features, version of the authoring API', async () => {
    const { body } = await platform.call('GET', '/scripts/config');
    const read = (key: string) => {
      const script = body.find((one: Json) => one.providerConfigKey === key)[`${type}s`][0];
      const { id, last_deployed, source, ...rest } = neutral(script, key);
      expect([typeof id, typeof last_deployed, typeof source]).toEqual(['number', 'string', 'string']);
      return rest;
    };
    const command = read(COMMAND);
    expect(command).toMatchObject({ name, sdk_version: expect.stringMatching(/-zero$/) });
    expect(read(API)).toEqual(command);
  });

  test('comes back as it was written', async () => {
    for (const key of [COMMAND, API])
      expect((await platform.call('GET', `/integrations/${key}/functions/${name}/code`)).body).toEqual({ type, code });
  });

  test('compiles to the very bytes that a deployment over the API runs', async () => {
    const { bundled_js: js } = (await platform.call('POST', '/functions/compile', { code })).body;
    const [version] = (await platform.call('GET', `/integrations/${API}/functions/${name}/versions?type=${type}`)).body.data;
    const address = addressOf({ js, ts: code }).toString('hex');
    expect(version.code_hash).not.toBe('');
    expect(address.startsWith(version.code_hash)).toBe(true);
  });
});

test('an action answers the same, and fails the same', async () => {
  const call = async (key: string, input: object) => {
    const { status, body } = await platform.call(
      'POST',
      '/action/trigger',
      { action_name: 'greet', input },
      { 'connection-id': `c-${key}`, 'provider-config-key': key },
    );
    return { status, body };
  };
  const twice = { name: 'you', times: 2 };
  expect(await call(COMMAND, twice)).toEqual({ status: 200, body: { text: 'hello you, hello you', at: null } });
  expect(await call(API, twice)).toEqual(await call(COMMAND, twice));
  const [command, api] = [await call(COMMAND, { name: 'nobody', times: 1 }), await call(API, { name: 'nobody', times: 1 })];
  expect(command.body.error.payload).toEqual({ message: 'There is nobody' });
  const { request_id, ...error } = command.body.error;
  expect(api).toMatchObject({ status: command.status, body: { error } });
  expect(api.body.error.request_id).not.toBe(request_id);
});

test('a sync begins by itself and keeps the same records', async () => {
  const kept = async (key: string) => {
    const where = { connection: `c-${key}`, integration: key };
    await settled(platform, where, 'items');
    return (await recordsOf(platform, where, '', 'Item')).map(({ _nango_metadata, ...record }: Json) => record);
  };
  const command = await kept(COMMAND);
  expect(command).toEqual(['a', 'b'].map((id) => ({ id, name: 'first', parts: [{ size: 1 }] })));
  expect(await kept(API)).toEqual(command);
});

test('what one refuses, the other refuses, in the same words', async () => {
  const wrong = sources.sync.code.replace(`frequency: 'every 2 hours'`, `frequency: 'often'`);
  const made = makeProject({ [`${COMMAND}/syncs/items.ts`]: wrong });
  const command = await runCli(made, ['compile', '--json']);
  const api = await platform.call('POST', '/functions/compile', { code: wrong });
  expect([command.exitCode, api.status]).toEqual([10, 400]);
  const said = api.body.error.payload.diagnostics.map(({ message, line }: Json) => ({ message, line }));
  expect(said).not.toEqual([]);
  expect(JSON.parse(command.output).error.diagnostics).toMatchObject(said);
});
