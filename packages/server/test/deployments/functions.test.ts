import { Nango } from '@nangohq/node';
import { beforeAll, describe, expect, test } from 'vitest';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deploy, recordsOf, settled, statusOf } from '../functions.ts';
import { eventually, type Platform, startPlatform } from '../platform.ts';

let platform: Platform;
let client: Nango;
const failure = (status: number, code: string) => ({ status, body: { error: { code } } });
const alone = { source: 'standalone' };

beforeAll(async () => {
  platform = await startPlatform();
  client = new Nango({ host: platform.url, secretKey: platform.apiKey });
  await createIntegrations(platform);
  for (const unique_key of ['one', 'two', 'empty'])
    await platform.call('POST', '/integrations', { unique_key, provider: 'unauthenticated' });
});

describe('one function', () => {
  beforeAll(() =>
    deploy(platform, [
      { name: 'shared', integration: 'one', exec: '1' },
      { name: 'shared', integration: 'one', type: 'action', exec: '2', more: { metadata: { description: 'Does it', scopes: ['a'] } } },
    ]),
  );

  test('is read by its name with the published client; of two types the first in the order of the list', async () => {
    const listed = (await client.listFunctions({ uniqueKey: 'one' }, {})).data;
    expect(listed.map(({ type, name }) => `${type} ${name}`)).toEqual(['action shared', 'sync shared']);
    const { data } = await client.getFunction({ uniqueKey: 'one', name: 'shared' });
    expect(data).toEqual(listed[0]);
    expect(data).toMatchObject({ description: 'Does it', scopes: ['a'], enabled: true, source: 'repo', returns: ['Output'] });
    expect((await client.getFunction({ uniqueKey: 'one', name: 'shared' }, { type: 'sync' })).data).toEqual(listed[1]);
  });

  test('has its code read with the published client, and two of a name are told apart', async () => {
    expect(await client.getFunctionCode({ uniqueKey: 'one', name: 'shared' }, { type: 'sync' })).toEqual({
      type: 'sync',
      code: '// shared\n1',
    });
    expect(await platform.call('GET', '/integrations/one/functions/shared/code')).toMatchObject({
      status: 409,
      body: {
        error: {
          code: 'ambiguous_function',
          payload: {
            matches: [
              { type: 'action', name: 'shared' },
              { type: 'sync', name: 'shared' },
            ],
          },
        },
      },
    });
  });

  test.each([
    ['/integrations/one/functions/nothing', 404, 'not_found'],
    ['/integrations/one/functions/shared?type=on-event', 404, 'not_found'],
    ['/integrations/nothing/functions/shared', 404, 'not_found'],
    ['/integrations/one/functions/shared?kind=sync', 400, 'invalid_query_params'],
  ])('%s answers %i %s', async (path, status, code) => {
    expect(await platform.call('GET', path)).toMatchObject(failure(status, code));
  });

  test('without its source has no code to show', async () => {
    await deploy(platform, [{ name: 'sourceless', integration: 'one', more: { fileBody: { js: 'exports.default = {}', ts: '' } } }]);
    expect(await platform.call('GET', '/integrations/one/functions/sourceless/code')).toMatchObject(failure(404, 'not_found'));
  });
});

describe('deleting', () => {
  test('a function that a repository deploys is refused, and so is one that is not there', async () => {
    const remove = (path: string) => platform.call('DELETE', `/integrations/one/functions/${path}`);
    expect(await remove('shared?type=sync')).toMatchObject(failure(400, 'function_managed_by_deploy'));
    expect(await remove('nothing?type=sync')).toMatchObject(failure(404, 'not_found'));
    expect(await remove('shared')).toMatchObject(failure(400, 'invalid_query_params'));
    expect(await remove('shared?type=on-event')).toMatchObject(failure(400, 'invalid_query_params'));
    expect((await client.listFunctions({ uniqueKey: 'one' }, { search: 'shared' })).data).toHaveLength(2);
  });

  test('needs its own right', async () => {
    const authorization = `Bearer ${await platform.keyOf('dev', ['environment:functions:read'])}`;
    const answer = await platform.call('DELETE', '/integrations/one/functions/shared?type=sync', undefined, { authorization });
    expect(answer).toMatchObject(failure(403, 'forbidden'));
  });

  test('a sync takes its schedules, its checkpoint and its records along, and leaves what another sync keeps', async () => {
    const where = { connection: 'c-two', integration: 'two' };
    await importConnection(platform, 'c-two', { provider_config_key: 'two', credentials: { type: 'NONE' } });
    const save = (...models: string[]) =>
      `await nango.saveCheckpoint({ a: 1 });\n${models.map((model) => `await nango.batchSave([{ id: '1' }], '${model}');`).join('\n')}`;
    const [going, staying] = [
      { name: 'going', integration: 'two', models: ['Own', 'Common'], exec: save('Own', 'Common') },
      { name: 'staying', integration: 'two', models: ['Common'], exec: save('Common') },
    ];
    await deploy(platform, [going, staying], alone);
    await Promise.all([settled(platform, where, 'going'), settled(platform, where, 'staying')]);
    expect(await recordsOf(platform, where, '', 'Own')).toHaveLength(1);

    expect(await client.deleteFunction({ uniqueKey: 'two', name: 'going' }, { type: 'sync' })).toEqual({ data: { success: true } });
    expect(await platform.call('GET', '/integrations/two/functions/going')).toMatchObject(failure(404, 'not_found'));
    await eventually(async () => !(await statusOf(platform, where, 'going')), 'the schedule is gone');
    await eventually(async () => (await recordsOf(platform, where, '', 'Own')).length === 0, 'the records are gone');
    expect(await recordsOf(platform, where, '', 'Common')).toHaveLength(1);
    expect(await statusOf(platform, where, 'staying')).toMatchObject({ checkpoint: { a: 1 } });

    await deploy(platform, [going, staying], alone);
    await settled(platform, where, 'going');
    expect(await recordsOf(platform, where, '', 'Own')).toHaveLength(1);
  });

  test('an action works at once', async () => {
    await deploy(platform, [{ name: 'act', integration: 'two', type: 'action' }], alone);
    await client.deleteFunction({ uniqueKey: 'two', name: 'act' }, { type: 'action' });
    const headers = { 'connection-id': 'c-two', 'provider-config-key': 'two' };
    expect(await platform.call('POST', '/action/trigger', { action_name: 'act' }, headers)).toMatchObject(failure(404, 'not_found'));
  });
});

describe('the list of scripts', () => {
  const input = {
    type: 'object',
    properties: { title: { type: 'string' }, body: { type: 'string', description: 'said already' }, labels: { type: 'array' } },
    required: ['title'],
  };

  test('is grouped by integration, so two of one provider stay apart, and each function is whole', async () => {
    await deploy(platform, [
      {
        name: 'whole',
        integration: 'empty',
        version: '1.2.0',
        trackDeletes: true,
        more: {
          metadata: { description: 'About', scopes: ['read'] },
          endpoints: [{ GET: '/wholes' }],
          models_json_schema: { definitions: { Item: { type: 'object' } } },
          features: ['checkpoints'],
          attributes: { a: 1 },
          sync_type: 'full',
        },
      },
    ]);
    const scripts = await client.getScriptsConfig();
    if (!Array.isArray(scripts)) throw new Error('the first form is a list');
    const keys = scripts.map(({ providerConfigKey }) => providerConfigKey);
    expect(keys).toEqual(expect.arrayContaining(['one', 'empty']));
    expect(keys).not.toContain('key');
    expect(scripts.find(({ providerConfigKey }) => providerConfigKey === 'empty')).toEqual({
      providerConfigKey: 'empty',
      provider: 'unauthenticated',
      actions: [],
      'on-events': [],
      syncs: [
        {
          id: expect.any(Number),
          name: 'whole',
          type: 'sync',
          returns: ['Item'],
          description: 'About',
          attributes: { a: 1 },
          scopes: ['read'],
          version: '1.2.0',
          source: 'repo',
          endpoints: [{ method: 'GET', path: '/wholes', group: null }],
          enabled: true,
          last_deployed: expect.stringMatching(/Z$/),
          webhookSubscriptions: [],
          json_schema: { definitions: { Item: { type: 'object' } } },
          sdk_version: null,
          models: ['Item'],
          features: ['checkpoints'],
          sync_type: 'full',
          auto_start: true,
          runs: 'every hour',
          track_deletes: true,
        },
      ],
    });
  });

  test('as tools: an action takes the fields of its input, described by its schema or by its description', async () => {
    const description = 'Creates an issue\n- title: What it is about\n- body: not this\n- `labels`: Names of labels';
    await deploy(platform, [
      {
        name: 'create',
        integration: 'empty',
        type: 'action',
        more: { metadata: { description }, input: 'Input', models_json_schema: { definitions: { Input: input, Output: {} } } },
      },
    ]);
    const { data } = (await platform.call('GET', '/scripts/config?format=openai')).body;
    expect(data.find(({ name }: { name: string }) => name === 'create')).toEqual({
      name: 'create',
      description,
      parameters: {
        type: 'object',
        properties: {
          title: { type: 'string', description: 'What it is about' },
          body: { type: 'string', description: 'said already' },
          labels: { type: 'array', description: 'Names of labels' },
        },
        required: ['title'],
      },
    });
    expect(data.find(({ name }: { name: string }) => name === 'whole').parameters).toEqual({
      type: 'object',
      properties: {},
      required: [],
    });
  });

  test('of an environment without functions is empty in both forms, and an unknown form is refused', async () => {
    const authorization = `Bearer ${await platform.keyOf('prod')}`;
    const read = (format: string) => platform.call('GET', `/scripts/config${format}`, undefined, { authorization });
    expect((await read('')).body).toEqual([]);
    expect((await read('?format=openai')).body).toEqual({ data: [] });
    expect(await read('?format=yaml')).toMatchObject(failure(400, 'invalid_query_params'));
  });
});

describe('what commands send besides', () => {
  const agent = (version: string) => ({ 'user-agent': version, authorization: `Bearer ${platform.apiKey}` });
  const body = { flowConfigs: [], reconcile: false, debug: false };

  test.each([
    ['nango-cli/0.39.24 (linux)', 400],
    ['nango-cli/0.38.99', 400],
    ['nango-cli/0.39.25', 200],
    ['nango-cli/0.70.4', 200],
    ['nango-cli/1.0.0', 200],
    ['bowline-cli/0.1.0', 200],
    ['something else', 200],
  ])('%s deploys with %i', async (version, status) => {
    const confirmed = await platform.call('POST', '/sync/deploy/confirmation', body, agent(version));
    const deployed = await platform.call('POST', '/sync/deploy', { ...body, nangoYamlBody: '' }, agent(version));
    expect([confirmed.status, deployed.status]).toEqual([status, status]);
    if (status === 400) expect(confirmed).toMatchObject(failure(400, 'invalid_cli_version'));
  });

  test('usage events are taken without a key and dropped; what is none is refused', async () => {
    const send = (event: object) => platform.call('POST', '/cli/telemetry', event, { authorization: '' });
    const event = { deviceId: crypto.randomUUID(), event: 'cli:deploy' };
    expect(await send(event)).toMatchObject({ status: 204, body: '' });
    expect(await send({ ...event, who: 'me' })).toMatchObject(failure(400, 'invalid_body'));
    expect(await send({ ...event, deviceId: 'me' })).toMatchObject(failure(400, 'invalid_body'));
  });

  test('nobody is an operator', async () => {
    expect(await platform.call('POST', '/sync/deploy/internal?customEnvironment=dev', {})).toMatchObject(failure(403, 'forbidden'));
    expect(await platform.call('POST', '/sync/deploy/internal', {}, { authorization: '' })).toMatchObject(
      failure(401, 'malformed_auth_header'),
    );
  });
});
