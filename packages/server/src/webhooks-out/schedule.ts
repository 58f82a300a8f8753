/** When a delivery that failed is tried again. Pure. */

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];

/** Waits after the first, second … attempt: quick for a restart of the receiver, then for an outage over a long weekend (3.2 days in all). */
export const RETRY_DELAYS_MS: readonly number[] = [
  ...[5 * SECOND, 30 * SECOND],
  ...[2 * MINUTE, 10 * MINUTE, 30 * MINUTE],
  ...[1 * HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR],
  ...[12 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR],
];
const JITTER = 0.2;
const RETRY_AFTER_MS_MAX = 12 * HOUR;

/**
 * @param attempts made so far. @param fraction random, 0 to 1: spreads what failed together over ±20 %
 * @param retryAfterMs what the receiver asked for; waits at least so long, at most half a day
 * @returns undefined when there is no attempt left
 */
export function nextAttempt(now: Date, attempts: number, fraction: number, retryAfterMs = 0): Date | undefined {
  const delay = RETRY_DELAYS_MS[attempts - 1];
  if (delay === undefined) return undefined;
  const spread = delay * (1 - JITTER + 2 * JITTER * fraction);
  return new Date(now.getTime() + Math.max(spread, Math.min(retryAfterMs, RETRY_AFTER_MS_MAX)));
}
