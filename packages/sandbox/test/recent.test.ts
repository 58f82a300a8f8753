import { expect, test } from 'vitest';
import { Recent } from '../src/recent.ts';

test('what was noted is known for its time, counted from the last time', () => {
  const clock = { now: 0 };
  const recent = new Recent(100, () => clock.now);
  recent.note('a');
  clock.now = 60;
  recent.note('b');
  recent.note('a');
  clock.now = 159;
  expect(['a', 'b', 'c'].map((key) => recent.has(key))).toEqual([true, true, false]);
  clock.now = 160;
  expect(['a', 'b'].map((key) => recent.has(key))).toEqual([false, false]);
});
