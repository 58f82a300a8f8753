/**
 * How many requests a caller has left in this minute. Points are leased in batches, so most requests cost a lookup in memory;
 * whoever leases never gives out more than the limit, and at most what others lease and do not use is lost to a caller.
 */
import { LRUCache } from 'lru-cache';
import { bounded } from '../base/bounded.ts';
import type { World } from '../base/world.ts';
import type { RateLimit, Ration } from '../http/admit.ts';

export type RateLimitOptions = {
  /** Points of a caller in a minute. */
  readonly limit: number;
  /** Takes up to `points` of them for this process; answers how many it got, and how many are taken now by all. */
  lease(countedAs: string, startedAt: Date, points: number): Promise<Lease>;
};
export type Lease = { readonly got: number; readonly taken: number };
/** A caller's minute as this process knows it. */
type Minute = { readonly startedAtMs: number; inHand: number; taken: number; leasing: Promise<void> | undefined };

const WINDOW_MS = 60_000;
/** Of the limit. 100 statements a minute are nothing to Postgres, and a hundredth lost to an idle process is nothing to a caller. */
const BATCH_PART = 0.01;
/** A lease that takes longer is not waited for: the request goes through. */
const LEASE_MS = 1_000;
/** A caller that is forgotten has its next request leased anew. */
const CALLERS_MAX = 100_000;

/** Fails open: while points cannot be leased, everybody is let in, and one line of the log says so. */
export function createRateLimit({ clock, log }: Pick<World, 'clock' | 'log'>, { limit, lease }: RateLimitOptions): RateLimit {
  const minutes = new LRUCache<string, Minute>(bounded(CALLERS_MAX));
  const batch = Math.max(1, Math.floor(limit * BATCH_PART));
  const low = Math.floor(batch / 4);
  let failing = false;

  async function lend(countedAs: string, minute: Minute): Promise<void> {
    try {
      const { got, taken } = await inTime(lease(countedAs, new Date(minute.startedAtMs), batch));
      minute.inHand += got;
      minute.taken = Math.min(limit, taken);
      failing = false;
    } catch (error) {
      minute.inHand += batch;
      if (!failing) log.warn({ err: error }, 'rate limits cannot be counted; requests are let in until they can');
      failing = true;
    } finally {
      minute.leasing = undefined;
    }
  }

  /** With points in hand, or none left for anybody, there is an answer at once. */
  function look(countedAs: string, minute: Minute): Ration | undefined {
    if (minute.inHand > 0) {
      minute.inHand -= 1;
      if (minute.inHand < low && minute.taken < limit) minute.leasing ??= lend(countedAs, minute);
      return ration(minute, true);
    }
    return minute.taken >= limit ? ration(minute, false) : undefined;
  }

  function ration({ startedAtMs, inHand, taken }: Minute, admitted: boolean): Ration {
    const endsAtMs = startedAtMs + WINDOW_MS;
    const retryAfter = Math.max(1, Math.ceil((endsAtMs - clock.now().getTime()) / 1000));
    return { admitted, limit, remaining: Math.max(0, Math.min(limit, limit - taken + inHand)), resetAt: endsAtMs / 1000, retryAfter };
  }

  async function takeLeased(countedAs: string): Promise<Ration> {
    for (;;) {
      const minute = current(countedAs);
      const answer = look(countedAs, minute);
      if (answer) return answer;
      minute.leasing ??= lend(countedAs, minute);
      await minute.leasing;
    }
  }

  function current(countedAs: string): Minute {
    const now = clock.now().getTime();
    const startedAtMs = now - (now % WINDOW_MS);
    const known = minutes.get(countedAs);
    if (known?.startedAtMs === startedAtMs) return known;
    const minute: Minute = { startedAtMs, inHand: 0, taken: 0, leasing: undefined };
    minutes.set(countedAs, minute);
    return minute;
  }

  return (countedAs) => look(countedAs, current(countedAs)) ?? takeLeased(countedAs);
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${LEASE_MS} ms`)), LEASE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
