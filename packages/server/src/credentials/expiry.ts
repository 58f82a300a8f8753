/** Whether stored credentials must be renewed before they are used, and when that is due. Pure. */
import type { Provider } from '@bowline/providers/provider';
import type { IntegrationAccess } from './access.ts';
import type { Credentials } from './credentials.ts';
import { modes } from './modes.ts';

/** `due`: still good, and time to renew it. `spent`: must not be used any more. */
export type Freshness = 'fresh' | 'due' | 'spent';
export type Aging = {
  readonly now: Date;
  /** Of the connection: the same one is always due at the same time before its end. */
  readonly seed: number;
  /** When these credentials came, where that is known: tells how long they live when the provider does not. */
  readonly since?: Date | null;
};

const MARGIN_MS = 15 * 60_000;
/** What a request needs to get through with a token: clocks differ, and some providers queue. */
const USE_MS = 30_000;

/**
 * @param how.forced a caller insists: some providers renew only then, what has not yet expired
 * @returns false for credentials that cannot be renewed: those are handed out as they are
 */
export function isRenewable(credentials: Credentials, integration: IntegrationAccess, how: { readonly forced?: boolean } = {}): boolean {
  return modes[integration.provider.auth_mode].renews({ credentials, integration }, how);
}

/** Those that tell no end are always fresh, and so are, to us, those that cannot be renewed. */
export function freshnessOf(credentials: Credentials, integration: IntegrationAccess, aging: Aging): Freshness {
  const ends = expiryOf(credentials);
  if (ends === undefined || !isRenewable(credentials, integration)) return 'fresh';
  const leftMs = ends - aging.now.getTime();
  const { marginMs, spreadMs } = margins(integration.provider, lifeOf(credentials, integration.provider, { ends, since: aging.since }));
  if (leftMs <= Math.min(USE_MS, marginMs / 2)) return 'spent';
  return leftMs <= marginMs + spreadMs * fraction(aging.seed, ends) ? 'due' : 'fresh';
}

/** Whether a moment comes, before `until`, at which they are due. For those nobody uses. */
export function isDueBefore(credentials: Credentials, integration: IntegrationAccess, aging: Aging & { readonly until: Date }): boolean {
  // A provider that names its own margin refuses to renew earlier.
  const now = ownMargin(integration.provider) === undefined ? aging.until : aging.now;
  return freshnessOf(credentials, integration, { ...aging, now }) !== 'fresh';
}

export function isExpired(credentials: Credentials, now: Date): boolean {
  const ends = expiryOf(credentials);
  return ends !== undefined && ends <= now.getTime();
}

function expiryOf(credentials: Credentials): number | undefined {
  const text = 'expires_at' in credentials ? credentials.expires_at : undefined;
  return typeof text === 'string' ? Date.parse(text) : undefined;
}

/**
 * A token that lives ten minutes would be renewed at every use with a margin of fifteen: half its life is the most we take.
 * The spread comes on top, up to as much again but never more than a quarter of the life: a thousand connections of one minute are
 * not due in one minute.
 */
function margins(provider: Provider, lifeMs: number | undefined): { marginMs: number; spreadMs: number } {
  const own = ownMargin(provider);
  if (own !== undefined) return { marginMs: own, spreadMs: 0 };
  if (lifeMs === undefined) return { marginMs: MARGIN_MS, spreadMs: MARGIN_MS / 3 };
  const marginMs = Math.min(MARGIN_MS, lifeMs / 2);
  return { marginMs, spreadMs: Math.min(marginMs, lifeMs / 4) };
}

function ownMargin(provider: Provider): number | undefined {
  const seconds = 'token_expiration_buffer' in provider ? provider.token_expiration_buffer : undefined;
  return seconds === undefined ? undefined : seconds * 1000;
}

type Span = { readonly ends: number; readonly since: Date | null | undefined };

function lifeOf(credentials: Credentials, provider: Provider, { ends, since }: Span): number | undefined {
  const unitMs = 'expires_in_unit' in provider && provider.expires_in_unit === 'milliseconds' ? 1 : 1000;
  const told = 'raw' in credentials ? Number(Object(credentials.raw).expires_in) * unitMs : 0;
  if (told > 0) return told;
  const seen = since ? ends - since.getTime() : 0;
  return seen > 0 ? seen : undefined;
}

/** From 0 to 1, evenly over seeds (the finalizer of MurmurHash3): not random, so that each look comes to the same answer. */
export function fraction(seed: number, salt: number): number {
  let mixed = (seed ^ Math.imul(Math.floor(salt / 1000), 0x9e3779b1)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 4_294_967_296;
}
