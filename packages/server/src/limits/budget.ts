/** A budget: what all processes know together of one rate limit at a provider. Moments are epoch milliseconds. */

/** A number of requests until a moment, as the provider's headers tell. */
export type Window = {
  limit: number;
  /** Null while nobody knows: then its end is all there is. */
  lengthMs: number | null;
  startedAt: number;
  endsAt: number | null;
  /** Requests that nobody was given yet. */
  left: number;
  /** What the provider last told that was left, and when it was heard; null since the window began by the clock alone. */
  low: number | null;
  lowAt: number;
  /** What was left when the window before this one was over. */
  lowBefore: number | null;
};
/** Requests that flow: documented, or found by trying where the provider tells nothing. */
export type Pace = {
  perSecond: number;
  /** Requests that may be sent at once after a pause. */
  size: number;
  level: number;
  at: number;
  /** As documented; a pace that was found has none. */
  ceiling: number | null;
  /** Grows fast, until the provider first refuses again. */
  quick: boolean;
  /** What was refused last: it is approached slowly. */
  knee: number | null;
  refusedAt: number;
  /** How long the provider refused last: what it costs to be refused again. */
  outageMs: number;
  raisedAt: number;
  /** When more was last wanted than it allows; 0: never. */
  wantedAt: number;
};
/** What a process has: it ends by itself, so what a killed one had returns. */
export type Lease = { inHand: number; inFlight: number; waiting: number; until: number };
export type Hold = {
  /** 0: the provider refuses nothing. */
  until: number;
  setAt: number;
  /** When the first of a row of refusals came. */
  firstAt: number;
  /** What the provider says of its end. */
  told: 'a moment' | 'at once' | 'nothing';
  /** The window does not explain it: the pace has to be found. */
  unexplained: boolean;
  /** After the hold one request goes first. */
  probing: boolean;
  probe: { by: string; until: number } | null;
};
export type Budget = {
  window: Window | null;
  pace: Pace | null;
  hold: Hold;
  /** Requests the provider answered since a moment: what it really allows. */
  answered: { since: number; count: number };
  leases: Record<string, Lease>;
  /** Of the provider's clock, from ours. */
  offset: { ms: number; at: number } | null;
  at: number;
};

/** What a process heard of a window: of several answers the one that tells most. */
export type Seen = {
  limit: number | null;
  remaining: number;
  endsAt: number | null;
  lengthMs: number | null;
  sentAt: number;
  at: number;
  /** How far our clock is before the provider's, which counts whole seconds; absent when it does not matter. */
  offsetMs?: number;
  /** It fills by so many a second instead of ending (Shopify). */
  perSecond?: number;
};
/** `since`: when the process began to send. */
export type Refusal = { sentAt: number; waitMs: number | null; since: number };
export type Report = {
  readonly by: string;
  readonly inHand: number;
  /** Given back. */
  readonly unused: number;
  readonly inFlight: number;
  /** Answered since the last report, refusals aside, and when the newest of these was sent. */
  readonly answered: number;
  readonly answeredSentAt: number;
  readonly seen?: Seen | undefined;
  readonly refusal?: Refusal | undefined;
};
/** Requests that wait: of people, and of syncs; and how many more would save the next exchange. */
export type Ask = { readonly interactive: number; readonly background: number; readonly ahead?: number };
export type Exchanged = {
  readonly budget: Budget;
  readonly interactive: number;
  readonly background: number;
  readonly ahead: number;
  /** When to ask again for what was not given; null when all was. */
  readonly retryAt: number | null;
  /** What other processes should hear at once. */
  readonly news: boolean;
};

export const LEASE_MS = 5_000;
/** A refusal that is over so soon costs hardly anything. */
export const CHEAP_MS = 2_000;

export function createBudget(now: number, documented?: { perSecond: number; burst: number }): Budget {
  const pace = documented
    ? { perSecond: documented.perSecond, size: documented.burst, level: documented.burst, ceiling: documented.perSecond }
    : null;
  return {
    window: null,
    pace: pace && { ...pace, at: now, quick: false, knee: null, refusedAt: now, outageMs: 0, raisedAt: now, wantedAt: 0 },
    hold: { until: 0, setAt: 0, firstAt: 0, told: 'nothing', unexplained: false, probing: false, probe: null },
    answered: { since: now, count: 0 },
    leases: {},
    offset: null,
    at: now,
  };
}

/** What may be sent at once at a pace that was found. */
export const burstOf = (perSecond: number): number => Math.max(3, perSecond * 0.3);

/** Kept for people, of what is left of a window (it shrinks to nothing at its end) and of what a pace allows at once. */
export const RESERVED_PART = 0.1;
export const reserveOfPace = ({ size }: Pace): number => Math.max(1, Math.floor(size * RESERVED_PART));

export function outstanding(leases: Budget['leases']): number {
  return Object.values(leases).reduce((sum, { inHand, inFlight }) => sum + inHand + inFlight, 0);
}
