import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '../../src/base/database.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { confirm, deploy, settled, statusOf, tryDeploy } from '../functions.ts';
import { eventually, type Platform, startPlatform } from '../platform.ts';

let platform: Platform;
const integration = { deployMode: 'integration' };

beforeAll(async () => {
  platform = await startPlatform();
  await createIntegrations(platform);
  for (const unique_key of ['left', 'right']) await platform.call('POST', '/integrations', { unique_key, provider: 'unauthenticated' });
});

const failure = (status: number, code: string) => ({ status, body: { error: { code } } });
const none = {
  newSyncs: [],
  updatedSyncs: [],
  deletedSyncs: [],
  newActions: [],
  updatedActions: [],
  deletedActions: [],
  newOnEventScripts: [],
  updatedOnEventScripts: [],
  deletedOnEventScripts: [],
  deletedModels: [],
};
async function deployed(key: string): Promise<string[]> {
  const { body } = await platform.call('GET', `/integrations/${key}/functions?limit=100`);
  return body.data.map(({ type, name, version }: { type: string; name: string; version: string }) => `${type} ${name} ${version}`);
}

test('the confirmation says what would change and changes nothing', async () => {
  const first = [
    { name: 'a', integration: 'left' },
    { name: 'act', type: 'action' as const, integration: 'left' },
  ];
  const plan = await confirm(platform, first);
  expect(plan).toMatchObject({
    status: 200,
    body: {
      ...none,
      newSyncs: [{ name: 'a', providerConfigKey: 'left', auto_start: true }],
      newActions: [{ name: 'act', providerConfigKey: 'left' }],
    },
  });
  expect(await deployed('left')).toEqual([]);
  await deploy(platform, first, integration);
  const second = await confirm(platform, [
    { name: 'a', integration: 'left', exec: 'return' },
    { name: 'b', integration: 'left', models: ['Other'] },
  ]);
  expect(second.body).toMatchObject({
    ...none,
    newSyncs: [{ name: 'b' }],
    updatedSyncs: [{ name: 'a', id: expect.any(Number) }],
    deletedActions: [{ name: 'act', providerConfigKey: 'left', id: expect.any(Number) }],
  });
  const third = await confirm(platform, [{ name: 'act', type: 'action', integration: 'left' }]);
  expect(third.body).toMatchObject({ deletedSyncs: [{ name: 'a', connections: 0 }], deletedModels: [] });
  expect(await deployed('left')).toEqual(['action act 1', 'sync a 1']);
});

test('a confirmation counts the connections of each sync, and names models of theirs that end: of deleted syncs, and renamed in others', async () => {
  await platform.call('POST', '/integrations', { unique_key: 'counted', provider: 'unauthenticated' });
  for (const id of ['counted-1', 'counted-2'])
    await importConnection(platform, id, { provider_config_key: 'counted', credentials: { type: 'NONE' } });
  const a = { name: 'a', integration: 'counted', models: ['Item', 'Part'] };
  const b = { name: 'b', integration: 'counted', models: ['Other'] };
  expect((await confirm(platform, [a, b])).body.newSyncs).toMatchObject([
    { name: 'a', connections: 2 },
    { name: 'b', connections: 2 },
  ]);
  await deploy(platform, [a, b], integration);
  const { body } = await confirm(platform, [{ ...a, models: ['Item', 'Renamed'] }]);
  expect(body).toMatchObject({ updatedSyncs: [{ connections: 2 }], deletedSyncs: [{ name: 'b', connections: 2 }] });
  expect(body.deletedModels.sort()).toEqual(['Other', 'Part']);
});

describe('what is absent from a deployment', () => {
  const left = [
    { name: 'one', integration: 'left' },
    { name: 'two', integration: 'left' },
  ];
  const right = [{ name: 'other', integration: 'right' }];
  const names = async (key: string) => (await deployed(key)).map((line) => line.split(' ')[1]);

  test('is removed from its integration only in mode integration, from everywhere in mode all, and never in mode single', async () => {
    await deploy(platform, [...left, ...right], { deployMode: 'all' });
    await deploy(platform, left.slice(0, 1), { deployMode: 'single' });
    expect([await names('left'), await names('right')]).toEqual([['one', 'two'], ['other']]);
    await deploy(platform, left.slice(0, 1), { singleDeployMode: true, deployMode: 'all' });
    expect([await names('left'), await names('right')]).toEqual([['one', 'two'], ['other']]);
    await deploy(platform, left.slice(0, 1), { deployMode: 'integration' });
    expect([await names('left'), await names('right')]).toEqual([['one'], ['other']]);
    await deploy(platform, left, { deployMode: 'all' });
    expect([await names('left'), await names('right')]).toEqual([['one', 'two'], []]);
  });

  test('stays without reconcile, and when the deployment holds nothing at all', async () => {
    await deploy(platform, left, { deployMode: 'all' });
    await deploy(platform, left.slice(0, 1), { deployMode: 'all', reconcile: false });
    expect(await names('left')).toEqual(['one', 'two']);
    await deploy(platform, [], { deployMode: 'all' });
    expect(await names('left')).toEqual(['one', 'two']);
  });

  test('goes with a deployment that holds nothing only where that says it is meant, in mode all and with reconcile', async () => {
    await deploy(platform, left, { deployMode: 'all' });
    const listed = async (more: object) => (await confirm(platform, [], more)).body.deletedSyncs.map(({ name }: { name: string }) => name);
    expect(await listed({ deployMode: 'all' })).toEqual([]);
    expect(await listed({ deployMode: 'all', allowEmpty: false })).toEqual([]);
    expect(await listed({ deployMode: 'integration', allowEmpty: true })).toEqual([]);
    expect(await listed({ deployMode: 'single', allowEmpty: true })).toEqual([]);
    expect((await listed({ deployMode: 'all', allowEmpty: true })).sort()).toEqual(['one', 'two']);
    await deploy(platform, [], { deployMode: 'all', allowEmpty: true, reconcile: false });
    expect(await names('left')).toEqual(['one', 'two']);
    await deploy(platform, [], { deployMode: 'all', allowEmpty: true });
    expect(await names('left')).toEqual([]);
  });
});

test('unchanged code keeps its version, changed code raises it, and an explicit one wins', async () => {
  const version = async (fn: object) => (await deploy(platform, [{ name: 'versioned', integration: 'right', ...fn }]))[0].version;
  expect(await version({ exec: '1' })).toBe('1');
  expect(await version({ exec: '1' })).toBe('1');
  expect(await version({ exec: '2' })).toBe('2');
  expect(await version({ exec: '2', version: '1.4.9' })).toBe('1.4.9');
  expect(await version({ exec: '3' })).toBe('1.4.10');
  expect(await version({ exec: '3' })).toBe('1.4.10');
  const { body } = await platform.call('GET', '/integrations/right/functions/versioned/code');
  expect(body).toEqual({ type: 'sync', code: '// versioned\n3' });
});

test('a sync and an action of one name stand beside each other', async () => {
  await deploy(platform, [
    { name: 'same', integration: 'right', exec: '1' },
    { name: 'same', integration: 'right', type: 'action', exec: '2' },
  ]);
  expect((await platform.call('GET', '/integrations/right/functions/same/code?type=action')).body.code).toContain('2');
  expect((await platform.call('GET', '/integrations/right/functions/same/code?type=sync')).body.code).toContain('1');
});

test('a function that a deployment removes stops its syncs; one that it brings starts them on the connections there are', async () => {
  await platform.call('POST', '/integrations', { unique_key: 'followed', provider: 'unauthenticated' });
  const where = { connection: 'follower', integration: 'followed' };
  await importConnection(platform, 'follower', { provider_config_key: 'followed', credentials: { type: 'NONE' } });
  await deploy(platform, [{ name: 'first', integration: 'followed' }], integration);
  await settled(platform, where, 'first');
  await deploy(platform, [{ name: 'second', integration: 'followed', autoStart: false }], integration);
  await eventually(async () => !(await statusOf(platform, where, 'first')), 'the removed one is gone');
  await eventually(async () => (await statusOf(platform, where, 'second'))?.status === 'PAUSED', 'the new one is there, paused');
});

test('a sync keeps its state and its pause through a deployment', async () => {
  await platform.call('POST', '/integrations', { unique_key: 'kept', provider: 'unauthenticated' });
  const where = { connection: 'keeper', integration: 'kept' };
  await importConnection(platform, 'keeper', { provider_config_key: 'kept', credentials: { type: 'NONE' } });
  await deploy(platform, [{ name: 'state', integration: 'kept', exec: `await nango.saveCheckpoint({ a: 1 })` }], integration);
  const before = await settled(platform, where, 'state');
  await platform.call('POST', '/sync/pause', { provider_config_key: 'kept', syncs: [] });
  await deploy(platform, [{ name: 'state', integration: 'kept', exec: '1', runs: 'every 2 hours' }], integration);
  const after = await eventually(async () => {
    const status = await statusOf(platform, where, 'state');
    return status.frequency === '2 hours' && status;
  }, 'the deployment is heard');
  expect(after).toMatchObject({ id: before.id, status: 'PAUSED', checkpoint: { a: 1 } });
});

test('two deployments of one environment at once: the second is told to wait', async () => {
  await transaction(platform.world.db, async (tx) => {
    // What a deployment under way in another process holds.
    const { environment } = await platform.scopeOf('dev');
    await sql`select pg_advisory_xact_lock(${0x6465_706c}::int, ${environment.id}::int)`.execute(tx);
    expect(await tryDeploy(platform, [{ name: 'late', integration: 'left' }])).toMatchObject(failure(409, 'concurrent_deployment'));
  });
  expect((await tryDeploy(platform, [{ name: 'late', integration: 'left' }])).status).toBe(200);
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, turn) => tryDeploy(platform, [{ name: 'late', integration: 'left', exec: `${turn}` }])),
  );
  expect(new Set(answers.map(({ status }) => status)).has(200)).toBe(true);
  expect(answers.filter(({ status }) => status !== 200 && status !== 409)).toEqual([]);
});

describe('refuses', () => {
  test.each([
    ['an unknown integration', { integration: 'nothing' }, 'unknown_provider_config'],
    ['a frequency too often', { runs: 'every 5s' }, 'invalid_body'],
    ['a frequency that is none', { runs: 'sometimes' }, 'invalid_body'],
    ['a name with spaces', { name: 'a b' }, 'invalid_body'],
    ['an unknown key', { more: { surprise: 1 } }, 'invalid_body'],
    ['a model without schema', { more: { models_json_schema: { definitions: {} } } }, 'deploy_missing_json_schema_model'],
    ['no code', { more: { fileBody: { js: '', ts: '' } } }, 'invalid_body'],
  ])('%s, and deploys nothing of the whole', async (_what, fn, code) => {
    const before = await deployed('left');
    const bad = { name: 'bad', integration: 'left', ...fn };
    expect(await tryDeploy(platform, [{ name: 'good', integration: 'left' }, bad])).toMatchObject(failure(400, code));
    expect(await confirm(platform, [bad])).toMatchObject(failure(400, code));
    expect(await deployed('left')).toEqual(before);
  });

  test('a key without the right', async () => {
    const authorization = `Bearer ${await platform.keyOf('dev', ['environment:records:read'])}`;
    expect(await platform.call('POST', '/sync/deploy', {}, { authorization })).toMatchObject(failure(403, 'forbidden'));
  });
});

test('on-event functions are listed, kept and removed like the others', async () => {
  const script = { name: 'hello', event: 'post-connection-creation', fileBody: { js: 'exports.default = {}', ts: '' } };
  const events = [{ providerConfigKey: 'right', scripts: [script] }];
  const functions = [{ name: 'other', integration: 'right' }];
  expect((await confirm(platform, functions, { onEventScriptsByProvider: events })).body.newOnEventScripts).toMatchObject([
    { name: 'hello', providerConfigKey: 'right', event: 'post-connection-creation' },
  ]);
  await deploy(platform, functions, { ...integration, onEventScriptsByProvider: events });
  expect(await deployed('right')).toContain('on-event hello 1');
  expect((await confirm(platform, functions)).body.deletedOnEventScripts).toMatchObject([{ name: 'hello' }]);
  await deploy(platform, functions, integration);
  expect(await deployed('right')).toEqual(['sync other 1']);
});

test('the list of functions is filtered and paged, and a function is shown as the wire has it', async () => {
  await deploy(platform, [
    { name: 'list-a', integration: 'left', more: { metadata: { description: 'About a', scopes: ['read'] } } },
    { name: 'list-b', integration: 'left', type: 'action' },
  ]);
  const list = async (query: string) => (await platform.call('GET', `/integrations/left/functions?${query}`)).body;
  expect((await list('search=list-')).data.map(({ name }: { name: string }) => name)).toEqual(['list-b', 'list-a']);
  expect(await list('search=list-&type=sync')).toMatchObject({
    data: [
      {
        name: 'list-a',
        type: 'sync',
        description: 'About a',
        scopes: ['read'],
        enabled: true,
        source: 'repo',
        returns: ['Item'],
        runs: 'every hour',
        auto_start: true,
        track_deletes: false,
      },
    ],
    pagination: { total: 1, page: 0, limit: 20 },
  });
  expect(await list('search=list-&limit=1&page=1')).toMatchObject({
    data: [{ name: 'list-a' }],
    pagination: { total: 2, page: 1, limit: 1 },
  });
  expect(await platform.call('GET', '/integrations/nothing/functions')).toMatchObject(failure(404, 'not_found'));
  expect(await platform.call('GET', '/integrations/left/functions/nothing/code')).toMatchObject(failure(404, 'not_found'));
  const scripts = (await platform.call('GET', '/scripts/config')).body;
  expect(
    scripts.find((one: { providerConfigKey: string }) => one.providerConfigKey === 'left').syncs.map((one: { name: string }) => one.name),
  ).toContain('list-a');
});

describe('a run that is under way', () => {
  /** An action that tells which code it has once it is let go on. */
  const gated = (mark: string) =>
    ({
      name: 'gated',
      type: 'action',
      integration: 'gate',
      exec: `await nango.log('begun ${mark}'); while (!(await nango.tryAcquireLock({ key: 'gate', ttlMs: 60_000 }))) await new Promise((go) => setTimeout(go, 10)); return '${mark}';`,
    }) as const;
  const call = () =>
    platform.call('POST', '/action/trigger', { action_name: 'gated', input: {} }, { 'connection-id': 'g', 'provider-config-key': 'gate' });
  /** Somebody else holds what it waits for. */
  const shut = async () => {
    const { environment } = await platform.scopeOf('dev');
    await sql`insert into locks (environment_id, key, owner, expires_at) values (${environment.id}, 'gate', 'test', now() + interval '1 hour')`.execute(
      platform.world.db,
    );
  };
  const open = () => sql`delete from locks where owner = 'test'`.execute(platform.world.db);
  const begun = (mark: string) =>
    eventually(async () => {
      const { rows } = await sql`select 1 from operation_messages where message = ${`begun ${mark}`}`.execute(platform.world.db);
      return rows.length > 0;
    }, `the run with ${mark} has begun`);

  test('keeps its code through a deployment and through a rollback; the next run takes the other', async () => {
    await platform.call('POST', '/integrations', { unique_key: 'gate', provider: 'unauthenticated' });
    await importConnection(platform, 'g', { provider_config_key: 'gate', credentials: { type: 'NONE' } });
    await shut();
    await deploy(platform, [gated('old')]);
    const old = call();
    await begun('old');
    await deploy(platform, [gated('new')]);
    const newer = call();
    await begun('new');
    const back = await platform.call('POST', '/integrations/gate/functions/gated/rollback', { version: 1 });
    expect(back.body.data.changes).toMatchObject([{ change: 'rolled_back' }]);
    await open();
    expect((await old).body).toBe('old');
    expect((await newer).body).toBe('new');
    expect((await call()).body).toBe('old');
  });

  test("a sync's next run takes what was deployed or rolled back to, with its frequency", async () => {
    await platform.call('POST', '/integrations', { unique_key: 'turns', provider: 'unauthenticated' });
    await importConnection(platform, 't', { provider_config_key: 'turns', credentials: { type: 'NONE' } });
    const where = { connection: 't', integration: 'turns' };
    const sync = (mark: string, runs: string) =>
      ({ name: 'marks', integration: 'turns', runs, exec: `await nango.batchSave([{ id: '1', mark: '${mark}' }], 'Item');` }) as const;
    const mark = async () => {
      await platform.call('POST', '/sync/trigger', { provider_config_key: 'turns', connection_id: 't', syncs: ['marks'] });
      await settled(platform, where, 'marks');
    };
    const is = (wanted: string, frequency: string) =>
      eventually(async () => {
        await mark();
        const { body } = await platform.call('GET', '/records?model=Item', undefined, {
          'connection-id': 't',
          'provider-config-key': 'turns',
        });
        return body.records?.[0]?.mark === wanted && (await statusOf(platform, where, 'marks'))?.frequency === frequency;
      }, `the sync keeps ${wanted}`);
    await deploy(platform, [sync('first', 'every 3 hours')]);
    await is('first', '3 hours');
    await deploy(platform, [sync('second', 'every 2 hours')]);
    await is('second', '2 hours');
    await platform.call('POST', '/integrations/turns/functions/marks/rollback', { version: 1 });
    await is('first', '3 hours');
  });
});
