/**
 * The authorization code grant (RFC 6749 §4.1) with PKCE S256 (RFC 7636) unless the provider chokes on it, for every mode that has one.
 * A provider that sends no new refresh token keeps the old one valid, so the old one is kept.
 */
import { createHash } from 'node:crypto';
import { type Access, templateScope } from './access.ts';
import type { AuthMode, AuthWorld, ConnectionConfig, Finish, Granted, Override, Start, Started } from './auth-mode.ts';
import { authorizationUrl } from './authorization-url.ts';
import type { Oauth2Credentials } from './credentials.ts';
import { CredentialsError } from './failure.ts';
import type { CodeGrantProvider, Grant } from './grant.ts';
import { fillParams } from './params.ts';
import { pick, type Token, type TokenAnswer } from './token.ts';
import { requestToken } from './token-request.ts';

/** @throws CredentialsError `url_param_err` */
export function startCodeGrant(world: Pick<AuthWorld, 'random'>, { provider, client }: Grant, input: Start): Started {
  const codeVerifier = provider.disable_pkce ? null : world.random.bytes(32).toString('base64url');
  const challenge = codeVerifier === null ? undefined : createHash('sha256').update(codeVerifier).digest('base64url');
  return {
    kind: 'redirect',
    url: authorizationUrl(provider, input, client.id, challenge),
    kept: codeVerifier === null ? {} : { codeVerifier },
  };
}

/** @throws CredentialsError */
export async function finishCodeGrant(world: AuthWorld, { provider, client }: Grant, input: Finish): Promise<Granted> {
  if (input.answer.kind !== 'callback')
    throw new CredentialsError('callback_err', 'this provider sends people back with a code; a form cannot replace it');
  const { query, redirectUri, kept } = input.answer;
  const verifier: Record<string, string> = kept.codeVerifier === undefined ? {} : { code_verifier: kept.codeVerifier };
  const code = { value: codeIn(query, provider), redirect_uri: redirectUri, ...verifier };
  const { token, answer } = await exchangeCode(world, { provider, client }, { ...input, code });
  return { credentials: newCredentials(token, answer, input.override), connectionConfig: assembled(provider, input, answer, query) };
}

type Exchange = Pick<Finish, 'integration' | 'connectionConfig'> & {
  readonly code: { readonly value: string } & Readonly<Record<string, string>>;
};

/** The token request alone: the code, and what else the provider must see again. @throws CredentialsError */
export function exchangeCode(world: AuthWorld, { provider, client }: Grant, { integration, connectionConfig, code }: Exchange) {
  const scope = templateScope({ integration, connectionConfig });
  const { value, ...more } = code;
  const params = { grant_type: 'authorization_code', ...fillParams(provider.token_params, provider, scope), code: value, ...more };
  return requestToken(world.outbound, { provider, urlTemplate: provider.token_url, scope, client, params, now: world.clock.now() });
}

/** @throws CredentialsError with its `kind` */
export async function refreshCodeGrant(world: AuthWorld, { provider, client }: Grant, access: Access): Promise<Granted> {
  const { credentials } = access;
  if (credentials.type !== 'OAUTH2' || !credentials.refresh_token) {
    throw new CredentialsError('missing_refresh_token', 'there is no refresh token; the person has to connect again', { kind: 'revoked' });
  }
  const scope = templateScope(access);
  // token_params often say grant_type authorization_code; they stand in for missing refresh_params, but never with that grant.
  const { grant_type, ...tokenParams } = provider.token_params ?? {};
  const { token, answer } = await requestToken(world.outbound, {
    provider,
    urlTemplate: provider.refresh_url ?? provider.token_url,
    scope,
    client,
    params: {
      grant_type: 'refresh_token',
      ...fillParams(provider.refresh_params ?? tokenParams, provider, scope),
      refresh_token: credentials.refresh_token,
    },
    now: world.clock.now(),
  });
  const renewed = newCredentials(
    { refreshToken: credentials.refresh_token, ...token },
    { ...objectsOf(credentials.raw), ...answer },
    overrideOf(credentials),
  );
  return { credentials: renewed, connectionConfig: { ...access.connectionConfig, ...pick(answer, provider.token_response_metadata) } };
}

/** @throws CredentialsError `callback_err` with what the provider said instead of sending a code */
export function codeIn(query: Readonly<Record<string, string>>, provider: CodeGrantProvider): string {
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

export function newCredentials(token: Token, answer: TokenAnswer, override: Override = {}): Oauth2Credentials {
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
  provider: CodeGrantProvider,
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

/** The client that these credentials were given to, where it is not the integration's. */
export function overrideOf(credentials: Oauth2Credentials): Override {
  const { client_id, client_secret } = credentials.config_override ?? {};
  return { ...(client_id ? { clientId: client_id } : {}), ...(client_secret ? { clientSecret: client_secret } : {}) };
}

export const bearer: AuthMode['apply'] = ({ credentials }) => ({
  headers: credentials.type === 'OAUTH2' ? { authorization: `Bearer ${credentials.access_token}` } : {},
  query: {},
});

export const hasRefreshToken: AuthMode['renews'] = ({ credentials }) => credentials.type === 'OAUTH2' && Boolean(credentials.refresh_token);
