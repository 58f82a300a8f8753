/** What a process reports, worked into the budget: what it has, what the provider told it, and refusals. Pure; changes the budget it is given. */
import {
  type Budget,
  burstOf,
  CHEAP_MS,
  LEASE_MS,
  outstanding,
  type Pace,
  type Refusal,
  type Report,
  reserveOfPace,
  type Seen,
} from './budget.ts';

/** Where the provider does not say how long: half as long again as it has refused, so that what comes too late is a third at most. */
const BACKOFF = { ms: 500, msMax: 60_000 };
/** Where it says "at once" (`Retry-After: 0`, mostly rounded down) and refuses again. */
const BACKOFF_AT_ONCE = { ms: 100, msMax: 500 };
const BACKOFF_PART = 0.5;
/** A pace that was refused is lowered at least so far; and at most so far, unless nobody knew it yet. */
const DECREASE = 0.97;
const DECREASE_MOST = 0.9;
/** While less is sent than the pace allows, what was sent says nothing of the limit but that it is lower. */
const DECREASE_BLIND = 0.7;
const WANTED_MS = 2_000;
/** Answers since the last refusal. */
const DOUBTED_AFTER = 30;
/** A pace to begin with, where hardly anything was sent; and the least where the provider says that less than a second is to be waited. */
const PER_SECOND_FIRST = 2;
/** No slower than who waits would try. */
const PER_SECOND_MIN = 1 / 60;
/** Of the time from one opening to the next. */
const OUTAGE_PART = 0.5;
/** At each refusal that was over sooner: a window that is hardly exceeded opens soon, and is as long as before. */
const OUTAGE_KEPT = 0.9;
const ANSWERED_MS = 60_000;
/** In a second, two clocks may drift apart by so much. */
const DRIFT_MS = 2;
/** No refusal is waited out longer than this before somebody looks again. */
const HOLD_MS_MAX = 3600_000;

export function fold(budget: Budget, report: Report, now: number): void {
  const { window, pace, hold } = budget;
  const { by, inHand, inFlight, unused } = report;
  const lease = budget.leases[by];
  // What a lease's end or a new window gave back already does not come back twice.
  const returned = Math.min(unused, lease?.inHand ?? 0);
  budget.leases[by] = { inHand, inFlight, waiting: lease?.waiting ?? 0, until: now + LEASE_MS };
  if (window) window.left += returned;
  if (pace) pace.level = Math.min(pace.size, pace.level + returned);
  if (hold.probe?.by === by && unused > 0) hold.probe = null;
  const { seen } = report;
  if (seen?.perSecond !== undefined) foldBucket(budget, seen, seen.perSecond);
  else if (seen) foldSeen(budget, inOurTime(budget, seen));
  count(budget, report.answered, now);
  if (hold.probing && report.answered > 0 && report.answeredSentAt >= hold.until) open(budget, now);
  if (report.refusal) refuse(budget, report.refusal, now);
}

function count({ answered }: Budget, requests: number, now: number): void {
  answered.count += requests;
  const span = now - answered.since;
  if (span <= ANSWERED_MS) return;
  answered.count /= 2;
  answered.since = now - span / 2;
}

/** The provider's clock counts whole seconds: of all answers the one that came right after a second began tells how far its clock is from ours. */
function inOurTime(budget: Budget, seen: Seen): Seen {
  if (seen.endsAt === null || seen.offsetMs === undefined) return seen;
  const { offset } = budget;
  const drifted = offset ? offset.ms + (Math.max(0, seen.at - offset.at) / 1000) * DRIFT_MS : Number.POSITIVE_INFINITY;
  budget.offset = { ms: Math.min(drifted, seen.offsetMs), at: seen.at };
  return { ...seen, endsAt: Math.ceil(seen.endsAt - (seen.offsetMs - budget.offset.ms)) };
}

function foldSeen(budget: Budget, seen: Seen): void {
  const known = budget.window;
  const limit = seen.limit ?? known?.limit ?? seen.remaining;
  const lengthMs = seen.lengthMs ?? known?.lengthMs ?? null;
  if (!known) {
    const endsAt = seen.endsAt ?? (lengthMs === null ? null : seen.at + lengthMs);
    const told = { low: seen.remaining, lowAt: seen.at, lowBefore: null, left: seen.remaining - outstanding(budget.leases) };
    budget.window = { limit, lengthMs, startedAt: seen.sentAt, endsAt, ...told };
    return;
  }
  if (seen.sentAt < known.startedAt) return; // of the window before
  const isNewer = known.low === null || seen.sentAt >= known.lowAt || seen.remaining < known.low;
  if (!isNewer) return;
  const isNext = isNextWindow(known, seen);
  // The provider's window is longer than ours: it is asked again in a moment.
  const isOld = known.low === null && seen.endsAt === null && known.lowBefore !== null && seen.remaining <= known.lowBefore;
  const lastEnd = known.low === null ? known.startedAt : known.endsAt;
  if (seen.lengthMs === null && seen.endsAt !== null && lastEnd !== null && (isNext || known.low === null))
    known.lengthMs = shorter(known.lengthMs, seen.endsAt - lastEnd);
  if (isNext) {
    known.startedAt = seen.sentAt;
    known.lowBefore = known.low;
  }
  known.limit = limit;
  known.lengthMs ??= lengthMs;
  known.endsAt = endOf(known, seen, { isNext, isOld, now: budget.at });
  known.low = seen.remaining;
  known.lowAt = seen.at;
  known.left = seen.remaining - outstanding(budget.leases);
}

type Known = NonNullable<Budget['window']>;

/** A second of tolerance: most headers count in whole ones. */
const SLACK_MS = 1_100;

function isNextWindow(known: Known, seen: Seen): boolean {
  if (known.low === null || seen.remaining <= known.low) return false;
  return seen.endsAt === null || known.endsAt === null || seen.endsAt > known.endsAt + Math.min(SLACK_MS, (known.lengthMs ?? SLACK_MS) / 2);
}

/** Windows that nobody looked into may lie between two ends. */
function shorter(known: number | null, between: number): number | null {
  if (between < 500) return known;
  const length = Math.max(1, Math.round(between / 1000)) * 1000;
  return known === null ? length : Math.min(known, length);
}

/** Of several ends told in one window the earliest is nearest to the truth: seconds are rounded up. */
function endOf(known: Known, seen: Seen, { isNext, isOld, now }: { isNext: boolean; isOld: boolean; now: number }): number | null {
  if (isOld) return now + Math.min(250, (known.lengthMs ?? 5_000) / 20);
  if (seen.endsAt === null)
    return isNext || known.endsAt === null ? (known.lengthMs === null ? null : seen.at + known.lengthMs) : known.endsAt;
  if (isNext || known.endsAt === null || known.low === null) return seen.endsAt;
  return Math.abs(seen.endsAt - known.endsAt) <= SLACK_MS ? Math.min(seen.endsAt, known.endsAt) : seen.endsAt;
}

/** A bucket that fills steadily, whose level the provider tells. */
function foldBucket(budget: Budget, { limit, remaining, at }: Seen, perSecond: number): void {
  const now = budget.at;
  const size = limit ?? remaining;
  const level = Math.min(size, remaining + (Math.max(0, now - at) / 1000) * perSecond) - outstanding(budget.leases);
  budget.pace = {
    perSecond,
    size,
    level,
    at: now,
    ceiling: perSecond,
    quick: false,
    knee: null,
    refusedAt: now,
    outageMs: 0,
    raisedAt: now,
    wantedAt: 0,
  };
}

/** The provider answers again. What it allowed since the last time, the hold included, is the best that is known of its limit. */
function open(budget: Budget, now: number): void {
  const { hold, pace, answered } = budget;
  const measured = answered.count / Math.max(0.1, (now - answered.since) / 1000);
  if (hold.unexplained) {
    // Where it may be asked again at once, it is we who waited, and a second one has more than one of.
    const isAtOnce = hold.told === 'at once';
    const about = {
      measured,
      refusedAt: hold.firstAt,
      outageMs: isAtOnce ? 0 : now - hold.firstAt,
      least: isAtOnce ? PER_SECOND_FIRST : PER_SECOND_MIN,
    };
    if (pace) lower(pace, about, { count: answered.count, cycleMs: now - answered.since });
    else budget.pace = foundPace(about, now);
  }
  budget.answered = { since: now, count: 0 };
  budget.hold = { until: 0, setAt: 0, firstAt: 0, told: 'nothing', unexplained: false, probing: false, probe: null };
}

type Measured = { measured: number; refusedAt: number; outageMs: number; least: number };

/** Where a refusal was over soon it is cheap to be refused again: there the limit is looked for boldly, else what was measured is kept to. */
function foundPace({ measured, refusedAt, outageMs }: Measured, now: number): Pace {
  const perSecond = Math.max(PER_SECOND_FIRST, measured);
  const quick = outageMs < CHEAP_MS;
  return {
    perSecond,
    size: burstOf(perSecond),
    level: 1,
    at: now,
    ceiling: null,
    quick,
    knee: null,
    refusedAt,
    outageMs,
    raisedAt: now,
    wantedAt: 0,
  };
}

function lower(
  pace: Pace,
  { measured, refusedAt, outageMs, least }: Measured,
  { count, cycleMs }: { count: number; cycleMs: number },
): void {
  const { perSecond, quick } = pace;
  const isWanted = refusedAt - pace.wantedAt < WANTED_MS;
  // Nothing is known yet, and it was used up long before it opened again: what was sent on average is the limit, however fast it went.
  const isMeasured = quick || (pace.knee === null && outageMs > cycleMs * OUTAGE_PART);
  const known = Math.min(DECREASE * perSecond, isMeasured ? measured : Math.max(DECREASE_MOST * perSecond, measured));
  pace.perSecond = Math.max(Math.min(least, perSecond), isWanted ? known : DECREASE_BLIND * perSecond);
  // A refusal among many answers may have had another reason: it goes back there soon.
  const isDoubted = !isMeasured && count >= DOUBTED_AFTER;
  if (isWanted) pace.knee = isDoubted ? Math.max(perSecond, (pace.knee ?? 0) * DECREASE_MOST) : pace.perSecond;
  if (isWanted) pace.quick = false;
  if (pace.ceiling === null) pace.size = burstOf(pace.perSecond);
  // The provider has nothing left: what is kept for people must be there, too.
  pace.level = Math.min(pace.level, 1) - reserveOfPace(pace);
  pace.refusedAt = refusedAt;
  pace.outageMs = Math.max(outageMs, pace.outageMs * OUTAGE_KEPT);
}

function refuse(budget: Budget, { sentAt, waitMs, since }: Refusal, now: number): void {
  const { hold, window, pace } = budget;
  const told = waitMs === null || waitMs <= 0 ? null : now + Math.min(waitMs, HOLD_MS_MAX);
  if (!pace) budget.answered.since = Math.min(budget.answered.since, since);
  // Others of the same burst: they change nothing but the moment.
  if (hold.probing && sentAt < Math.max(hold.setAt, hold.until)) {
    if (told !== null) hold.until = Math.max(hold.until, told);
    return;
  }
  const isExplained = window?.low != null && Math.min(window.low, window.left) <= window.limit * 0.02 && window.endsAt !== null;
  const untilEnd = isExplained && window?.endsAt && window.endsAt > now ? window.endsAt : null;
  const firstAt = hold.probing ? hold.firstAt : now;
  budget.hold = {
    until: Math.ceil(told ?? untilEnd ?? now + backoffMs(waitMs === null ? BACKOFF : BACKOFF_AT_ONCE, now - firstAt)),
    setAt: now,
    firstAt,
    told: (told ?? untilEnd) !== null ? 'a moment' : waitMs === null ? 'nothing' : 'at once',
    unexplained: hold.unexplained || !isExplained,
    probing: true,
    probe: null,
  };
}

const backoffMs = ({ ms, msMax }: { ms: number; msMax: number }, refusedMs: number): number =>
  Math.min(msMax, Math.max(ms, refusedMs * BACKOFF_PART));
