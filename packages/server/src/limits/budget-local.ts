/** What one process knows of a budget, and when that is enough to send a request without asking. Changes the object it is given. */
import type { Refusal, Seen } from './budget.ts';
import type { BudgetNews, BudgetSpec } from './budget-name.ts';

export type Entering = {
  readonly interactive: boolean;
  readonly signal?: AbortSignal | undefined;
  /** How long it may wait at most. */
  readonly waitMaxMs: number;
  /** Told once, when it will wait for more than a second. @param until epoch milliseconds */
  readonly onWait?: ((until: number) => void) | undefined;
};
export type Waiter = Entering & {
  readonly deadline: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  told: boolean;
};

export type Local = {
  readonly spec: BudgetSpec;
  readonly interactive: Waiter[];
  readonly background: Waiter[];
  /** Requests leased and not sent, and until when they may be. */
  inHand: number;
  inHandUntil: number;
  /** To be given back with the next report. */
  unused: number;
  /** Sent and not answered; and answered without a word about the limit. */
  inFlight: number;
  uncounted: number;
  /** Of these, what the last exchange told. */
  reported: number;
  isShared: boolean;
  answered: number;
  answeredSentAt: number;
  seen: Seen | undefined;
  refusal: Refusal | undefined;
  heldUntil: number;
  probing: boolean;
  paced: boolean;
  unconfirmed: boolean;
  limit: number | null;
  remaining: number;
  endsAt: number | null;
  lengthMs: number | null;
  /** Sent in this window, by this process; and since the last exchange. */
  sent: number;
  sentSince: number;
  /** Answered since it began to send after a pause. */
  readonly recent: { since: number; at: number; count: number };
  retryAt: number;
  timer: NodeJS.Timeout | undefined;
  exchanging: Promise<void> | undefined;
  again: boolean;
};

/** While less than this part of a window is used by all, and this part by us, nobody is asked: ten processes may do so together. */
const USED_PART = 0.5;
const OWN_PART = 0.05;
const PAUSE_MS = 2_000;
const RECENT_MS = 60_000;

export function newLocal(spec: BudgetSpec, news: BudgetNews | undefined): Local {
  return {
    spec,
    interactive: [],
    background: [],
    inHand: 0,
    inHandUntil: 0,
    unused: 0,
    inFlight: 0,
    uncounted: 0,
    reported: 0,
    isShared: false,
    answered: 0,
    answeredSentAt: 0,
    seen: undefined,
    refusal: undefined,
    heldUntil: news?.heldUntil ?? 0,
    probing: news?.probing ?? false,
    paced: news?.paced ?? spec.documented !== undefined,
    unconfirmed: false,
    limit: null,
    remaining: 0,
    endsAt: null,
    lengthMs: null,
    sent: 0,
    sentSince: 0,
    recent: { since: 0, at: 0, count: 0 },
    retryAt: 0,
    timer: undefined,
    exchanging: undefined,
    again: false,
  };
}

/** Nothing is known of a limit, or it is far. */
export function isPlenty(local: Local, at: number): boolean {
  if (local.probing || local.paced || local.heldUntil > at) return false;
  if (local.limit === null) return true;
  if (local.endsAt !== null && at >= local.endsAt) {
    local.sent = 0;
    local.remaining = local.limit;
    local.endsAt = local.lengthMs === null ? null : at + local.lengthMs;
  }
  return local.remaining >= local.limit * USED_PART && local.sent + 1 <= local.limit * OWN_PART;
}

export function takeInHand(local: Local, at: number): boolean {
  if (local.inHand < 1 || at >= local.inHandUntil || local.probing || local.heldUntil > at) return false;
  local.inHand -= 1;
  return true;
}

export function noteSent(local: Local, at: number): void {
  local.inFlight += 1;
  local.sent += 1;
  local.sentSince += 1;
  const { recent } = local;
  if (at - recent.at > PAUSE_MS && local.inFlight === 1) Object.assign(recent, { since: at, count: 0 });
  else if (at - recent.since > RECENT_MS) Object.assign(recent, { since: at - (at - recent.since) / 2, count: recent.count / 2 });
  recent.at = at;
}

/** Of several answers the lowest number, unless a request that went out later heard a higher one: then a new window has begun. */
export function noteSeen(local: Local, seen: Seen): void {
  const { seen: before } = local;
  const isNewWindow = before === undefined || seen.sentAt >= before.at;
  if (before === undefined || isNewWindow || seen.remaining <= before.remaining) local.seen = seen;
  const hasRisen = isNewWindow && seen.remaining > local.remaining;
  if (hasRisen || (seen.endsAt !== null && local.endsAt !== null && seen.endsAt > local.endsAt + 1_100)) local.sent = 0;
  if (isNewWindow || seen.remaining < local.remaining) local.remaining = seen.remaining;
  local.limit = seen.limit ?? Math.max(local.limit ?? 0, seen.remaining);
  local.lengthMs = seen.lengthMs ?? local.lengthMs;
  local.endsAt = seen.endsAt ?? local.endsAt ?? (local.lengthMs === null ? null : seen.at + local.lengthMs);
  local.uncounted = 0;
  // A bucket that fills steadily is shared from the start: it is small.
  if (seen.perSecond !== undefined) local.paced = true;
}
