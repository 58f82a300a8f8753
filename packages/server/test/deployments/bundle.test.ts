import { beforeAll, describe, expect, test } from 'vitest';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deploy, recordsOf, settled, tryDeploy } from '../functions.ts';
import { type Platform, startPlatform } from '../platform.ts';

let platform: Platform;
const failure = (status: number, code: string) => ({ status, body: { error: { code } } });

beforeAll(async () => {
  platform = await startPlatform();
  await createIntegrations(platform);
  for (const unique_key of ['one', 'two']) await platform.call('POST', '/integrations', { unique_key, provider: 'unauthenticated' });
  await importConnection(platform, 'c-1', { provider_config_key: 'one', credentials: { type: 'NONE' } });
});

const nothing = { usesRecords: false, usesOutbound: false, usesCheckpoints: false, usesMetadata: false, usesInvoke: false };
function fn(name: string, exec = 'return trigger;', more: object = {}) {
  const js = `const { createFunction } = require('nango'); exports.default = createFunction({ exec: async (nango, trigger) => { ${exec} } });`;
  return {
    name,
    integrationId: 'one',
    description: `About ${name}`,
    trigger: { kind: 'none' },
    requires: {},
    capabilities: nothing,
    limits: {},
    input_schema_ref: null,
    output_schema_ref: null,
    model_schema_refs: [],
    metadata_schema_ref: null,
    checkpoint_schema_ref: null,
    json_schema: {},
    fileBody: { js, ts: `// ${name}\n${exec}` },
    ...more,
  };
}
const scheduled = (name: string, exec: string) =>
  fn(name, exec, {
    trigger: { kind: 'schedule', frequency: 'every hour', autoStart: true },
    capabilities: { ...nothing, usesRecords: true },
    model_schema_refs: ['#/definitions/Item'],
    json_schema: { definitions: { Item: { type: 'object' } } },
  });
const one = { kind: 'integration', integrationId: 'one' };
const send = (functions: object[], scope: object = one, path = '') =>
  platform.call('POST', `/functions/deployments/bundle${path}`, { reconciliationScope: scope, functions });
const names = (...all: string[]) => all.map((name) => ({ integrationId: 'one', name }));
const none = { created: [], updated: [], unchanged: [], deleted: [] };

test('a bundle creates, updates and deletes what is in its scope; a preview says so and changes nothing', async () => {
  expect(await send([fn('a'), fn('b')], one, '/preview')).toMatchObject({ status: 200, body: { ...none, created: names('a', 'b') } });
  expect(await send([fn('a'), fn('b')])).toMatchObject({ status: 200, body: { ...none, created: names('a', 'b') } });
  const next = [fn('a'), fn('b', 'return 2;'), fn('c')];
  const change = { created: names('c'), updated: names('b'), unchanged: names('a'), deleted: [] };
  expect((await send(next, one, '/preview')).body).toEqual(change);
  expect((await send(next)).body).toEqual(change);
  expect((await send(next)).body).toEqual({ ...none, unchanged: names('a', 'b', 'c') });
  expect((await send([fn('a')])).body).toEqual({ ...none, unchanged: names('a'), deleted: names('b', 'c') });
  const { data } = (await platform.call('GET', '/integrations/one/functions')).body;
  expect(data).toMatchObject([
    { name: 'a', type: 'action', source: 'repo', description: 'About a', version: expect.stringMatching(/^[0-9a-f]{64}$/) },
  ]);
});

test('a function without a trigger runs as an action and is told its input', async () => {
  await send([fn('told', 'return trigger;')]);
  const headers = { 'connection-id': 'c-1', 'provider-config-key': 'one' };
  expect(await platform.call('POST', '/action/trigger', { action_name: 'told', input: { a: 1 } }, headers)).toMatchObject({
    status: 200,
    body: { kind: 'none', input: { a: 1 } },
  });
});

test('a function on a schedule runs as a sync', async () => {
  await send([scheduled('timed', `await nango.batchSave([{ id: trigger.kind }], 'Item');`)]);
  const where = { connection: 'c-1', integration: 'one' };
  await settled(platform, where, 'timed');
  expect(await recordsOf(platform, where)).toMatchObject([{ id: 'schedule' }]);
});

test('bundles and the older deployments leave each other alone', async () => {
  await deploy(platform, [{ name: 'older', integration: 'one', type: 'action' }]);
  await send([fn('newer')]);
  await tryDeploy(platform, [{ name: 'older', integration: 'one', type: 'action' }], { deployMode: 'all' });
  expect((await send([], { kind: 'environment' }, '/preview')).body).toEqual({ ...none, deleted: names('newer') });
  expect(await send([fn('older')])).toMatchObject(failure(400, 'invalid_request'));
  const { data } = (await platform.call('GET', '/integrations/one/functions')).body;
  expect(data.map(({ name }: { name: string }) => name)).toEqual(['newer', 'older']);
});

describe('refuses', () => {
  test.each([
    ['an unknown integration', [fn('x', '', { integrationId: 'nothing' })], { kind: 'environment' }, 'integration_not_found'],
    ['a function of another integration', [fn('x', '', { integrationId: 'two' })], one, 'invalid_body'],
    ['a name twice', [fn('x'), fn('x')], one, 'invalid_body'],
    ['a capability without its reference', [fn('x', '', { capabilities: { ...nothing, usesRecords: true } })], one, 'invalid_body'],
    ['a reference into nothing', [fn('x', '', { input_schema_ref: '#/definitions/Missing' })], one, 'invalid_body'],
    ['a frequency that is none', [fn('x', '', { trigger: { kind: 'schedule', frequency: 'sometimes' } })], one, 'invalid_body'],
    ['an event that is none', [fn('x', '', { trigger: { kind: 'event', events: ['birthday'] } })], one, 'invalid_body'],
    ['a trigger by webhooks', [fn('x', '', { trigger: { kind: 'http' } })], one, 'invalid_body'],
    ['no source', [fn('x', '', { fileBody: { js: 'x', ts: '' } })], one, 'invalid_body'],
    ['an unknown key', [fn('x', '', { surprise: 1 })], one, 'invalid_body'],
  ])('%s', async (_what, functions, scope, code) => {
    expect(await send(functions, scope)).toMatchObject(failure(400, code));
    expect(await send(functions, scope, '/preview')).toMatchObject(failure(400, code));
  });
});
