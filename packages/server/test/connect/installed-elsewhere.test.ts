import { createHmac } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Json, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';
import { comeBack, messageOf, openPopup } from './browser.ts';

let vendor: Upstream;
let platform: Platform;

beforeAll(async () => {
  vendor = await startUpstream();
  const folder = mkdtempSync(join(tmpdir(), 'bowline-installed-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const token = `${vendor.url}/sentry-app-installations/\${connectionConfig.installation.uuid}/authorizations/`;
  const providers = [
    file(
      'sentry-oauth.yaml',
      `extends: sentry-oauth\npost_connection_script: null\ntoken_url: ${token}\nproxy: { base_url: ${vendor.url} }\n`,
    ),
    file('crisp-plugin-install.yaml', `extends: crisp-plugin-install\nproxy: { base_url: ${vendor.url} }\n`),
  ];
  platform = await startPlatform({ allow: [`127.0.0.1:${vendor.port}`], providers, worker: false });
  for (const body of [
    { unique_key: 'sentry', provider: 'sentry-oauth', credentials: { type: 'OAUTH2', client_id: 'app', client_secret: 'app secret' } },
    {
      unique_key: 'crisp',
      provider: 'crisp-plugin-install',
      credentials: {
        type: 'INSTALL_PLUGIN',
        username: 'plugin',
        password: 'plugin key',
        app_link: 'https://app.crisp.test/initiate/plugin/p-1/',
      },
    },
  ]) {
    const answer = await platform.call('POST', '/integrations', body);
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  }
  let count = 0;
  vendor.on('/sentry-app-installations/i-1/authorizations/', ({ body }, response) => {
    const { grant_type, code, refresh_token, client_id, client_secret } = JSON.parse(String(body));
    const isKnown = client_id === 'app' && client_secret === 'app secret';
    const proven = grant_type === 'authorization_code' ? code === 'the-code' : refresh_token === `refresh-${count}`;
    if (!isKnown || !proven) return json(response, { detail: 'no' }, 401);
    count++;
    const expiresAt = new Date(platform.world.clock.now().getTime() + 8 * 3_600_000).toISOString();
    return json(response, { token: `token-${count}`, refreshToken: `refresh-${count}`, expiresAt }, 201);
  });
  vendor.on('/0/projects/', ({ headers }, response) => json(response, { token: headers.authorization }));
  vendor.on('/v1/plugin/connect/account', ({ headers }, response) => {
    const isKnown =
      headers.authorization === `Basic ${Buffer.from('plugin:plugin key').toString('base64')}` && headers['x-crisp-tier'] === 'plugin';
    return json(response, {}, isKnown ? 200 : 401);
  });
});

const session = async (over: object = {}): Promise<string> =>
  (await platform.call('POST', '/connect/sessions', { end_user: { id: 'u-1' }, ...over })).body.data.token;
const reconnect = async (key: string, id: string): Promise<string> =>
  (await platform.call('POST', '/connect/sessions/reconnect', { connection_id: id, integration_id: key })).body.data.token;
const read = async (key: string, id: string, query = ''): Promise<Json> =>
  (await platform.call('GET', `/connections/${id}?provider_config_key=${key}${query}`)).body;
const through = (key: string, id: string, path: string) =>
  platform.call('GET', `/proxy${path}`, undefined, {
    authorization: `Bearer ${platform.apiKey}`,
    'provider-config-key': key,
    'connection-id': id,
  });

describe('an integration that is installed from the vendor’s pages', () => {
  const begin = (token: string, actor = '42') =>
    platform.call('POST', `/auth/oauth-outbound/sentry?connect_session_token=${token}&params[actor]=${actor}`, {}, {});
  const deliver = async (body: object, secret = 'app secret') => {
    const text = JSON.stringify(body);
    const { environment } = await platform.scopeOf('dev');
    return platform.call('POST', `/webhook/${environment.uuid}/sentry`, text, {
      'content-type': 'application/json',
      'sentry-hook-resource': 'installation',
      'sentry-hook-signature': createHmac('sha256', secret).update(text).digest('hex'),
    });
  };
  const created = (actor: string, code = 'the-code') => ({
    action: 'created',
    actor: { id: actor, name: 'Ann', type: 'user' },
    installation: { uuid: 'i-1' },
    data: { installation: { uuid: 'i-1', code } },
  });

  test('waits for the webhook of the person who installs it, and is used and renewed from then on', async () => {
    const { status, body } = await begin(await session());
    expect({ status, isPending: body.isPending }).toEqual({ status: 200, isPending: true });
    const id = body.connectionId;
    expect(await read('sentry', id)).toMatchObject({ credentials: {}, connection_config: { actor: '42', pending: true } });
    expect(await through('sentry', id, '/0/projects/')).toMatchObject({ status: 424, body: { error: { code: 'connection_pending' } } });
    expect((await deliver(created('42'), 'another secret')).status).toBe(401);
    expect((await deliver(created('43'))).status).toBe(200);
    expect((await deliver(created('42', 'wrong code'))).status).toBe(400);
    expect((await read('sentry', id)).connection_config.pending).toBe(true);
    expect((await deliver(created('42'))).status).toBe(200);
    const done = await read('sentry', id);
    expect(done.connection_config).toMatchObject({ actor: '42', 'installation.uuid': 'i-1' });
    expect(done.connection_config).not.toHaveProperty('pending');
    expect(await through('sentry', id, '/0/projects/')).toMatchObject({ status: 200, body: { token: 'Bearer token-1' } });
    platform.advance(8 * 3_600_000);
    expect(await through('sentry', id, '/0/projects/')).toMatchObject({ body: { token: 'Bearer token-2' } });
    platform.advance(-8 * 3_600_000);
  });

  test('needs to know who installs it, and is no popup', async () => {
    expect((await begin(await session(), '')).status).toBe(400);
    const { location, page } = await openPopup(platform, 'sentry', { connect_session_token: await session(), 'params[actor]': '42' });
    expect(location).toBeUndefined();
    expect(messageOf(page)).toMatchObject({ payload: { errorType: 'invalid_auth_mode' } });
  });
});

describe('a plugin', () => {
  const install = async (query: Record<string, string>, token?: string) => {
    const { location, cookie } = await openPopup(platform, 'crisp', { connect_session_token: token ?? (await session()) });
    const payload = location?.searchParams.get('payload') ?? '';
    return { location, page: await comeBack(platform, { payload, ...query }, cookie) };
  };
  const newest = async (): Promise<Json> => (await platform.call('GET', '/connections?integrationId=crisp&limit=1')).body.connections[0];

  test('is installed at the vendor, tried, and used with its own login; again it is the same connection', async () => {
    const { location, page } = await install({ website_id: 'w-1' });
    expect(`${location?.origin}${location?.pathname}`).toBe('https://app.crisp.test/initiate/plugin/p-1/');
    expect(page.status).toBe(200);
    const { connection_id: id } = await newest();
    expect(await read('crisp', id)).toMatchObject({
      credentials: { type: 'BASIC', username: 'plugin' },
      connection_config: { website_id: 'w-1' },
      tags: { end_user_id: 'u-1' },
    });
    expect((await through('crisp', id, '/v1/plugin/connect/account')).status).toBe(200);
    const again = await install({ website_id: 'w-1' }, await reconnect('crisp', id));
    expect(again.page.status).toBe(200);
    expect((await newest()).connection_id).toBe(id);
  });

  test('of a workspace that is connected is not handed to somebody else who names it', async () => {
    const { page } = await install({ website_id: 'w-1' }, await session({ end_user: { id: 'thief' } }));
    expect(messageOf(page)).toMatchObject({ payload: { errorType: 'callback_err', message: expect.stringContaining('already') } });
  });

  test('that the vendor refuses, or names no workspace for, makes no connection', async () => {
    expect(messageOf((await install({})).page)).toMatchObject({ payload: { message: expect.stringContaining('website_id') } });
    vendor.on('/v1/plugin/connect/account', (_request, response) => json(response, {}, 401));
    const { page } = await install({ website_id: 'w-2' });
    expect(messageOf(page)).toMatchObject({ payload: { message: expect.stringContaining('did not accept') } });
  });
});
