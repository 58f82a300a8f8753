/** The older import and the older metadata routes, as backends of several years' standing call them. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream } from '../upstream.ts';
import { createIntegrations, importConnection } from './fixture.ts';

let platform: Platform;
let call: Platform['call'];

beforeAll(async () => {
  const upstream = await startUpstream();
  upstream.on('/token', (_request, response) => json(response, { access_token: 'renewed', refresh_token: 'r-2', expires_in: 3600 }));
  platform = await startPlatform({ worker: false, allow: [`127.0.0.1:${upstream.port}`] });
  call = platform.call;
  await createIntegrations(platform, upstream.url);
  await call('POST', '/integrations', {
    unique_key: 'cc',
    provider: 'oauth2-cc-generic',
    integration_config: { tokenUrl: `${upstream.url}/token`, baseUrl: upstream.url },
  });
});

const failure = (status: number, code: string) => ({ status, body: { error: { code } } });
const read = async (key: string, id: string) =>
  (await call('GET', `/connections/${id}?provider_config_key=${key}&refresh_token=true`)).body;
const soon = new Date(Date.now() + 7_200_000).toISOString();

describe('the older import', () => {
  test.each([
    [
      'oauth',
      { access_token: 'a', refresh_token: 'r', expires_at: soon },
      { type: 'OAUTH2', access_token: 'a', refresh_token: 'r', expires_at: soon },
    ],
    [
      'oauth',
      { access_token: 'a', no_expiration: true, raw: { access_token: 'a', scope: 'x' } },
      { raw: { access_token: 'a', scope: 'x' } },
    ],
    [
      'oauth',
      { access_token: 'a', no_expiration: 'true', oauth_client_id_override: 'id', oauth_client_secret_override: 'sec' },
      { config_override: { client_id: 'id', client_secret: 'sec' } },
    ],
    [
      'cc',
      { access_token: 'a', no_expiration: true, oauth_client_id_override: 'id', oauth_client_secret_override: 'sec' },
      { type: 'OAUTH2_CC', token: 'a', client_id: 'id', client_secret: 'sec' },
    ],
    ['basic', { username: 'ann', password: 'p' }, { type: 'BASIC', username: 'ann', password: 'p' }],
    ['basic', { username: 'ann' }, { type: 'BASIC', username: 'ann', password: '' }],
    ['key', { api_key: 'k' }, { type: 'API_KEY', apiKey: 'k' }],
    ['open', {}, {}],
  ])('of %s with %j stores what its mode reads, and echoes the body with the id', async (key, given, stored) => {
    const { no_expiration: flag, ...fields } = { no_expiration: undefined, ...given };
    const body = { provider_config_key: key, metadata: { a: 1 }, connection_config: { oauth_scopes_override: 'x, y' }, ...fields };
    const answer = await call('POST', '/connection', { ...body, no_expiration: flag });
    expect(answer).toMatchObject({ status: 201, body: { ...body, connection_id: expect.stringMatching(/^[0-9a-f-]{36}$/) } });
    const connection = await read(key, answer.body.connection_id);
    expect(connection).toMatchObject({ metadata: { a: 1 }, connection_config: { oauth_scopes_override: ['x', 'y'] }, credentials: stored });
  });

  test('of a token that expires in seconds is refreshed when they are over', async () => {
    const { body } = await call('POST', '/connection', {
      provider_config_key: 'oauth',
      connection_id: 'short',
      access_token: 'a',
      refresh_token: 'r',
      expires_in: '-5',
    });
    expect(body.connection_id).toBe('short');
    expect((await read('oauth', 'short')).credentials).toMatchObject({ access_token: 'renewed', refresh_token: 'r-2' });
  });

  test.each([
    [{}, 'missing_provider_config'],
    [{ provider_config_key: 'none' }, 'unknown_provider_config'],
    [{ provider_config_key: 'oauth' }, 'missing_access_token'],
    [{ provider_config_key: 'oauth', access_token: '' }, 'missing_access_token'],
    [{ provider_config_key: 'oauth', access_token: 'a' }, 'missing_expires_at'],
    [{ provider_config_key: 'oauth', access_token: 'a', no_expiration: false }, 'missing_expires_at'],
    [{ provider_config_key: 'oauth', access_token: 'a', expires_at: 'tomorrow' }, 'invalid_expires_at'],
    [{ provider_config_key: 'oauth', access_token: 'a', expires_in: 1e15 }, 'invalid_expires_at'],
    [{ provider_config_key: 'cc', access_token: 'a', no_expiration: true }, 'missing_client_id'],
    [{ provider_config_key: 'cc', access_token: 'a', no_expiration: true, oauth_client_id_override: 'i' }, 'missing_client_secret'],
    [{ provider_config_key: 'basic', password: 'p' }, 'missing_basic_username'],
    [{ provider_config_key: 'key' }, 'missing_api_key'],
    [{ provider_config_key: 'key', api_key: 1 }, 'invalid_body'],
    [{ provider_config_key: 'key', api_key: 'k', connection_id: 'metadata' }, 'invalid_body'],
  ])('of %j is refused', async (body, code) => {
    expect(await call('POST', '/connection', body)).toMatchObject(failure(400, code));
  });
});

test('no connection can take the name of a path: it could never be changed', async () => {
  for (const id of ['metadata', 'MetaData']) {
    const body = { provider_config_key: 'open', connection_id: id, credentials: { type: 'NONE' } };
    expect(await call('POST', '/connections', body)).toMatchObject(failure(400, 'invalid_body'));
  }
});

describe('metadata of one connection by its older path', () => {
  test('is replaced and merged, the integration named in the query or a header', async () => {
    await importConnection(platform, 'noted');
    const path = '/connection/noted/metadata';
    const replaced = await call('POST', `${path}?provider_config_key=key`, { a: 1, b: { c: 2 } });
    expect(replaced).toMatchObject({ status: 201, body: { a: 1, b: { c: 2 } } });
    const merged = await call(
      'PATCH',
      path,
      { b: null, d: 3 },
      { authorization: `Bearer ${platform.apiKey}`, 'provider-config-key': 'key' },
    );
    expect(merged).toMatchObject({ status: 200, body: { b: null, d: 3 } });
    expect((await read('key', 'noted')).metadata).toEqual({ a: 1, b: null, d: 3 });
  });

  test('needs an integration and a connection', async () => {
    expect(await call('POST', '/connection/noted/metadata', {})).toMatchObject(failure(400, 'missing_provider_config_key'));
    expect(await call('PATCH', '/connection/nobody/metadata?provider_config_key=key', {})).toMatchObject(
      failure(404, 'unknown_connection'),
    );
    expect(await call('PATCH', '/connection/noted/metadata?provider_config_key=none', {})).toMatchObject(
      failure(400, 'unknown_provider_config'),
    );
    expect(await call('PATCH', '/connection/noted/metadata?provider_config_key=key', [])).toMatchObject(failure(400, 'invalid_body'));
  });
});
