import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { many, one, run } from '../../src/base/database.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { eventually, freePort, type Json, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';
import { comeBack, listen, messageOf, openPopup } from './browser.ts';
import { consent, startOidc } from './oidc.ts';

let upstream: Upstream;
let platform: Platform;
/** A second process on the same database. */
let other: Platform;
let issuer: string;

beforeAll(async () => {
  upstream = await startUpstream();
  issuer = `http://127.0.0.1:${await freePort()}`;
  const providers = [join(mkdtempSync(join(tmpdir(), 'bowline-catalogue-')), 'verified.yaml')];
  writeFileSync(
    providers[0] ?? '',
    `display_name: Verified
categories: [other]
docs: https://example.test
auth_mode: API_KEY
connection_config:
  region: { type: string, title: Region, description: Where, pattern: '[a-z]{2}', optional: true }
credentials:
  apiKey: { type: string, title: Key, description: The key, secret: true }
proxy:
  base_url: ${upstream.url}
  headers: { x-key: '\${apiKey}' }
  verification: { endpoints: [/me] }
`,
  );
  const options = { allow: [`127.0.0.1:${upstream.port}`, issuer.replace('http://', '')], providers };
  platform = await startPlatform({ ...options, worker: false });
  other = await startPlatform({ ...options, worker: false, database: platform.database });
  await createIntegrations(platform, upstream.url);
  await platform.call('POST', '/integrations', { unique_key: 'verified', provider: 'verified' });
  const zendesk = { type: 'OAUTH2', client_id: 'z', client_secret: 's', scopes: 'read' };
  await platform.call('POST', '/integrations', { unique_key: 'zendesk', provider: 'zendesk', credentials: zendesk });
  upstream.on('/token', (_request, response) => json(response, { access_token: 'granted', refresh_token: 'r', expires_in: 3600 }));
});

const failure = (status: number, code: string) => ({ status, body: { error: { code } } });
const endUser = { end_user: { id: 'u-1', email: 'ann@example.test' } };
const session = async (over: object = {}): Promise<string> => {
  const answer = await platform.call('POST', '/connect/sessions', { ...endUser, ...over });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body.data.token;
};
const as = (token: string) => ({ authorization: `Bearer ${token}` });
const connectionOf = async (id: string, key = 'oauth'): Promise<Json> =>
  (await platform.call('GET', `/connections/${id}?provider_config_key=${key}`)).body;
const newest = async (key: string): Promise<Json> =>
  (await platform.call('GET', `/connections?integrationId=${key}&limit=1`)).body.connections[0];

describe('a session', () => {
  test('is a token for half an hour, tells the browser what it may do, and ends when deleted', async () => {
    const answer = await platform.call('POST', '/connect/sessions', {
      end_user: { id: 'u-1', email: 'ann@example.test', tags: { Team: 'red' } },
      organization: { id: 'o-1', display_name: 'Org' },
      allowed_integrations: ['oauth', 'key'],
      integrations_config_defaults: {
        oauth: { user_scopes: 'x', connection_config: { region: 'eu' }, authorization_params: { prompt: 'consent' } },
      },
      overrides: { oauth: { docs_connect: 'https://docs.example.test' } },
    });
    expect(answer.status).toBe(201);
    const { token, connect_link, expires_at } = answer.body.data;
    expect(token).toMatch(/^nango_connect_session_[0-9a-f]{64}$/);
    expect(connect_link).toContain(token);
    expect(Math.abs(Date.parse(expires_at) - Date.now() - 30 * 60_000)).toBeLessThan(60_000);
    expect(await platform.call('GET', '/connect/session', undefined, as(token))).toMatchObject({
      status: 200,
      body: {
        data: {
          endUser: { id: 'u-1', organization: { id: 'o-1' } },
          connectUISettings: { defaultTheme: 'system' },
          allowed_integrations: ['oauth', 'key'],
          integrations_config_defaults: { oauth: { connection_config: { region: 'eu' }, authorization_params: { prompt: 'consent' } } },
          overrides: { oauth: { docs_connect: 'https://docs.example.test' } },
          websocketsPath: '/',
        },
      },
    });
    const { body } = await platform.call('GET', '/integrations', undefined, as(token));
    expect(body.data.map((one: { unique_key: string }) => one.unique_key).sort()).toEqual(['key', 'oauth']);
    expect((await platform.call('GET', '/providers/github', undefined, as(token))).status).toBe(200);
    expect(await platform.call('DELETE', '/connect/session', undefined, as(token))).toMatchObject({ status: 204, body: '' });
    expect(await platform.call('GET', '/connect/session', undefined, as(token))).toMatchObject(
      failure(401, 'unknown_connect_session_token'),
    );
  });

  test('without limits shows every integration, and an empty list means no limit', async () => {
    for (const token of [await session(), await session({ allowed_integrations: [] })]) {
      const { body } = await platform.call('GET', '/integrations', undefined, as(token));
      expect(body.data.length).toBeGreaterThan(4);
      expect((await platform.call('GET', '/connect/session', undefined, as(token))).body.data).not.toHaveProperty('allowed_integrations');
    }
  });

  test('opens nothing that needs an API key', async () => {
    const token = await session();
    for (const path of ['/connections', '/environment-variables', '/integrations/oauth'])
      expect((await platform.call('GET', path, undefined, as(token))).status).toBe(401);
    expect((await platform.call('POST', '/connect/sessions', endUser, as(token))).status).toBe(401);
  });

  test.each([
    ['malformed', 'nango_connect_session_xyz', 'invalid_connect_session_token_format'],
    ['unknown', `nango_connect_session_${'0'.repeat(64)}`, 'unknown_connect_session_token'],
  ])('that is %s is refused', async (_what, token, code) => {
    expect(await platform.call('GET', '/connect/session', undefined, as(token))).toMatchObject(failure(401, code));
    expect(await platform.call('GET', '/integrations', undefined, as(token))).toMatchObject(failure(401, code));
    const submit = `/api-auth/api-key/key?connect_session_token=${token}`;
    expect(await platform.call('POST', submit, { apiKey: 'k' })).toMatchObject(failure(401, code));
  });

  test('that expired is unknown', async () => {
    const token = await session();
    await run(
      platform.world.db,
      sql`update connect_sessions set expires_at = now() - interval '1 second'
      where token_hash = ${createHash('sha256').update(token).digest()}`,
    );
    expect(await platform.call('GET', '/connect/session', undefined, as(token))).toMatchObject(
      failure(401, 'unknown_connect_session_token'),
    );
  });

  test.each([
    ['nobody', {}, ['end_user']],
    ['an unknown integration', { ...endUser, allowed_integrations: ['oauth', 'nothing'] }, ['allowed_integrations', '1']],
    [
      'defaults of an unknown one',
      { ...endUser, integrations_config_defaults: { nothing: {} } },
      ['integrations_config_defaults', 'nothing'],
    ],
    ['overrides of an unknown one', { ...endUser, overrides: { nothing: {} } }, ['overrides', 'nothing']],
    ['an unknown key', { ...endUser, surprise: 1 }, []],
    ['a bad e-mail', { end_user: { id: 'u', email: 'x' } }, ['end_user', 'email']],
  ])('for %s is refused', async (_what, body, path) => {
    const answer = await platform.call('POST', '/connect/sessions', body);
    expect(answer).toMatchObject(failure(400, 'invalid_body'));
    expect(answer.body.error.errors[0].path).toEqual(path);
  });

  test('to repair a connection needs one, and is bound to it', async () => {
    await importConnection(platform, 'repaired', { metadata: { a: 1 }, tags: { plan: 'pro' } });
    const reconnect = (body: object) => platform.call('POST', '/connect/sessions/reconnect', body);
    expect(await reconnect({ connection_id: 'nobody', integration_id: 'key' })).toMatchObject(failure(400, 'invalid_body'));
    expect(await reconnect({ connection_id: 'repaired', integration_id: 'nothing' })).toMatchObject(failure(400, 'invalid_body'));
    const { body } = await reconnect({ connection_id: 'repaired', integration_id: 'key' });
    const { token } = body.data;
    expect((await platform.call('GET', '/connect/session', undefined, as(token))).body.data).toMatchObject({
      isReconnecting: true,
      allowed_integrations: ['key'],
    });
    const before = await connectionOf('repaired', 'key');
    expect(await platform.call('POST', `/api-auth/api-key/key?connect_session_token=${token}`, { apiKey: 'repaired key' })).toMatchObject({
      status: 200,
      body: { connectionId: 'repaired', providerConfigKey: 'key' },
    });
    expect(await connectionOf('repaired', 'key')).toMatchObject({
      id: before.id,
      metadata: { a: 1 },
      tags: { plan: 'pro' },
      credentials: { apiKey: 'repaired key' },
    });
    await platform.call('DELETE', '/connections/repaired?provider_config_key=key');
    expect(await platform.call('POST', `/api-auth/api-key/key?connect_session_token=${token}`, { apiKey: 'x' })).toMatchObject(
      failure(400, 'invalid_connection'),
    );
  });
});

describe('a form', () => {
  const submit = async (path: string, body: unknown, over: object = {}, query = '') =>
    platform.call('POST', `${path}?connect_session_token=${await session(over)}${query}`, body);

  test.each([
    ['/api-auth/api-key/key', { apiKey: 'typed' }, { type: 'API_KEY', apiKey: 'typed' }],
    ['/api-auth/basic/basic', { username: 'u', password: '' }, { type: 'BASIC', username: 'u', password: '' }],
    ['/auth/unauthenticated/open', undefined, {}],
  ])('%s makes a connection of the session’s end user', async (path, body, credentials) => {
    const answer = await submit(path, body);
    expect(answer).toMatchObject({ status: 200, body: { connectionId: expect.stringMatching(/^[0-9a-f-]{36}$/) } });
    expect(await connectionOf(answer.body.connectionId, path.split('/').at(-1))).toMatchObject({
      credentials,
      end_user: { id: 'u-1' },
      tags: { end_user_id: 'u-1', end_user_email: 'ann@example.test' },
    });
  });

  test.each([
    ['an unknown integration', '/api-auth/api-key/nothing', { apiKey: 'k' }, {}, '', 404, 'unknown_provider_config'],
    [
      'one that the session does not allow',
      '/api-auth/api-key/key',
      { apiKey: 'k' },
      { allowed_integrations: ['open'] },
      '',
      400,
      'integration_not_allowed',
    ],
    ['another mode', '/api-auth/api-key/basic', { apiKey: 'k' }, {}, '', 400, 'invalid_auth_mode'],
    [
      'a connection id of the browser’s choice',
      '/api-auth/api-key/key',
      { apiKey: 'k' },
      {},
      '&connection_id=mine',
      400,
      'invalid_query_params',
    ],
    ['an empty key', '/api-auth/api-key/key', { apiKey: '' }, {}, '', 400, 'invalid_body'],
    ['an unknown field', '/api-auth/api-key/key', { apiKey: 'k', x: 1 }, {}, '', 400, 'invalid_body'],
    [
      'a configuration of another form',
      '/api-auth/api-key/verified',
      { apiKey: 'k' },
      {},
      '&params[region]=eu.evil.test',
      400,
      'invalid_query_params',
    ],
  ])('refuses %s', async (_what, path, body, over, query, status, code) => {
    expect(await submit(path, body, over, query)).toMatchObject(failure(status, code));
  });

  test('without a session is refused', async () => {
    expect(await platform.call('POST', '/api-auth/api-key/key', { apiKey: 'k' })).toMatchObject(failure(401, 'missing_public_key'));
    const older = `/api-auth/api-key/key?public_key=${platform.world.random.uuid()}&connection_id=x`;
    expect(await platform.call('POST', older, { apiKey: 'k' })).toMatchObject(failure(401, 'deprecated_authentication'));
  });

  test('whose credentials the provider refuses makes no connection', async () => {
    upstream.on('/me', ({ headers }, response) => json(response, {}, headers['x-key'] === 'right' ? 200 : 401));
    expect(await submit('/api-auth/api-key/verified', { apiKey: 'wrong' })).toMatchObject(failure(400, 'connection_test_failed'));
    expect(await newest('verified')).toBeUndefined();
    expect((await submit('/api-auth/api-key/verified', { apiKey: 'right' }, {}, '&params[region]=eu')).status).toBe(200);
    expect((await connectionOf((await newest('verified')).connection_id, 'verified')).connection_config).toEqual({ region: 'eu' });
  });

  test('keeps what the backend set over what the browser sent, and never what is the platform’s own', async () => {
    const defaults = { integrations_config_defaults: { key: { connection_config: { region: 'eu' } } } };
    const { body } = await submit(
      '/api-auth/api-key/key',
      { apiKey: 'k' },
      defaults,
      '&params[region]=us&params[own]=1&params[webhook_url]=x&params[a][b]=c',
    );
    expect((await connectionOf(body.connectionId, 'key')).connection_config).toEqual({ region: 'eu', own: '1' });
  });
});

describe('the popup', () => {
  /** Starts at the provider's consent page, as `state`, `cookie` and the redirect say. */
  async function start(over: object = {}, query: Record<string, string> = {}, on = platform) {
    const token = await session(over);
    const { location, cookie, page } = await openPopup(on, 'oauth', { connect_session_token: token, ...query });
    if (!location) throw new Error(page.html);
    return { location, cookie, page, state: location.searchParams.get('state') ?? '', token };
  }

  test('goes to the provider with PKCE, and proves at the end to be who began', async () => {
    const { location, cookie, page, state } = await start();
    expect(page.status).toBe(302);
    expect(location.href).toContain(`${upstream.url}/authorize`);
    expect(Object.fromEntries(location.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'client-1',
      redirect_uri: `${platform.world.config.publicUrl}/oauth/callback`,
      scope: 'read',
      state: expect.stringMatching(/^\S{32,}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    const [set = ''] = page.headers.getSetCookie();
    expect(set).toMatch(/HttpOnly/i);
    expect(set).not.toContain(state);
    const back = await comeBack(platform, { code: 'the-code', state }, cookie);
    expect(back.status).toBe(200);
    expect(messageOf(back)).toEqual({ type: 'nango_oauth_callback_success' });
    expect(back.headers.get('content-security-policy')).toContain("default-src 'none'");
    const sent = Object.fromEntries(new URLSearchParams(upstream.received('/token').at(-1)?.body.toString()));
    expect(sent).toMatchObject({
      grant_type: 'authorization_code',
      code: 'the-code',
      client_id: 'client-1',
      client_secret: 's3cret',
      redirect_uri: location.searchParams.get('redirect_uri'),
    });
    expect(
      createHash('sha256')
        .update(sent.code_verifier ?? '')
        .digest('base64url'),
    ).toBe(location.searchParams.get('code_challenge'));
    const { connection_id } = await newest('oauth');
    expect(await connectionOf(connection_id)).toMatchObject({ credentials: { access_token: 'granted' }, end_user: { id: 'u-1' } });
  });

  test('comes back once: a replay, and one of two at the same moment, is refused', async () => {
    const { cookie, state } = await start();
    const before = upstream.received('/token').length;
    const pages = await Promise.all([platform, other, platform, other].map((one) => comeBack(one, { code: 'c', state }, cookie)));
    expect(pages.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400]);
    expect(upstream.received('/token').length - before).toBe(1);
    const replay = await comeBack(platform, { code: 'c', state }, cookie);
    expect(replay.status).toBe(400);
    expect(messageOf(replay)).toMatchObject({ type: 'nango_oauth_callback_error', payload: { errorType: 'state_err' } });
  });

  test('is refused in another browser, which uses nothing up', async () => {
    const { cookie, state } = await start();
    const strange = await start();
    for (const theirs of ['', strange.cookie]) {
      expect((await comeBack(platform, { code: 'c', state }, theirs)).status).toBe(400);
    }
    expect((await comeBack(platform, { code: 'c', state }, cookie)).status).toBe(200);
  });

  test.each([{}, { state: '' }, { state: 'unknown' }, { code: 'c' }])('that comes back with %j is explained', async (query) => {
    const page = await comeBack(platform, query, '');
    expect(page.status).toBe(400);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(messageOf(page).payload.errorType).toBe('state_err');
  });

  test('an expired state is refused', async () => {
    const { cookie, state } = await start();
    await run(platform.world.db, sql`update connect_states set expires_at = now() - interval '1 second'`);
    expect((await comeBack(platform, { code: 'c', state }, cookie)).status).toBe(400);
  });

  test('tells page, socket, log and app what the provider said, with nothing of it taken for HTML', async () => {
    const socket = await listen(platform);
    const { cookie, state } = await start({}, { ws_client_id: socket.clientId });
    const evil = '</script><script>alert(1)</script><img src=x onerror=alert(1)>\u2028';
    const page = await comeBack(platform, { error: 'access_denied', error_description: evil, state }, cookie);
    expect(page.status).toBe(400);
    expect(page.html).not.toContain('<img');
    expect(page.html.match(/<\/script>/g)).toHaveLength(1);
    expect(page.html.split('<script')[1]).not.toContain('\u2028');
    const { payload } = messageOf(page);
    expect(payload).toMatchObject({ errorType: 'callback_err', message: expect.stringContaining(evil) });
    expect(await socket.next()).toMatchObject({
      message_type: 'error',
      provider_config_key: 'oauth',
      connection_id: expect.any(String),
      error_type: 'callback_err',
      error_desc: expect.stringContaining('access_denied'),
    });
    socket.close();
    const events = await many<{ payload: Json }>(
      platform.world.db,
      sql`select payload from events where type = 'connection.save_failed' order by id desc limit 1`,
    );
    expect(events[0]?.payload).toMatchObject({
      connection: { providerConfigKey: 'oauth', authMode: 'OAUTH2' },
      error: { type: 'callback_err' },
    });
    const entry = await eventually(
      () =>
        one<{ state: string; error: string }>(
          platform.world.db,
          sql`select state, error, integration, connection from operations where type = 'auth' and state = 'failed' and error like '%access_denied%'`,
        ),
      'it is in the activity log',
    );
    expect(entry).toMatchObject({
      error: expect.stringContaining('access_denied'),
      integration: 'oauth',
      connection: expect.any(String),
    });
  });

  test('a token endpoint that refuses is told to the socket of another process', async () => {
    upstream.on('/token', (_request, response) => json(response, { error: 'invalid_client' }, 401));
    const socket = await listen(other);
    const { cookie, state } = await start({}, { ws_client_id: socket.clientId });
    const page = await comeBack(platform, { code: 'c', state }, cookie);
    upstream.on('/token', (_request, response) => json(response, { access_token: 'granted', refresh_token: 'r', expires_in: 3600 }));
    expect(page.status).toBe(400);
    expect(page.html).not.toContain('s3cret');
    expect(await socket.next()).toMatchObject({
      message_type: 'error',
      error_type: 'token_err',
      error_desc: expect.stringContaining('invalid_client'),
    });
    socket.close();
  });

  test('success is told to the socket, wherever it is connected, and to no other', async () => {
    const socket = await listen(platform);
    const stranger = await listen(platform);
    expect(socket.clientId).not.toBe(stranger.clientId);
    const { cookie, state } = await start({}, { ws_client_id: socket.clientId }, other);
    expect((await comeBack(other, { code: 'c', state }, cookie)).status).toBe(200);
    const message = await socket.next();
    expect(message).toEqual({
      message_type: 'success',
      provider_config_key: 'oauth',
      connection_id: (await newest('oauth')).connection_id,
      is_pending: false,
    });
    expect(stranger.messages).toEqual([]);
    socket.close();
    stranger.close();
  });

  test('that cannot start is explained on the page and to the socket', async () => {
    const cases: [string, Record<string, string>, string][] = [
      ['oauth', { connect_session_token: 'x' }, 'invalid_connect_session_token_format'],
      ['nothing', { connect_session_token: await session() }, 'unknown_provider_config'],
      ['key', { connect_session_token: await session() }, 'invalid_auth_mode'],
      ['oauth', { connect_session_token: await session({ allowed_integrations: ['key'] }) }, 'integration_not_allowed'],
      ['oauth', { connect_session_token: await session(), connection_id: 'mine' }, 'invalid_query_params'],
      ['zendesk', { connect_session_token: await session() }, 'invalid_query_params'],
      ['zendesk', { connect_session_token: await session(), 'params[subdomain]': 'evil.test/x?' }, 'invalid_query_params'],
    ];
    for (const [key, query, errorType] of cases) {
      const socket = await listen(platform);
      const { page, location } = await openPopup(platform, key, { ...query, ws_client_id: socket.clientId });
      expect({ errorType, location, status: page.status }).toEqual({ errorType, location: undefined, status: 400 });
      expect(messageOf(page).payload.errorType).toBe(errorType);
      expect(await socket.next()).toMatchObject({ message_type: 'error', error_type: errorType });
      socket.close();
    }
  });

  test('what the backend set wins over the browser, and the browser cannot set scopes or parameters', async () => {
    const defaults = {
      integrations_config_defaults: {
        zendesk: {
          connection_config: { subdomain: 'acme', oauth_scopes_override: 'tickets:read,users:read' },
          authorization_params: { prompt: 'consent', state: 'mine' },
        },
      },
    };
    const { location } = await openPopup(platform, 'zendesk', {
      connect_session_token: await session(defaults),
      'params[subdomain]': 'evil',
      'params[oauth_scopes_override]': 'admin',
      'authorization_params[prompt]': 'none',
      'authorization_params[redirect_uri]': 'https://evil.test',
      user_scope: 'admin',
    });
    expect(location?.host).toBe('acme.zendesk.com');
    expect(Object.fromEntries(location?.searchParams ?? [])).toMatchObject({ scope: 'tickets:read users:read', prompt: 'consent' });
    expect(location?.searchParams.get('state')).not.toBe('mine');
    expect(location?.searchParams.get('redirect_uri')).toContain('/oauth/callback');
  });

  test('an integration that was deleted meanwhile ends on a page, not on an error', async () => {
    await platform.call('POST', '/integrations', {
      unique_key: 'brief',
      provider: 'oauth2-generic',
      integration_config: { authorizationUrl: `${upstream.url}/authorize`, tokenUrl: `${upstream.url}/token`, baseUrl: upstream.url },
      credentials: { type: 'OAUTH2', client_id: 'client-1', client_secret: 's3cret' },
    });
    const { location, cookie } = await openPopup(platform, 'brief', { connect_session_token: await session() });
    await platform.call('DELETE', '/integrations/brief');
    const page = await comeBack(platform, { code: 'c', state: location?.searchParams.get('state') ?? '' }, cookie);
    expect(page.status).toBe(400);
    expect(page.headers.get('content-type')).toContain('text/html');
  });
});

test('whatever asks for a socket, the platform stays up', async () => {
  const { hostname, port } = new URL(platform.url);
  const websocket = 'upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==';
  for (const [path, headers] of [
    ['//', websocket],
    ['http://[', websocket],
    ['/elsewhere', websocket],
    ['/', 'upgrade: websocket\r\nconnection: upgrade'],
    ['/', 'upgrade: h2c\r\nconnection: upgrade'],
  ]) {
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n${headers}\r\n\r\n`));
      socket
        .on('close', () => resolve())
        .on('error', () => resolve())
        .on('data', () => socket.destroy());
    });
  }
  const socket = await listen(platform);
  socket.close();
});

describe('with a real OpenID provider that rotates refresh tokens', () => {
  let close: () => Promise<unknown>;
  beforeAll(async () => {
    close = startOidc(issuer, `${platform.world.config.publicUrl}/oauth/callback`);
    await platform.call('POST', '/integrations', {
      unique_key: 'oidc',
      provider: 'oauth2-generic',
      integration_config: { authorizationUrl: `${issuer}/auth`, tokenUrl: `${issuer}/token`, baseUrl: issuer },
      credentials: { type: 'OAUTH2', client_id: 'bowline', client_secret: 'of bowline', scopes: 'openid,offline_access' },
    });
  });
  afterAll(() => close());

  test('a person signs in and consents, and the connection outlives many refreshes from two processes', async () => {
    const token = await session({ integrations_config_defaults: { oidc: { authorization_params: { prompt: 'consent' } } } });
    const { location, cookie } = await openPopup(platform, 'oidc', { connect_session_token: token });
    const answer = await consent(location?.href ?? '');
    expect((await comeBack(platform, answer, cookie)).status).toBe(200);
    const { connection_id } = await newest('oidc');
    const path = `/connections/${connection_id}?provider_config_key=oidc&force_refresh=true&refresh_token=true`;
    const seen = new Set<string>();
    for (let turn = 0; turn < 8; turn++) {
      const answers = await Promise.all(Array.from({ length: 6 }, (_, index) => (index % 2 ? platform : other).call('GET', path)));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
      for (const { body } of answers) seen.add(body.credentials.refresh_token);
    }
    // The provider revokes everything when an old refresh token is used again, so that all went well proves the order.
    expect(seen.size).toBeGreaterThanOrEqual(8);
  });
});

describe('what published clients still send', () => {
  const now = () => new Date().toISOString();
  const report = (body: object) => platform.call('POST', '/connect/telemetry', body, {});

  test('reports of the connect page are answered and kept nowhere', async () => {
    const token = await session();
    for (const event of ['open', 'view:list', 'click:doc_section', 'popup:closed_early']) {
      expect(await report({ token, event, timestamp: now(), dimensions: { integration: 'key' } })).toMatchObject({ status: 204 });
    }
    expect(await report({ event: 'open', timestamp: now() })).toMatchObject(failure(401, 'missing_auth_header'));
    expect(await report({ token: 'x', event: 'open', timestamp: now() })).toMatchObject(
      failure(401, 'invalid_connect_session_token_format'),
    );
    for (const wrong of [{ event: 'view:nothing' }, { timestamp: '2020-01-01T00:00:00Z' }, { dimensions: { other: '1' } }]) {
      expect(await report({ token, event: 'open', timestamp: now(), ...wrong })).toMatchObject(failure(400, 'invalid_body'));
    }
  });

  test('a webhook address among an integration’s defaults becomes the connection’s, unless one is given for all', async () => {
    const defaults = {
      integrations_config_defaults: { key: { connection_config: { webhook_url: 'https://hooks.test/a', region: 'eu' } } },
    };
    const connectWith = async (over: object) => {
      const token = await session({ ...defaults, ...over });
      const answer = await platform.call('POST', `/api-auth/api-key/key?connect_session_token=${token}`, { apiKey: 'k' }, {});
      return connectionOf(answer.body.connectionId, 'key');
    };
    expect(await connectWith({})).toMatchObject({ webhook_url_override: 'https://hooks.test/a', connection_config: { region: 'eu' } });
    const own = await connectWith({ webhook_url_override: 'https://hooks.test/b' });
    expect(own.webhook_url_override).toBe('https://hooks.test/b');
    expect(own.connection_config).not.toHaveProperty('webhook_url');
    const wrong = { ...endUser, integrations_config_defaults: { key: { connection_config: { webhook_url: 'ftp://x' } } } };
    expect(await platform.call('POST', '/connect/sessions', wrong)).toMatchObject(failure(400, 'invalid_body'));
  });
});
