/**
 * Finds out how to sign in to an MCP server: its protected resource metadata (RFC 9728), then that of its authorization server (RFC 8414,
 * OpenID Connect Discovery). A document must be about what it was asked for, or one server could pass off another's sign-in as its own.
 */
import { type AuthorizationServer, discoveryRequest, processDiscoveryResponse } from 'oauth4webapi';
import { z } from 'zod';
import type { AuthWorld } from './auth-mode.ts';
import { CredentialsError } from './failure.ts';
import { getDocument, refusal, through } from './oauth-fetch.ts';
import { checkEndpoint } from './register-client.ts';

type Reaches = Pick<AuthWorld, 'outbound'>;

/** What of the metadata is used, and kept for refreshes. */
export const serverMetadata = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  registration_endpoint: z.string().optional(),
  scopes_supported: z.array(z.string()).optional(),
  code_challenge_methods_supported: z.array(z.string()).optional(),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
  client_id_metadata_document_supported: z.boolean().optional(),
});
export type ServerMetadata = z.infer<typeof serverMetadata>;

const resourceMetadata = z.object({
  resource: z.url(),
  authorization_servers: z.array(z.url()).optional(),
  scopes_supported: z.array(z.string()).optional(),
});
type Resource = z.infer<typeof resourceMetadata>;

export type Discovered = { readonly server: ServerMetadata; readonly resource?: string; readonly scopes: readonly string[] };

/** @throws CredentialsError that says what is missing or does not fit */
export async function discover(world: Reaches, serverUrl: string): Promise<Discovered> {
  const address = new URL(checkEndpoint(serverUrl, 'the address of the MCP server'));
  const challenge = await challengeOf(world, address);
  const resource = await resourceOf(world, address, challenge.metadata);
  const server = await serverOf(world, resource?.authorization_servers?.[0] ?? address.origin);
  const scopes = challenge.scope?.split(' ') ?? resource?.scopes_supported ?? server.scopes_supported ?? [];
  return { server, scopes, ...(resource ? { resource: resource.resource } : {}) };
}

type Challenge = { readonly metadata?: string; readonly scope?: string };

/** Asked without a token, the server says where it describes itself. Many do not, and then the well-known places hold it. */
async function challengeOf(world: Reaches, address: URL): Promise<Challenge> {
  try {
    const { headers } = await getDocument(world, address.href, { accept: 'application/json, text/event-stream' });
    const text = headers.get('www-authenticate') ?? '';
    const part = (name: string) => new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(text)?.[1];
    const metadata = part('resource_metadata');
    const scope = part('scope');
    return { ...(metadata ? { metadata } : {}), ...(scope ? { scope } : {}) };
  } catch (error) {
    throw refusal(error, `${address.host} could not be asked how to sign in`);
  }
}

async function resourceOf(world: Reaches, address: URL, told: string | undefined): Promise<Resource | undefined> {
  const path = address.pathname.replace(/\/+$/, '');
  const known = [...new Set([path, ''])].map((below) => `${address.origin}/.well-known/oauth-protected-resource${below}`);
  for (const place of told === undefined ? known : [told]) {
    const found = await lookResource(world, checkEndpoint(place, 'the address of the resource metadata'));
    if (found && covers(new URL(found.resource), address)) return found;
    if (!found && told === undefined) continue;
    throw new CredentialsError(
      'provider_config_err',
      `the metadata at ${new URL(place).host} is not about ${address.host}${path}; we do not sign in by it`,
    );
  }
  return undefined;
}

async function lookResource(world: Reaches, place: string): Promise<Resource | undefined> {
  try {
    const response = await getDocument(world, place, { accept: 'application/json' });
    return response.status === 200 ? resourceMetadata.safeParse(await response.json()).data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw refusal(error, 'the resource metadata could not be read');
  }
}

/** The same origin, and a path that the server's begins with. */
function covers(resource: URL, address: URL): boolean {
  const within = (path: string) => `${path.replace(/\/+$/, '')}/`;
  return resource.origin === address.origin && within(address.pathname).startsWith(within(resource.pathname));
}

async function serverOf(world: Reaches, issuer: string): Promise<ServerMetadata> {
  const expected = new URL(checkEndpoint(issuer, 'the authorization server'));
  const what = `the authorization server ${expected.host} cannot be used`;
  for (const algorithm of ['oauth2', 'oidc'] as const) {
    try {
      const response = await discoveryRequest(expected, { algorithm, ...through(world) });
      if (response.status === 200) return checked(await processDiscoveryResponse(expected, response), what);
    } catch (error) {
      throw refusal(error, what);
    }
  }
  throw new CredentialsError('provider_config_err', `${what}: it does not describe itself (RFC 8414)`);
}

function checked(server: AuthorizationServer, what: string): ServerMetadata {
  const { data } = serverMetadata.safeParse(server);
  if (!data) throw new CredentialsError('provider_config_err', `${what}: its metadata names no authorization or token endpoint`);
  const methods = data.code_challenge_methods_supported;
  if (methods && !methods.includes('S256'))
    throw new CredentialsError('provider_config_err', `${what}: it does not support PKCE with S256`);
  checkEndpoint(data.authorization_endpoint, 'the authorization endpoint');
  checkEndpoint(data.token_endpoint, 'the token endpoint');
  const { registration_endpoint: registration, ...rest } = data;
  return registration !== undefined && isEndpoint(registration) ? data : rest;
}

/** One that cannot be used is as none: there are other ways to a client. */
function isEndpoint(text: string): boolean {
  try {
    return checkEndpoint(text, '') === text;
  } catch {
    return false;
  }
}
