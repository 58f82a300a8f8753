import { expect, test } from 'vitest';
import { simulate } from '../bench/scale-sim.ts';

const load = { schedules: 36_000, intervalS: 3_600, runS: 2, tail: 1 }; // ten a second, two seconds each: twenty are under way
const machines = { slots: 10, turnS: 0.5, batch: 500, databaseCores: 4, databaseS: 0.001 };
const of = (processes: number, more = {}) => simulate(load, { ...machines, processes, ...more }, { seconds: 600 });

test('with slots to spare a run waits for the next turn alone, and slots are as busy as what is under way', () => {
  const { most, slotsBusy } = of(4);
  expect(most).toBeLessThan(machines.turnS);
  expect(slotsBusy).toBeCloseTo(20 / 40, 1);
});

test('with too few slots, or too little of Postgres, runs get later for as long as it lasts', () => {
  for (const short of [of(1), of(4, { databaseS: 0.8 })]) expect(short.last).toBeGreaterThan(short.p50 * 1.5);
});

test('after an outage each schedule is due once, and is caught up with as fast as slots allow', () => {
  const outage = (outageS: number) => simulate(load, { ...machines, processes: 8 }, { seconds: 3_600, outageS });
  expect(outage(10 * 3_600).most).toBeLessThan(2 * 3_600); // as many as after one hour
  expect(outage(3_600).last).toBeLessThan(machines.turnS);
});

test('the same seed says the same', () => {
  expect(of(2)).toEqual(of(2));
});
