/**
 * Gives a budget's requests out: takes what a process saw and wants, answers how many it may send. Pure; whoever stores the budget lets one
 * exchange at a time happen. People come before syncs, and a part is kept for them.
 */
import {
  type Ask,
  type Budget,
  burstOf,
  CHEAP_MS,
  type Exchanged,
  LEASE_MS,
  outstanding,
  type Pace,
  RESERVED_PART,
  type Report,
  reserveOfPace,
  type Window,
} from './budget.ts';
import { fold } from './budget-fold.ts';

/** A probe that takes longer died, or is slow: another one goes. */
const PROBE_MS = LEASE_MS;
/** A window that began by our clock alone: so much is tried before the provider confirms it. */
const UNCONFIRMED_PART = 0.1;
/** In the last quarter of a window syncs get what is kept for people, so that nothing is left. */
const RELEASED_PART = 0.25;
/** Given ahead at most: of a window, and of what is left of it. */
const AHEAD_PART = 0.02;
const AHEAD_PART_LEFT = 0.1;
/** Of the pace, in a second in which more is wanted: before the first refusal, near what was refused last, and far from it. */
const QUICK_GROWTH = 1;
const NEAR_GROWTH = 0.001;
const FAR_GROWTH = 0.01;
/** Back to what was refused last: one refusal may have had another reason. */
const BACK_GROWTH = 0.05;
/** The longer nothing is refused, the faster. */
const FAR_AFTER_MS = 20_000;
/** Where refusals take long, for nobody gets through until a window ends that is used up, people neither: of the pace, in a second, for each minute without one. */
const DEAR_GROWTH = 0.0003;
/** After the first refusal alone, from which little is known. */
const DEAR_FIRST_GROWTH = 0.003;
const DEAR_AFTER_MS = 60_000;
const DEAR_GROWTH_MAX = 0.0015;
/** After so long in which the pace was enough, it is raised as gently as after a refusal. */
const ANEW_MS = 60_000;
/** Nobody asks more often: 40 exchanges a second of a process are nothing to Postgres, and 25 ms nothing to who waits. */
const ASK_MS = 25;
/** A pace that was found is worth nothing after it was not needed for so long; where refusals take long, it is worth a day. */
const FORGOTTEN_MS = 10 * 60_000;
const DEAR_FORGOTTEN_MS = 24 * 3600_000;
/** After one refusal alone: it may have been about something else. */
const UNCONFIRMED_FORGOTTEN_MS = 60_000;

export function exchange(before: Budget, now: number, { report, ask }: { report: Report; ask: Ask }): Exchanged {
  const budget = structuredClone(before);
  forget(budget, now);
  budget.at = now;
  expire(budget, now);
  roll(budget, now);
  fill(budget, now);
  fold(budget, report, now);
  const given = grant(budget, now, { by: report.by, ask });
  const lease = budget.leases[report.by];
  if (lease) {
    lease.inHand += given.interactive + given.background + given.ahead;
    lease.waiting = ask.interactive - given.interactive;
  }
  const news = before.hold.until !== budget.hold.until || before.hold.probing !== budget.hold.probing || !before.pace !== !budget.pace;
  return { budget, ...given, news };
}

function forget(budget: Budget, now: number): void {
  const { pace, hold } = budget;
  if (pace?.ceiling !== null || hold.probing) return;
  const kept = pace.quick ? UNCONFIRMED_FORGOTTEN_MS : pace.outageMs < CHEAP_MS ? FORGOTTEN_MS : DEAR_FORGOTTEN_MS;
  if (now - Math.max(pace.raisedAt, pace.wantedAt) > kept) budget.pace = null;
}

/** What a process that is gone, or idle, did not use is there for the others. */
function expire({ leases, window, pace }: Budget, now: number): void {
  for (const [by, { until, inHand }] of Object.entries(leases)) {
    if (until > now) continue;
    delete leases[by];
    if (window) window.left += inHand;
    if (pace) pace.level = Math.min(pace.size, pace.level + inHand);
  }
}

/** The next window, by the clock: its number is confirmed by the first answer. */
function roll({ window, leases }: Budget, now: number): void {
  if (!window || window.endsAt === null || now < window.endsAt) return;
  const { lengthMs, endsAt } = window;
  window.startedAt = lengthMs === null ? endsAt : endsAt + Math.floor((now - endsAt) / lengthMs) * lengthMs;
  window.endsAt = lengthMs === null ? null : window.startedAt + lengthMs;
  if (window.low !== null) window.lowBefore = window.low;
  window.low = null;
  for (const lease of Object.values(leases)) lease.inHand = 0;
  window.left = window.limit - outstanding(leases);
}

function fill({ pace }: Budget, now: number): void {
  if (!pace) return;
  pace.level = Math.min(pace.size, pace.level + (Math.max(0, now - pace.at) / 1000) * pace.perSecond);
  pace.at = now;
}

type Given = Pick<Exchanged, 'interactive' | 'background' | 'ahead' | 'retryAt'>;
const nothing = (retryAt: number | null): Given => ({ interactive: 0, background: 0, ahead: 0, retryAt });

function grant(budget: Budget, now: number, { by, ask }: { by: string; ask: Ask }): Given {
  const { hold } = budget;
  const wanted = ask.interactive + ask.background;
  if (wanted === 0) return nothing(null);
  if (now < hold.until) return nothing(hold.until);
  if (hold.probing) return probe(budget, now, { by, ask });
  const interactive = Math.min(ask.interactive, room(budget, now, 0));
  spend(budget, interactive);
  // A person who waits at another process comes before a sync here.
  const elsewhere = Object.entries(budget.leases).reduce((sum, [who, { waiting }]) => (who === by ? sum : sum + waiting), 0);
  const isWaiting = ask.interactive > interactive;
  const background = isWaiting ? 0 : Math.min(ask.background, Math.max(0, room(budget, now, 1) - elsewhere));
  spend(budget, background);
  const isMet = interactive + background === wanted;
  if (!isMet) {
    raise(budget, now);
    return { interactive, background, ahead: 0, retryAt: nextMoment(budget, now, isWaiting ? 0 : 1) };
  }
  const ahead = elsewhere > 0 ? 0 : Math.min(ask.ahead ?? 0, surplus(budget, now));
  spend(budget, ahead);
  return { interactive, background, ahead, retryAt: null };
}

/** So much may lie idle at one process for the time of a lease. */
function surplus({ window, pace }: Budget, now: number): number {
  const ofWindow = window
    ? Math.min(window.limit * AHEAD_PART, (window.left - reserveOf(window, now)) * AHEAD_PART_LEFT)
    : Number.POSITIVE_INFINITY;
  const ofPace = pace ? (pace.level - pace.size / 2) / 2 : Number.POSITIVE_INFINITY;
  return Math.max(0, Math.floor(Math.min(ofWindow, ofPace)));
}

function probe({ hold, window, pace }: Budget, now: number, { by, ask }: { by: string; ask: Ask }): Given {
  if (hold.probe && now < hold.probe.until) return nothing(Math.min(hold.probe.until, now + 250));
  hold.probe = { by, until: now + PROBE_MS };
  spend({ window, pace }, 1);
  // Who goes first where nothing was told may well be refused: rather a sync, which comes back by itself.
  const interactive = ask.interactive > 0 && (hold.told === 'a moment' || ask.background === 0) ? 1 : 0;
  const isMet = ask.interactive + ask.background === 1;
  return { interactive, background: 1 - interactive, ahead: 0, retryAt: isMet ? null : now + 250 };
}

function spend({ window, pace }: Pick<Budget, 'window' | 'pace'>, requests: number): void {
  if (window) window.left -= requests;
  if (pace) pace.level -= requests;
}

/** @param kept 1 for syncs, which leave the reserve alone, 0 for people */
function room({ window, pace }: Budget, now: number, kept: 0 | 1): number {
  const byWindow = window ? window.left - kept * Math.round(reserveOf(window, now)) : Number.POSITIVE_INFINITY;
  const byPace = pace ? pace.level - kept * reserveOfPace(pace) : Number.POSITIVE_INFINITY;
  const untried = window ? unconfirmed(window, now) : Number.POSITIVE_INFINITY;
  return Math.max(0, Math.floor(Math.min(byWindow, byPace, untried) + 1e-9));
}

function reserveOf({ limit, lengthMs, startedAt, endsAt }: Window, now: number): number {
  if (limit < 5 || endsAt === null) return 0;
  const part = Math.min(1, Math.max(0, (endsAt - now) / Math.max(1, (lengthMs ?? endsAt - startedAt) * RELEASED_PART)));
  return Math.max(1, limit * RESERVED_PART) * part;
}

/** A header that never comes must not hold up a window: after a tenth of it, at most a second, it counts as confirmed. */
function unconfirmed({ low, limit, left, startedAt, lengthMs }: Window, now: number): number {
  if (low !== null || (lengthMs ?? 10_000) < 5_000 || now - startedAt > Math.min(1_000, (lengthMs ?? 10_000) / 10))
    return Number.POSITIVE_INFINITY;
  return Math.max(1, Math.ceil(limit * UNCONFIRMED_PART)) - (limit - left);
}

function raise({ pace, hold }: Budget, now: number): void {
  if (!pace || pace.ceiling !== null || hold.probing) return;
  const seconds = Math.min(0.5, Math.max(0, now - pace.raisedAt) / 1000);
  if (now - pace.wantedAt > ANEW_MS) pace.refusedAt = now;
  pace.raisedAt = now;
  pace.wantedAt = now;
  pace.perSecond *= 1 + growthOf(pace, now) * seconds;
  pace.size = burstOf(pace.perSecond);
}

function growthOf({ quick, knee, perSecond, refusedAt, outageMs }: Pace, now: number): number {
  if (quick) return QUICK_GROWTH;
  if (knee === null) return DEAR_FIRST_GROWTH;
  if (outageMs >= CHEAP_MS) return Math.min(DEAR_GROWTH_MAX, (DEAR_GROWTH * (now - refusedAt)) / DEAR_AFTER_MS);
  if (perSecond <= knee * 0.97) return BACK_GROWTH;
  return perSecond < knee * 1.03 ? NEAR_GROWTH : FAR_GROWTH * Math.max(1, (now - refusedAt) / FAR_AFTER_MS);
}

function nextMoment({ window, pace }: Budget, now: number, kept: 0 | 1): number {
  const moments = [now + ASK_MS];
  if (window && unconfirmed(window, now) < 1) moments.push(now + 50);
  else if (window && window.left - kept * Math.round(reserveOf(window, now)) < 1) moments.push(windowMoment(window, now, kept));
  if (pace) {
    const short = 1 + kept * reserveOfPace(pace) - pace.level;
    if (short > 0) moments.push(now + Math.ceil((short / pace.perSecond) * 1000));
  }
  return Math.max(...moments);
}

/** When the reserve has shrunk enough, else when the window ends; one that nobody knows the end of is looked at again soon. */
function windowMoment({ left, startedAt, endsAt, lengthMs, limit }: Window, now: number, kept: 0 | 1): number {
  if (endsAt === null) return now + 250;
  if (kept === 0 || left < 1) return endsAt;
  const length = (lengthMs ?? endsAt - startedAt) * RELEASED_PART;
  return Math.max(now, Math.min(endsAt, Math.ceil(endsAt - (length * (left - 0.5)) / Math.max(1, limit * RESERVED_PART)) + 1));
}
