import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createRandom } from '../contract/random.ts';
import { fixedWindow, type Limiter, storms, tokenBucket } from './provider-limits.ts';
import { type Demand, type Person, simulate } from './simulation.ts';

// Not at the beginning of a second: nobody's windows begin when a test does.
beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_123 }));
afterEach(() => void vi.useRealTimers());

const busy: Demand = { processes: 3, syncs: 8, peopleEveryMs: 3_000, seconds: 300 };

describe('three processes that want more than the provider allows', () => {
  const cases: [string, () => Limiter, { used: number; over: number; seconds?: number }][] = [
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
      { used: 0.95, over: 0.02, seconds: 60 },
    ],
    ['a bucket that is told', () => tokenBucket({ perSecond: 2, size: 40, tells: 'headers' }), { used: 0.95, over: 0.02 }],
    [
      'a window of which refusals tell the end',
      () => fixedWindow({ limit: 100, lengthMs: 10_000, tells: 'retry-after' }),
      { used: 0.93, over: 0.04 },
    ],
    ['a bucket that tells nothing', () => tokenBucket({ perSecond: 10, size: 20, tells: 'nothing' }), { used: 0.95, over: 0.04 }],
    ['a window that tells nothing', () => fixedWindow({ limit: 100, lengthMs: 10_000, tells: 'nothing' }), { used: 0.9, over: 0.04 }],
  ];
  test.each(cases)('use it up and hardly exceed it: %s', async (_name, limiter, expected) => {
    const { used, over } = await simulate(limiter(), { ...busy, seconds: expected.seconds ?? busy.seconds });
    expect(used).toBeGreaterThan(expected.used);
    expect(over).toBeLessThan(expected.over);
  });
});

/** The 95th of a hundred waits, in virtual milliseconds. */
const wait95 = (people: readonly Person[]) =>
  people.map(({ waitedMs }) => waitedMs).toSorted((a, b) => a - b)[Math.floor(people.length * 0.95)];
/** Those of the last seconds may still be under way. */
const finished = (people: readonly Person[], { from, seconds }: { from: number; seconds: number }) =>
  people.filter(({ at }) => at >= from * 1000 && at < (seconds - 11) * 1000);

test('people do not wait while syncs use up a window that is told', async () => {
  const { people } = await simulate(fixedWindow({ limit: 1000, lengthMs: 60_000, tells: 'headers' }), busy);
  const all = finished(people, { from: 0, ...busy });
  expect(all.filter(({ given }) => !given).length).toBeLessThanOrEqual(busy.processes); // the first burst, when nothing is known yet
  expect(wait95(all)).toBeLessThan(50);
});

test.each(['nothing', 'retry-after'] as const)(
  'once a window of a minute was used up, people are not kept waiting by syncs, though the provider tells of it: %s',
  async (tells) => {
    const seconds = 480;
    const { people, used } = await simulate(fixedWindow({ limit: 1000, lengthMs: 60_000, tells }), { ...busy, seconds });
    const all = finished(people, { from: 240, seconds }); // by then its length is known as well as its limit
    expect(all.filter(({ waitedMs }) => waitedMs > 1_000).length / all.length).toBeLessThan(0.02);
    expect(all.filter(({ given }) => !given).length / all.length).toBeLessThan(0.02);
    expect(used).toBeGreaterThan(0.95);
  },
);

test('a provider that refuses storms of requests and says "at once" is neither hammered nor left alone', async () => {
  const limiter = storms({ every: 100, refuses: 15 });
  const refusals: number[] = [];
  const take: Limiter['take'] = (now) => {
    const answered = limiter.take(now);
    if (!answered.ok) refusals.push(now);
    return answered;
  };
  const { accepted, refused } = await simulate({ ...limiter, take }, { ...busy, syncs: 1, seconds: 120 });
  expect(refused).toBeGreaterThan(100);
  expect(accepted).toBeGreaterThan(600); // 5 a second, storms included
  const inASecond = refusals.map((from) => refusals.filter((at) => at >= from && at < from + 1_000).length);
  expect(Math.max(...inASecond)).toBeLessThan(12); // six callers at once, and the first few tries
});

test('a provider that refuses everything for a minute is back at full pace two minutes later', async () => {
  const limiter = tokenBucket({ perSecond: 50, size: 50, tells: 'nothing' });
  const started = Date.now();
  const isAway = (now: number) => now - started > 30_000 && now - started < 90_000;
  let late = 0;
  const take: Limiter['take'] = (now) => {
    if (isAway(now)) return { ok: false, headers: {} };
    const answered = limiter.take(now);
    if (answered.ok && now - started > 210_000) late += 1;
    return answered;
  };
  await simulate({ ...limiter, take }, { ...busy, seconds: 270 });
  expect(late).toBeGreaterThan(50 * 60 * 0.9);
});

describe('whatever the limit is, and whatever is told of it, after three minutes', () => {
  const random = createRandom(42);
  const cases = Array.from({ length: 8 }, () => {
    const perSecond = random.pick([5, 10, 20]);
    const tells = random.pick(['headers', 'retry-after', 'nothing'] as const);
    const lengthMs = random.pick([2_000, 10_000, 60_000]);
    const isWindow = tells === 'headers' || random.chance(0.5);
    const demand = { processes: 1 + random.int(4), syncs: 8, latencyMs: random.pick([10, 50, 100]) };
    const what = `${isWindow ? `${(perSecond * lengthMs) / 1000} in ${lengthMs / 1000} s` : `${perSecond} a second`}, tells ${tells}, ${JSON.stringify(demand)}`;
    const make = () =>
      isWindow
        ? fixedWindow({ limit: (perSecond * lengthMs) / 1000, lengthMs, tells })
        : tokenBucket({ perSecond, size: perSecond * 2, tells });
    return { what, perSecond, demand, make };
  });
  test.each(cases)('it is used up, hardly exceeded, and people hardly wait: $what', async ({ perSecond, demand, make }) => {
    const limiter = make();
    const [from, seconds] = [180, 480];
    const before = { accepted: 0, refused: 0 };
    setTimeout(() => Object.assign(before, limiter.counts), from * 1000);
    const peopleEveryMs = (demand.processes * 1000) / (perSecond * 0.05); // a twentieth of the limit
    const { people } = await simulate(limiter, { ...demand, peopleEveryMs, seconds });
    const accepted = limiter.counts.accepted - before.accepted;
    const refused = limiter.counts.refused - before.refused;
    expect(accepted / (perSecond * (seconds - from))).toBeGreaterThan(0.9);
    expect(refused / (accepted + refused)).toBeLessThan(0.04);
    const all = finished(people, { from, seconds });
    expect(all.filter(({ waitedMs }) => waitedMs > 1_500).length / all.length).toBeLessThan(0.06);
  });
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
