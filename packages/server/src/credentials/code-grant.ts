/**
 * The authorization code grant (RFC 6749 §4.1) with PKCE S256 (RFC 7636) unless the provider chokes on it, for every mode that has one.
 * A provider that sends no new refresh token keeps the old one valid, so the old one is kept.
 */
import { createHash } from 'node:crypto';
import { type Access, templateScope } from './access.ts';
import { accountIn } from './account.ts';
import type { AuthMode, AuthWorld, ConnectionConfig, Finish, Granted, Keep, Override, Start, Started } from './auth-mode.ts';
import { authorizationUrl } from './authorization-url.ts';
import { codeIn, toldByCallback } from './callback-query.ts';
import type { Oauth2Credentials } from './credentials.ts';
import { CredentialsError } from './failure.ts';
import type { Grant } from './grant.ts';
import { checkIssuer } from './issuer.ts';
import { fillParams } from './params.ts';
import type { Asking } from './quirks/quirk.ts';
import { quirkOf } from './quirks/quirks.ts';
import { pick, type Token, type TokenAnswer } from './token.ts';
import { requestToken, type TokenRequest } from './token-request.ts';

/** @throws CredentialsError `url_param_err` */
export function startCodeGrant(world: Pick<AuthWorld, 'random'>, { provider, client }: Grant, input: Start): Started {
  const codeVerifier = provider.disable_pkce ? null : world.random.bytes(32).toString('base64url');
  const challenge = codeVerifier === null ? undefined : createHash('sha256').update(codeVerifier).digest('base64url');
  return {
    kind: 'redirect',
    url: authorizationUrl(provider, input, { clientId: client.id, challenge, random: () => world.random.uuid() }),
    kept: codeVerifier === null ? {} : { codeVerifier },
  };
}

/** @throws CredentialsError */
export async function finishCodeGrant(world: AuthWorld, grant: Grant, input: Finish): Promise<Granted> {
  if (input.answer.kind !== 'callback')
    throw new CredentialsError('callback_err', 'this provider sends people back with a code; a form cannot replace it');
  const { query, redirectUri, kept } = input.answer;
  const { provider } = grant;
  const verifier: Record<string, string> = kept.codeVerifier === undefined ? {} : { code_verifier: kept.codeVerifier };
  checkIssuer(provider, query, input);
  const code = { value: codeIn(query, provider), redirect_uri: redirectUri, ...verifier };
  // Known before the token is asked for: some providers tell with the code where that is.
  const given = over(toldByCallback(provider, query), input.connectionConfig);
  const { token, answer } = await exchangeCode(world, grant, { integration: input.integration, connectionConfig: given, code, query });
  const connectionConfig = over(pick(answer, provider.token_response_metadata), given);
  return {
    credentials: newCredentials(token, answer, input.override),
    connectionConfig,
    ...accountIn(provider, { answer, connectionConfig }),
  };
}

type Exchange = Pick<Finish, 'integration' | 'connectionConfig'> & {
  readonly code: { readonly value: string } & Readonly<Record<string, string>>;
  /** What else came with the code. */
  readonly query?: Readonly<Record<string, string>>;
};

/** The token request alone: the code, and what else the provider must see again. @throws CredentialsError */
export function exchangeCode(world: AuthWorld, grant: Grant, { code, query = {}, ...given }: Exchange) {
  const { value, ...more } = code;
  const redirect = code.redirect_uri === undefined ? {} : { redirectUri: code.redirect_uri };
  const asking: Asking = { ...given, ...grant, ...momentOf(world), world, query, ...redirect };
  const scope = templateScope(given, { now: asking.now, random: asking.random });
  const params = {
    grant_type: 'authorization_code',
    ...fillParams(grant.provider.token_params, grant.provider, scope),
    code: value,
    ...more,
  };
  return request(asking, { urlTemplate: grant.provider.token_url, scope, params });
}

type Renewal = { readonly access: Access; readonly keep?: Keep | undefined };

/** @throws CredentialsError with its `kind` */
export async function refreshCodeGrant(world: AuthWorld, grant: Grant, { access, keep }: Renewal): Promise<Granted> {
  const { credentials, integration, connectionConfig } = access;
  const { provider } = grant;
  if (credentials.type !== 'OAUTH2' || !(credentials.refresh_token || quirkOf(provider).renews)) {
    throw new CredentialsError('missing_refresh_token', 'there is no refresh token; the person has to connect again', { kind: 'revoked' });
  }
  const asking: Asking = { integration, connectionConfig, ...grant, ...momentOf(world), world, query: {}, previous: credentials };
  const scope = templateScope(access, { now: asking.now, random: asking.random });
  // token_params often say grant_type authorization_code; they stand in for missing refresh_params, but never with that grant.
  const { grant_type, ...tokenParams } = provider.token_params ?? {};
  const old: Record<string, string> = credentials.refresh_token ? { refresh_token: credentials.refresh_token } : {};
  const params = { grant_type: 'refresh_token', ...fillParams(provider.refresh_params ?? tokenParams, provider, scope), ...old };
  const keepRotated = async (refreshToken: string) => {
    // What is kept is spent, so that nobody takes it for the end of this refresh.
    if (refreshToken !== credentials.refresh_token)
      await keep?.({ ...credentials, refresh_token: refreshToken, expires_at: asking.now.toISOString() });
  };
  const wanted = { urlTemplate: provider.refresh_url ?? provider.token_url, scope, params };
  const { token, answer } = await request(asking, wanted, keepRotated);
  const renewed = newCredentials(
    { ...(credentials.refresh_token ? { refreshToken: credentials.refresh_token } : {}), ...token },
    { ...objectsOf(credentials.raw), ...answer },
    overrideOf(credentials),
  );
  const told = pick(answer, [...(provider.token_response_metadata ?? []), ...(provider.refresh_token_response_metadata ?? [])]);
  const known = { ...connectionConfig, ...told };
  return { credentials: renewed, connectionConfig: known, ...accountIn(provider, { answer, connectionConfig: known }) };
}

const momentOf = ({ clock, random }: AuthWorld) => ({ now: clock.now(), random: () => random.uuid() });

/** The token request in the provider's way: as its data says, and as its quirk makes of that. */
async function request(
  asking: Asking,
  wanted: Pick<TokenRequest, 'urlTemplate' | 'scope' | 'params'>,
  keepRotated?: (refreshToken: string) => Promise<void>,
) {
  const { provider, client, now, world } = asking;
  const quirk = quirkOf(provider);
  const shape = asking.previous ? quirk.refresh : quirk.exchange;
  const { token, answer } = await requestToken(world.outbound, {
    ...wanted,
    provider,
    client,
    now,
    reshape: shape && ((call) => shape(call, asking)),
    read: quirk.read && ((text) => quirk.read?.(text, asking)),
    further:
      quirk.further &&
      (async (answered) => {
        if (typeof answered.refresh_token === 'string') await keepRotated?.(answered.refresh_token);
        return quirk.further?.(asking, answered) ?? answered;
      }),
  });
  const lifetimeMs = provider.token_expires_in_ms ?? 0;
  const ends = token.expiresAt || lifetimeMs === 0 ? {} : { expiresAt: new Date(now.getTime() + lifetimeMs) };
  return { token: { ...token, ...ends }, answer };
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
function over(told: Readonly<Record<string, unknown>>, given: ConnectionConfig): ConnectionConfig {
  return { ...told, ...Object.fromEntries(Object.entries(given).filter(([name, value]) => !(value === '' && name in told))) };
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

/** By a refresh token, or in a way of the provider's own. */
export const renewsGrant: AuthMode['renews'] = ({ credentials, integration: { provider } }, { forced = false } = {}) => {
  if (credentials.type !== 'OAUTH2') return false;
  const own = 'quirk' in provider ? quirkOf(provider).renews : undefined;
  return own === undefined ? Boolean(credentials.refresh_token) : own === 'without-refresh-token' || forced;
};
