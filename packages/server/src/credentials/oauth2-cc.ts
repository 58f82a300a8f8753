/** Auth mode OAUTH2_CC: the client credentials grant (RFC 6749 §4.4). The end user brings the client; a refresh is the same grant again. */
import type { Oauth2ClientCredentialsProvider, Provider } from '@bowline/providers/provider';
import { z } from 'zod';
import { type IntegrationAccess, templateScope } from './access.ts';
import { type AuthMode, type AuthWorld, always, asksWithForm, type ConnectionConfig, declaredFields, type Granted } from './auth-mode.ts';
import { clientAssertion } from './client-assertion.ts';
import { readCertificate } from './client-certificate.ts';
import { CredentialsError } from './failure.ts';
import { readForm } from './form.ts';
import { fillParams } from './params.ts';
import { pick } from './token.ts';
import { requestToken } from './token-request.ts';

const form = z.object({
  client_id: z.string().max(1024).default(''),
  client_secret: z.string().max(4096).default(''),
  client_certificate: z.string().max(10_000).optional(),
  client_private_key: z.string().max(10_000).optional(),
});
type Client = z.infer<typeof form>;

/** What we assume when the provider tells no lifetime: an hour is the usual one, less five minutes. */
const defaultLifetimeMs = 55 * 60_000;

export const oauth2ClientCredentials: AuthMode = {
  fields: declaredFields,
  start: asksWithForm,

  finish: async (world, { integration, connectionConfig, answer }) => {
    const client = readForm(form, answer);
    const { require_client_certificate: showsCertificate } = narrow(integration.provider);
    if (!client.client_id) throw new CredentialsError('missing_client_id', 'client_id is required');
    if (!client.client_secret && !client.client_private_key)
      throw new CredentialsError('missing_client_secret', 'client_secret is required');
    if (showsCertificate && !client.client_certificate) {
      const path = ['credentials', 'client_certificate'];
      throw new CredentialsError('invalid_body', 'client_certificate is required: this provider asks for one on every call', { path });
    }
    return grant(world, integration, connectionConfig, client);
  },

  refresh: async (world, { integration, connectionConfig, credentials }) => {
    if (credentials.type !== 'OAUTH2_CC') throw new TypeError(`cannot renew ${credentials.type ?? 'no'} credentials by client credentials`);
    return grant(world, integration, connectionConfig, credentials);
  },

  renews: always,
  apply: ({ credentials, integration }) => {
    if (credentials.type !== 'OAUTH2_CC') return { headers: {}, query: {} };
    const { client_certificate: cert, client_private_key: key } = credentials;
    const shown = narrow(integration.provider).require_client_certificate && cert && key ? { certificate: { cert, key } } : {};
    return { headers: { authorization: `Bearer ${credentials.token}` }, query: {}, ...shown };
  },
};

async function grant(
  world: AuthWorld,
  integration: IntegrationAccess,
  connectionConfig: ConnectionConfig,
  client: Client,
): Promise<Granted> {
  const provider = narrow(integration.provider);
  const now = world.clock.now();
  const certificate = readCertificate(client.client_certificate, client.client_private_key, now);
  const scopes = scopesOf(integration, provider, connectionConfig).join(provider.scope_separator ?? ' ');
  const scope = templateScope({ integration, connectionConfig });
  const { token, answer } = await requestToken(world.outbound, {
    provider,
    urlTemplate: provider.token_url,
    scope,
    client: { id: client.client_id, secret: client.client_secret },
    params: {
      grant_type: 'client_credentials',
      ...fillParams(provider.token_params, provider, scope),
      ...(scopes === '' ? {} : { scope: scopes }),
    },
    now,
    reshape: async (call) => ({
      ...call,
      params: {
        ...call.params,
        ...(provider.token_request_auth_method === 'private_key_jwt'
          ? await clientAssertion(world, { id: client.client_id, privateKey: client.client_private_key }, call.url)
          : {}),
        ...texts(connectionConfig.authorization_params),
      },
      certificate,
    }),
  });
  const expiresAt = token.expiresAt ?? assumedEnd(provider, now);
  const key = certificate?.key ?? client.client_private_key;
  return {
    credentials: {
      type: 'OAUTH2_CC',
      token: token.accessToken,
      client_id: client.client_id,
      client_secret: client.client_secret,
      ...(certificate ? { client_certificate: certificate.cert } : {}),
      ...(key ? { client_private_key: key } : {}),
      ...(expiresAt ? { expires_at: expiresAt.toISOString() } : {}),
      raw: { ...answer },
    },
    connectionConfig: { ...connectionConfig, ...pick(answer, provider.token_response_metadata) },
  };
}

/** Those of the connection, else of the integration, else of the provider. */
function scopesOf(integration: IntegrationAccess, provider: Oauth2ClientCredentialsProvider, { oauth_scopes: own }: ConnectionConfig) {
  if (typeof own === 'string') return own.split(',').flatMap((one) => one.trim() || []);
  return integration.scopes.length > 0 ? integration.scopes : (provider.default_scopes ?? []);
}

/** For an answer that tells no end; a provider whose tokens have none says 0. */
function assumedEnd({ token_expires_in_ms: assumed = defaultLifetimeMs }: Oauth2ClientCredentialsProvider, now: Date): Date | undefined {
  return assumed === 0 ? undefined : new Date(now.getTime() + assumed);
}

function texts(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).flatMap(([name, inner]) => (typeof inner === 'string' ? [[name, inner]] : [])));
}

function narrow(provider: Provider): Oauth2ClientCredentialsProvider {
  if (provider.auth_mode === 'OAUTH2_CC') return provider;
  throw new TypeError(`${provider.name} is ${provider.auth_mode}, not OAUTH2_CC`);
}
