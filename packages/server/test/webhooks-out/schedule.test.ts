import { expect, test } from 'vitest';
import { retryAfterMs } from '../../src/base/retry-after.ts';
import { nextAttempt, RETRY_DELAYS_MS } from '../../src/webhooks-out/schedule.ts';

const now = new Date('2026-01-02T03:04:05Z');
const wait = (attempts: number, fraction = 0.5, retryAfter = 0) => {
  const next = nextAttempt(now, attempts, fraction, retryAfter);
  return next && next.getTime() - now.getTime();
};

test('attempts are spread over about three days, each wait at least as long as the one before', () => {
  const days = RETRY_DELAYS_MS.reduce((sum, delay) => sum + delay, 0) / (24 * 3600 * 1000);
  expect(days).toBeGreaterThan(3);
  expect(days).toBeLessThan(3.5);
  expect(RETRY_DELAYS_MS.toSorted((a, b) => a - b)).toEqual(RETRY_DELAYS_MS);
});

test('jitter moves a wait by a fifth either way; after the last attempt there is none', () => {
  expect([wait(1, 0), wait(1), wait(1, 1)]).toEqual([4_000, 5_000, 6_000]);
  expect(wait(RETRY_DELAYS_MS.length)).toBe(12 * 3_600_000);
  expect(wait(RETRY_DELAYS_MS.length + 1)).toBeUndefined();
});

test('a receiver that asks for time gets it, within half a day', () => {
  expect(wait(1, 0.5, 60_000)).toBe(60_000);
  expect(wait(1, 0.5, 1_000)).toBe(5_000);
  expect(wait(1, 0.5, 1e12)).toBe(12 * 3_600_000);
  expect(retryAfterMs('7', now)).toBe(7_000);
  expect(retryAfterMs('Fri, 02 Jan 2026 03:04:15 GMT', now)).toBe(10_000);
  expect([retryAfterMs(undefined, now), retryAfterMs('soon', now), retryAfterMs('Fri, 02 Jan 2020 03:04:15 GMT', now)]).toEqual([0, 0, 0]);
});
