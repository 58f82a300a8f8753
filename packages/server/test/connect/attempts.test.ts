/** Attempts: what a browser begins with its token in a header, and what the server answers when asked how it ended. */
import { Writable } from 'node:stream';
import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { many, run } from '../../src/base/database.ts';
import { createLog } from '../../src/base/log.ts';
import { sweepConnect } from '../../src/connect/state.ts';
import { createIntegrations } from '../connections/fixture.ts';
import { type Answer, type Json, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';
import { comeBack, openPopup, type Page } from './browser.ts';

let upstream: Upstream;
let platform: Platform;
/** A second process on the same database. */
let other: Platform;
const written: string[] = [];

beforeAll(async () => {
  upstream = await startUpstream();
  const log = createLog('trace', new Writable({ write: (line, _encoding, done) => done(void written.push(String(line))) }));
  const options = { allow: [`127.0.0.1:${upstream.port}`], worker: false };
  platform = await startPlatform({ ...options, log });
  other = await startPlatform({ ...options, database: platform.database });
  await createIntegrations(platform, upstream.url);
  const integration_config = { authorizationUrl: `${upstream.url}/authorize`, tokenUrl: `${upstream.url}/token`, baseUrl: upstream.url };
  await platform.call('POST', '/integrations', {
    unique_key: 'bare',
    provider: 'oauth2-generic',
    integration_config,
    credentials: { type: 'OAUTH2', client_id: 'c', client_secret: 's' },
  });
  await run(platform.world.db, sql`update integrations set credentials_sealed = null where unique_key = 'bare'`);
});
beforeEach(() => {
  upstream.on('/token', (_request, response) => json(response, { access_token: 'granted', refresh_token: 'r', expires_in: 3600 }));
});

const as = (token: string) => ({ authorization: `Bearer ${token}` });
const session = async (over: object = {}): Promise<string> =>
  (await platform.call('POST', '/connect/sessions', { end_user: { id: 'u-1' }, ...over })).body.data.token;
const begin = (token: string, body: object = {}): Promise<Answer> =>
  platform.call('POST', '/connect/session/attempts', { providerConfigKey: 'oauth', ...body }, as(token));
const ask = async (token: string, id: string, of = platform): Promise<Json> =>
  (await of.call('GET', `/connect/session/attempts/${id}`, undefined, as(token))).body;

/** What the browser does with the address: to the provider, with a cookie. */
async function open(startUrl: string): Promise<{ status: number; location: URL | undefined; cookie: string; state: string }> {
  const response = await fetch(startUrl, { redirect: 'manual' });
  const location = response.headers.get('location');
  const to = location === null ? undefined : new URL(location);
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  return { status: response.status, location: to, cookie, state: to?.searchParams.get('state') ?? '' };
}

async function begun(over: object = {}, body: object = {}) {
  const token = await session(over);
  const { data } = (await begin(token, body)).body;
  return {
    token,
    id: data.id,
    startUrl: data.startUrl,
    finish: async (query: object = { code: 'c' }): Promise<Page> => {
      const { cookie, state } = await open(data.startUrl);
      return comeBack(platform, { state, ...query }, cookie);
    },
  };
}

test('waits, then is done with the connection, whichever process is asked', async () => {
  const { token, id, finish } = await begun();
  expect(await ask(token, id)).toEqual({ data: { id, status: 'waiting', providerConfigKey: 'oauth', expiresAt: expect.any(String) } });
  expect((await finish()).status).toBe(200);
  const { data } = await ask(token, id, other);
  expect(data).toMatchObject({ status: 'done', isPending: false });
  const found = await platform.call('GET', `/connections/${data.connectionId}?provider_config_key=oauth`);
  expect(found.status).toBe(200);
});

test('says why it failed', async () => {
  const { token, id, finish } = await begun();
  expect((await finish({ error: 'access_denied' })).status).toBe(400);
  expect((await ask(token, id)).data).toMatchObject({
    status: 'failed',
    error: { type: 'callback_err', message: expect.stringContaining('access_denied') },
  });
});

test('that cannot begin for a reason of the integration has failed at once', async () => {
  const { status, body } = await begin(await session(), { providerConfigKey: 'bare' });
  expect({ status, body }).toMatchObject({ status: 201, body: { data: { status: 'failed', error: { type: 'provider_config_err' } } } });
});

test('that nobody finished in time has failed, and so it stays when the state is swept', async () => {
  const { token, id, finish } = await begun();
  await run(platform.world.db, sql`update connect_attempts set expires_at = now() - interval '1 second' where id = ${id}`);
  await run(platform.world.db, sql`update connect_states set expires_at = now() - interval '1 second'`);
  await sweepConnect(platform.world);
  expect((await ask(token, id)).data).toMatchObject({ status: 'failed', error: { type: 'state_err' } });
  expect((await finish()).status).toBe(400);
});

test('of an integration that was deleted meanwhile has failed', async () => {
  const gone = {
    unique_key: 'soon-gone',
    provider: 'oauth2-generic',
    integration_config: { authorizationUrl: `${upstream.url}/authorize`, tokenUrl: `${upstream.url}/token`, baseUrl: upstream.url },
  };
  await platform.call('POST', '/integrations', { ...gone, credentials: { type: 'OAUTH2', client_id: 'c', client_secret: 's' } });
  const { token, id, finish } = await begun({}, { providerConfigKey: 'soon-gone' });
  await platform.call('DELETE', '/integrations/soon-gone');
  await finish();
  expect((await ask(token, id)).data).toMatchObject({ status: 'failed', error: { type: 'provider_config_err' } });
});

describe('who may ask', () => {
  test('the session that began it, also once it expired', async () => {
    const { token, id, finish } = await begun();
    await run(platform.world.db, sql`update connect_sessions set expires_at = now() - interval '1 minute'`);
    expect((await finish()).status).toBe(200);
    expect((await ask(token, id)).data.status).toBe('done');
    expect((await begin(token)).body.error.code).toBe('unknown_connect_session_token');
  });

  test('no other session, and not one that was deleted', async () => {
    const { token, id } = await begun();
    expect((await ask(await session(), id)).error.code).toBe('unknown_connect_attempt');
    await platform.call('DELETE', '/connect/session', undefined, as(token));
    expect((await ask(token, id)).error.code).toBe('unknown_connect_session_token');
  });
});

describe('the address that starts', () => {
  test('works once, of two at the same moment too, and not after five minutes', async () => {
    const { startUrl } = await begun();
    const opened = await Promise.all([open(startUrl), open(startUrl), open(startUrl)]);
    expect(opened.map(({ status }) => status).sort()).toEqual([302, 400, 400]);
    const late = await begun();
    await run(platform.world.db, sql`update connect_attempts set created_at = now() - interval '6 minutes' where id = ${late.id}`);
    expect((await open(late.startUrl)).status).toBe(400);
    await sweepConnect(platform.world);
    const [row] = await many(platform.world.db, sql`select start_sealed, status from connect_attempts where id = ${late.id}`);
    expect(row).toEqual({ startSealed: null, status: 'waiting' });
  });

  test('holds neither the token nor what the provider gets', async () => {
    const { token, startUrl } = await begun();
    expect(startUrl).toMatch(/\/oauth\/start\/[0-9a-f]{64}$/);
    expect(startUrl).not.toContain(token.slice(-64));
    const stored = await many(platform.world.db, sql`select * from connect_attempts`);
    expect(JSON.stringify(stored)).not.toContain(startUrl.slice(-64));
  });
});

test('an end user’s own client is used for the page and for the token', async () => {
  const credentials = { oauth_client_id_override: 'theirs', oauth_client_secret_override: 'their secret' };
  const token = await session();
  const { data } = (await begin(token, { credentials })).body;
  const { location, cookie, state } = await open(data.startUrl);
  expect(location?.searchParams.get('client_id')).toBe('theirs');
  await comeBack(platform, { code: 'c', state }, cookie);
  const sent = new URLSearchParams(upstream.received('/token').at(-1)?.body.toString());
  expect([sent.get('client_id'), sent.get('client_secret')]).toEqual(['theirs', 'their secret']);
});

test('parameters of the browser reach the provider’s page, but not those that decide what is asked for, and never over the session’s', async () => {
  const authorizationParams = { prompt: 'login', scope: 'admin', redirect_uri: 'https://evil.test', response_type: 'token', state: 'mine' };
  const { startUrl } = await begun({}, { authorizationParams });
  const { location } = await open(startUrl);
  expect(Object.fromEntries(location?.searchParams ?? [])).toMatchObject({ prompt: 'login', scope: 'read', response_type: 'code' });
  expect(location?.searchParams.get('redirect_uri')).toContain('/oauth/callback');
  expect(location?.searchParams.get('state')).not.toBe('mine');
  const defaults = { integrations_config_defaults: { oauth: { authorization_params: { prompt: 'consent' } } } };
  const decided = await begun(defaults, { authorizationParams: { prompt: 'none' } });
  expect((await open(decided.startUrl)).location?.searchParams.get('prompt')).toBe('consent');
});

describe('a browser that left the page', () => {
  const returnTo = 'https://app.example.com/back?own=1#part';
  const over = { return_origins: ['https://app.example.com'] };

  test('comes back to where it said, with the id alone, whether it worked or not', async () => {
    for (const query of [{ code: 'c' }, { error: 'access_denied' }]) {
      const { id, startUrl } = await begun(over, { returnTo });
      const { cookie, state } = await open(startUrl);
      const answer = await fetch(`${platform.url}/oauth/callback?${new URLSearchParams({ state, ...query })}`, {
        headers: { cookie },
        redirect: 'manual',
      });
      expect([answer.status, answer.headers.get('location')]).toEqual([
        302,
        `https://app.example.com/back?own=1&bowline_attempt=${id}#part`,
      ]);
    }
  });

  test.each([
    'https://evil.test/',
    'http://app.example.com/',
    'https://app.example.com:8443/',
    'https://app.example.com.evil.test/',
    'https://app.example.com@evil.test/',
    'https://evil.test/https://app.example.com',
    '//app.example.com/',
    '/back',
    'javascript:alert(1)',
    'data:text/html,x',
  ])('is never sent to %s', async (address) => {
    const { status, body } = await begin(await session(over), { returnTo: address });
    expect([status, body.error?.code]).toEqual([400, 'invalid_body']);
  });

  test.each(['https://app.example.com/', 'app.example.com', 'https://*.example.com', 'https://app.example.com/path', 'null'])(
    '%s is no origin that a session can name',
    async (origin) => {
      const answer = await platform.call('POST', '/connect/sessions', { end_user: { id: 'u' }, return_origins: [origin] });
      expect(answer.body.error?.code).toBe('invalid_body');
    },
  );
});

test('a socket that watches an attempt hears that it is time to ask, and not how it ended', async () => {
  const { id, finish } = await begun();
  const told: Json[] = [];
  const socket = new WebSocket(`${other.url.replace('http', 'ws')}/?attempt=${id}`);
  await new Promise((resolve) => socket.once('message', resolve)); // who we are
  const next = new Promise((resolve) => socket.on('message', (data) => resolve(told.push(JSON.parse(String(data))))));
  await finish();
  await next;
  expect(told).toEqual([{ message_type: 'attempt_settled' }]);
  socket.close();
});

test('the token may be in the header where published clients send it in the query', async () => {
  const token = await session();
  const path = '/api-auth/api-key/key';
  const answer = await platform.call('POST', path, { apiKey: 'k' }, as(token));
  expect(answer.status).toBe(200);
  const query = await platform.call('POST', `${path}?connect_session_token=${token}`, { apiKey: 'k' }, { authorization: '' });
  expect(query.status).toBe(200);
});

test('the log holds no token, however it came', async () => {
  const token = await session();
  written.splice(0);
  const secrets = { 'credentials[oauth_client_id_override]': 'theirs', 'credentials[oauth_client_secret_override]': 'their-own-secret' };
  await openPopup(platform, 'oauth', { connect_session_token: token, ...secrets });
  await begin(token);
  platform.world.log.error(
    {
      err: new Error(`GET /oauth/connect/x?connect_session_token=${token}&credentials%5Boauth_client_secret_override%5D=their-own-secret`),
    },
    'a failure',
  );
  expect(written.join('')).toContain('a failure');
  for (const secret of [token, token.slice(-64), 'their-own-secret']) expect(written.join('')).not.toContain(secret);
});
