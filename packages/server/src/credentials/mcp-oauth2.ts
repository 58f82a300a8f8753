/**
 * Auth mode MCP_OAUTH2: the code grant of an MCP server whose endpoints are known. PKCE always; the resource it is for is named in every
 * request (RFC 8707). Each connection keeps the client it was made with, so registering anew harms none.
 */
import type { Provider, ProviderOf } from '@bowline/providers/provider';
import { type AuthMode, declaredFields, type Kept, type Start } from './auth-mode.ts';
import { bearer, finishCodeGrant, overrideOf, refreshCodeGrant, renewsGrant, startCodeGrant } from './code-grant.ts';
import { CredentialsError } from './failure.ts';
import type { Client, CodeGrantProvider } from './grant.ts';
import { clientMetadata, registerClient } from './register-client.ts';

export const mcpOauth2: AuthMode = {
  fields: declaredFields,

  start: async (world, input) => {
    const provider = narrow(input.integration.provider);
    const client = clientFor(provider, input);
    const { authorizationParams: _ignored, ...request } = input;
    const started = startCodeGrant(world, { provider: grantProvider(provider), client }, request);
    return started.kind === 'redirect' ? { ...started, kept: { ...started.kept, ...keep(client) } } : started;
  },

  finish: async (world, input) => {
    const provider = narrow(input.integration.provider);
    const client = kept(input.answer.kind === 'callback' ? input.answer.kept : {});
    const own = provider.client_registration === 'static' ? {} : { override: { clientId: client.id, clientSecret: client.secret } };
    const { override: _ignored, ...request } = input;
    return finishCodeGrant(world, { provider: grantProvider(provider), client }, { ...request, ...own });
  },

  refresh: async (world, access) => {
    const { integration, credentials } = access;
    const own = credentials.type === 'OAUTH2' ? overrideOf(credentials) : {};
    const client = {
      id: own.clientId ?? integration.clientId ?? '',
      secret: own.clientId ? (own.clientSecret ?? '') : (integration.clientSecret ?? ''),
    };
    if (client.id === '') throw missingClient();
    return refreshCodeGrant(world, { provider: grantProvider(narrow(integration.provider)), client }, { access });
  },

  renews: renewsGrant,
  apply: bearer,
  describesClient: true,

  register: async (world, { provider, redirectUri, clientName }) => {
    const { client_registration, registration_url, registration_params } = narrow(provider);
    if (client_registration !== 'dynamic' || registration_url === undefined) return undefined;
    return registerClient(world, registration_url, { ...clientMetadata(redirectUri, clientName), ...registration_params });
  },
};

function clientFor(provider: ProviderOf<'MCP_OAUTH2'>, { integration, clientMetadataUrl }: Start): Client {
  if (provider.client_registration !== 'cimd') {
    if (integration.clientId) return { id: integration.clientId, secret: integration.clientSecret ?? '' };
    throw missingClient();
  }
  if (clientMetadataUrl !== undefined) return { id: clientMetadataUrl, secret: '' };
  const message =
    'this provider reads a description of our client from a public https address, and this server has none (BOWLINE_PUBLIC_URL)';
  throw new CredentialsError('provider_config_err', message);
}

function missingClient(): CredentialsError {
  return new CredentialsError(
    'provider_config_err',
    'the integration has no client id; set the client that you registered in its settings',
  );
}

/** The client as it goes with the state to the callback and back. */
const keep = ({ id, secret }: Client): Kept => ({ clientId: id, clientSecret: secret });
const kept = ({ clientId = '', clientSecret = '' }: Kept): Client => ({ id: clientId, secret: clientSecret });

function grantProvider(provider: ProviderOf<'MCP_OAUTH2'>): CodeGrantProvider {
  const resource = provider.authorization_params?.resource;
  const named: Record<string, string> = resource === undefined ? {} : { resource };
  return {
    ...provider,
    disable_pkce: false,
    token_params: { ...named, ...provider.token_params },
    refresh_params: { ...named, ...provider.refresh_params },
  };
}

function narrow(provider: Provider): ProviderOf<'MCP_OAUTH2'> {
  if (provider.auth_mode === 'MCP_OAUTH2') return provider;
  throw new TypeError(`${provider.name} is ${provider.auth_mode}, not MCP_OAUTH2`);
}
