/**
 * What an answer's headers tell of a rate limit, in the ways vendors have of saying it: a row for each, with the page that documents it.
 * Pure. A reset moment is taken relative to the answer's own `Date`, so that it does not matter whether the provider's clock is ours.
 */
import type { Seen } from './budget.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;
/** Names in lower case. */
export type LimitHeaders = {
  readonly remaining: string;
  readonly limit?: string;
  /** A moment or how long from now: epoch seconds or milliseconds, a date, or seconds. */
  readonly reset?: string;
  /** Milliseconds instead of seconds. */
  readonly resetMs?: string;
  /** Header with the window's length in milliseconds, or the length where it is always the same. */
  readonly lengthMs?: string | number;
};
type Dialect = LimitHeaders & {
  /** Header that names which of several limits it was. */
  readonly resource?: string;
  readonly read?: (value: string) => Partial<Pick<Seen, 'limit' | 'remaining' | 'lengthMs' | 'perSecond'>> & { resetSeconds?: number };
  readonly docs: string;
};
export type Heard = Seen & { readonly resource?: string | undefined };

const DAY_MS = 24 * 3600_000;
const dialects: readonly Dialect[] = [
  {
    remaining: 'x-ratelimit-remaining',
    limit: 'x-ratelimit-limit',
    reset: 'x-ratelimit-reset',
    resource: 'x-ratelimit-resource',
    docs: 'https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api',
  },
  {
    remaining: 'ratelimit-remaining',
    limit: 'ratelimit-limit',
    reset: 'ratelimit-reset',
    docs: 'https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers',
  },
  {
    remaining: 'x-rate-limit-remaining',
    limit: 'x-rate-limit-limit',
    reset: 'x-rate-limit-reset',
    docs: 'https://developer.okta.com/docs/reference/rl-best-practices/',
  },
  {
    remaining: 'x-hubspot-ratelimit-remaining',
    limit: 'x-hubspot-ratelimit-max',
    lengthMs: 'x-hubspot-ratelimit-interval-milliseconds',
    docs: 'https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines',
  },
  {
    remaining: 'x-ratelimit-requests-remaining',
    limit: 'x-ratelimit-requests-limit',
    reset: 'x-ratelimit-requests-reset',
    docs: 'https://linear.app/developers/rate-limiting',
  },
  {
    remaining: 'x-rate-limit-requests-left',
    limit: 'x-rate-limit-requests-quota',
    resetMs: 'x-rate-limit-time-reset-ms',
    lengthMs: 'x-rate-limit-time-window-ms',
    docs: 'https://developer.bigcommerce.com/docs/start/best-practices/api-rate-limits',
  },
  { remaining: 'x-shopify-shop-api-call-limit', read: bucket, docs: 'https://shopify.dev/docs/api/admin-rest/usage/rate-limits' },
  { remaining: 'x-gorgias-account-api-call-limit', read: bucket, docs: 'https://developers.gorgias.com/reference/limitations' },
  {
    remaining: 'sforce-limit-info',
    read: salesforce,
    docs: 'https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_api_usage.htm',
  },
  {
    remaining: 'x-minlimit-remaining',
    lengthMs: 60_000,
    docs: 'https://developer.xero.com/documentation/guides/oauth2/limits/',
  },
  { remaining: 'ratelimit', read: draft, docs: 'https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/' },
];

/** @returns undefined when the answer says nothing of a limit */
export function readLimit(headers: Headers, times: { sentAt: number; at: number }, own?: LimitHeaders): Heard | undefined {
  if (own) return read(headers, { ...own, docs: '' }, times);
  for (const dialect of dialects) if (headers[dialect.remaining] !== undefined) return read(headers, dialect, times);
  return undefined;
}

function read(headers: Headers, dialect: Dialect, { sentAt, at }: { sentAt: number; at: number }): Heard | undefined {
  const text = textOf(headers, dialect.remaining);
  const said = dialect.read?.(text) ?? { remaining: numberOf(text), limit: null };
  if (said.remaining === undefined || !Number.isFinite(said.remaining)) return undefined;
  const limitText = dialect.limit ? textOf(headers, dialect.limit) : '';
  const limit = said.limit ?? finite(numberOf(limitText));
  const length = typeof dialect.lengthMs === 'string' ? finite(numberOf(textOf(headers, dialect.lengthMs))) : (dialect.lengthMs ?? null);
  const reset = said.resetSeconds === undefined ? resetOf(headers, dialect, at) : { waitMs: said.resetSeconds * 1000 };
  const resource = dialect.resource ? textOf(headers, dialect.resource) : '';
  return {
    limit: limit !== null && limit > 0 ? limit : null,
    remaining: Math.max(0, Math.floor(said.remaining)),
    endsAt: reset === null ? null : at + reset.waitMs,
    lengthMs: said.lengthMs ?? length ?? windowIn(limitText),
    sentAt,
    at,
    ...(reset?.offsetMs === undefined ? {} : { offsetMs: reset.offsetMs }),
    ...(said.perSecond === undefined ? {} : { perSecond: said.perSecond }),
    ...(resource ? { resource } : {}),
  };
}

function textOf(headers: Headers, name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value)?.trim() ?? '';
}

/** The first number of a list: `100, 100;w=60` is 100. */
const numberOf = (text: string): number => (/^\d/.test(text) ? Number.parseFloat(text) : Number.NaN);
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** `100;w=60`: of the older drafts of the standard. */
function windowIn(text: string): number | null {
  const seconds = /;\s*w=(\d+)/.exec(text)?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}

type Reset = { waitMs: number; offsetMs?: number };

/** Null when it is not told or is over. */
function resetOf(headers: Headers, dialect: Dialect, at: number): Reset | null {
  const ms = dialect.resetMs ? numberOf(textOf(headers, dialect.resetMs)) : Number.NaN;
  if (ms > 0) return { waitMs: ms };
  const text = dialect.reset ? textOf(headers, dialect.reset) : '';
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
  // More than three years of seconds is a moment, and more than a hundred billion of them is milliseconds.
  if (value !== undefined && value <= 100_000_000) return value > 0 ? { waitMs: value * 1000 } : null;
  const moment = value === undefined ? Date.parse(text) : value > 100_000_000_000 ? value : value * 1000;
  const theirs = Date.parse(textOf(headers, 'date'));
  const waitMs = moment - (Number.isNaN(theirs) ? at : theirs);
  if (!(waitMs > 0)) return null;
  return Number.isNaN(theirs) ? { waitMs } : { waitMs, offsetMs: at - theirs };
}

/** `32/40`: used, of a bucket that is full again after 20 s. */
function bucket(value: string) {
  const [, used, size] = /^(\d+)\/(\d+)$/.exec(value) ?? [];
  return used === undefined || size === undefined
    ? {}
    : { remaining: Number(size) - Number(used), limit: Number(size), perSecond: Number(size) / 20 };
}

/** `api-usage=18/5000`: of 24 hours that move along. */
function salesforce(value: string) {
  const [, used, limit] = /api-usage=(\d+)\/(\d+)/.exec(value) ?? [];
  return used === undefined || limit === undefined
    ? {}
    : { remaining: Number(limit) - Number(used), limit: Number(limit), lengthMs: DAY_MS };
}

/** `"default";r=50;t=30`, and `limit=100, remaining=50, reset=5` of the drafts before. */
function draft(value: string) {
  const [, remaining] = /(?:;\s*r|remaining)=(\d+)/.exec(value) ?? [];
  const [, seconds] = /(?:;\s*t|reset)=(\d+)/.exec(value) ?? [];
  const [, limit] = /limit=(\d+)/.exec(value) ?? [];
  return {
    ...(remaining === undefined ? {} : { remaining: Number(remaining) }),
    ...(limit === undefined ? {} : { limit: Number(limit) }),
    ...(seconds === undefined ? {} : { resetSeconds: Number(seconds) }),
  };
}
