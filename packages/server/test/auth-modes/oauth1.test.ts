import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { comeBack, messageOf, openPopup } from '../connect/browser.ts';
import { type Json, type Platform, startPlatform } from '../platform.ts';
import { startUpstream, type Upstream } from '../upstream.ts';
import { consumer, type Method, type Oauth1Server, rsaKey, serveOauth1 } from './oauth1-server.ts';

let upstream: Upstream;
let platform: Platform;
const servers = new Map<string, Oauth1Server>();
const methods: readonly Method[] = ['HMAC-SHA1', 'HMAC-SHA256', 'RSA-SHA1', 'PLAINTEXT'];

beforeAll(async () => {
  upstream = await startUpstream();
  const folder = mkdtempSync(join(tmpdir(), 'bowline-oauth1-'));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, `${name}.yaml`), `display_name: ${name}\ncategories: [other]\ndocs: https://example.test\n${text}`);
  };
  for (const method of methods) {
    const name = method.toLowerCase();
    servers.set(name, serveOauth1(upstream, `/${name}`, method));
    const at = `${upstream.url}/${name}`;
    write(
      name,
      `auth_mode: OAUTH1
request_url: ${at}/request_token
request_params: { app: 'my app' }
request_http_method: ${method === 'PLAINTEXT' ? 'GET' : 'POST'}
authorization_url: ${at}/authorize
authorization_params: { expiration: never }
token_url: ${at}/access_token
token_http_method: ${method === 'PLAINTEXT' ? 'GET' : 'POST'}
signature_method: ${method}
scope_separator: ','
redirect_uri_metadata: [site]
proxy: { base_url: '${at}/api' }
`,
    );
  }
  servers.set('tba', serveOauth1(upstream, '/tba', 'HMAC-SHA256', 'TSTDRV_12_SB1'));
  write('tba', `auth_mode: TBA\nproxy: { base_url: '${upstream.url}/tba/api', verification: { endpoints: ['/me?a=b+c'] } }\n`);
  platform = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`], providers: [folder], worker: false });
  const create = async (body: object) => expect((await platform.call('POST', '/integrations', body)).body).toHaveProperty('data');
  for (const method of methods) {
    const name = method.toLowerCase();
    const client_secret = method === 'RSA-SHA1' ? rsaKey : consumer.secret;
    await create({
      unique_key: name,
      provider: name,
      credentials: { type: 'OAUTH1', client_id: consumer.key, client_secret, scopes: 'read,write' },
    });
  }
  await create({
    unique_key: 'tba',
    provider: 'tba',
    credentials: { type: 'TBA', client_id: consumer.key, client_secret: consumer.secret },
  });
  await create({ unique_key: 'tba-own', provider: 'tba' });
});

const session = async (over: object = {}): Promise<string> =>
  (await platform.call('POST', '/connect/sessions', { end_user: { id: 'u-1' }, ...over })).body.data.token;
const newest = async (key: string): Promise<Json> => {
  const { connection_id: id } = (await platform.call('GET', `/connections?integrationId=${key}&limit=1`)).body.connections[0];
  return (await platform.call('GET', `/connections/${id}?provider_config_key=${key}`)).body;
};
const server = (name: string): Oauth1Server => {
  const found = servers.get(name);
  if (!found) throw new Error(`no server ${name}`);
  return found;
};
const proxied = (key: string, id: string) => (method: string, path: string, body?: string, type?: string) =>
  platform.call(method, `/proxy${path}`, body, {
    authorization: `Bearer ${platform.apiKey}`,
    'connection-id': id,
    'provider-config-key': key,
    ...(type === undefined ? {} : { 'content-type': type }),
  });

async function begin(key: string) {
  const { location, cookie, page } = await openPopup(platform, key, { connect_session_token: await session() });
  if (!location) throw new Error(page.html);
  const token = location.searchParams.get('oauth_token') ?? '';
  const started = upstream.received(`/${key}/request_token`).at(-1);
  const callback = new URL(decodeURIComponent(/oauth_callback="([^"]+)"/.exec(started?.headers.authorization ?? '')?.[1] ?? ''));
  return { location, cookie, token, state: callback.searchParams.get('state') ?? '', callback };
}

describe.each(methods.map((method) => method.toLowerCase()))('OAuth 1 with %s', (key) => {
  test('connects in a popup and signs every kind of call', async () => {
    const { location, cookie, token, state, callback } = await begin(key);
    expect(`${callback.origin}${callback.pathname}`).toBe(`${platform.world.config.publicUrl}/oauth/callback`);
    expect(Object.fromEntries(location.searchParams)).toEqual({ oauth_token: token, scope: 'read,write', expiration: 'never' });
    const verifier = server(key).allow(token);
    const page = await comeBack(platform, { state, oauth_token: token, oauth_verifier: verifier, site: 's-1' }, cookie);
    expect(messageOf(page)).toEqual({ type: 'nango_oauth_callback_success' });
    const connection = await newest(key);
    expect(connection).toMatchObject({
      connection_config: { site: 's-1' },
      credentials: {
        type: 'OAUTH1',
        oauth_token: `of ${token}`,
        oauth_token_secret: `secret=of&${token}`,
        raw: { user_id: '42', screen_name: 'ann' },
      },
    });
    const call = proxied(key, connection.connection_id);
    const form = 'application/x-www-form-urlencoded; charset=utf-8';
    expect(await call('GET', "/me?a=1&a=%20b+c&empty=&%C3%A4=!*'()")).toMatchObject({ status: 200, body: { token: `of ${token}` } });
    expect(await call('POST', '/me?a=1', 'status=Hello+World%21&a=2', form)).toMatchObject({
      status: 200,
      body: { body: 'status=Hello+World%21&a=2' },
    });
    expect(await call('POST', '/me', '{"a":1}', 'application/json')).toMatchObject({ status: 200 });
    expect(await call('DELETE', "/it!em's%20(1)")).toMatchObject({ status: 200 });
    expect(await call('GET', '/moved')).toMatchObject({ status: 200, body: { url: expect.stringContaining('moved=1') } });
    expect(server(key).refusals).toEqual([]);
  });
});

describe('an OAuth 1 sign-in', () => {
  const key = 'hmac-sha1';

  test.each([
    ['the person refused', { denied: '@' }, 'callback_err', 'access was not granted at the provider (denied)'],
    ['the provider says so', { oauth_problem: 'user_refused' }, 'callback_err', 'user_refused'],
    ['nothing came with the person', {}, 'callback_err', 'without oauth_token and oauth_verifier'],
    ['the token is that of another sign-in', { oauth_token: 'other', oauth_verifier: 'v' }, 'callback_err', 'another sign-in'],
    ['the verifier is wrong', { oauth_token: '@', oauth_verifier: 'guessed' }, 'unable_to_parse_token_response', 'without an oauth_token'],
  ])('fails with a reason when %s', async (_what, answer, errorType, message) => {
    const { cookie, token, state } = await begin(key);
    const query = Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, value === '@' ? token : value]));
    const page = await comeBack(platform, { state, ...query }, cookie);
    expect(page.status).toBe(400);
    expect(messageOf(page).payload).toMatchObject({ errorType, message: expect.stringContaining(message) });
    expect(page.html).not.toContain(consumer.secret);
    expect((await comeBack(platform, { state, oauth_token: token, oauth_verifier: 'v' }, cookie)).status).toBe(400);
  });

  test('fails with a reason when the temporary token expired meanwhile', async () => {
    const { cookie, token, state } = await begin(key);
    const verifier = server(key).allow(token);
    server(key).expire();
    const page = await comeBack(platform, { state, oauth_token: token, oauth_verifier: verifier }, cookie);
    expect(messageOf(page).payload).toMatchObject({ errorType: 'token_err', message: expect.stringContaining('token_rejected') });
  });

  test('cannot start when the provider refuses the consumer, and says why', async () => {
    const wrong = { type: 'OAUTH1', client_id: 'nobody', client_secret: 'guessed' };
    await platform.call('POST', '/integrations', { unique_key: 'stranger', provider: key, credentials: wrong });
    const { page } = await openPopup(platform, 'stranger', { connect_session_token: await session() });
    expect(page.status).toBe(400);
    expect(messageOf(page).payload).toMatchObject({ errorType: 'token_err', message: expect.stringContaining('unknown consumer') });
  });
});

test('a token can be imported, in both forms', async () => {
  const token = { oauth_token: 'token-1', oauth_token_secret: 'token secret/1' };
  const credentials = { type: 'OAUTH1', ...token };
  expect(
    (await platform.call('POST', '/connections', { provider_config_key: 'hmac-sha256', connection_id: 'i-1', credentials })).status,
  ).toBe(201);
  expect((await platform.call('POST', '/connection', { provider_config_key: 'hmac-sha256', connection_id: 'i-2', ...token })).status).toBe(
    201,
  );
  for (const id of ['i-1', 'i-2']) expect(await proxied('hmac-sha256', id)('GET', '/me')).toMatchObject({ status: 200 });
});

describe('token-based authentication', () => {
  const submit = async (key: string, body: object, accountId = 'tstdrv-12-sb1') =>
    platform.call('POST', `/auth/tba/${key}?connect_session_token=${await session()}&params[accountId]=${accountId}`, body);
  const token = { token_id: 'token-1', token_secret: 'token secret/1' };

  test('is tried, signs with the account as realm, and keeps no consumer secret where it can be read', async () => {
    const answer = await submit('tba', token);
    expect(answer).toMatchObject({ status: 200, body: { providerConfigKey: 'tba' } });
    const connection = await newest('tba');
    expect(connection.credentials).toEqual({ type: 'TBA', ...token });
    expect(JSON.stringify(connection)).not.toContain(consumer.secret);
    expect(connection.connection_config).toEqual({ accountId: 'tstdrv-12-sb1' });
    expect(await proxied('tba', connection.connection_id)('GET', '/me?x=1')).toMatchObject({ status: 200 });
    expect(server('tba').accepted.at(-1)).toMatchObject({ realm: 'TSTDRV_12_SB1', oauth_signature_method: 'HMAC-SHA256' });
  });

  test.each([
    ['a wrong secret', { ...token, token_secret: 'wrong' }, 'tstdrv-12-sb1', 'connection_test_failed'],
    ['another account', token, '12', 'connection_test_failed'],
    ['half a consumer pair', { ...token, oauth_client_id_override: 'x' }, 'tstdrv-12-sb1', 'invalid_body'],
    ['no account', token, '', 'invalid_body'],
  ])('refuses %s with 400', async (_what, body, accountId, code) => {
    expect(await submit('tba', body, accountId)).toMatchObject({ status: 400, body: { error: { code } } });
  });

  test('takes the consumer pair of the connection where the integration has none', async () => {
    expect(await submit('tba-own', token)).toMatchObject({ status: 400, body: { error: { code: 'connection_test_failed' } } });
    const own = { oauth_client_id_override: consumer.key, oauth_client_secret_override: consumer.secret };
    expect((await submit('tba-own', { ...token, ...own })).status).toBe(200);
    const connection = await newest('tba-own');
    expect(connection.credentials.config_override).toEqual({ client_id: consumer.key, client_secret: consumer.secret });
    expect(connection.connection_config).toEqual({ accountId: 'tstdrv-12-sb1' });
    expect(await proxied('tba-own', connection.connection_id)('GET', '/me')).toMatchObject({ status: 200 });
  });

  test('can be imported: tried in the form of today, and each field asked for in the older one', async () => {
    const today = (over: object) =>
      platform.call('POST', '/connections', {
        provider_config_key: 'tba',
        credentials: { type: 'TBA', ...token, ...over },
        connection_config: { accountId: 'tstdrv-12-sb1' },
      });
    expect((await today({})).status).toBe(201);
    expect(await today({ token_secret: 'wrong' })).toMatchObject({ status: 400, body: { error: { code: 'connection_test_failed' } } });
    const older = { provider_config_key: 'tba', ...token, connection_config: { accountId: 'tstdrv-12-sb1' } };
    expect((await platform.call('POST', '/connection', older)).status).toBe(201);
  });
});
