/** Whether stored credentials must be renewed before they are used. Pure. */
import type { Provider } from '@bowline/providers/provider';
import type { IntegrationAccess } from './access.ts';
import type { Credentials } from './credentials.ts';
import { modes } from './modes.ts';

const marginMs = 15 * 60_000;

/**
 * @param options.force renew even when nothing has expired yet
 * @returns false for credentials that cannot be renewed, even when forced: those are handed out as they are
 */
export function needsRefresh(
  credentials: Credentials,
  integration: IntegrationAccess,
  now: Date,
  options: { readonly force?: boolean } = {},
): boolean {
  const { provider } = integration;
  if (!modes[provider.auth_mode].renews({ credentials, integration }, { forced: options.force ?? false })) return false;
  if (options.force) return true;
  const expiresAt = 'expires_at' in credentials ? credentials.expires_at : undefined;
  if (typeof expiresAt !== 'string') return false;
  return Date.parse(expiresAt) - now.getTime() <= margin(provider, 'raw' in credentials ? credentials.raw : {});
}

/** A token that lives ten minutes would be renewed at every use with a margin of fifteen: half its life is the most we take. */
function margin(provider: Provider, raw: unknown): number {
  const buffer = 'token_expiration_buffer' in provider ? provider.token_expiration_buffer : undefined;
  if (buffer !== undefined) return buffer * 1000;
  const lifetimeMs = Number(Object(raw).expires_in) * 1000;
  return lifetimeMs > 0 ? Math.min(marginMs, lifetimeMs / 2) : marginMs;
}
