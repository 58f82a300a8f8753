import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fixedWindow, type Limiter, tokenBucket } from './provider-limits.ts';
import { type Demand, simulate } from './simulation.ts';

// Not at the beginning of a second: nobody's windows begin when a test does.
beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_123 }));
afterEach(() => void vi.useRealTimers());

const busy: Demand = { processes: 3, syncs: 8, peopleEveryMs: 3_000, seconds: 300 };

describe('three processes that want more than the provider allows', () => {
  const cases: [string, () => Limiter, { used: number; over: number }][] = [
    [
      'a window of 100 in 10 s that is told',
      () => fixedWindow({ limit: 100, lengthMs: 10_000, tells: 'headers' }),
      { used: 0.95, over: 0.02 },
    ],
    [
      'a window of 1,000 in a minute that is told',
      () => fixedWindow({ limit: 1000, lengthMs: 60_000, tells: 'headers' }),
      { used: 0.95, over: 0.02 },
    ],
    [
      'a window of 100 in a second that is told',
      () => fixedWindow({ limit: 100, lengthMs: 1_000, tells: 'headers' }),
      { used: 0.95, over: 0.02 },
    ],
    ['a bucket that is told', () => tokenBucket({ perSecond: 2, size: 40, tells: 'headers' }), { used: 0.95, over: 0.02 }],
    [
      'a window of which refusals tell the end',
      () => fixedWindow({ limit: 100, lengthMs: 10_000, tells: 'retry-after' }),
      { used: 0.93, over: 0.04 },
    ],
    ['a bucket that tells nothing', () => tokenBucket({ perSecond: 10, size: 20, tells: 'nothing' }), { used: 0.95, over: 0.04 }],
    ['a window that tells nothing', () => fixedWindow({ limit: 100, lengthMs: 10_000, tells: 'nothing' }), { used: 0.93, over: 0.04 }],
  ];
  test.each(cases)('use it up and hardly exceed it: %s', async (_name, limiter, expected) => {
    const { used, over } = await simulate(limiter(), busy);
    expect(used).toBeGreaterThan(expected.used);
    expect(over).toBeLessThan(expected.over);
  });
});

test('people do not wait while syncs use up a window that is told', async () => {
  const { people } = await simulate(fixedWindow({ limit: 1000, lengthMs: 60_000, tells: 'headers' }), busy);
  expect(people.given).toBeGreaterThanOrEqual(people.sent - busy.processes); // those of the last moment are under way
  const waits = people.waitsMs.sort((a, b) => a - b);
  expect(waits[Math.floor(waits.length * 0.95)]).toBeLessThan(50); // of virtual time
});

test('a documented limit is not exceeded, although the provider tells nothing', async () => {
  const limiter = tokenBucket({ perSecond: 3, size: 3, tells: 'nothing' });
  const { used, refused } = await simulate(limiter, { ...busy, documented: { perSecond: 3, burst: 3 } });
  expect(used).toBeGreaterThan(0.95);
  expect(refused).toBe(0);
});

test('without a limit nobody is asked', async () => {
  const { accepted, exchanges } = await simulate(fixedWindow({ limit: 1e9, lengthMs: 1000, tells: 'nothing' }), { ...busy, seconds: 5 });
  expect(accepted).toBeGreaterThan(1_000);
  expect(exchanges).toBe(0);
});

test('far from a limit that is told nobody is asked', async () => {
  const limiter = fixedWindow({ limit: 100_000, lengthMs: 60_000, tells: 'headers' });
  expect((await simulate(limiter, { ...busy, seconds: 5 })).exchanges).toBe(0);
});
