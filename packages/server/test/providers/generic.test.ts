/** The generic providers: anything that is not in the catalogue works with one of them, from the integration to the first call. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { comeBack, openPopup } from '../connect/browser.ts';
import { type McpServer, startMcpServer } from '../connect/mcp-server.ts';
import { type Json, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';

let upstream: Upstream;
let mcp: McpServer;
let platform: Platform;
beforeAll(async () => {
  upstream = await startUpstream();
  mcp = await startMcpServer();
  const ca = join(mkdtempSync(join(tmpdir(), 'bowline-ca-')), 'ca.pem');
  writeFileSync(ca, mcp.authority);
  const allow = [`127.0.0.1:${upstream.port}`, `localhost:${mcp.port}`];
  platform = await startPlatform({ worker: false, allow, env: { BOWLINE_OUTBOUND_CA: ca } });
  upstream.on('/api/me', ({ url, headers: { authorization, 'x-key': key } }, response) => json(response, { url, authorization, key }));
});

const integrate = async (provider: string, more: object = {}) => {
  const answer = await platform.call('POST', '/integrations', { unique_key: provider, provider, ...more });
  expect([provider, answer.status, answer.body.error]).toEqual([provider, 200, undefined]);
};
const session = async (): Promise<string> => (await platform.call('POST', '/connect/sessions', { end_user: { id: 'u' } })).body.data.token;
const submit = async (route: string, key: string, body: object): Promise<string> => {
  const answer = await platform.call('POST', `${route}/${key}?connect_session_token=${await session()}`, body, {});
  expect([key, answer.status, answer.body.error]).toEqual([key, 200, undefined]);
  return answer.body.connectionId;
};
const me = async (key: string, connection: string, more: Record<string, string> = {}): Promise<Json> =>
  (await platform.call('GET', '/proxy/me', undefined, { 'provider-config-key': key, 'connection-id': connection, ...more })).body;
const newest = async (key: string): Promise<string> =>
  (await platform.call('GET', `/connections?integrationId=${key}&limit=1`)).body.connections[0].connection_id;

test('private-api-generic: an API key in a header, as the API wants it, or in the query', async () => {
  const baseUrl = `${upstream.url}/api`;
  await integrate('private-api-generic', {
    integration_config: { baseUrl, keyName: 'x-key', valueTemplate: ['Token $', '{apiKey}'].join('') },
  });
  const connection = await submit('/api-auth/api-key', 'private-api-generic', { apiKey: 'k-1' });
  expect(await me('private-api-generic', connection)).toMatchObject({ key: 'Token k-1' });
  await platform.call('PATCH', '/integrations/private-api-generic', { integration_config: { keyPlacement: 'query', keyName: 'api_key' } });
  expect((await me('private-api-generic', connection)).url).toContain('api_key=Token');
});

test('private-api-basic: a user name and a password', async () => {
  await integrate('private-api-basic', { integration_config: { baseUrl: `${upstream.url}/api` } });
  const connection = await submit('/api-auth/basic', 'private-api-basic', { username: 'ann', password: 'pw' });
  expect(await me('private-api-basic', connection)).toMatchObject({ authorization: `Basic ${btoa('ann:pw')}` });
});

test('unauthenticated: a call with an address of its own', async () => {
  await integrate('unauthenticated');
  const connection = await submit('/auth/unauthenticated', 'unauthenticated', {});
  const answer = await me('unauthenticated', connection, { 'base-url-override': `${upstream.url}/api` });
  expect(answer).toMatchObject({ url: '/api/me' });
  expect(answer.authorization).toBeUndefined();
});

test('oauth2-generic: a sign-in with PKCE, a call, a refresh', async () => {
  const forms: Record<string, string>[] = [];
  upstream.on('/token', ({ body }, response) => {
    forms.push(Object.fromEntries(new URLSearchParams(body.toString())));
    json(response, { access_token: `t-${forms.length}`, refresh_token: `r-${forms.length}`, expires_in: 3600 });
  });
  await integrate('oauth2-generic', {
    integration_config: {
      authorizationUrl: 'https://login.example.test/authorize',
      tokenUrl: `${upstream.url}/token`,
      baseUrl: `${upstream.url}/api`,
    },
    credentials: { type: 'OAUTH2', client_id: 'c', client_secret: 's', scopes: 'read,write' },
  });
  const { location, cookie } = await openPopup(platform, 'oauth2-generic', { connect_session_token: await session() });
  expect(location?.origin).toBe('https://login.example.test');
  await comeBack(platform, { code: 'code-1', state: location?.searchParams.get('state') ?? '' }, cookie);
  const connection = await newest('oauth2-generic');
  expect(await me('oauth2-generic', connection)).toMatchObject({ authorization: 'Bearer t-1' });
  const path = `/connections/${connection}?provider_config_key=oauth2-generic&force_refresh=true`;
  expect((await platform.call('GET', path)).body.credentials.access_token).toBe('t-2');
  expect(forms).toMatchObject([
    { grant_type: 'authorization_code', code: 'code-1', code_verifier: expect.any(String), client_secret: 's' },
    { grant_type: 'refresh_token', refresh_token: 'r-1' },
  ]);
});

test('oauth2-cc-generic: a client’s own credentials', async () => {
  upstream.on('/cc', (_request, response) => json(response, { access_token: 'of the client', expires_in: 3600 }));
  await integrate('oauth2-cc-generic', { integration_config: { tokenUrl: `${upstream.url}/cc`, baseUrl: `${upstream.url}/api` } });
  const connection = await submit('/oauth2/auth', 'oauth2-cc-generic', { client_id: 'i', client_secret: 's' });
  expect(await me('oauth2-cc-generic', connection)).toMatchObject({ authorization: 'Bearer of the client' });
});

test('mcp-generic: a server that somebody names is discovered, and called', async () => {
  await integrate('mcp-generic');
  const query = { connect_session_token: await session(), 'params[mcp_server_url]': `${mcp.url}/mcp` };
  const { location, cookie } = await openPopup(platform, 'mcp-generic', query);
  if (!location) throw new Error('nobody was sent to the server');
  await comeBack(platform, { ...mcp.consent(location) }, cookie);
  const headers = { 'provider-config-key': 'mcp-generic', 'connection-id': await newest('mcp-generic') };
  expect((await platform.call('POST', '/proxy/', {}, headers)).body).toEqual({ tools: [] });
});
