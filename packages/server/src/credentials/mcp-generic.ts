/**
 * Auth mode MCP_OAUTH2_GENERIC: any MCP server by its address. Everything is discovered, and the client is our metadata document's
 * address, one registered on the spot, or the developer's own. What a refresh needs stays with the connection.
 */
import type { Provider, ProviderOf } from '@bowline/providers/provider';
import { AuthorizationResponseError, skipStateCheck, validateAuthResponse } from 'oauth4webapi';
import { z } from 'zod';
import { type AuthMode, type AuthWorld, type ConnectionConfig, declaredFields, type Finish, type Start } from './auth-mode.ts';
import { codeIn } from './callback-query.ts';
import { bearer, finishCodeGrant, overrideOf, refreshCodeGrant, renewsGrant, startCodeGrant } from './code-grant.ts';
import { CredentialsError } from './failure.ts';
import type { CodeGrantProvider } from './grant.ts';
import { type Discovered, discover, serverMetadata } from './mcp-discovery.ts';
import { checkEndpoint, clientMetadata, type Registered, registerClient } from './register-client.ts';

/** Goes with the state: the callback must not ask again, since another answer would be another server. */
const keptSchema = z.object({
  server: serverMetadata,
  client: z.object({ id: z.string(), secret: z.string(), method: z.string() }),
  resource: z.string().optional(),
});
type Known = z.infer<typeof keptSchema>;

export const mcpOauth2Generic: AuthMode = {
  fields: declaredFields,

  start: async (world, input) => {
    const found = await discover(world, String(input.connectionConfig.mcp_server_url ?? ''));
    const known: Known = { server: found.server, client: await clientFor(world, found, input), resource: found.resource };
    const { authorizationParams: _ignored, ...request } = input;
    const connectionConfig = { ...input.connectionConfig, ...stored(known) };
    const grant = { provider: grantProvider(input.integration.provider, known), client: known.client };
    const started = startCodeGrant(world, grant, { ...request, connectionConfig, scopes: found.scopes });
    return started.kind === 'redirect' ? { ...started, kept: { ...started.kept, known: JSON.stringify(known) } } : started;
  },

  finish: async (world, input) => {
    const { answer, integration, connectionConfig } = input;
    if (answer.kind !== 'callback') throw new CredentialsError('callback_err', 'this server sends people back with a code');
    const known = keptSchema.parse(JSON.parse(answer.kept.known ?? '{}'));
    const provider = { ...grantProvider(integration.provider, known), issuer: known.server.issuer };
    checkIssuer(known, answer, provider);
    return finishCodeGrant(
      world,
      { provider, client: known.client },
      {
        ...input,
        connectionConfig: { ...connectionConfig, ...stored(known) },
        override: { clientId: known.client.id, clientSecret: known.client.secret },
      },
    );
  },

  refresh: async (world, access) => {
    const { credentials, connectionConfig, integration } = access;
    const server = serverMetadata.safeParse(connectionConfig.oauth_metadata).data;
    const own = credentials.type === 'OAUTH2' ? overrideOf(credentials) : {};
    if (!server || own.clientId === undefined) {
      const message = 'the connection does not hold what its server told of itself; the person has to connect again';
      throw new CredentialsError('provider_config_err', message, { kind: 'revoked' });
    }
    checkEndpoint(server.token_endpoint, 'the token endpoint');
    const { token_endpoint_auth_method: method = 'none' } = Object(connectionConfig.oauth_client_info);
    const client = { id: own.clientId, secret: own.clientSecret ?? '', method: String(method) };
    const known = { server, client, resource: textOf(connectionConfig.oauth_resource_url) };
    return refreshCodeGrant(world, { provider: grantProvider(integration.provider, known), client }, { access });
  },

  renews: renewsGrant,
  apply: bearer,
  describesClient: true,
};

async function clientFor(world: AuthWorld, { server, scopes }: Discovered, input: Start): Promise<Registered> {
  const { integration, clientMetadataUrl, redirectUri } = input;
  if (integration.clientId) {
    const secret = integration.clientSecret ?? '';
    return { id: integration.clientId, secret, method: methodOf(server.token_endpoint_auth_methods_supported, secret !== '') };
  }
  if (server.client_id_metadata_document_supported && clientMetadataUrl !== undefined)
    return { id: clientMetadataUrl, secret: '', method: 'none' };
  if (server.registration_endpoint === undefined) {
    const message = `${new URL(server.issuer).host} registers no clients by itself; set one that you registered there in the settings of the integration`;
    throw new CredentialsError('provider_config_err', message);
  }
  const { oauth_client_name, oauth_client_uri, oauth_client_logo_uri } = integration.custom;
  return registerClient(world, server.registration_endpoint, {
    ...clientMetadata(redirectUri, oauth_client_name ?? 'Bowline'),
    ...(oauth_client_uri ? { client_uri: oauth_client_uri } : {}),
    ...(oauth_client_logo_uri ? { logo_uri: oauth_client_logo_uri } : {}),
    ...(scopes.length > 0 ? { scope: scopes.join(' ') } : {}),
    token_endpoint_auth_method: methodOf(server.token_endpoint_auth_methods_supported, false),
  });
}

/** A server that says nothing takes Basic (RFC 8414); one that knows public clients needs no secret. */
function methodOf(supported: readonly string[] | undefined, hasSecret: boolean): string {
  if (!hasSecret && (supported === undefined || supported.includes('none'))) return 'none';
  return supported?.includes('client_secret_post') ? 'client_secret_post' : 'client_secret_basic';
}

/** Mix-up defence (RFC 9207): the answer must come from the server that was asked. */
function checkIssuer(
  { server, client }: Known,
  { query }: Extract<Finish['answer'], { kind: 'callback' }>,
  provider: CodeGrantProvider,
): void {
  try {
    const as = {
      issuer: server.issuer,
      authorization_response_iss_parameter_supported: server.authorization_response_iss_parameter_supported ?? false,
    };
    validateAuthResponse(as, { client_id: client.id }, new URLSearchParams(query), skipStateCheck);
  } catch (error) {
    if (error instanceof AuthorizationResponseError) codeIn({ ...query, code: '' }, provider);
    throw new CredentialsError('callback_err', 'the answer does not say that it comes from the server that was asked; connect again', {
      providerError: 'iss',
    });
  }
}

/** What the connection keeps for its refreshes; a client's secret stays with the credentials. */
function stored({ server, client, resource }: Known): ConnectionConfig {
  return {
    oauth_metadata: server,
    oauth_client_info: { client_id: client.id, token_endpoint_auth_method: client.method },
    ...(resource === undefined ? {} : { oauth_resource_url: resource }),
  };
}

/** What was discovered, in the form of a provider's entry. The resource is named in every request (RFC 8707). */
function grantProvider(provider: Provider, { server, client, resource }: Known): CodeGrantProvider {
  const { proxy: _proxy, ...common } = narrow(provider);
  const params: Record<string, string> = resource === undefined ? {} : { resource: connectionConfigOf('oauth_resource_url') };
  return {
    ...common,
    authorization_url: server.authorization_endpoint,
    token_url: server.token_endpoint,
    authorization_params: params,
    token_params: params,
    refresh_params: params,
    ...(client.method === 'client_secret_basic' && client.secret !== '' ? { authorization_method: 'header' } : {}),
  };
}

function narrow(provider: Provider): ProviderOf<'MCP_OAUTH2_GENERIC'> {
  if (provider.auth_mode === 'MCP_OAUTH2_GENERIC') return provider;
  throw new TypeError(`${provider.name} is ${provider.auth_mode}, not MCP_OAUTH2_GENERIC`);
}

/** A placeholder: its value is copied in as text, so what a server says is never read as a template. */
const connectionConfigOf = (name: string) => `\${connectionConfig.${name}}`;
const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);
