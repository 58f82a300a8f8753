import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { Demand } from '../src/demand.ts';
import { Line } from '../src/line.ts';
import { Recent } from '../src/recent.ts';

type Waiting = { owner: string; key: string; since: number };
const processors = availableParallelism();

/** An owner of whom so many wait since just now, each of another connection, whose runs take so long. */
function crowd({ waiting, tookMs, busy }: { waiting: number; tookMs?: number; busy: number }) {
  const line = new Line<Waiting>();
  const recent = new Recent({ idleMs: 1000, idleMax: 8, surplusMs: 1000 });
  const demand = new Demand({ line, recent });
  const waiters = Array.from({ length: waiting }, (_, n) => ({ owner: 'one', key: String(n), since: performance.now() }));
  for (const waiter of waiters) line.add(waiter);
  if (tookMs !== undefined) recent.note('one', tookMs);
  demand.count('one', busy);
  const [first] = waiters;
  if (!first) throw new Error('somebody must wait');
  return { demand, first };
}

test('as many processors as there are get one each at once', () => {
  const { demand, first } = crowd({ waiting: 5, busy: processors - 1 });
  expect(demand.mayTakeBlank(first)).toBe(true);
});

test('beyond that short runs wait for those that are at work, long ones do not', () => {
  const short = crowd({ waiting: 10, tookMs: 3, busy: processors });
  expect(short.demand.mayTakeBlank(short.first)).toBe(false);
  expect(short.demand.missing()).toBe(0);
  const long = crowd({ waiting: 10 * processors, tookMs: 2000, busy: processors });
  expect(long.demand.mayTakeBlank(long.first)).toBe(true);
  expect(long.demand.missing()).toBe(10 * processors);
});

test('of whom nothing is known one more is made for each that has waited as long as that takes', () => {
  const { demand, first } = crowd({ waiting: 3, busy: processors });
  expect([demand.mayTakeBlank(first), demand.missing()]).toEqual([false, 0]);
  Object.assign(first, { since: performance.now() - 1000 });
  expect([demand.mayTakeBlank(first), demand.missing()]).toEqual([true, 1]);
});

test('where none is at work one is made for each that waits', () => {
  expect(crowd({ waiting: 4, busy: 0 }).demand.missing()).toBe(4);
});
