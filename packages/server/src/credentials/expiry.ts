/** Whether stored credentials must be renewed before they are used. Pure. */
import type { Provider } from '@bowline/providers/provider';
import type { Credentials } from './credentials.ts';

const marginMs = 15 * 60_000;

/**
 * @param options.force renew even when nothing has expired yet
 * @returns false for credentials that cannot be renewed, even when forced: those are handed out as they are
 */
export function needsRefresh(credentials: Credentials, provider: Provider, now: Date, options: { readonly force?: boolean } = {}): boolean {
  if (credentials.type !== 'OAUTH2' && credentials.type !== 'OAUTH2_CC') return false;
  if (credentials.type === 'OAUTH2' && !credentials.refresh_token) return false;
  if (options.force) return true;
  if (!credentials.expires_at) return false;
  return Date.parse(credentials.expires_at) - now.getTime() <= margin(provider, credentials.raw);
}

/** A token that lives ten minutes would be renewed at every use with a margin of fifteen: half its life is the most we take. */
function margin(provider: Provider, raw: Readonly<Record<string, unknown>>): number {
  const buffer = 'token_expiration_buffer' in provider ? provider.token_expiration_buffer : undefined;
  if (buffer !== undefined) return buffer * 1000;
  const lifetimeMs = Number(raw.expires_in) * 1000;
  return lifetimeMs > 0 ? Math.min(marginMs, lifetimeMs / 2) : marginMs;
}
