/** Account keys, environments made and deleted over HTTP, and that nothing of a deleted environment lives on, whichever process did it. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { many, only, run } from '../src/base/database.ts';
import { purgeConnections } from '../src/connections/purge.ts';
import { createApiKey } from '../src/environments/create-api-key.ts';
import { listEnvironments } from '../src/environments/find.ts';
import { callbackUrl } from '../src/environments/settings.ts';
import { createIntegrations, importConnection } from './connections/fixture.ts';
import { deploy, recordsOf, settled } from './functions.ts';
import { type Answer, eventually, type Json, type Platform, startPlatform } from './platform.ts';
import { json, startUpstream, type Upstream } from './upstream.ts';

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
let upstream: Upstream;
let platform: Platform;
/** A second process on the same database. */
let other: Platform;
let accountId: number;
/** With the account key that may do everything. */
let manage: (method: string, path: string, body?: unknown) => Promise<Answer>;

beforeAll(async () => {
  upstream = await startUpstream();
  const allow = [`127.0.0.1:${upstream.port}`];
  platform = await startPlatform({ allow });
  other = await startPlatform({ allow, database: platform.database });
  accountId = (await platform.scopeOf('dev')).environment.accountId;
  const key = as(await platform.accountKeyOf());
  manage = (method, path, body) => platform.call(method, path, body, key);
});

const as = (secret: string) => ({ authorization: `Bearer ${secret}` });
const failure = (status: number, code: string) => ({ status, body: { error: { code } } });
const names = async () => (await listEnvironments(platform.world, accountId)).map(({ name }) => name);

async function newEnvironment(name: string, more: object = {}): Promise<number> {
  const { status, body } = await manage('POST', '/environments', { name, ...more });
  expect([status, body]).toEqual([200, { data: { id: expect.any(Number), name } }]);
  return body.data.id;
}
async function newKey(environmentId: number, display_name = 'Backend'): Promise<{ id: number; secret: string }> {
  const { status, body } = await manage('POST', '/environment/api-keys', { environment_id: environmentId, display_name });
  expect(status).toBe(200);
  return body.data;
}

describe('making an environment', () => {
  test('answers its id and name, and it works at once in every process', async () => {
    const id = await newEnvironment('fresh', { callback_url: 'https://app.example.com/back' });
    const { secret } = await newKey(id);
    expect(await other.call('GET', '/environment-variables', undefined, as(secret))).toMatchObject({ status: 200, body: [] });
    expect(await callbackUrl(platform.world, id)).toBe('https://app.example.com/back');
    const [row] = (await listEnvironments(platform.world, accountId)).filter((one) => one.id === id);
    expect(row).toMatchObject({ name: 'fresh', isProduction: false });
  });

  test.each([
    ['a name with capitals', { name: 'Staging' }, 'name'],
    ['a name with spaces', { name: 'my env' }, 'name'],
    ['no name', {}, 'name'],
    ['an empty name', { name: '' }, 'name'],
    ['a name too long', { name: 'a'.repeat(256) }, 'name'],
    ['a flag that is none', { name: 'x', is_production: 'yes' }, 'is_production'],
    ['an address that is none', { name: 'x', callback_url: 'nowhere' }, 'callback_url'],
    ['an address of another kind', { name: 'x', callback_url: 'javascript:alert(1)' }, 'callback_url'],
    ['an HMAC key', { name: 'x', hmac_key: 'k' }, 'hmac_key'],
    ['an HMAC', { name: 'x', hmac_enabled: true }, 'hmac_enabled'],
    ['Slack', { name: 'x', slack_notifications: true }, 'slack_notifications'],
    ['an exporter', { name: 'x', otlp_endpoint: 'https://otel.example.com' }, 'otlp_endpoint'],
    ['headers of an exporter', { name: 'x', otlp_headers: [{ name: 'a', value: 'b' }] }, 'otlp_headers'],
    ['an unknown field', { name: 'x', nonsense: 1 }, undefined],
  ])('with %s is refused by name, and makes nothing', async (_what, body, field) => {
    const before = await names();
    const answer = await manage('POST', '/environments', body);
    expect(answer).toMatchObject(failure(400, 'invalid_body'));
    expect(answer.body.error.errors[0].path).toEqual(field === undefined ? [] : [field]);
    expect(await names()).toEqual(before);
  });

  test('asking for nothing is not refused: what is off, empty or none is what there is', async () => {
    const off = { hmac_key: '', hmac_enabled: false, slack_notifications: false, otlp_endpoint: '', otlp_headers: [] };
    await newEnvironment('plain', off);
  });

  test('a name is taken once, also when it is asked for at once', async () => {
    expect(await manage('POST', '/environments', { name: 'dev' })).toMatchObject(failure(409, 'conflict'));
    const answers = await Promise.all(Array.from({ length: 5 }, () => manage('POST', '/environments', { name: 'once' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
  });

  test('an account has at most 100, also when they are asked for at once', async () => {
    const { count } = await only<{ count: number }>(
      platform.world.db,
      sql`select count(*)::int as count from environments where deleted_at is null`,
    );
    await run(
      platform.world.db,
      sql`insert into environments (account_id, name) select ${accountId}, 'filler-' || n from generate_series(1, ${98 - count}::int) n`,
    );
    const wanted = Array.from({ length: 6 }, (_, n) => manage('POST', '/environments', { name: `late-${n}` }));
    const answers = await Promise.all(wanted);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(2);
    expect(answers.filter(({ status }) => status !== 200).map(({ body }) => body.error.code)).toEqual(Array(4).fill('resource_capped'));
    expect(await manage('POST', '/environments', { name: 'dev' })).toMatchObject(failure(409, 'conflict'));
    await run(platform.world.db, sql`delete from environments where name like 'filler-%'`);
  });

  test('production needs a right of its own, also when only the name says so', async () => {
    const key = as(await platform.accountKeyOf(['account:environments:create']));
    for (const body of [{ name: 'live', is_production: true }, { name: 'prod' }, { name: 'prod', is_production: false }]) {
      const answer = await platform.call('POST', '/environments', body, key);
      expect(answer).toMatchObject(failure(403, 'forbidden'));
      expect(answer.body.error.message).toContain('account:environments:set_production');
    }
    expect((await platform.call('POST', '/environments', { name: 'not-live', is_production: false }, key)).status).toBe(200);
    expect(await manage('POST', '/environments', { name: 'prod', is_production: false })).toMatchObject(
      failure(400, 'invalid_is_prod_flag'),
    );
    expect(await manage('POST', '/environments', { name: 'prod' })).toMatchObject(failure(409, 'conflict'));
    const id = await newEnvironment('live', { is_production: true });
    expect((await listEnvironments(platform.world, accountId)).find((one) => one.id === id)?.isProduction).toBe(true);
  });
});

describe('keys of an environment', () => {
  test('are made with every right there, shown once, and deleted at once everywhere', async () => {
    const id = await newEnvironment('keyed');
    const { body } = await manage('POST', '/environment/api-keys', { environment_id: id, display_name: ' CI ' });
    expect(body.data).toEqual({
      id: expect.any(Number),
      display_name: 'CI',
      scopes: ['environment:*'],
      secret: expect.stringMatching(UUID_V4),
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    const { secret, id: key_id } = body.data;
    expect((await platform.call('GET', '/integrations', undefined, as(secret))).status).toBe(200);
    expect((await other.call('GET', '/integrations', undefined, as(secret))).status).toBe(200);
    expect(await manage('POST', '/environment/api-keys', { environment_id: id, display_name: 'CI' })).toMatchObject(
      failure(409, 'conflict'),
    );
    expect(await manage('DELETE', '/environment/api-keys', { environment_id: id, key_id })).toMatchObject({
      status: 200,
      body: { success: true },
    });
    expect(await platform.call('GET', '/integrations', undefined, as(secret))).toMatchObject(failure(401, 'unknown_account'));
    await eventually(
      async () => (await other.call('GET', '/integrations', undefined, as(secret))).status === 401,
      'the other process heard',
      5_000,
    );
    expect(await manage('DELETE', '/environment/api-keys', { environment_id: id, key_id })).toMatchObject(failure(404, 'not_found'));
  });

  test.each([
    ['POST', { display_name: 'x' }, 'environment_id'],
    ['POST', { environment_id: '1', display_name: 'x' }, 'environment_id'],
    ['POST', { environment_id: 2 ** 31, display_name: 'x' }, 'environment_id'],
    ['POST', { environment_id: 1, display_name: ' ' }, 'display_name'],
    ['POST', { environment_id: 1, display_name: 'x'.repeat(256) }, 'display_name'],
    ['DELETE', { environment_id: 1 }, 'key_id'],
    ['DELETE', { environment_id: 1, key_id: 0 }, 'key_id'],
    ['DELETE', { environment_id: 1.5, key_id: 1 }, 'environment_id'],
  ])('%s with %j is refused by name', async (method, body, field) => {
    const answer = await manage(method, '/environment/api-keys', body);
    expect(answer).toMatchObject(failure(400, 'invalid_body'));
    expect(answer.body.error.errors[0].path).toEqual([field]);
  });

  test('scopes cannot be chosen there, and 50 is the most', async () => {
    const id = await newEnvironment('full');
    const body = { environment_id: id, display_name: 'x', scopes: ['environment:proxy'] };
    expect(await manage('POST', '/environment/api-keys', body)).toMatchObject(failure(400, 'invalid_body'));
    for (let n = 1; n < 50; n++) await newKey(id, `key ${n}`);
    expect(await manage('POST', '/environment/api-keys', { environment_id: id, display_name: 'one more' })).toMatchObject(
      failure(400, 'resource_capped'),
    );
  });
});

describe('keys of the account', () => {
  test('are made, listed with their secret, and deleted by members; nothing of them is stored in the clear', async () => {
    const member = await platform.member();
    const made = await member('POST', '/api/account/keys', { display_name: 'Terraform', scopes: ['account:environments:create'] });
    expect(made).toMatchObject({
      status: 200,
      body: { display_name: 'Terraform', source: 'created', scopes: ['account:environments:create'] },
    });
    const { secret, id } = made.body;
    expect(secret).toMatch(UUID_V4);
    const { body } = await (await other.member('prod'))('GET', '/api/account/keys');
    expect(body.keys).toContainEqual(made.body);
    expect(await member('POST', '/api/account/keys', { display_name: 'Terraform' })).toMatchObject(failure(409, 'conflict'));
    const dump = await many(platform.world.db, sql`select k::text as row from api_keys k where id = ${id}`);
    expect(JSON.stringify(dump)).not.toContain(secret);
    expect(JSON.stringify(dump)).not.toContain(Buffer.from(secret).toString('hex'));
    expect((await other.call('POST', '/environments', { name: 'by-terraform' }, as(secret))).status).toBe(200);
    expect(await member('DELETE', `/api/account/keys/${id}`)).toMatchObject({ status: 200, body: { success: true } });
    expect(await platform.call('POST', '/environments', { name: 'too-late' }, as(secret))).toMatchObject(failure(401, 'unknown_account'));
    await eventually(
      async () => (await other.call('POST', '/environments', { name: 'dev' }, as(secret))).status === 401,
      'the other process heard',
      5_000,
    );
    expect(await member('DELETE', `/api/account/keys/${id}`)).toMatchObject(failure(404, 'not_found'));
  });

  test('are not among those of an environment, nor the other way round', async () => {
    const member = await platform.member();
    const { body: settings } = await member('GET', '/api/environment');
    const { body: account } = await member('GET', '/api/account/keys');
    const ids = (keys: Json[]) => keys.map(({ id }) => id);
    expect(ids(settings.api_keys).filter((id: number) => ids(account.keys).includes(id))).toEqual([]);
    expect(await member('DELETE', `/api/environment/api-keys/${account.keys[0].id}`)).toMatchObject(failure(404, 'not_found'));
    expect(await member('DELETE', `/api/account/keys/${settings.api_keys[0].id}`)).toMatchObject(failure(404, 'not_found'));
  });

  test('a key out of the range of ids is a mistake of the client', async () => {
    const member = await platform.member();
    for (const path of ['/api/account/keys/99999999999', '/api/environment/api-keys/99999999999', '/api/account/keys/x']) {
      expect(await member('DELETE', path)).toMatchObject(failure(400, 'invalid_uri_params'));
    }
  });

  test('are at most 50, also when they are asked for at once', async () => {
    const { body } = await (await platform.member())('GET', '/api/account/keys');
    const attempts = Array.from({ length: 60 }, (_, n) => createApiKey(platform.world, { accountId }, { displayName: `account key ${n}` }));
    const results = await Promise.allSettled(attempts);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(50 - body.keys.length);
    expect(results.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))).toEqual(
      Array(10 + body.keys.length).fill('resource_capped'),
    );
    await run(platform.world.db, sql`update api_keys set deleted_at = now() where display_name like 'account key %'`);
  });

  test('a member does what an account key does, from our own page only', async () => {
    const member = await platform.member();
    const { status, body } = await member('POST', '/environments', { name: 'by-member' });
    expect(status).toBe(200);
    expect((await member('DELETE', `/environments/${body.data.id}`)).status).toBe(204);
    const forged = { name: 'forged' };
    expect(await member('POST', '/environments', forged, { 'x-bowline-environment': '' })).toMatchObject(failure(400, 'invalid_headers'));
    expect(await platform.call('POST', '/environments', forged, { authorization: '', 'x-bowline-environment': 'dev' })).toMatchObject(
      failure(401, 'malformed_auth_header'),
    );
    expect(await names()).not.toContain('forged');
  });
});

describe('deleting an environment', () => {
  test('cannot be done to one that is not there, to prod, or to the last one', async () => {
    const prod = (await platform.scopeOf('prod')).environment;
    expect(await manage('DELETE', '/environments/999999')).toMatchObject(failure(404, 'not_found'));
    expect(await manage('DELETE', `/environments/${prod.id}`)).toMatchObject(failure(400, 'cannot_delete_prod_environment'));
    for (const id of ['0', '-1', '1.5', 'dev', '99999999999']) {
      expect(await manage('DELETE', `/environments/${id}`)).toMatchObject(failure(400, 'invalid_uri_params'));
    }
    expect(await manage('DELETE', `/environments/${prod.id}?force=1`)).toMatchObject(failure(400, 'invalid_query_params'));
    const account = await only<{ id: number }>(platform.world.db, sql`insert into accounts (name) values ('small') returning id`);
    const { secret } = await createApiKey(platform.world, { accountId: account.id }, { displayName: 'k' });
    const make = (name: string) => platform.call('POST', '/environments', { name }, as(secret));
    const ids = [(await make('a')).body.data.id, (await make('b')).body.data.id];
    const answers = await Promise.all(ids.map((id) => platform.call('DELETE', `/environments/${id}`, undefined, as(secret))));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
  });

  test('ends its keys, sessions and running syncs at once, and then all it held', async () => {
    const doomed = await inhabited('doomed', other);
    const hanging = await eventually(async () => doomed.hanging(), 'the sync runs');
    const session = await doomed.call('POST', '/connect/sessions', { end_user: { id: 'u' } });
    const token = session.body.data.token;
    expect((await platform.call('GET', '/connect/session', undefined, as(token))).status).toBe(200);
    expect(await manage('DELETE', `/environments/${doomed.id}`)).toMatchObject({ status: 204, body: '' });

    expect(await platform.call('GET', '/connections', undefined, as(doomed.key))).toMatchObject(failure(401, 'unknown_account'));
    expect(await platform.call('GET', '/connect/session', undefined, as(token))).toMatchObject(
      failure(401, 'unknown_connect_session_token'),
    );
    expect(await (await platform.member('doomed'))('GET', '/api/environment')).toMatchObject(failure(400, 'invalid_headers'));
    expect(await manage('DELETE', `/environments/${doomed.id}`)).toMatchObject(failure(404, 'not_found'));
    expect(await manage('POST', '/environment/api-keys', { environment_id: doomed.id, display_name: 'x' })).toMatchObject(
      failure(404, 'not_found'),
    );
    await eventually(
      async () => (await other.call('GET', '/connections', undefined, as(doomed.key))).status === 401,
      'the other process heard',
      5_000,
    );

    await eventually(async () => (await remains(doomed.id)).length === 0, 'nothing remains');
    const [state] = await many<{ state: string }>(platform.world.db, sql`select state from runs where id = ${hanging}`);
    expect(state).toEqual({ state: 'cancelled' });

    const again = await newEnvironment('doomed');
    expect(again).not.toBe(doomed.id);
    const { secret } = await newKey(again);
    expect((await platform.call('GET', '/integrations', undefined, as(secret))).body).toEqual({ data: [] });
  });

  test('survives the death of the process that did it, and leaves its neighbours alone', async () => {
    const alone = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`] });
    const manager = as(await alone.accountKeyOf());
    const { body } = await alone.call('POST', '/environments', { name: 'orphan' }, manager);
    const orphan = await inhabited('orphan', alone, body.data.id);
    const neighbour = await inhabited('dev', alone, (await alone.scopeOf('dev')).environment.id);
    const kept = await snapshot(alone, neighbour.id);
    await alone.stop(); // no workers any more: what follows is done by somebody who then vanishes
    const silent = await startPlatform({ database: alone.database, worker: false });
    expect((await silent.call('DELETE', `/environments/${orphan.id}`, undefined, as(await silent.accountKeyOf()))).status).toBe(204);
    expect(await remains(orphan.id, silent)).not.toEqual([]);
    await silent.stop();
    const heir = await startPlatform({ database: alone.database, allow: [`127.0.0.1:${upstream.port}`] });
    await eventually(async () => (await remains(orphan.id, heir)).length === 0, 'the heir cleaned up');
    expect(await snapshot(heir, neighbour.id)).toEqual(kept);
  });

  test('an event that comes late finds nothing to do, and something saved late is purged by the second look', async () => {
    const late = await inhabited('late', platform);
    expect((await manage('DELETE', `/environments/${late.id}`)).status).toBe(204);
    await eventually(async () => (await remains(late.id)).length === 0, 'nothing remains');
    // As a request would that was let in before: straight to the verb.
    await run(
      platform.world.db,
      sql`insert into connections (environment_id, integration_id, connection_id, provider, auth_mode, credentials_sealed)
          select ${late.id}, (select min(id) from integrations where environment_id = ${late.id}), 'late-' || n, 'p', 'API_KEY', 'sealed'::bytea
            from generate_series(1, 450) n`,
    );
    await run(platform.world.db, sql`update graphile_worker._private_jobs set run_at = now() where run_at > now() + interval '50 minutes'`);
    await eventually(async () => (await remains(late.id)).length === 0, 'the second look has purged it');
  });
});

test('a purge that is cut short and one that runs twice at once delete each connection once', async () => {
  const silent = await startPlatform({ worker: false });
  const { id } = (await silent.scopeOf('dev')).environment;
  await createIntegrations(silent);
  await run(
    silent.world.db,
    sql`insert into connections (environment_id, integration_id, connection_id, provider, auth_mode, credentials_sealed)
        select ${id}, (select min(id) from integrations), 'c-' || n, 'p', 'API_KEY', 'sealed'::bytea from generate_series(1, 950) n`,
  );
  const cut = new AbortController();
  const counts = () =>
    only<{ living: number; told: number; twice: number }>(
      silent.world.db,
      sql`select (select count(*)::int from connections where deleted_at is null) as living,
                 (select count(distinct payload -> 'connection' ->> 'id')::int from events where type = 'connection.deleted') as told,
                 (select count(*)::int from events where type = 'connection.deleted') as twice`,
    );
  const first = purgeConnections(silent.world, id, cut.signal);
  await eventually(async () => (await counts()).told > 0, 'the first batch is through');
  cut.abort();
  await first.catch(() => {}); // it may have been through before
  await Promise.all([1, 2, 3].map(() => purgeConnections(silent.world, id, new AbortController().signal)));
  expect(await counts()).toEqual({ living: 0, told: 950, twice: 950 });
  expect(await many(silent.world.db, sql`select from integrations where deleted_at is null or credentials_sealed is not null`)).toEqual([]);
});

/** An environment with a connection, records, and a sync that hangs. Its key is new. */
async function inhabited(name: string, on: Platform, known?: number) {
  const id = known ?? (await newEnvironment(name));
  const { secret } = await createApiKey(on.world, { environment: { id } }, { displayName: randomUUID() });
  const call: Platform['call'] = (method, path, body, headers) => on.call(method, path, body, { ...as(secret), ...headers });
  const inside = { ...on, call };
  upstream.on('/items', (_request, response) => json(response, [{ id: '1' }, { id: '2' }]));
  await createIntegrations(inside, upstream.url);
  await deploy(inside, [
    { name: 'items', exec: `await nango.batchSave((await nango.get({ endpoint: '/items' })).data, 'Item');` },
    { name: 'hangs', exec: `await new Promise(() => setInterval(() => {}, 1000));`, models: ['Other'] },
  ]);
  await importConnection(inside, 'c-1');
  await importConnection(inside, 'b-1', { provider_config_key: 'basic', credentials: { type: 'BASIC', username: 'u', password: 'p' } });
  await settled(inside, 'c-1', 'items');
  expect(await recordsOf(inside, 'c-1')).toHaveLength(2);
  const hanging = async () => {
    const [row] = await many<{ id: number }>(
      on.world.db,
      sql`select r.id from runs r join functions f on f.id = r.function_id where r.environment_id = ${id} and f.name = 'hangs' and r.state = 'running'`,
    );
    return row?.id;
  };
  return { id, key: secret, call, hanging };
}

/** What of an environment can still be found, or holds a secret. */
async function remains(id: number, on: Platform = platform): Promise<string[]> {
  const rows = await many<{ what: string }>(
    on.world.db,
    sql`select 'connection ' || connection_id as what from connections where environment_id = ${id} and (deleted_at is null or credentials_sealed <> '')
        union all select 'integration ' || unique_key from integrations where environment_id = ${id} and (deleted_at is null or credentials_sealed is not null)
        union all select 'function ' || name from functions where environment_id = ${id} and deleted_at is null
        union all select 'code' from function_code where environment_id = ${id}
        union all select 'sync ' || name from syncs where environment_id = ${id} and deleted_at is null
        union all select 'run ' || r.id from runs r where environment_id = ${id} and state in ('queued', 'running')
        union all select 'stream ' || model from record_streams where environment_id = ${id}
        union all select 'record' from records r join record_streams s on s.id = r.stream_id where s.environment_id = ${id}
        union all select 'session' from connect_sessions where environment_id = ${id} and deleted_at is null
        union all select 'key' from api_keys where environment_id = ${id} and (deleted_at is null or secret_sealed <> '')
        union all select 'variable ' || name from environment_variables where environment_id = ${id}
        union all select 'signing key' from environments where id = ${id} and (deleted_at is null or signing_key_sealed is not null)`,
  );
  return rows.map(({ what }) => what);
}

/** Everything of an environment that a neighbour's end must not touch. */
function snapshot(on: Platform, id: number): Promise<Json[]> {
  return many(
    on.world.db,
    sql`select e::text as row from environments e where id = ${id}
        union all select c::text from connections c where environment_id = ${id}
        union all select i::text from integrations i where environment_id = ${id}
        union all select f::text from functions f where environment_id = ${id}
        union all select js from function_code where environment_id = ${id}
        union all select name || coalesce(deleted_at::text, '') from syncs where environment_id = ${id}
        union all select k.display_name || coalesce(deleted_at::text, '') from api_keys k where environment_id = ${id}
        union all select r.external_id || r.content::text from records r join record_streams s on s.id = r.stream_id where s.environment_id = ${id}
        order by 1`,
  );
}
