/** Exact limiters of made-up providers, as vendors run them: what they let through, what they refuse, and what their answers tell of it. */

export type Answered = { ok: boolean; headers: Record<string, string> };
export type Limiter = {
  /** A request that arrives at `now`, in epoch milliseconds. */
  take(now: number): Answered;
  /** What it could have let through from one moment to another. */
  capacity(from: number, to: number): number;
  /** Refused all of it: a counter for tests. */
  readonly counts: { accepted: number; refused: number };
};
export type Telling = 'headers' | 'retry-after' | 'nothing';

/** So many requests in each window of the provider's own clock. */
export function fixedWindow({ limit, lengthMs, tells }: { limit: number; lengthMs: number; tells: Telling }): Limiter {
  const counts = { accepted: 0, refused: 0 };
  let window = -1;
  let used = 0;
  return {
    counts,
    take(now) {
      const current = Math.floor(now / lengthMs);
      if (current !== window) [window, used] = [current, 0];
      const ok = used < limit;
      if (ok) used += 1;
      counts[ok ? 'accepted' : 'refused'] += 1;
      const endsAt = (current + 1) * lengthMs;
      const told = {
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': String(limit - used),
        'x-ratelimit-reset': String(endsAt),
      };
      const after = ok ? {} : { 'retry-after': String(Math.ceil((endsAt - now) / 1000)) };
      return {
        ok,
        headers: { ...(tells === 'headers' ? told : {}), ...(tells === 'nothing' ? {} : after), date: new Date(now).toUTCString() },
      };
    },
    capacity: (from, to) => (limit * (to - from)) / lengthMs,
  };
}

/** A bucket that fills by so many a second. */
export function tokenBucket({ perSecond, size, tells }: { perSecond: number; size: number; tells: Telling }): Limiter {
  const counts = { accepted: 0, refused: 0 };
  let level = size;
  let at: number | undefined;
  return {
    counts,
    take(now) {
      level = Math.min(size, level + ((now - (at ?? now)) / 1000) * perSecond);
      at = now;
      const ok = level >= 1;
      if (ok) level -= 1;
      counts[ok ? 'accepted' : 'refused'] += 1;
      const told = { 'x-shopify-shop-api-call-limit': `${Math.ceil(size - level)}/${size}` };
      const after = ok ? {} : { 'retry-after': String(Math.ceil((1 - level) / perSecond)) };
      return { ok, headers: { ...(tells === 'headers' ? told : {}), ...(tells === 'nothing' ? {} : after) } };
    },
    capacity: (from, to) => (perSecond * (to - from)) / 1000,
  };
}

/** Refuses now and then as many requests as it takes, however slowly they come, and always says that it may be asked again at once. */
export function storms({ every, refuses }: { every: number; refuses: number }): Limiter {
  const counts = { accepted: 0, refused: 0 };
  let turn = 0;
  return {
    counts,
    take() {
      const ok = turn++ % (every + refuses) < every;
      counts[ok ? 'accepted' : 'refused'] += 1;
      return { ok, headers: ok ? {} : { 'retry-after': '0' } };
    },
    capacity: () => Number.POSITIVE_INFINITY,
  };
}
