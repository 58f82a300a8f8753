/**
 * Auth mode OAUTH2: the authorization code grant (RFC 6749 §4.1) with PKCE S256 (RFC 7636) unless the provider chokes on it.
 * A provider that sends no new refresh token keeps the old one valid, so the old one is kept.
 */
import { createHash } from 'node:crypto';
import type { Oauth2Provider, Provider } from '@bowline/providers/provider';
import type { Outbound } from '../base/outbound.ts';
import { type Access, type IntegrationAccess, templateScope } from './access.ts';
import { type AuthMode, type ConnectionConfig, declaredFields, type Finish, type Granted, type Override } from './auth-mode.ts';
import { authorizationUrl } from './authorization-url.ts';
import type { Oauth2Credentials } from './credentials.ts';
import { CredentialsError } from './failure.ts';
import { fillParams } from './params.ts';
import { pick, type Token, type TokenAnswer } from './token.ts';
import { requestToken } from './token-request.ts';

export const oauth2: AuthMode = {
  fields: declaredFields,

  start: async (world, input) => {
    const provider = narrow(input.integration.provider);
    const client = clientOf(input.integration, input.override);
    const codeVerifier = provider.disable_pkce ? null : world.random.bytes(32).toString('base64url');
    const challenge = codeVerifier === null ? undefined : createHash('sha256').update(codeVerifier).digest('base64url');
    return {
      kind: 'redirect',
      url: authorizationUrl(provider, input, client.id, challenge),
      kept: codeVerifier === null ? {} : { codeVerifier },
    };
  },

  finish: async (world, input) => {
    if (input.answer.kind !== 'callback')
      throw new CredentialsError('callback_err', 'this provider sends people back with a code; a form cannot replace it');
    const { query, redirectUri, kept } = input.answer;
    const provider = narrow(input.integration.provider);
    const code = codeIn(query, provider);
    const scope = templateScope({ integration: input.integration, connectionConfig: input.connectionConfig });
    const { token, answer } = await requestToken(world.outbound, {
      provider,
      urlTemplate: provider.token_url,
      scope,
      client: clientOf(input.integration, input.override),
      params: {
        grant_type: 'authorization_code',
        ...fillParams(provider.token_params, provider, scope),
        code,
        redirect_uri: redirectUri,
        ...(kept.codeVerifier === undefined ? {} : { code_verifier: kept.codeVerifier }),
      },
      now: world.clock.now(),
    });
    return { credentials: newCredentials(token, answer, input.override), connectionConfig: assembled(provider, input, answer, query) };
  },

  refresh: (world, access) => refresh(world.outbound, world.clock.now(), access),

  renews: ({ credentials }) => credentials.type === 'OAUTH2' && Boolean(credentials.refresh_token),

  apply: ({ credentials }) => ({
    headers: credentials.type === 'OAUTH2' ? { authorization: `Bearer ${credentials.access_token}` } : {},
    query: {},
  }),
};

async function refresh(outbound: Outbound, now: Date, access: Access): Promise<Granted> {
  const { credentials, integration } = access;
  const provider = narrow(integration.provider);
  if (credentials.type !== 'OAUTH2' || !credentials.refresh_token) {
    throw new CredentialsError('missing_refresh_token', 'there is no refresh token; the person has to connect again', { kind: 'revoked' });
  }
  const scope = templateScope(access);
  // token_params often say grant_type authorization_code; they stand in for missing refresh_params, but never with that grant.
  const { grant_type, ...tokenParams } = provider.token_params ?? {};
  const { token, answer } = await requestToken(outbound, {
    provider,
    urlTemplate: provider.refresh_url ?? provider.token_url,
    scope,
    client: clientOf(integration, overrideOf(credentials)),
    params: {
      grant_type: 'refresh_token',
      ...fillParams(provider.refresh_params ?? tokenParams, provider, scope),
      refresh_token: credentials.refresh_token,
    },
    now,
  });
  const renewed = newCredentials(
    { refreshToken: credentials.refresh_token, ...token },
    { ...objectsOf(credentials.raw), ...answer },
    overrideOf(credentials),
  );
  return { credentials: renewed, connectionConfig: { ...access.connectionConfig, ...pick(answer, provider.token_response_metadata) } };
}

function codeIn(query: Readonly<Record<string, string>>, provider: Oauth2Provider): string {
  const code = query[provider.authorization_code_param_in_callback ?? 'code'];
  if (code) return code;
  const said = ['error', 'error_description', 'error_reason', 'error_message', 'error_uri', 'status_code'].flatMap((name) =>
    query[name] ? [`${name}: ${query[name]}`] : [],
  );
  throw new CredentialsError(
    'callback_err',
    said.length > 0 ? `the provider answered with ${said.join(', ')}`.slice(0, 1000) : 'the provider sent no authorization code',
    {
      kind: query.error === 'access_denied' ? 'revoked' : 'misconfigured',
      providerError: query.error,
    },
  );
}

function newCredentials(token: Token, answer: TokenAnswer, override: Override = {}): Oauth2Credentials {
  const refreshToken = override.refreshToken ?? token.refreshToken;
  const own = {
    ...(override.clientId ? { client_id: override.clientId } : {}),
    ...(override.clientSecret ? { client_secret: override.clientSecret } : {}),
  };
  return {
    type: 'OAUTH2',
    access_token: token.accessToken,
    ...(refreshToken ? { refresh_token: refreshToken } : {}),
    ...(token.expiresAt ? { expires_at: token.expiresAt.toISOString() } : {}),
    raw: { ...answer, ...(override.refreshToken ? { refresh_token: override.refreshToken } : {}) },
    ...(Object.keys(own).length > 0 ? { config_override: own } : {}),
  };
}

/** What the person or the session said wins over what the provider told, unless it is empty. */
function assembled(
  provider: Oauth2Provider,
  input: Finish,
  answer: TokenAnswer,
  query: Readonly<Record<string, string>>,
): ConnectionConfig {
  const told = { ...pick(answer, provider.token_response_metadata), ...pick(query, provider.redirect_uri_metadata) };
  const given = Object.entries(input.connectionConfig).filter(([name, value]) => !(value === '' && name in told));
  return { ...told, ...Object.fromEntries(given) };
}

/** Some providers nest a second token (a person's next to a bot's) that a refresh of the first does not repeat. */
function objectsOf(raw: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(raw).filter(([, value]) => typeof value === 'object' && value !== null));
}

function overrideOf(credentials: Oauth2Credentials): Override {
  const { client_id, client_secret } = credentials.config_override ?? {};
  return { ...(client_id ? { clientId: client_id } : {}), ...(client_secret ? { clientSecret: client_secret } : {}) };
}

/** A connection's own client counts only whole: its id with the integration's secret would work for neither. */
function clientOf(integration: IntegrationAccess, override: Override | undefined): { id: string; secret: string } {
  if (override?.clientId && override.clientSecret) return { id: override.clientId, secret: override.clientSecret };
  if (integration.clientId && integration.clientSecret) return { id: integration.clientId, secret: integration.clientSecret };
  throw new CredentialsError('provider_config_err', 'the integration has no client id or client secret; set both in its settings');
}

function narrow(provider: Provider): Oauth2Provider {
  if (provider.auth_mode === 'OAUTH2') return provider;
  throw new TypeError(`${provider.name} is ${provider.auth_mode}, not OAUTH2`);
}
