/**
 * MCP servers and their authorization server for tests, over TLS: RFC 9728 and 8414 metadata, registration (RFC 7591), PKCE, resource
 * indicators, `iss` in the answer (RFC 9207) and rotating refresh tokens. What a document says can be changed, so that it lies.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';
import { createAuthority } from '../certificates.ts';
import type { Json } from '../platform.ts';

export type McpServer = {
  readonly url: string;
  readonly port: number;
  /** Of the authority that signed the certificate. */
  readonly authority: string;
  /** Over the true metadata; `undefined` takes a member away. */
  lies: { resource?: Json; server?: Json };
  /** Whether the 401 of the server says where its metadata is. */
  challenges: boolean;
  /** Bodies of registrations. */
  readonly registered: Json[];
  /** Forms that came to the token endpoint. */
  readonly tokenRequests: Record<string, string>[];
  /** What a person's consent answers: the parameters of the callback. */
  consent(authorizeUrl: URL): Record<string, string>;
};

type Grant = { clientId: string; challenge: string; resource: string | undefined };

const random = () => randomBytes(8).toString('hex');

export async function startMcpServer(): Promise<McpServer> {
  const authority = await createAuthority('Test authority');
  const codes = new Map<string, Grant>();
  const refreshTokens = new Map<string, Grant>();
  const tokens = new Set<string>();
  const clients = new Set<string>();
  const server = createServer(await authority.server(), async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const path = new URL(request.url ?? '/', mcp.url).pathname;
    const answer = (document: unknown, status = 200, headers: Record<string, string> = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(document));
    if (path === '/.well-known/oauth-protected-resource/mcp')
      return answer({
        resource: `${mcp.url}/mcp`,
        authorization_servers: [`${mcp.url}/as`],
        scopes_supported: ['read', 'write'],
        ...mcp.lies.resource,
      });
    if (path === '/.well-known/oauth-authorization-server/as')
      return answer({
        issuer: `${mcp.url}/as`,
        authorization_endpoint: `${mcp.url}/authorize`,
        token_endpoint: `${mcp.url}/token`,
        registration_endpoint: `${mcp.url}/register`,
        code_challenge_methods_supported: ['S256'],
        token_endpoint_auth_methods_supported: ['none'],
        authorization_response_iss_parameter_supported: true,
        ...mcp.lies.server,
      });
    if (path === '/register') {
      const client = { client_id: `client-${random()}`, ...JSON.parse(body) };
      clients.add(client.client_id);
      mcp.registered.push(client);
      return answer(client, 201);
    }
    if (path === '/token') return token(Object.fromEntries(new URLSearchParams(body)), answer, { codes, refreshTokens, tokens, mcp });
    const isKnown = tokens.has((request.headers.authorization ?? '').replace('Bearer ', ''));
    if (isKnown) return answer({ tools: [] });
    const where = `${mcp.url}/.well-known/oauth-protected-resource/mcp`;
    return answer({ error: 'unauthorized' }, 401, mcp.challenges ? { 'www-authenticate': `Bearer resource_metadata="${where}"` } : {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  afterAll(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const mcp: McpServer = {
    url: `https://localhost:${port}`,
    port,
    authority: authority.cert,
    lies: {},
    challenges: true,
    registered: [],
    tokenRequests: [],
    consent: (url) => {
      const asked = url.searchParams;
      const [clientId = '', challenge = ''] = [asked.get('client_id') ?? '', asked.get('code_challenge') ?? ''];
      const isKnown = clients.has(clientId) || clientId.startsWith('https://') || clientId === 'static-client';
      if (!isKnown || asked.get('code_challenge_method') !== 'S256') throw new Error(`no consent for ${url}`);
      const code = random();
      codes.set(code, { clientId, challenge, resource: asked.get('resource') ?? undefined });
      return { code, state: asked.get('state') ?? '', iss: `${mcp.url}/as` };
    },
  };
  return mcp;
}

type Issued = { codes: Map<string, Grant>; refreshTokens: Map<string, Grant>; tokens: Set<string>; mcp: McpServer };

/** A code or a refresh token works once, for the client and the resource it was given for. */
function token(
  form: Record<string, string>,
  answer: (document: unknown, status?: number) => unknown,
  { codes, refreshTokens, tokens, mcp }: Issued,
) {
  mcp.tokenRequests.push(form);
  const store = form.grant_type === 'refresh_token' ? refreshTokens : codes;
  const name = form.refresh_token ?? form.code ?? '';
  const grant = store.get(name);
  store.delete(name);
  const proven =
    form.grant_type === 'refresh_token' ||
    createHash('sha256')
      .update(form.code_verifier ?? '')
      .digest('base64url') === grant?.challenge;
  if (!grant || !proven || grant.clientId !== form.client_id || grant.resource !== form.resource)
    return answer({ error: 'invalid_grant' }, 400);
  const access = `mcp-${random()}`;
  const refresh = `refresh-${random()}`;
  tokens.add(access);
  refreshTokens.set(refresh, grant);
  return answer({ access_token: access, token_type: 'Bearer', expires_in: 3600, refresh_token: refresh });
}
