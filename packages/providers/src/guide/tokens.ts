/** How long credentials last and how they are renewed. Pure. */
import type { Provider } from '../provider.ts';
import { codes, type Line, paragraph, type Section, say } from './blocks.ts';
import { lasting, vendorOf } from './words.ts';

export function tokensSection(provider: Provider): Section {
  const lines = [renewal(provider), lifetime(provider), offline(provider), ahead(provider)].filter((line) => line !== undefined);
  return { id: 'tokens', title: 'How long it lasts', blocks: lines.map(paragraph) };
}

function renewal(provider: Provider): Line {
  const vendor = vendorOf(provider);
  switch (provider.auth_mode) {
    case 'OAUTH2':
    case 'MCP_OAUTH2':
    case 'MCP_OAUTH2_GENERIC':
      return say`Where ${vendor} gives a refresh token, access tokens are renewed with it before they expire, and connections nobody uses are renewed about once a day. Without one, the person connects again when the token ends.`;
    case 'OAUTH1':
      return say`Tokens do not expire; they last until they are revoked.`;
    case 'TBA':
      return say`The token does not expire; it lasts until it is revoked at ${vendor}.`;
    case 'APP':
    case 'CUSTOM':
      return say`Tokens of an installation are short-lived and made anew with the private key of the app, as long as it is installed.`;
    case 'OAUTH2_CC':
      return say`A new token is asked for with the same client before the old one expires.`;
    case 'JWT':
      return say`Tokens are signed here, each good for ${lasting(provider.token.expires_in_ms)}, and made anew as needed.`;
    case 'SIGNATURE':
      return say`Tokens are made here, each good for ${lasting(provider.token.expires_in_ms)}, and made anew as needed.`;
    case 'TWO_STEP':
      return provider.token_response.refresh_token || provider.refresh_url
        ? say`Tokens are renewed with the refresh token before they expire; where that is refused, with the credentials again.`
        : say`A new token is asked for with the same credentials before the old one expires.`;
    case 'BILL':
      return say`A session is used for 35 minutes; then a new one is opened with the same login.`;
    case 'AWS_SIGV4':
      return say`Credentials of the role last an hour; the role is assumed again before they end.`;
    case 'INSTALL_PLUGIN':
      return say`Nothing expires: requests use the plugin's own login, as long as the plugin is installed.`;
    case 'NONE':
      return say`There is nothing that could expire.`;
    default:
      return say`Credentials are kept as entered and last until they are revoked or changed at ${vendor}. They are tried about once a day, so that you hear of it.`;
  }
}

function lifetime(provider: Provider): Line | undefined {
  const ms = 'token_expires_in_ms' in provider ? provider.token_expires_in_ms : undefined;
  if (ms === 0) return say`Tokens of this API do not expire.`;
  if (ms !== undefined) return say`An answer that names no lifetime is taken for ${lasting(ms)}.`;
  const asks = 'introspection_url' in provider && provider.introspection_url;
  if (asks) return say`The answer does not say how long a token lives, so it is asked for by introspection (RFC 7662).`;
  return provider.auth_mode === 'OAUTH2_CC' ? say`An answer that names no lifetime is taken for 55 minutes.` : undefined;
}

/** Scopes that commonly bring the refresh token. */
const lastingScopes = new Set(['offline_access', 'offline', 'offline.access', 'refresh_token']);

function offline(provider: Provider): Line | undefined {
  const { default_scopes: defaults = [], available_scopes: available = [] } =
    'default_scopes' in provider || 'available_scopes' in provider ? provider : {};
  const names = [...new Set([...defaults, ...available])].filter((scope) => lastingScopes.has(scope));
  if (names.length === 0 || provider.auth_mode !== 'OAUTH2') return undefined;
  return names.some((name) => defaults.includes(name))
    ? say`The scope ${codes(names)} is what brings the refresh token: keep it when you choose scopes of your own.`
    : say`Ask for the scope ${codes(names)} to get a refresh token.`;
}

function ahead(provider: Provider): Line | undefined {
  const seconds = 'token_expiration_buffer' in provider ? provider.token_expiration_buffer : undefined;
  if (seconds === undefined) return undefined;
  return seconds === 0
    ? say`A token is renewed only once it has ended: this vendor refuses to do it earlier.`
    : say`A token is renewed ${lasting(seconds * 1000)} before its end.`;
}
