import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Json, type Platform, startPlatform } from '../platform.ts';
import { comeBack, messageOf, openPopup } from './browser.ts';
import { type McpServer, startMcpServer } from './mcp-server.ts';

let mcp: McpServer;
let platform: Platform;
/** The same state behind a public https address. */
let published: Platform;

beforeAll(async () => {
  mcp = await startMcpServer();
  const folder = mkdtempSync(join(tmpdir(), 'bowline-mcp-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const known = (registration: string) => `display_name: Known
categories: [mcp]
docs: https://example.test
auth_mode: MCP_OAUTH2
${registration}
authorization_url: ${mcp.url}/authorize
authorization_params: { resource: ${mcp.url}/mcp }
token_url: ${mcp.url}/token
proxy: { base_url: ${mcp.url} }
`;
  const options = {
    allow: [`localhost:${mcp.port}`],
    providers: [
      file('dynamic.yaml', known(`client_registration: dynamic\nregistration_url: ${mcp.url}/register`)),
      file('static.yaml', known('client_registration: static')),
      file('described.yaml', known('client_registration: cimd')),
      file('unreachable.yaml', known('client_registration: dynamic\nregistration_url: https://10.0.0.1/register')),
    ],
    env: { BOWLINE_OUTBOUND_CA: file('ca.pem', mcp.authority) },
    worker: false,
  };
  platform = await startPlatform(options);
  published = await startPlatform({
    ...options,
    database: platform.database,
    env: { ...options.env, BOWLINE_PUBLIC_URL: 'https://bowline.example.com' },
  });
  const create = async (unique_key: string, provider: string, more: object = {}) => {
    const answer = await platform.call('POST', '/integrations', { unique_key, provider, ...more });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  };
  await create('generic', 'mcp-generic', { custom: { oauth_client_name: 'Acme' } });
  await create('dynamic', 'dynamic');
  await create('static', 'static', { credentials: { type: 'MCP_OAUTH2', client_id: 'static-client' } });
  await create('bare', 'static');
  await create('described', 'described');
  await create('unreachable', 'unreachable');
});
beforeEach(() => {
  mcp.lies = {};
  mcp.challenges = true;
});

const session = async (): Promise<string> =>
  (await platform.call('POST', '/connect/sessions', { end_user: { id: 'u-1' } })).body.data.token;
const reconnect = async (key: string, id: string): Promise<string> =>
  (await platform.call('POST', '/connect/sessions/reconnect', { connection_id: id, integration_id: key })).body.data.token;
const newest = async (key: string): Promise<Json> =>
  (await platform.call('GET', `/connections?integrationId=${key}&limit=1`)).body.connections[0];
const read = async (key: string, id: string, query = ''): Promise<Json> =>
  (await platform.call('GET', `/connections/${id}?provider_config_key=${key}${query}`)).body;
const tools = (key: string, id: string) =>
  platform.call('GET', '/proxy/tools', undefined, {
    authorization: `Bearer ${platform.apiKey}`,
    'provider-config-key': key,
    'connection-id': id,
  });

type Going = {
  token?: string;
  at?: Platform;
  params?: Record<string, string>;
  answers?: (given: Record<string, string>) => Record<string, string>;
};

/** A person connects; answers the page they end on, and where they were sent. */
async function connect(key: string, { token, at = platform, params = {}, answers = (given) => given }: Going = {}) {
  const asked = Object.fromEntries(Object.entries(params).map(([name, value]) => [`params[${name}]`, value]));
  const { location, page, cookie } = await openPopup(at, key, { connect_session_token: token ?? (await session()), ...asked });
  if (!location) return { location, page };
  return { location, page: await comeBack(at, answers(mcp.consent(location)), cookie) };
}
const server = () => ({ params: { mcp_server_url: `${mcp.url}/mcp` } });

describe('an MCP server by its address', () => {
  test('is discovered, signed in to with PKCE for its resource, used and renewed', async () => {
    const { location, page } = await connect('generic', server());
    expect(page.status).toBe(200);
    expect(location?.searchParams.get('scope')).toBe('read write');
    expect(location?.searchParams.get('resource')).toBe(`${mcp.url}/mcp`);
    expect(mcp.registered.at(-1)).toMatchObject({ client_name: 'Acme', token_endpoint_auth_method: 'none', scope: 'read write' });
    const { connection_id: id } = await newest('generic');
    expect(await tools('generic', id)).toMatchObject({ status: 200, body: { tools: [] } });
    const before = await read('generic', id, '&refresh_token=true');
    expect(before.connection_config).toMatchObject({ mcp_server_url: `${mcp.url}/mcp`, oauth_resource_url: `${mcp.url}/mcp` });
    expect(JSON.stringify(before.connection_config)).not.toMatch(/verifier|secret"/);
    const after = await read('generic', id, '&refresh_token=true&force_refresh=true');
    expect(after.credentials.access_token).not.toBe(before.credentials.access_token);
    expect(mcp.tokenRequests.at(-1)).toMatchObject({
      grant_type: 'refresh_token',
      resource: `${mcp.url}/mcp`,
      client_id: mcp.registered.at(-1).client_id,
    });
    expect(await tools('generic', id)).toMatchObject({ status: 200 });
  });

  test('keeps the connection’s id when the person signs in again', async () => {
    const { connection_id: id } = await newest('generic');
    const { page } = await connect('generic', { ...server(), token: await reconnect('generic', id) });
    expect(page.status).toBe(200);
    expect((await newest('generic')).connection_id).toBe(id);
  });

  test('is found at the well-known place when its answer does not say where', async () => {
    mcp.challenges = false;
    expect((await connect('generic', server())).page.status).toBe(200);
  });

  test('takes the address of our description as the client where it can', async () => {
    mcp.lies = { server: { client_id_metadata_document_supported: true } };
    const count = mcp.registered.length;
    const { location, page } = await connect('generic', { ...server(), at: published });
    expect(page.status).toBe(200);
    expect(mcp.registered.length).toBe(count);
    const address = location?.searchParams.get('client_id') ?? '';
    const document = await fetch(address.replace('https://bowline.example.com', published.url));
    expect(document.headers.get('cache-control')).toBe('public, max-age=300');
    expect(await document.json()).toMatchObject({
      client_id: address,
      client_name: 'Acme',
      redirect_uris: [location?.searchParams.get('redirect_uri')],
    });
    // Without a public address the same server is asked to register a client.
    await connect('generic', server());
    expect(mcp.registered.length).toBe(count + 1);
  });

  test.each([
    ['an issuer that is another', { server: { issuer: 'https://evil.example' } }, /cannot be used/],
    ['metadata of another resource', { resource: { resource: 'https://evil.example/mcp' } }, /is not about/],
    ['an authorization server on a private host', { resource: { authorization_servers: ['https://10.0.0.1'] } }, /host name/],
    ['one on a private name', { resource: { authorization_servers: ['https://localhost:1'] } }, /cannot be used/],
    ['a token endpoint without https', { server: { token_endpoint: 'http://localhost/token' } }, /token endpoint must be an https/],
    [
      'a token endpoint that is a template',
      { server: { token_endpoint: 'https://evil.example/$'.concat('{clientSecret}') } },
      /token endpoint must be/,
    ],
    ['no PKCE', { server: { code_challenge_methods_supported: ['plain'] } }, /PKCE/],
    ['no way to a client', { server: { registration_endpoint: undefined } }, /registers no clients/],
    ['a registration on a private host', { server: { registration_endpoint: 'https://127.0.0.1/register' } }, /registers no clients/],
  ])('that tells of %s is not signed in to', async (_what, lies, said) => {
    mcp.lies = lies;
    const { location, page } = await connect('generic', server());
    expect(location).toBeUndefined();
    expect(page.status).toBe(400);
    expect(messageOf(page)).toMatchObject({ payload: { errorType: 'provider_config_err', message: expect.stringMatching(said) } });
  });

  test.each(['https://127.0.0.1/mcp', 'http://localhost/mcp', 'https://user@localhost/mcp', 'https://10.1.2.3:443/'])(
    'cannot be %s',
    async (address) => {
      const { location, page } = await connect('generic', { params: { mcp_server_url: address } });
      expect(location).toBeUndefined();
      expect(page.status).toBe(400);
    },
  );

  test.each([
    ['of another issuer', (given: Record<string, string>) => ({ ...given, iss: 'https://evil.example' }), 'server that was asked'],
    ['without an issuer', ({ iss: _, ...given }: Record<string, string>) => given, 'server that was asked'],
    ['that denies', ({ state = '', iss = '' }: Record<string, string>) => ({ state, iss, error: 'access_denied' }), 'access_denied'],
  ])('an answer %s makes no connection', async (_what, answers, said) => {
    const count = mcp.tokenRequests.length;
    const { page } = await connect('generic', { ...server(), answers });
    expect(page.status).toBe(400);
    expect(messageOf(page)).toMatchObject({ payload: { errorType: 'callback_err', message: expect.stringContaining(said) } });
    expect(mcp.tokenRequests.length).toBe(count);
  });
});

describe('an MCP server of the catalogue', () => {
  test('has its client registered with the integration, by the public API too, and each connection keeps its own', async () => {
    const client = async () => (await platform.call('GET', '/integrations/dynamic?include=credentials')).body.data.credentials.client_id;
    const first = await client();
    expect(mcp.registered.map(({ client_id }) => client_id)).toContain(first);
    const { location, page } = await connect('dynamic');
    expect(page.status).toBe(200);
    expect(location?.searchParams.get('client_id')).toBe(first);
    const { connection_id: id } = await newest('dynamic');
    expect(await tools('dynamic', id)).toMatchObject({ status: 200 });
    // Sent back elsewhere, another client is needed; connections that were made with the first still renew with it.
    const { location: moved } = await connect('dynamic', { at: published });
    expect(moved?.searchParams.get('client_id')).not.toBe(first);
    expect((await read('dynamic', id, '&force_refresh=true')).credentials.access_token).toBeDefined();
    expect(mcp.tokenRequests.at(-1)).toMatchObject({ grant_type: 'refresh_token', client_id: first, resource: `${mcp.url}/mcp` });
  });

  test('without registration uses the developer’s client, public as it is', async () => {
    const { location, page } = await connect('static');
    expect(location?.searchParams.get('client_id')).toBe('static-client');
    expect(page.status).toBe(200);
    expect(mcp.tokenRequests.at(-1)).not.toHaveProperty('client_secret');
    expect((await read('static', (await newest('static')).connection_id)).credentials).not.toHaveProperty('config_override');
  });

  test('that reads descriptions is given the address of ours, and says what is missing where there is none', async () => {
    const { location, page } = await connect('described', { at: published });
    expect(location?.searchParams.get('client_id')).toMatch(
      /^https:\/\/bowline\.example\.com\/oauth\/client-metadata\/[0-9a-f-]{36}\/described$/,
    );
    expect(page.status).toBe(200);
    expect(messageOf((await connect('described')).page)).toMatchObject({
      payload: { message: expect.stringContaining('BOWLINE_PUBLIC_URL') },
    });
  });

  test.each([
    ['bare', 'set the client that you registered'],
    ['unreachable', 'did not register a client'],
  ])('%s says what hinders the sign-in', async (key, said) => {
    const { location, page } = await connect(key);
    expect(location).toBeUndefined();
    expect(messageOf(page)).toMatchObject({ payload: { errorType: 'provider_config_err', message: expect.stringContaining(said) } });
  });
});
