/** The forms of credentials that leave the vault: for the API, without refresh tokens; for the dashboard, masked. Pure. */
import type { Credentials } from './credentials.ts';

/** Without the private keys that a person lent us to make assertions of, and nobody else needs. */
export function handedOut(credentials: Credentials): Record<string, unknown> {
  const { assertion_option: _, ...shown } = { assertion_option: undefined, ...credentials };
  return shown;
}

/**
 * A copy without any key that spells refresh token, however nested and written (`refresh_token`, `refreshToken`, `Refresh-Token`).
 * Also for a connection's configuration: providers repeat tokens there.
 */
export function withoutRefreshTokens<T>(value: T): T;
export function withoutRefreshTokens(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => withoutRefreshTokens(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key.replace(/[^A-Za-z]/g, '').toLowerCase() !== 'refreshtoken')
      .map(([key, inner]) => [key, withoutRefreshTokens(inner)]),
  );
}

/** Keys of credentials that are no secrets: a person recognises a connection by them. */
const readable = new Set(['type', 'expires_at', 'username', 'client_id', 'token_type', 'scope', 'expires_in']);

/** A copy whose every value is masked but for what helps to recognise it; keys stay, so the shape can be seen. */
export function masked(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => masked(item, key));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, masked(inner, name)]));
  }
  return readable.has(key) || typeof value !== 'string' ? value : mask(value);
}

/** The last four characters of a long secret, nothing of a short one. */
export function mask(secret: string): string {
  return secret.length >= 20 ? `••••••••${secret.slice(-4)}` : secret === '' ? '' : '••••••••';
}
