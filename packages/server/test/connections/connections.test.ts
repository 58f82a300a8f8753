import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Platform, startPlatform } from '../platform.ts';
import { createIntegrations, importConnection, oauthCredentials } from './fixture.ts';

let platform: Platform;
let call: Platform['call'];

beforeAll(async () => {
  platform = await startPlatform({ worker: false });
  call = platform.call;
  await createIntegrations(platform);
});

const ids = (answer: { body: { connections: { connection_id: string }[] } }) => answer.body.connections.map((one) => one.connection_id);
const failure = (status: number, code: string) => ({ status, body: { error: { code } } });

describe('list', () => {
  beforeAll(async () => {
    await importConnection(platform, 'list-a', {
      end_user: { id: 'u-1', email: 'ann@example.test', display_name: 'Ann 100%' },
      tags: { Plan: 'pro', region: 'eu' },
    });
    await importConnection(platform, 'list-b', { end_user: { id: 'u-2' }, tags: { plan: 'pro' } });
    await importConnection(platform, 'list-c', { provider_config_key: 'open', credentials: { type: 'NONE' } });
  });

  test.each([
    ['connectionId=list-a', ['list-a']],
    ['connectionId=list', []],
    ['search=LIST-', ['list-c', 'list-b', 'list-a']],
    ['search=ann%40example', ['list-a']],
    ['search=100%25', ['list-a']],
    ['search=1_0', []],
    ['endUserId=u-2', ['list-b']],
    ['search=list-&integrationId=open', ['list-c']],
    ['search=list-&integrationId=open,%20key', ['list-c', 'list-b', 'list-a']],
    ['integrationId=unknown', []],
    ['tags[plan]=pro', ['list-b', 'list-a']],
    ['tags[PLAN]=pro&tags[region]=eu', ['list-a']],
    ['search=list-&limit=2', ['list-c', 'list-b']],
    ['search=list-&limit=2&page=1', ['list-a']],
  ])('filters by %s, newest first', async (query, wanted) => {
    const answer = await call('GET', `/connections?${query}`);
    expect(answer.status).toBe(200);
    expect(ids(answer)).toEqual(wanted);
    expect(ids(await call('GET', `/connection?${query}`))).toEqual(wanted);
  });

  test('never shows credentials, and gives each field the form of the wire', async () => {
    const { body } = await call('GET', '/connections?connectionId=list-a');
    expect(body.connections[0]).toEqual({
      id: expect.any(Number),
      connection_id: 'list-a',
      provider_config_key: 'key',
      provider: 'private-api-generic',
      errors: [],
      end_user: { id: 'u-1', display_name: 'Ann 100%', email: 'ann@example.test', tags: null, organization: null },
      tags: { plan: 'pro', region: 'eu', end_user_id: 'u-1', end_user_email: 'ann@example.test', end_user_display_name: 'Ann 100%' },
      metadata: null,
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$/),
    });
  });

  test.each(['limit=0', 'limit=2001', 'page=-1', 'limit=1.5', 'surprise=1', 'tags[1]=x'])('refuses ?%s', async (query) => {
    expect(await call('GET', `/connections?${query}`)).toMatchObject(failure(400, 'invalid_query_params'));
  });

  test('shows nothing of another environment', async () => {
    const key = await platform.keyOf('prod');
    expect(ids(await call('GET', '/connections', undefined, { authorization: `Bearer ${key}` }))).toEqual([]);
  });
});

describe('get', () => {
  test('hands out credentials only to a key that may read them', async () => {
    await importConnection(platform, 'get-a');
    const key = await platform.keyOf('dev', ['environment:connections:read']);
    const path = '/connections/get-a?provider_config_key=key';
    expect((await call('GET', path)).body.credentials).toEqual({ type: 'API_KEY', apiKey: 'key of get-a' });
    const answer = await call('GET', path, undefined, { authorization: `Bearer ${key}` });
    expect(answer).toMatchObject({ status: 200, body: { connection_id: 'get-a', credentials: {} } });
    expect(answer.body.credentials).toEqual({});
    for (const flag of ['refresh_token', 'force_refresh', 'refresh_github_app_jwt_token']) {
      expect(await call('GET', `${path}&${flag}=true`, undefined, { authorization: `Bearer ${key}` })).toMatchObject(
        failure(403, 'forbidden'),
      );
    }
    const other = await platform.keyOf('dev', ['environment:records:read']);
    expect(await call('GET', path, undefined, { authorization: `Bearer ${other}` })).toMatchObject(failure(403, 'forbidden'));
  });

  test('removes everything named refresh token, however spelled and nested, unless asked for it', async () => {
    await importConnection(platform, 'get-b', {
      ...oauthCredentials('fresh', 3_600_000),
      connection_config: { Refresh_Token: 'r', nested: [{ refreshToken: 'r', kept: 1 }] },
    });
    const path = '/connections/get-b?provider_config_key=oauth';
    for (const url of [path, path.replace('/connections', '/connection'), `${path}&refresh_token=false`]) {
      const { body } = await call('GET', url);
      expect(body.credentials).toMatchObject({ type: 'OAUTH2', access_token: 'fresh' });
      expect(JSON.stringify(body)).not.toContain('refresh of');
      expect(body.connection_config).toEqual({ nested: [{ kept: 1 }] });
    }
    const { body } = await call('GET', `${path}&refresh_token=YES`);
    expect(body.credentials.refresh_token).toBe('refresh of fresh');
    expect(body.connection_config.Refresh_Token).toBe('r');
  });

  test('has the form of the wire', async () => {
    await importConnection(platform, 'get-c', { metadata: { a: 1 }, webhook_url_override: 'https://hooks.example.com/x' });
    const { body } = await call('GET', '/connections/get-c?provider_config_key=key');
    const time = expect.stringMatching(/\+00:00$/);
    expect(body).toEqual({
      id: expect.any(Number),
      connection_id: 'get-c',
      provider_config_key: 'key',
      provider: 'private-api-generic',
      errors: [],
      end_user: null,
      tags: {},
      metadata: { a: 1 },
      connection_config: {},
      webhook_url_override: 'https://hooks.example.com/x',
      created_at: time,
      updated_at: time,
      last_fetched_at: body.last_fetched_at === null ? null : time,
      credentials: { type: 'API_KEY', apiKey: 'key of get-c' },
    });
  });

  test.each([
    ['GET', '/connections/nobody?provider_config_key=key', 404, 'not_found'],
    ['GET', '/connection/nobody?provider_config_key=key', 404, 'not_found'],
    ['GET', '/connections/nobody?provider_config_key=nothing', 400, 'unknown_provider_config'],
    ['GET', '/connections/nobody', 400, 'invalid_query_params'],
    ['GET', '/connections/nobody?provider_config_key=key&x=1', 400, 'invalid_query_params'],
    ['GET', '/connections/nobody?provider_config_key=key&force_refresh=maybe', 400, 'invalid_query_params'],
    ['GET', '/connections/n%00?provider_config_key=key', 400, 'invalid_uri_params'],
    ['PATCH', '/connections/nobody?provider_config_key=key', 404, 'not_found'],
    ['PATCH', '/connections/nobody?provider_config_key=nothing', 400, 'unknown_provider_config'],
    ['DELETE', '/connections/nobody?provider_config_key=key', 400, 'unknown_connection'],
    ['DELETE', '/connection/nobody?provider_config_key=key', 400, 'unknown_connection'],
    ['DELETE', '/connection/nobody?provider_config_key=nothing', 400, 'unknown_provider_config'],
  ])('%s %s answers %i %s', async (method, path, status, code) => {
    expect(await call(method, path, method === 'PATCH' ? {} : undefined)).toMatchObject(failure(status, code));
  });

  test('finds an id with every character that ids may have, encoded', async () => {
    const id = 'a/b,c.d;e:f=g+h~i[j]|k@l$m{n}"o\'p\\q_r-s t';
    await importConnection(platform, id);
    const answer = await call('GET', `/connections/${encodeURIComponent(id)}?provider_config_key=key`);
    expect(answer).toMatchObject({ status: 200, body: { connection_id: id } });
  });
});

describe('another environment', () => {
  test('finds neither the connection nor the integration, in any way', async () => {
    await importConnection(platform, 'mine');
    const authorization = `Bearer ${await platform.keyOf('prod')}`;
    const as = (method: string, path: string, body?: object) => call(method, path, body, { authorization });
    expect(await as('GET', '/connections/mine?provider_config_key=key')).toMatchObject(failure(400, 'unknown_provider_config'));
    const metadata = { connection_id: 'mine', provider_config_key: 'key', metadata: {} };
    await as('POST', '/integrations', { unique_key: 'key', provider: 'unauthenticated' });
    expect(await as('GET', '/connections/mine?provider_config_key=key')).toMatchObject(failure(404, 'not_found'));
    expect(await as('PATCH', '/connections/mine?provider_config_key=key', {})).toMatchObject(failure(404, 'not_found'));
    expect(await as('DELETE', '/connections/mine?provider_config_key=key')).toMatchObject(failure(400, 'unknown_connection'));
    expect(await as('PATCH', '/connections/metadata', metadata)).toMatchObject(failure(404, 'unknown_connection'));
    expect(await as('GET', '/integrations/basic')).toMatchObject(failure(404, 'not_found'));
    expect((await call('GET', '/connections/mine?provider_config_key=key')).status).toBe(200);
  });
});

describe('import', () => {
  test.each([
    ['key', { type: 'API_KEY', apiKey: 'k' }],
    ['basic', { type: 'BASIC', username: 'u', password: '' }],
    ['open', { type: 'NONE' }],
  ])('stores the credentials of %s as they are', async (key, credentials) => {
    const answer = await importConnection(platform, `import-${key}`, { provider_config_key: key, credentials });
    const wanted = credentials.type === 'NONE' ? {} : credentials;
    expect(answer.body.credentials).toEqual(wanted);
    expect((await call('GET', `/connections/import-${key}?provider_config_key=${key}`)).body.credentials).toEqual(wanted);
  });

  test('answers OAuth credentials without their refresh token', async () => {
    const { body } = await importConnection(platform, 'import-oauth', oauthCredentials('imported', 3_600_000));
    expect(body.credentials).toMatchObject({ type: 'OAUTH2', access_token: 'imported', raw: { access_token: 'imported' } });
    expect(JSON.stringify(body)).not.toContain('refresh of');
  });

  test('makes up an id when none is given', async () => {
    const answer = await call('POST', '/connections', { provider_config_key: 'open', credentials: { type: 'NONE' } });
    expect(answer).toMatchObject({ status: 201, body: { connection_id: expect.stringMatching(/^[0-9a-f-]{36}$/) } });
  });

  test.each([
    ['another mode', { credentials: { type: 'BASIC', username: 'u', password: 'p' } }, 400, 'invalid_body'],
    ['an unknown mode', { credentials: { type: 'MAGIC' } }, 400, 'invalid_body'],
    ['an empty key', { credentials: { type: 'API_KEY', apiKey: '' } }, 400, 'invalid_body'],
    ['an unknown key in the credentials', { credentials: { type: 'API_KEY', apiKey: 'k', x: 1 } }, 400, 'invalid_body'],
    ['an unknown key', { surprise: 1 }, 400, 'invalid_body'],
    ['a bad id', { connection_id: 'a#b' }, 400, 'invalid_body'],
    ['bad tags', { tags: { '1x': 'y' } }, 400, 'invalid_body'],
    ['an unknown integration', { provider_config_key: 'nothing' }, 404, 'not_found'],
  ])('refuses %s', async (_what, over, status, code) => {
    const body = { provider_config_key: 'key', connection_id: 'refused', credentials: { type: 'API_KEY', apiKey: 'k' }, ...over };
    expect(await call('POST', '/connections', body)).toMatchObject(failure(status, code));
    expect(await call('GET', '/connections/refused?provider_config_key=key')).toMatchObject(failure(404, 'not_found'));
  });

  test('over an existing connection keeps its row, metadata, tags, end user and webhook address', async () => {
    const first = await importConnection(platform, 'again', {
      metadata: { a: 1 },
      tags: { plan: 'pro' },
      end_user: { id: 'u-9' },
      connection_config: { region: 'eu' },
      webhook_url_override: 'https://hooks.example.com/again',
    });
    const second = await importConnection(platform, 'again', { credentials: { type: 'API_KEY', apiKey: 'new' } });
    const { credentials, updated_at, ...rest } = first.body;
    expect(second.body).toMatchObject(rest);
    expect(credentials.apiKey).toBe('key of again');
    expect(second.body.credentials.apiKey).toBe('new');
    expect(Date.parse(second.body.updated_at)).toBeGreaterThan(Date.parse(updated_at));
  });

  test('of one id at the same moment makes one connection', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => importConnection(platform, 'race')));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(ids(await call('GET', '/connections?connectionId=race'))).toEqual(['race']);
  });
});

describe('metadata', () => {
  const write = (method: string, path: string, connectionId: string | string[], metadata: object) =>
    call(method, path, { connection_id: connectionId, provider_config_key: 'key', metadata });
  const read = async (id: string) => (await call('GET', `/connections/${id}?provider_config_key=key`)).body.metadata;

  test.each(['/connections/metadata', '/connection/metadata'])('%s replaces with POST and merges at the top with PATCH', async (path) => {
    const id = randomUUID();
    await importConnection(platform, id);
    const replaced = await write('POST', path, id, { a: { x: 1 }, b: 1 });
    expect(replaced).toMatchObject({
      status: 201,
      body: { connection_id: id, provider_config_key: 'key', metadata: { a: { x: 1 }, b: 1 } },
    });
    const merged = await write('PATCH', path, id, { a: { y: 2 }, c: null });
    expect(merged).toMatchObject({ status: 200, body: { metadata: { a: { y: 2 }, c: null } } });
    expect(await read(id)).toEqual({ a: { y: 2 }, b: 1, c: null });
    await write('POST', path, id, {});
    expect(await read(id)).toEqual({});
  });

  test('of twenty merges at once loses none', async () => {
    await importConnection(platform, 'merged');
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
    const answers = await Promise.all(keys.map((key) => write('PATCH', '/connections/metadata', 'merged', { [key]: key })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await read('merged')).toEqual(Object.fromEntries(keys.map((key) => [key, key])));
  });

  test('of several connections is written to all or to none', async () => {
    await importConnection(platform, 'several-a', { metadata: { old: 1 } });
    await importConnection(platform, 'several-b', { metadata: { old: 1 } });
    for (const method of ['POST', 'PATCH']) {
      const answer = await write(method, '/connections/metadata', ['several-a', 'missing', 'several-b'], { gone: 1 });
      expect(answer).toMatchObject(failure(404, 'unknown_connection'));
    }
    expect([await read('several-a'), await read('several-b')]).toEqual([{ old: 1 }, { old: 1 }]);
    expect((await write('POST', '/connections/metadata', ['several-a', 'several-b', 'several-a'], { x: 1 })).status).toBe(201);
    expect([await read('several-a'), await read('several-b')]).toEqual([{ x: 1 }, { x: 1 }]);
  });

  test('of many lists locked in different orders does not deadlock', async () => {
    await importConnection(platform, 'order-a');
    await importConnection(platform, 'order-b');
    const pairs = Array.from({ length: 20 }, (_, index) => (index % 2 ? ['order-a', 'order-b'] : ['order-b', 'order-a']));
    const answers = await Promise.all(pairs.map((pair, index) => write('PATCH', '/connections/metadata', pair, { [`k${index}`]: 1 })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  test('does not touch updated_at', async () => {
    const { body } = await importConnection(platform, 'untouched');
    await write('PATCH', '/connections/metadata', 'untouched', { a: 1 });
    expect((await call('GET', '/connections/untouched?provider_config_key=key')).body.updated_at).toBe(body.updated_at);
  });

  test.each([
    [{ connection_id: 'x', provider_config_key: 'key', metadata: [] }],
    [{ connection_id: 'x', provider_config_key: 'key' }],
    [{ connection_id: [], provider_config_key: 'key', metadata: {} }],
    [{ connection_id: 'x', provider_config_key: 'key', metadata: {}, y: 1 }],
  ])('refuses %j', async (body) => {
    expect(await call('POST', '/connections/metadata', body)).toMatchObject(failure(400, 'invalid_body'));
  });

  test('of an unknown integration is refused', async () => {
    const body = { connection_id: 'x', provider_config_key: 'nothing', metadata: {} };
    expect(await call('PATCH', '/connections/metadata', body)).toMatchObject(failure(400, 'unknown_provider_config'));
  });
});

describe('patch', () => {
  const patch = (id: string, body: object) => call('PATCH', `/connections/${id}?provider_config_key=key`, body);
  const read = async (id: string) => (await call('GET', `/connections/${id}?provider_config_key=key`)).body;

  test('replaces the tags by those given and those of the end user, and keeps them when neither is given', async () => {
    await importConnection(platform, 'patched', { end_user: { id: 'u-1', email: 'ann@example.test' }, tags: { old: '1' } });
    expect(await patch('patched', { tags: { New: '2' } })).toMatchObject({ status: 200, body: { success: true } });
    expect((await read('patched')).tags).toEqual({ end_user_id: 'u-1', end_user_email: 'ann@example.test', new: '2' });
    await patch('patched', { end_user: { id: 'u-2' } });
    expect(await read('patched')).toMatchObject({ tags: { end_user_id: 'u-2' }, end_user: { id: 'u-2', email: null } });
    await patch('patched', { webhook_url_override: 'https://hooks.example.com/p' });
    expect(await read('patched')).toMatchObject({ tags: { end_user_id: 'u-2' }, webhook_url_override: 'https://hooks.example.com/p' });
    expect(await patch('patched', { webhook_url_override: 'http://10.0.0.1/' })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_body' } },
    });
    await patch('patched', { webhook_url_override: '' });
    expect((await read('patched')).webhook_url_override).toBeNull();
  });

  test('refuses unknown keys', async () => {
    await importConnection(platform, 'patched-2');
    expect(await patch('patched-2', { metadata: {} })).toMatchObject(failure(400, 'invalid_body'));
  });
});

describe('delete', () => {
  test.each(['/connections', '/connection'])('through %s frees the id, and a new one starts from nothing', async (path) => {
    const { body } = await importConnection(platform, 'gone', { metadata: { a: 1 } });
    expect(await call('DELETE', `${path}/gone?provider_config_key=key`)).toMatchObject({ status: 200, body: { success: true } });
    expect(await call('GET', '/connections/gone?provider_config_key=key')).toMatchObject(failure(404, 'not_found'));
    expect(await call('DELETE', `${path}/gone?provider_config_key=key`)).toMatchObject(failure(400, 'unknown_connection'));
    const again = await importConnection(platform, 'gone');
    expect(again.body.id).not.toBe(body.id);
    expect(again.body.metadata).toBeNull();
  });

  test('of an integration takes its connections along, and its key is free again', async () => {
    await call('POST', '/integrations', { unique_key: 'short', provider: 'unauthenticated' });
    await importConnection(platform, 'short-lived', { provider_config_key: 'short', credentials: { type: 'NONE' } });
    expect(await call('PATCH', '/integrations/short', { unique_key: 'renamed' })).toMatchObject(failure(400, 'invalid_body'));
    expect((await call('DELETE', '/integrations/short')).status).toBe(200);
    expect(ids(await call('GET', '/connections?connectionId=short-lived'))).toEqual([]);
    expect((await call('POST', '/integrations', { unique_key: 'short', provider: 'unauthenticated' })).status).toBe(200);
    expect(await call('GET', '/connections/short-lived?provider_config_key=short')).toMatchObject(failure(404, 'not_found'));
  });
});
