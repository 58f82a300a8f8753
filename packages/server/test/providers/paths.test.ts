// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of definitions are what is tested here
/**
 * Every way a provider is used, with one that the environment defined itself: stored by one process, used at once by another, through the
 * public routes.
 */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { lookAfterSome } from '../../src/connections/keep-alive.ts';
import { comeBack, openPopup } from '../connect/browser.ts';
import { type McpServer, startMcpServer } from '../connect/mcp-server.ts';
import { consent, startOidc } from '../connect/oidc.ts';
import { importConnection } from '../connections/fixture.ts';
import { deploy, recordsOf, settled } from '../functions.ts';
import { freePort, type Json, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';
import { apiKeyYaml, define, integrate, noneYaml, oauthYaml, put } from './yaml.ts';

let upstream: Upstream;
let issuer: string;
let mcp: McpServer;
/** Stores definitions. */
let writer: Platform;
/** Another process on the same database, with workers. */
let reader: Platform;
let closeOidc: () => Promise<unknown>;

beforeAll(async () => {
  upstream = await startUpstream();
  issuer = `http://127.0.0.1:${await freePort()}`;
  mcp = await startMcpServer();
  const ca = join(mkdtempSync(join(tmpdir(), 'bowline-ca-')), 'ca.pem');
  writeFileSync(ca, mcp.authority);
  const allowed = [`127.0.0.1:${upstream.port}`, issuer.replace('http://', ''), `localhost:${mcp.port}`];
  const options = { env: { BOWLINE_OUTBOUND_ALLOW: allowed.join(','), BOWLINE_OUTBOUND_CA: ca } };
  writer = await startPlatform({ ...options, worker: false });
  reader = await startPlatform({ ...options, database: writer.database });
  closeOidc = startOidc(issuer, `${reader.world.config.publicUrl}/oauth/callback`);
});
afterAll(() => closeOidc());

const sessionFor = async (integration: string) => {
  const answer = await reader.call('POST', '/connect/sessions', { end_user: { id: 'u-1' }, allowed_integrations: [integration] });
  return answer.body.data.token as string; // a text, by the contract
};
const as = (token: string) => ({ authorization: `Bearer ${token}` });
const headers = (integration: string, connection: string) => ({ 'provider-config-key': integration, 'connection-id': connection });
const newest = async (key: string): Promise<Json> =>
  (await reader.call('GET', `/connections?integrationId=${key}&limit=1`)).body.connections[0];

describe('an API key', () => {
  const more = `  query:\n    v: '2'\n  retry:\n    after: [retry-after]\n    error_code: ['503']\n  paginate:\n    type: cursor\n    cursor_path_in_response: next\n    cursor_name_in_request: cursor\n    response_path: items\n  verification:\n    endpoints: [/me]\n`;
  beforeAll(async () => {
    upstream.on('/me', ({ headers: sent }, response) => json(response, {}, sent['x-api-key'] === 'good' ? 200 : 401));
    upstream.on('/items', ({ url }, response) => {
      const cursor = new URL(url, upstream.url).searchParams.get('cursor');
      json(response, cursor === null ? { items: [{ id: '1' }, { id: '2' }], next: 'p2' } : { items: [{ id: '3' }], next: null });
    });
    await define(writer, 'own-key', apiKeyYaml(upstream.url, more));
    await integrate(reader, 'own-key');
  });

  test('the connect page reads the provider it may connect to, and none of the others', async () => {
    await define(writer, 'own-other', noneYaml(upstream.url));
    await integrate(writer, 'own-other');
    const token = await sessionFor('own-key');
    expect((await reader.call('GET', '/integrations', undefined, as(token))).body.data).toMatchObject([
      { unique_key: 'own-key', display_name: 'Acme ERP' },
    ]);
    expect((await reader.call('GET', '/providers/own-key', undefined, as(token))).body.data).toMatchObject({
      custom: true,
      credentials: { apiKey: {} },
    });
    expect((await reader.call('GET', '/providers/own-other', undefined, as(token))).status).toBe(404);
    const listed: Json[] = (await reader.call('GET', '/providers', undefined, as(token))).body.data;
    expect(listed.filter(({ custom }) => custom).map(({ name }) => name)).toEqual(['own-key']);
  });

  test('is tried at the provider, and connects', async () => {
    const submit = async (apiKey: string) =>
      reader.call('POST', `/api-auth/api-key/own-key?connect_session_token=${await sessionFor('own-key')}`, { apiKey }, {});
    expect((await submit('bad')).body.error.code).toBe('connection_test_failed');
    expect((await submit('good')).status).toBe(200);
    expect(await newest('own-key')).toMatchObject({ provider: 'own-key', provider_config_key: 'own-key' });
  });

  test('goes where the definition says, as it says, and is tried again as it says', async () => {
    await importConnection(reader, 'c-proxy', { provider_config_key: 'own-key', credentials: { type: 'API_KEY', apiKey: 'good' } });
    upstream.on('/busy', ({ index }, response) =>
      index === 0 ? response.writeHead(503, { 'retry-after': '0' }).end() : json(response, { ok: true }),
    );
    const { status } = await reader.call('GET', '/proxy/busy?a=1', undefined, { ...headers('own-key', 'c-proxy'), retries: '2' });
    expect(status).toBe(200);
    const [first, second] = upstream.received('/busy');
    expect(first?.headers['x-api-key']).toBe('good');
    expect(new URL(second?.url ?? '', upstream.url).searchParams.get('v')).toBe('2');
  });

  test('a change is in force with the next request of another process', async () => {
    await importConnection(reader, 'c-change', { provider_config_key: 'own-key', credentials: { type: 'API_KEY', apiKey: 'good' } });
    upstream.on('/seen', (_request, response) => json(response, {}));
    for (let turn = 0; turn < 10; turn++) {
      await define(writer, 'own-key', apiKeyYaml(upstream.url, more).replace('x-api-key:', `x-key-${turn}:`));
      await reader.call('GET', '/proxy/seen', undefined, headers('own-key', 'c-change'));
      expect(upstream.received('/seen').at(-1)?.headers).toHaveProperty(`x-key-${turn}`, 'good');
    }
    await define(writer, 'own-key', apiKeyYaml(upstream.url, more));
  });

  test('functions are deployed for it, and page through its lists', async () => {
    await importConnection(reader, 'c-sync', { provider_config_key: 'own-key', credentials: { type: 'API_KEY', apiKey: 'good' } });
    const exec = `for await (const items of nango.paginate({ endpoint: '/items' })) await nango.batchSave(items, 'Item');`;
    await deploy(reader, [{ name: 'items', integration: 'own-key', exec }]);
    const where = { connection: 'c-sync', integration: 'own-key' };
    await settled(reader, where, 'items');
    expect((await recordsOf(reader, where)).map(({ id }: Json) => id).toSorted()).toEqual(['1', '2', '3']);
  });

  test('an idle connection is tried by the worker', async () => {
    await importConnection(reader, 'c-idle', { provider_config_key: 'own-key', credentials: { type: 'API_KEY', apiKey: 'good' } });
    const before = upstream.received('/me').length;
    reader.advance(49 * 3_600_000);
    await lookAfterSome(reader.world);
    expect(upstream.received('/me').length).toBeGreaterThan(before);
  });

  test('what its definition calls secret is shown to nobody who may not read credentials', async () => {
    const field = 'connection_config:\n  pin: { type: string, title: Pin, description: Of the account., secret: true }\n';
    await define(writer, 'own-pin', apiKeyYaml(upstream.url, field));
    await integrate(reader, 'own-pin');
    await importConnection(reader, 'c-pin', { provider_config_key: 'own-pin', connection_config: { pin: 'canary-4711' } });
    const key = await reader.keyOf('dev', ['environment:connections:read']);
    const { body } = await reader.call('GET', '/connections/c-pin?provider_config_key=own-pin', undefined, as(key));
    expect(JSON.stringify(body)).not.toContain('canary-4711');
    const whole = await reader.call('GET', '/connections/c-pin?provider_config_key=own-pin');
    expect(whole.body.connection_config.pin).toBe('canary-4711');
  });
});

describe('OAuth 2', () => {
  const yaml = () =>
    oauthYaml(upstream.url, 'authorization_params: { prompt: consent }\n')
      .replace(`${upstream.url}/authorize`, `${issuer}/auth`)
      .replace(`${upstream.url}/token`, `${issuer}/token`);

  test('a person signs in at a real provider, and two processes refresh without losing the token', async () => {
    await define(writer, 'own-oauth', yaml());
    const credentials = { type: 'OAUTH2', client_id: 'bowline', client_secret: 'of bowline', scopes: 'openid,offline_access' };
    await integrate(reader, 'own-oauth', { credentials });
    const token = await sessionFor('own-oauth');
    const { location, cookie } = await openPopup(reader, 'own-oauth', { connect_session_token: token });
    expect((await comeBack(reader, await consent(location?.href ?? ''), cookie)).status).toBe(200);
    const { connection_id } = await newest('own-oauth');
    const path = `/connections/${connection_id}?provider_config_key=own-oauth&force_refresh=true&refresh_token=true`;
    const seen = new Set<string>();
    for (let turn = 0; turn < 4; turn++) {
      const answers = await Promise.all([writer, reader].map(({ call }) => call('GET', path)));
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      for (const { body } of answers) seen.add(body.credentials.refresh_token);
    }
    expect(seen.size).toBeGreaterThanOrEqual(4);
  });

  test('the default scopes of the definition are asked for', async () => {
    await define(writer, 'own-scoped', yaml());
    await integrate(reader, 'own-scoped', { credentials: { type: 'OAUTH2', client_id: 'c', client_secret: 's' } });
    const { location } = await openPopup(reader, 'own-scoped', { connect_session_token: await sessionFor('own-scoped') });
    expect(location?.searchParams.get('scope')).toBe('read write');
    expect(location?.searchParams.get('code_challenge_method')).toBe('S256');
  });

  test('the worker renews an idle one at the token endpoint that is defined now', async () => {
    upstream.on('/old/token', (_request, response) => json(response, { error: 'gone' }, 500));
    upstream.on('/new/token', (_request, response) => json(response, { access_token: 'renewed', refresh_token: 'r2', expires_in: 3600 }));
    await define(writer, 'own-idle', oauthYaml(`${upstream.url}/old`));
    await integrate(reader, 'own-idle', { credentials: { type: 'OAUTH2', client_id: 'c', client_secret: 's' } });
    const expires_at = new Date(reader.world.clock.now().getTime() + 3_600_000).toISOString();
    await importConnection(reader, 'c-idle', {
      provider_config_key: 'own-idle',
      credentials: { type: 'OAUTH2', access_token: 'first', refresh_token: 'r1', expires_at },
    });
    await define(writer, 'own-idle', oauthYaml(`${upstream.url}/new`));
    reader.advance(49 * 3_600_000);
    while ((await lookAfterSome(reader.world)) > 0);
    expect(upstream.received('/new/token').length).toBe(1);
    expect(upstream.received('/old/token')).toEqual([]);
  });

  test('by client credentials', async () => {
    upstream.on('/cc/token', ({ body }, response) =>
      json(response, { access_token: `of ${new URLSearchParams(body.toString()).get('client_id')}`, expires_in: 3600 }),
    );
    upstream.on('/cc/me', ({ headers: sent }, response) => json(response, { sent: sent.authorization }));
    await define(
      writer,
      'own-cc',
      `display_name: CC\ncategories: [other]\ndocs: https://docs.example.test\nauth_mode: OAUTH2_CC\ntoken_url: ${upstream.url}/cc/token\ntoken_params: { grant_type: client_credentials }\nproxy: { base_url: '${upstream.url}/cc' }\n`,
    );
    await integrate(reader, 'own-cc');
    const token = await sessionFor('own-cc');
    const answer = await reader.call(
      'POST',
      `/oauth2/auth/own-cc?connect_session_token=${token}`,
      { client_id: 'id-1', client_secret: 's' },
      {},
    );
    expect(answer.status).toBe(200);
    const called = await reader.call('GET', '/proxy/me', undefined, headers('own-cc', answer.body.connectionId));
    expect(called.body).toEqual({ sent: 'Bearer of id-1' });
  });
});

test('an MCP server registers the client, and a person signs in', async () => {
  await define(
    writer,
    'own-mcp',
    `display_name: Own MCP\ncategories: [mcp]\ndocs: https://docs.example.test\nauth_mode: MCP_OAUTH2\nclient_registration: dynamic\nregistration_url: ${mcp.url}/register\nauthorization_url: ${mcp.url}/authorize\nauthorization_params: { resource: '${mcp.url}/mcp' }\ntoken_url: ${mcp.url}/token\nproxy: { base_url: '${mcp.url}' }\n`,
  );
  await integrate(reader, 'own-mcp');
  const { location, cookie } = await openPopup(reader, 'own-mcp', { connect_session_token: await sessionFor('own-mcp') });
  if (!location) throw new Error('nobody was sent to the server');
  await comeBack(reader, { ...mcp.consent(location) }, cookie);
  const { connection_id } = await newest('own-mcp');
  expect((await reader.call('POST', '/proxy/mcp', {}, headers('own-mcp', connection_id))).body).toEqual({ tools: [] });
});

test('webhooks have an address where a script receives them, and none elsewhere', async () => {
  await define(writer, 'own-hooked', 'extends: github-app\ndisplay_name: Own app\n');
  const yaml = noneYaml(upstream.url);
  await define(writer, 'own-deaf', yaml);
  await integrate(reader, 'own-deaf');
  expect((await reader.call('GET', '/integrations/own-deaf?include=webhook')).body.data.webhook_url).toBeNull();
  const { environment } = await reader.scopeOf('dev');
  const hook = `/webhook/${environment.uuid}/own-deaf`;
  expect((await reader.call('POST', hook, { a: 1 }, {})).status).toBe(204);
  await define(writer, 'own-deaf', `${yaml}webhook_routing_script: githubApp\n`);
  const { data } = (await reader.call('GET', '/integrations/own-deaf?include=webhook')).body;
  expect(data.webhook_url).toBe(reader.world.config.publicUrl + hook);
  expect((await reader.call('POST', hook, { a: 1 }, {})).body.error.code).toBe('webhook_invalid_signature');
});

test('the older import takes it, and a metadata change and a deletion find it', async () => {
  await define(writer, 'own-older', apiKeyYaml(upstream.url));
  await integrate(reader, 'own-older');
  const imported = await reader.call('POST', '/connection', { provider_config_key: 'own-older', connection_id: 'c-older', api_key: 'k' });
  expect(imported.status).toBeLessThan(300);
  const metadata = { connection_id: 'c-older', provider_config_key: 'own-older', metadata: { a: 1 } };
  expect((await reader.call('PATCH', '/connections/metadata', metadata)).status).toBe(200);
  expect((await reader.call('GET', '/config/own-older?include_creds=true')).body.config).toMatchObject({
    provider: 'own-older',
    auth_mode: 'API_KEY',
  });
  expect((await reader.call('DELETE', '/connections/c-older?provider_config_key=own-older')).status).toBe(200);
});

test('the dashboard lists it as the environment’s own, and guides to it', async () => {
  await define(writer, 'own-guided', apiKeyYaml(upstream.url));
  const member = await reader.member();
  const { providers } = (await member('GET', '/api/providers')).body;
  expect(providers.find(({ name }: Json) => name === 'own-guided')).toMatchObject({ custom: true, display_name: 'Acme ERP' });
  expect((await member('GET', '/api/providers/own-guided/guide')).body).toMatchObject({ name: 'own-guided', title: 'Acme ERP' });
  const elsewhere = await reader.member('prod');
  expect((await elsewhere('GET', '/api/providers/own-guided/guide')).status).toBe(404);
  expect(JSON.stringify((await elsewhere('GET', '/api/providers')).body)).not.toContain('own-guided');
});

describe('a definition that points inside', () => {
  const inside = [
    'http://169.254.169.254',
    'https://169.254.169.254',
    'http://10.0.0.1',
    'https://[::1]',
    'http://2130706433',
    'https://localhost',
  ];
  beforeEach(() => {
    upstream.on('/ok', (_request, response) => json(response, {}));
  });

  test.each(inside)('no token is asked for at %s', async (url) => {
    await define(
      writer,
      'inside-cc',
      `display_name: CC\ncategories: [other]\ndocs: https://docs.example.test\nauth_mode: OAUTH2_CC\ntoken_url: '${url}/latest/meta-data'\nproxy: { base_url: 'https://api.acme.test' }\n`,
    );
    await integrate(reader, 'inside-cc');
    const token = await sessionFor('inside-cc');
    const { status, body } = await reader.call(
      'POST',
      `/oauth2/auth/inside-cc?connect_session_token=${token}`,
      { client_id: 'i', client_secret: 's' },
      {},
    );
    expect(status).toBe(400);
    expect(body.error.message).toMatch(/private|not allowed|address/i);
    await reader.call('DELETE', '/integrations/inside-cc');
  });

  test.each(inside)('no call goes to %s', async (url) => {
    await define(writer, 'inside-api', noneYaml(`'${url}'`));
    await integrate(reader, 'inside-api');
    await importConnection(reader, 'c-inside', { provider_config_key: 'inside-api', credentials: { type: 'NONE' } });
    const { status, body } = await reader.call('GET', '/proxy/x', undefined, headers('inside-api', 'c-inside'));
    expect([status, body.error.code]).toEqual([400, 'base_url_override_not_allowed']);
    await reader.call('DELETE', '/integrations/inside-api');
  });

  test('plain http is refused where the operator allows no private network', async () => {
    const strict = await startPlatform({ database: writer.database, worker: false });
    const { status, body } = await put(strict, 'own-plain', noneYaml('http://api.acme.test'));
    expect(status).toBe(400);
    expect(body.error.errors).toEqual([expect.objectContaining({ path: ['proxy', 'base_url'], line: 6 })]);
  });
});

test('one environment’s failing endpoint pauses the refreshes of nobody else', async () => {
  upstream.on('/down/token', (_request, response) => json(response, {}, 500));
  upstream.on('/up/token', (_request, response) => json(response, { access_token: 'fine', refresh_token: 'r', expires_in: 3600 }));
  const expired = { type: 'OAUTH2', access_token: 'a', refresh_token: 'r', expires_at: new Date(Date.now() - 1000).toISOString() };
  const app = { type: 'OAUTH2', client_id: 'c', client_secret: 's' };
  await define(writer, 'own-down', oauthYaml(`${upstream.url}/down`));
  await integrate(reader, 'own-down', { credentials: app });
  for (let n = 0; n < 6; n++) {
    await importConnection(reader, `down-${n}`, { provider_config_key: 'own-down', credentials: expired });
    await reader.call('GET', `/connections/down-${n}?provider_config_key=own-down`);
  }
  const asked = upstream.received('/down/token').length;
  await importConnection(reader, 'down-later', { provider_config_key: 'own-down', credentials: expired });
  expect((await reader.call('GET', '/connections/down-later?provider_config_key=own-down')).status).not.toBe(200);
  expect(upstream.received('/down/token').length).toBe(asked);
  const authorization = `Bearer ${await reader.keyOf('prod')}`;
  const call: Platform['call'] = (method, path, body) => reader.call(method, path, body, { authorization });
  const config = { authorizationUrl: `${upstream.url}/up`, tokenUrl: `${upstream.url}/up/token`, baseUrl: upstream.url };
  const made = await call('POST', '/integrations', {
    unique_key: 'up',
    provider: 'oauth2-generic',
    integration_config: config,
    credentials: app,
  });
  expect(made.status).toBe(200);
  await importConnection({ ...reader, call }, 'up-1', { provider_config_key: 'up', credentials: expired });
  expect((await call('GET', '/connections/up-1?provider_config_key=up')).body.credentials.access_token).toBe('fine');
});
