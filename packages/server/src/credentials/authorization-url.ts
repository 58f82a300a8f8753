/** Builds the URL a person is sent to for consent. Later parameters win: the provider's, PKCE, then the caller's. Pure. */
import { fillUrl } from '@bowline/providers/url-template';
import { templateScope } from './access.ts';
import type { Start } from './auth-mode.ts';
import { CredentialsError } from './failure.ts';
import type { CodeGrantProvider } from './grant.ts';
import { fillParams } from './params.ts';

type Ours = { readonly clientId: string; readonly challenge: string | undefined; readonly random: () => string };

/** @throws CredentialsError `url_param_err` when a placeholder has no value */
export function authorizationUrl(provider: CodeGrantProvider, input: Start, { clientId, challenge, random }: Ours): string {
  const scope = templateScope({ integration: input.integration, connectionConfig: input.connectionConfig }, { random });
  const filled = fillUrl(provider.authorization_url, scope);
  if (!filled.ok) throw new CredentialsError('url_param_err', `the authorization URL cannot be built: ${filled.message}`);
  const scopes = (input.scopes ?? input.integration.scopes).join(provider.scope_separator ?? ' ');
  const params = withCallerParams(
    {
      response_type: 'code',
      client_id: clientId,
      redirect_uri: input.redirectUri,
      ...(scopes === '' ? {} : { scope: scopes }),
      state: input.state,
      ...fillParams(provider.authorization_params, provider, scope),
      ...(challenge === undefined ? {} : { code_challenge: challenge, code_challenge_method: 'S256' }),
    },
    input.authorizationParams,
  );
  return written(provider, filled.url, params);
}

/** The parameters with the caller's over them; the text `undefined` takes one away. */
export function withCallerParams(
  params: Readonly<Record<string, string>>,
  caller: Start['authorizationParams'] = {},
): Record<string, string> {
  const merged = { ...params };
  for (const [name, value] of Object.entries(caller)) {
    if (protectedParams.has(name)) continue;
    if (value === 'undefined') delete merged[name];
    else merged[name] = value;
  }
  return merged;
}

/** Without these a caller could not be told from an attacker at the callback. */
const protectedParams = new Set([
  'state',
  'redirect_uri',
  'client_id',
  'code_challenge',
  'code_challenge_method',
  'oauth_token',
  'oauth_callback',
]);

function written(provider: CodeGrantProvider, url: URL, params: Readonly<Record<string, string>>): string {
  const rawScope = provider.authorization_url_skip_encode?.includes('scopes') ? params.scope : undefined;
  for (const [name, value] of Object.entries(params)) {
    if (name === 'scope' && rawScope !== undefined) continue;
    if (value !== '' || !provider.authorization_url_skip_empty) url.searchParams.set(name, value);
  }
  let text = url.href + (rawScope === undefined ? '' : `&scope=${rawScope.replace(/[\s#&]/g, encodeURIComponent)}`);
  if (provider.authorization_url_fragment !== undefined) text = text.replace('?', () => `#${provider.authorization_url_fragment}?`);
  for (const [from, to] of Object.entries(provider.authorization_url_replacements ?? {})) text = text.replace(from, () => to);
  return text;
}
