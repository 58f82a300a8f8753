import { expect, test } from 'vitest';
import { Recent } from '../src/recent.ts';

function known(keys: string[], idleMax: number) {
  const clock = { now: 0 };
  const recent = new Recent({ idleMs: 100, idleMax, surplusMs: 10, now: () => clock.now });
  return { clock, recent, now: () => keys.filter((key) => recent.times(key) > 0) };
}

test('what was noted is known for its time, counted from the last time', () => {
  const { clock, recent, now } = known(['a', 'b', 'c'], 8);
  recent.note('a', 1);
  clock.now = 60;
  recent.note('b', 1);
  recent.note('a', 1);
  clock.now = 159;
  expect(now()).toEqual(['a', 'b']);
  clock.now = 160;
  expect(now()).toEqual([]);
});

test('of many, the last ones are known, and the others for a moment', () => {
  const { clock, recent, now } = known(['a', 'b', 'c', 'd'], 2);
  for (const key of ['a', 'b', 'c', 'd']) {
    recent.note(key, 1);
    clock.now += 3;
  }
  expect(now()).toEqual(['b', 'c', 'd']);
  clock.now = 20;
  expect(now()).toEqual(['c', 'd']);
  clock.now = 99;
  expect(now()).toEqual(['c', 'd']);
});

test('it is told how often, until it was forgotten', () => {
  const { clock, recent } = known([], 8);
  for (let time = 1; time <= 3; time++) {
    recent.note('a', 1);
    expect(recent.times('a')).toBe(time);
    clock.now += 99;
  }
  clock.now += 1;
  expect(recent.times('a')).toBe(0);
});

test('it is told how long one takes that nothing holds up, and what has become slower shows', () => {
  const { clock, recent } = known([], 8);
  expect(recent.tookMs('a')).toBe(0);
  for (const ms of [40, 10, 30]) recent.note('a', ms);
  expect(recent.tookMs('a')).toBeCloseTo(10.02);
  for (let time = 0; time < 600; time++) recent.note('a', 30);
  expect(recent.tookMs('a')).toBe(30);
  clock.now = 100;
  expect(recent.tookMs('a')).toBe(0);
});
