/**
 * Decides whether a proxied call is tried again, and when. Pure; `random` makes the jitter.
 * A 401 renews the credentials once, even when no retries were asked for. Beyond a rate limit, a method that is not idempotent (RFC 9110 §9.2.2) is tried again only when
 * the caller named the status: the first try may have taken effect.
 */
import type { Provider } from '@bowline/providers/provider';
import { digText } from '../credentials/dig.ts';

export type Attempt = {
  /** 0 for the first try. */
  readonly attempt: number;
  /** Tries the caller allows beyond the first; more than 10 counts as 10. */
  readonly retries: number;
  readonly method: string;
  /** Absent when no answer came; then `errorCode` says why. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
  /** What a JSON error says, where the provider's rules read it. */
  readonly json?: unknown;
  /** `OutboundError.code` or `.reason`. */
  readonly errorCode?: string;
  readonly provider: Provider;
  /** Further statuses the caller wants tried again. */
  readonly retryOn?: readonly number[];
  /** The caller's own `at`/`after` headers, before the provider's. */
  readonly retryHeader?: { readonly at?: readonly string[]; readonly after?: readonly string[] };
  /** True when the credentials can be renewed and the body can be sent again. */
  readonly refreshable: boolean;
  /** True when an earlier try of this call already renewed the credentials. */
  readonly refreshed?: boolean;
  /** True when the caller vouches that doing it twice does no harm: the author of a function who set `retries`. */
  readonly repeatable?: boolean;
  readonly now: Date;
  /** From 0 to 1. */
  readonly random?: number;
};

export type Decision = { readonly retry: false } | { readonly retry: true; readonly waitMs: number; readonly refresh: boolean };

export const retriesMax = 10;
/** Statuses vendors send instead of 429; with any other the last call of a window may simply have found nothing. */
const limitStatuses = new Set([400, 403, 503]);
const waitMaxMs = 10 * 60_000;

export function decideRetry(attempt: Attempt): Decision {
  if (attempt.status === 401 && attempt.refreshable && !attempt.refreshed) return { retry: true, waitMs: 0, refresh: true };
  // Written so that a NaN, from a header that was no number, allows no try at all.
  if (!(attempt.attempt < Math.min(attempt.retries, retriesMax))) return { retry: false };
  if (attempt.status === undefined) return afterSilence(attempt);
  const { status } = attempt;
  const asked = attempt.retryOn?.includes(status) ?? false;
  const limited = isLimited(attempt);
  if (!asked && !limited && !(retryable(attempt, status) && mayRepeat(attempt))) return { retry: false };
  return { retry: true, waitMs: Math.min(toldWait(attempt, limited) ?? backoff(attempt), waitMaxMs), refresh: false };
}

/** Codes of tries that never reached the provider; a repeat of those can do no harm with any method. */
const unsent = new Set(['connect', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);
const lost = new Set([
  'timeout',
  'reset',
  'ECONNRESET',
  'ETIMEDOUT',
  'ECONNABORTED',
  'EPIPE',
  'UND_ERR_SOCKET',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

function afterSilence(attempt: Attempt): Decision {
  const code = attempt.errorCode ?? '';
  if (!unsent.has(code) && !(lost.has(code) && mayRepeat(attempt))) return { retry: false };
  return { retry: true, waitMs: backoff(attempt), refresh: false };
}

function mayRepeat({ method, repeatable }: Attempt): boolean {
  return repeatable === true || !['POST', 'PATCH'].includes(method.toUpperCase());
}

/** The provider's list replaces the default; an entry is a status, a class (`5xx`) or a range (`500-502`). */
function retryable({ provider }: Attempt, status: number): boolean {
  const rules = provider.proxy?.retry?.error_code;
  // The same credentials are refused again, whatever the list says.
  if (status === 401) return false;
  if (!rules) return status >= 500 || status === 429;
  return rules.some((rule) => {
    const [from = '', to] = rule.split('-');
    if (to !== undefined) return status >= Number(from) && status <= Number(to);
    return rule.endsWith('xx') ? Math.floor(status / 100) === Number(rule[0]) : status === Number(rule);
  });
}

type Answer = Pick<Attempt, 'status' | 'headers' | 'provider'>;

/** The provider says "too many": with 429, or with another status and a header that says nothing is left, or when to come back (GitHub's 403). */
export function isLimited(attempt: Answer): boolean {
  const { status } = attempt;
  if (status === undefined || status < 400) return false;
  if (status === 429) return true;
  return limitStatuses.has(status) && (noneRemaining(attempt) || (status === 403 && header(attempt, 'retry-after') !== undefined));
}

function noneRemaining(attempt: Answer): boolean {
  const name = attempt.provider.proxy?.retry?.remaining;
  return name !== undefined && header(attempt, name) === '0';
}

/**
 * The longest wait any header asks for. Many providers send their reset moment with every answer, so `at` counts only when the limit
 * was what stopped us: a 500 must not wait for the end of the hour.
 */
export function toldWait(attempt: Answer & Pick<Attempt, 'retryHeader' | 'json' | 'now'>, limited: boolean): number | undefined {
  const rules = attempt.provider.proxy?.retry;
  const after = attempt.retryHeader?.after ?? [...new Set(['retry-after', ...(rules?.after ?? [])])];
  const at = limited ? (attempt.retryHeader?.at ?? rules?.at ?? []) : [];
  const waits = [
    ...after.map((name) => delay(header(attempt, name), attempt.now)),
    ...at.map((name) => until(header(attempt, name), attempt.now)),
  ].filter((wait) => wait !== undefined);
  return waits.length === 0 ? toldInBody(attempt, limited) : Math.max(...waits);
}

/** Where no header tells it, the error itself may. */
function toldInBody({ provider, json, now }: Pick<Attempt, 'provider' | 'json' | 'now'>, limited: boolean): number | undefined {
  const rule = provider.proxy?.retry?.in_body;
  if (!rule || (rule.strategy === 'at' && !limited)) return undefined;
  const text = digText(json, rule.path);
  const value = rule.value === undefined || text === undefined ? text : new RegExp(rule.value).exec(text)?.[1];
  return rule.strategy === 'at' ? until(value, now) : delay(value, now);
}

/** `Retry-After`: seconds or an HTTP date (RFC 9110 §10.2.3). */
function delay(value: string | undefined, now: Date): number | undefined {
  if (value === undefined || value === '') return undefined;
  return /^\d+(?:\.\d+)?$/.test(value) ? Math.ceil(Number(value) * 1000) : until(value, now);
}

/** A moment: epoch seconds, epoch milliseconds or a date. One in the past says nothing. */
function until(value: string | undefined, now: Date): number | undefined {
  if (value === undefined || value === '') return undefined;
  const count = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : undefined;
  const moment = count === undefined ? Date.parse(value) : count > 100_000_000_000 ? count : count * 1000;
  const wait = Math.ceil(moment - now.getTime());
  return wait > 0 ? wait : undefined;
}

/** 3 s doubled with each try up to 10 min, of which the last quarter is jitter so that callers do not return together. */
function backoff({ attempt, random = Math.random() }: Attempt): number {
  const full = Math.min(3000 * 2 ** attempt, waitMaxMs);
  return Math.round(full * (0.75 + 0.25 * random));
}

function header({ headers }: Pick<Attempt, 'headers'>, name: string): string | undefined {
  const value = headers?.[name.toLowerCase()];
  return (Array.isArray(value) ? value[0] : value)?.trim();
}
