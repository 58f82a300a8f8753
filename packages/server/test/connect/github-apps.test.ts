import { createHash, createHmac } from 'node:crypto';
import { decodeJwt, jwtVerify } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { appKey, githubApp } from '../github-app.ts';
import { eventually, type Json, type Platform, startPlatform } from '../platform.ts';
import { startReceiver } from '../webhooks-out/receiver.ts';
import { listen, messageOf, openPopup } from './browser.ts';
import { type GitHub, startGitHub } from './github.ts';

let github: GitHub;
let platform: Platform;
const custom = { ...githubApp, type: 'CUSTOM', client_id: 'user-client', client_secret: 'user-secret' };

beforeAll(async () => {
  github = await startGitHub();
  platform = await startPlatform({ allow: [`127.0.0.1:${github.port}`], providers: github.catalogue(), worker: false });
  github.now = () => platform.world.clock.now();
  for (const [unique_key, provider, credentials] of [
    ['app', 'github-app', githubApp],
    ['app-2', 'github-app', githubApp],
    ['custom', 'github-app-oauth', custom],
  ] as const) {
    const answer = await platform.call('POST', '/integrations', { unique_key, provider, credentials });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  }
});

const session = async (over: object = {}): Promise<string> =>
  (await platform.call('POST', '/connect/sessions', { end_user: { id: 'u-1' }, ...over })).body.data.token;
const reconnect = async (key: string, id: string): Promise<string> =>
  (await platform.call('POST', '/connect/sessions/reconnect', { connection_id: id, integration_id: key })).body.data.token;
const read = async (key: string, id: string, query = ''): Promise<Json> =>
  (await platform.call('GET', `/connections/${id}?provider_config_key=${key}${query}`)).body;
const whoami = (key: string, id: string) =>
  platform.call('GET', '/proxy/whoami', undefined, {
    authorization: `Bearer ${platform.apiKey}`,
    'provider-config-key': key,
    'connection-id': id,
  });
const connectionsOf = async (key: string): Promise<Json[]> =>
  (await platform.call('GET', `/connections?integrationId=${key}`)).body.connections;

type Return = { door?: string; query: Record<string, string>; token?: string; cookie?: boolean; params?: Record<string, string> };

/** A person goes to install the app and comes back with this; answers what the page that waits hears. */
async function install(key: string, { door = '/app-auth/connect', query, token, cookie = true, params = {} }: Return) {
  const page = await listen(platform);
  const asked = Object.fromEntries(Object.entries(params).map(([name, value]) => [`params[${name}]`, value]));
  const popup = await openPopup(platform, key, {
    connect_session_token: token ?? (await session()),
    ws_client_id: page.clientId,
    ...asked,
  });
  const state = popup.location?.searchParams.get('state') ?? '';
  const response = await fetch(`${platform.url}${door}?${new URLSearchParams({ state, ...query })}`, {
    headers: cookie ? { cookie: popup.cookie } : {},
  });
  const result = { status: response.status, html: await response.text(), headers: response.headers };
  const message: Json = cookie && popup.location ? await page.next() : undefined;
  page.close();
  return { location: popup.location, state, result, message };
}
const installed = (id: string) => ({ query: { installation_id: id, setup_action: 'install' } });

describe('an installation of an app', () => {
  test('is connected from the vendor’s page, used through the proxy and renewed without the person', async () => {
    const { location, message, result } = await install('app', { ...installed('100'), params: { region: 'eu' } });
    expect(`${location?.origin}${location?.pathname}`).toBe('https://github.com/apps/bowline-test/installations/new');
    expect(result.status).toBe(200);
    expect(message).toMatchObject({ message_type: 'success', provider_config_key: 'app', is_pending: false });
    const id = message.connection_id;
    expect(await whoami('app', id)).toMatchObject({ status: 200, body: { me: 'installation 100' } });
    const before = await read('app', id);
    expect(before).toMatchObject({
      credentials: { type: 'APP', access_token: expect.stringMatching(/^ghs_100_/) },
      connection_config: { installation_id: '100', app_id: githubApp.app_id, region: 'eu' },
    });
    platform.advance(3_590_000);
    expect(await whoami('app', id)).toMatchObject({ status: 200, body: { me: 'installation 100' } });
    platform.advance(-3_590_000);
    expect((await read('app', id)).credentials.access_token).not.toBe(before.credentials.access_token);
  });

  test('keeps its connection’s id, notes and tags when it is installed again', async () => {
    const { message } = await install('app', installed('200'));
    const id = message.connection_id;
    await platform.call('POST', '/connections/metadata', { provider_config_key: 'app', connection_id: id, metadata: { a: 1 } });
    const again = await install('app', { ...installed('200'), token: await reconnect('app', id) });
    expect(again.message).toMatchObject({ message_type: 'success', connection_id: id });
    expect(await read('app', id)).toMatchObject({ metadata: { a: 1 }, tags: { end_user_id: 'u-1' } });
  });

  test('that is connected already is not handed to another end user who names its number', async () => {
    await install('app', installed('300'));
    const { message, result } = await install('app', { ...installed('300'), token: await session({ end_user: { id: 'thief' } }) });
    expect(message).toMatchObject({ message_type: 'error', error_type: 'callback_err', error_desc: expect.stringContaining('already') });
    expect(result.status).toBe(400);
    expect((await connectionsOf('app')).filter(({ end_user }) => end_user?.id === 'thief')).toEqual([]);
  });

  test('cannot be named by the browser’s parameters', async () => {
    const { location, result } = await install('app-2', { ...installed('100'), params: { installation_id: '200' } });
    expect(location).toBeUndefined();
    expect(result.status).toBe(400);
  });

  test.each([
    ['an owner has to approve first', { setup_action: 'request' }, 'approved'],
    ['the vendor names nothing', { setup_action: 'install' }, 'installed'],
    ['what it names is no number', { installation_id: '../user', setup_action: 'install' }, 'installed'],
  ])('fails with a sentence when %s', async (_what, query, said) => {
    const { message } = await install('app', { query });
    expect(message).toMatchObject({ message_type: 'error', error_type: 'callback_err', error_desc: expect.stringContaining(said) });
  });

  test('needs the browser that began, and a state that was not used', async () => {
    const foreign = await install('app-2', { ...installed('200'), cookie: false });
    expect(foreign.result.status).toBe(400);
    expect(messageOf(foreign.result)).toMatchObject({ payload: { errorType: 'state_err' } });
    const used = await fetch(`${platform.url}/app-auth/connect?state=${'0'.repeat(64)}&installation_id=200`);
    expect(used.status).toBe(400);
  });

  test('begun on the vendor’s own pages ends on a page that says where to go on, and stores nothing', async () => {
    const count = (await connectionsOf('app')).length;
    for (const door of ['/app-auth/connect', '/oauth/callback']) {
      const response = await fetch(`${platform.url}${door}?installation_id=404&setup_action=install&code=c`, { redirect: 'manual' });
      expect(response.headers.get('location')).toBeNull();
      expect(await response.text()).toContain('The app is installed');
    }
    expect((await connectionsOf('app')).length).toBe(count);
  });

  test.each([
    [403, 'This installation has been suspended', 'suspended'],
    [404, 'Not Found', 'install it again'],
    [401, 'Bad credentials', 'key'],
  ])('that the vendor refuses with %i fails with what to do', async (status, text, said) => {
    github.refusals.set('404', [status, text]);
    const { message } = await install('app', installed('404'));
    expect(message).toMatchObject({ message_type: 'error', error_type: 'token_err', error_desc: expect.stringContaining(said) });
    github.refusals.delete('404');
  });

  test('gives who may read credentials a token that the app signs for itself, and nobody else', async () => {
    const { connection_id: id } = (await connectionsOf('app'))[0];
    const answer = await read('app', id, '&refresh_github_app_jwt_token=true');
    const { payload } = await jwtVerify(answer.connection_config.jwtToken, appKey, { issuer: githubApp.app_id });
    expect(Number(payload.exp) - Number(payload.iat)).toBeLessThanOrEqual(600);
    expect(answer.credentials.jwtToken).toBe(answer.connection_config.jwtToken);
    const poor = await platform.keyOf('dev', ['environment:connections:read']);
    const path = `/connections/${id}?provider_config_key=app`;
    const without = await platform.call('GET', path, undefined, { authorization: `Bearer ${poor}` });
    expect(JSON.stringify(without.body)).not.toContain('jwtToken');
    expect(
      (await platform.call('GET', `${path}&refresh_github_app_jwt_token=true`, undefined, { authorization: `Bearer ${poor}` })).status,
    ).toBe(403);
  });

  test('is imported by its number, with the app of the integration alone', async () => {
    const wanted = (credentials: object) => ({
      provider_config_key: 'app-2',
      connection_id: 'imported',
      credentials: { type: 'APP', ...credentials },
    });
    const { app_id } = githubApp;
    expect(await platform.call('POST', '/connections', wanted({ app_id, installation_id: '300' }))).toMatchObject({
      status: 201,
      body: { connection_config: { installation_id: '300', app_id } },
    });
    expect(await whoami('app-2', 'imported')).toMatchObject({ body: { me: 'installation 300' } });
    expect(await platform.call('POST', '/connections', wanted({ app_id: '1', installation_id: '300' }))).toMatchObject({ status: 400 });
    const flat = { provider_config_key: 'app-2', connection_id: 'flat', app_id, installation_id: '300' };
    expect((await platform.call('POST', '/connection', flat)).status).toBe(201);
    github.refusals.set('404', [404, 'Not Found']);
    expect(await platform.call('POST', '/connections', wanted({ app_id, installation_id: '404' }))).toMatchObject({
      status: 400,
      body: { error: { code: 'connection_test_failed' } },
    });
    github.refusals.delete('404');
  });
});

describe('the integration', () => {
  test('shows what was registered to who may read it, and a webhook secret made of it', async () => {
    const { body } = await platform.call('GET', '/integrations/custom?include=credentials,webhook');
    const { environment } = await platform.scopeOf('dev');
    const { app_id, private_key, app_link } = githubApp;
    expect(body.data.webhook_url).toBe(`${platform.world.config.publicUrl}/webhook/${environment.uuid}/custom`);
    expect(body.data.credentials).toEqual({
      ...custom,
      webhook_secret: createHash('sha256')
        .update(app_id + private_key + app_link)
        .digest('hex'),
    });
  });

  test.each([
    ['a key that is none', { ...githubApp, private_key: 'secret' }],
    ['a key that was cut', { ...githubApp, private_key: `${githubApp.private_key.slice(0, 200)}\n-----END RSA PRIVATE KEY-----\n` }],
    ['a link that is none', { ...githubApp, app_link: 'javascript:alert(1)' }],
  ])('refuses %s, without repeating it', async (_what, credentials) => {
    const answer = await platform.call('POST', '/integrations', { unique_key: 'wrong', provider: 'github-app', credentials });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_body' } } });
    expect(JSON.stringify(answer.body)).not.toContain(githubApp.private_key.slice(40, 80));
  });
});

describe('an app that also signs the person in', () => {
  const comeBack = (query: Record<string, string>, more: Omit<Return, 'query'> = {}) =>
    install('custom', { door: '/oauth/callback', query, ...more });
  const with100 = { code: 'code-of-ann', installation_id: '100', setup_action: 'install' };

  test('uses the installation’s token, keeps the person’s beside it and shows both to who may read credentials', async () => {
    github.installations.set('ann', [100]);
    const { message } = await comeBack(with100);
    expect(message).toMatchObject({ message_type: 'success', is_pending: false });
    const id = message.connection_id;
    expect(await whoami('custom', id)).toMatchObject({ body: { me: 'installation 100' } });
    const shown = await read('custom', id);
    expect(shown.credentials).toMatchObject({ type: 'APP', access_token: expect.stringMatching(/^ghs_100_/) });
    expect(shown.connection_config.userCredentials).toMatchObject({ type: 'OAUTH2', access_token: expect.stringMatching(/^ghu_ann_/) });
    const poor = await platform.keyOf('dev', ['environment:connections:read', 'environment:connections:list']);
    const without = await platform.call('GET', `/connections/${id}?provider_config_key=custom`, undefined, {
      authorization: `Bearer ${poor}`,
    });
    expect(without.body.connection_config).toMatchObject({ installation_id: '100' });
    expect(JSON.stringify(without.body)).not.toContain('ghu_');
  });

  test('connects another person of the same installation to the connection that is there', async () => {
    github.installations.set('bob', [100]);
    const { connection_id: id } = (await connectionsOf('custom'))[0];
    const { message } = await comeBack({ ...with100, code: 'code-of-bob' });
    expect(message).toMatchObject({ message_type: 'success', connection_id: id });
    expect((await connectionsOf('custom')).length).toBe(1);
  });

  test('refuses an installation that the person may not use', async () => {
    github.installations.set('eve', [999]);
    const { message } = await comeBack({ ...with100, code: 'code-of-eve' });
    expect(message).toMatchObject({
      message_type: 'error',
      error_type: 'callback_err',
      error_desc: expect.stringContaining('not one of yours'),
    });
  });

  test('takes a change of the installation without a code from a connection that is of it, and from no other', async () => {
    const { connection_id: id } = (await connectionsOf('custom'))[0];
    const update = { installation_id: '100', setup_action: 'update' };
    expect((await comeBack(update)).message).toMatchObject({ message_type: 'error', error_type: 'callback_err' });
    expect((await comeBack(update, { token: await reconnect('custom', id) })).message).toMatchObject({
      message_type: 'success',
      connection_id: id,
    });
  });

  test('says what the person or the provider denied', async () => {
    const { message } = await comeBack({ error: 'access_denied', error_description: 'The user has denied your application access' });
    expect(message).toMatchObject({ message_type: 'error', error_type: 'callback_err', error_desc: expect.stringContaining('denied') });
  });

  test('renews both tokens, and works on without a person whose token was revoked', async () => {
    github.installations.set('kim', [200]);
    github.userLifetimeS = 28_800;
    const { message } = await comeBack({ code: 'code-of-kim', installation_id: '200', setup_action: 'install' });
    github.userLifetimeS = 28_800;
    const id = message.connection_id;
    const first = (await read('custom', id, '&refresh_token=true')).connection_config.userCredentials;
    expect(first.refresh_token).toBeDefined();
    platform.advance(28_000_000);
    expect(await whoami('custom', id)).toMatchObject({ body: { me: 'installation 200' } });
    const second = (await read('custom', id, '&refresh_token=true')).connection_config.userCredentials;
    expect(second.access_token).not.toBe(first.access_token);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    github.refreshTokens.clear();
    platform.advance(28_000_000);
    expect(await whoami('custom', id)).toMatchObject({ body: { me: 'installation 200' } });
    expect((await read('custom', id)).connection_config).not.toHaveProperty('userCredentials');
    platform.advance(-56_000_000);
    github.userLifetimeS = undefined;
  });

  describe('whose owner has to approve', () => {
    const secret = async () =>
      (await platform.call('GET', '/integrations/custom?include=credentials')).body.data.credentials.webhook_secret;
    const deliver = async (body: object, over: Record<string, string> = {}) => {
      const text = JSON.stringify(body);
      const { environment } = await platform.scopeOf('dev');
      const signature = `sha256=${createHmac('sha256', await secret())
        .update(text)
        .digest('hex')}`;
      return platform.call('POST', `/webhook/${environment.uuid}/custom`, text, {
        'content-type': 'application/json',
        'x-github-event': 'installation',
        'x-hub-signature-256': signature,
        ...over,
      });
    };
    const approved = (login: string, id = 300, app_id: string = githubApp.app_id) => ({
      action: 'created',
      installation: { id, app_id: Number(app_id) },
      requester: { login, id: 1 },
    });
    const request = (login: string, token?: string) =>
      comeBack({ code: `code-of-${login}`, setup_action: 'request' }, token === undefined ? {} : { token });

    test('waits, refuses requests, and is complete when the webhook says so; the app hears of it then, once', async () => {
      const receiver = await startReceiver();
      const withApp = await startPlatform({
        allow: [`127.0.0.1:${github.port}`, new URL(receiver.url).host],
        providers: github.catalogue(),
        database: platform.database,
      });
      const member = await withApp.member();
      await member('PATCH', '/api/environment', { webhooks: { primary_url: receiver.url } });
      const { message, result } = await request('Dana');
      expect(message).toMatchObject({ message_type: 'success', is_pending: true });
      expect(result.html).toContain('Waiting for approval');
      const id = message.connection_id;
      expect(await read('custom', id)).toMatchObject({
        credentials: { type: 'OAUTH2' },
        connection_config: { pending: true, app_id: githubApp.app_id, handle: 'Dana' },
      });
      expect(await whoami('custom', id)).toMatchObject({ status: 424, body: { error: { code: 'connection_pending' } } });

      const forged = await deliver(approved('Dana'), { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` });
      expect(forged).toMatchObject({ status: 401, body: { error: { code: 'webhook_invalid_signature' } } });
      expect((await deliver(approved('dana', 300, '1'))).status).toBe(400);
      expect(await deliver({ ...approved('dana'), action: 'deleted' })).toMatchObject({ status: 200 });
      expect((await read('custom', id)).connection_config.pending).toBe(true);

      expect(await deliver(approved('dana'))).toMatchObject({ status: 200, body: { status: 'success' } });
      const done = await read('custom', id);
      expect(done.connection_config).toMatchObject({ installation_id: '300' });
      expect(done.connection_config).not.toHaveProperty('pending');
      expect(await whoami('custom', id)).toMatchObject({ status: 200, body: { me: 'installation 300' } });
      expect(await deliver(approved('dana'))).toMatchObject({ status: 200 });
      const told = await eventually(async () => {
        const all = receiver.received.map(({ body }) => JSON.parse(String(body))).filter((one) => one.connectionId === id && one.success);
        return all.length > 0 && all;
      }, 'the app hears of it');
      expect(told).toEqual([expect.objectContaining({ type: 'auth', operation: 'creation', success: true })]);
      await withApp.stop();
    });

    test('goes on working when it was connected before, until the new installation is there', async () => {
      github.installations.set('lea', [200]);
      const key = (await connectionsOf('custom')).find(({ connection_id }) => connection_id !== undefined);
      const { message } = await comeBack({ code: 'code-of-ann', installation_id: '100', setup_action: 'install' });
      const id = message.connection_id;
      expect(key).toBeDefined();
      const asked = await request('Lea', await reconnect('custom', id));
      expect(asked.message).toMatchObject({ is_pending: true, connection_id: id });
      expect(await whoami('custom', id)).toMatchObject({ status: 200, body: { me: 'installation 100' } });
    });

    test('a webhook without a signature, of an unknown integration or environment is refused', async () => {
      const { environment } = await platform.scopeOf('dev');
      const post = (path: string) => platform.call('POST', `/webhook/${path}`, '{}', { 'content-type': 'application/json' });
      expect(await post(`${environment.uuid}/custom`)).toMatchObject({ status: 401 });
      expect(await post(`${environment.uuid}/none`)).toMatchObject({ status: 404, body: { error: { code: 'unknown_provider_config' } } });
      expect(await post(`${platform.world.random.uuid()}/custom`)).toMatchObject({
        status: 404,
        body: { error: { code: 'unknown_environment' } },
      });
      expect(await post(`${environment.uuid}/app`)).toMatchObject({ status: 401 });
    });
  });
});

test('a token that the app signs ends within the ten minutes that the vendor allows', async () => {
  const [request] = github.received('/app/installations/100/access_tokens');
  const { iat = 0, exp = 0 } = decodeJwt((request?.headers.authorization ?? '').replace('Bearer ', ''));
  expect(exp - iat).toBeLessThanOrEqual(600);
});
