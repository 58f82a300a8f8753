/** Auth mode OAUTH2_CC: the client credentials grant (RFC 6749 §4.4). The end user brings the client; a refresh is the same grant again. */
import type { Oauth2ClientCredentialsProvider, Provider } from '@bowline/providers/provider';
import { z } from 'zod';
import { type IntegrationAccess, templateScope } from './access.ts';
import { type AuthMode, type AuthWorld, always, asksWithForm, type ConnectionConfig, declaredFields, type Granted } from './auth-mode.ts';
import { CredentialsError } from './failure.ts';
import { readForm } from './form.ts';
import { fillParams } from './params.ts';
import { pick } from './token.ts';
import { requestToken } from './token-request.ts';

const form = z.object({ client_id: z.string().max(1024).default(''), client_secret: z.string().max(4096).default('') });
type Client = z.infer<typeof form>;

/** What we assume when the provider tells no lifetime: an hour is the usual one, less five minutes. */
const defaultLifetimeMs = 55 * 60_000;

export const oauth2ClientCredentials: AuthMode = {
  fields: declaredFields,
  start: asksWithForm,

  finish: async (world, { integration, connectionConfig, answer }) => {
    const client = readForm(form, answer);
    if (!client.client_id) throw new CredentialsError('missing_client_id', 'client_id is required');
    if (!client.client_secret) throw new CredentialsError('missing_client_secret', 'client_secret is required');
    return grant(world, integration, connectionConfig, client);
  },

  refresh: async (world, { integration, connectionConfig, credentials }) => {
    if (credentials.type !== 'OAUTH2_CC') throw new TypeError(`cannot renew ${credentials.type ?? 'no'} credentials by client credentials`);
    return grant(world, integration, connectionConfig, credentials);
  },

  renews: always,
  apply: ({ credentials }) => ({
    headers: credentials.type === 'OAUTH2_CC' ? { authorization: `Bearer ${credentials.token}` } : {},
    query: {},
  }),
};

async function grant(
  world: AuthWorld,
  integration: IntegrationAccess,
  connectionConfig: ConnectionConfig,
  client: Client,
): Promise<Granted> {
  const provider = narrow(integration.provider);
  const now = world.clock.now();
  const scope = templateScope({ integration, connectionConfig });
  const scopes = typeof connectionConfig.oauth_scopes === 'string' ? connectionConfig.oauth_scopes.split(',') : integration.scopes;
  const { token, answer } = await requestToken(world.outbound, {
    provider,
    urlTemplate: provider.token_url,
    scope,
    client: { id: client.client_id, secret: client.client_secret },
    params: {
      grant_type: 'client_credentials',
      ...fillParams(provider.token_params, provider, scope),
      ...(scopes.length > 0 ? { scope: scopes.join(provider.scope_separator ?? ' ') } : {}),
      ...texts(connectionConfig.authorization_params),
    },
    now,
  });
  const expiresAt = token.expiresAt ?? new Date(now.getTime() + defaultLifetimeMs);
  return {
    credentials: {
      type: 'OAUTH2_CC',
      token: token.accessToken,
      client_id: client.client_id,
      client_secret: client.client_secret,
      expires_at: expiresAt.toISOString(),
      raw: { ...answer },
    },
    connectionConfig: { ...connectionConfig, ...pick(answer, provider.token_response_metadata) },
  };
}

function texts(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).flatMap(([name, inner]) => (typeof inner === 'string' ? [[name, inner]] : [])));
}

function narrow(provider: Provider): Oauth2ClientCredentialsProvider {
  if (provider.auth_mode === 'OAUTH2_CC') return provider;
  throw new TypeError(`${provider.name} is ${provider.auth_mode}, not OAUTH2_CC`);
}
