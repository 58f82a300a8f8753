/**
 * Reads a token endpoint's answer, whatever a vendor makes of RFC 6749 §5.1: JSON or form encoded, any content type, 201, the error in
 * a 200, numbers as text, the token one level down. Pure.
 */
import { dig } from './dig.ts';

export type TokenAnswer = Readonly<Record<string, unknown>>;
export type Token = { readonly accessToken: string; readonly refreshToken?: string; readonly expiresAt?: Date };

/** The body as an object, or undefined when it is neither JSON nor form encoded. */
export function readBody(text: string): TokenAnswer | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    if (!/^[\w.~%+-]+=/.test(text.trim()) || text.includes('<')) return undefined;
    return Object.fromEntries(new URLSearchParams(text.trim()));
  }
}

/**
 * @param alternatePath where the provider keeps the token when it is not at `access_token`
 * @param expiresInUnitMs what `expires_in` counts; 1000 for the standard's seconds
 */
export function readToken(body: TokenAnswer, now: Date, alternatePath?: string, expiresInUnitMs = 1000): Token | undefined {
  const alternate = alternatePath === undefined ? undefined : dig(body, alternatePath);
  if (!text(body.access_token) && typeof alternate === 'string') return described(alternate, body, now, expiresInUnitMs);
  for (const holder of [body, alternate, body.data]) {
    if (!isObject(holder)) continue;
    const accessToken = text(holder.access_token) ?? text(holder.accessToken) ?? (holder === body ? text(body.jwt) : text(holder.token));
    if (accessToken) return described(accessToken, holder, now, expiresInUnitMs);
  }
  return undefined;
}

/** The provider's error code of an answer without a token: RFC 6749's `error`, or what vendors put in its place. */
export function readError(body: TokenAnswer | undefined): { readonly code?: string; readonly description?: string } {
  const error = body?.error;
  const code =
    text(error) ?? (isObject(error) ? (text(error.code) ?? text(error.type)) : undefined) ?? text(body?.error_code) ?? text(body?.code);
  const description = text(body?.error_description) ?? text(body?.message) ?? (isObject(error) ? text(error.message) : undefined);
  return { ...(code ? { code } : {}), ...(description ? { description } : {}) };
}

/** The named parts of a token answer (dots descend; a key that contains the dots wins) that are texts, numbers or booleans. */
export function pick(body: TokenAnswer, names: readonly string[] = []): Record<string, string | boolean> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = dig(body, name);
      if (typeof value === 'number') return [[name, String(value)]];
      return typeof value === 'string' || typeof value === 'boolean' ? [[name, value]] : [];
    }),
  );
}

function described(accessToken: string, holder: TokenAnswer, now: Date, unitMs: number): Token {
  const refreshToken = text(holder.refresh_token) ?? text(holder.refreshToken);
  const expiresAt = moment(holder.expires_at ?? holder.expiresAt) ?? later(holder.expires_in ?? holder.expiresIn, now, unitMs);
  return { accessToken, ...(refreshToken ? { refreshToken } : {}), ...(expiresAt ? { expiresAt } : {}) };
}

/** A lifetime of zero is how some say "does not expire". */
function later(lifetime: unknown, now: Date, unitMs: number): Date | undefined {
  const count = number(lifetime);
  return count === undefined || count <= 0 ? undefined : valid(new Date(now.getTime() + count * unitMs));
}

/** Epoch seconds, epoch milliseconds (from the year 1973 on, as 100,000,000,000), or a date; each also as text. */
function moment(value: unknown): Date | undefined {
  const count = number(value);
  if (count !== undefined) return count <= 0 ? undefined : valid(new Date(count > 100_000_000_000 ? count : count * 1000));
  return typeof value === 'string' && value !== '' ? valid(new Date(value)) : undefined;
}

function valid(date: Date): Date | undefined {
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function number(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value.trim()) ? Number(value) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
