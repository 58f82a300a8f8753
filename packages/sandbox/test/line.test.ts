import { expect, test } from 'vitest';
import { Line } from '../src/line.ts';

const caller = (key: string, n: number) => ({ owner: 'one', key, n });

test('keys take turns, and callers of one key keep their order', () => {
  const line = new Line<ReturnType<typeof caller>>();
  for (const [key, n] of [
    ['a', 1],
    ['a', 2],
    ['a', 3],
    ['b', 1],
    ['c', 1],
    ['c', 2],
  ] as const)
    line.add(caller(key, n)); // prettier-ignore
  const order: string[] = [];
  while (line.size > 0) {
    const [head] = line.heads();
    if (head === undefined || !line.take(head)) break;
    order.push(`${head.key}${head.n}`);
  }
  expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
});

test('whoever leaves is not called, and cannot be taken twice', () => {
  const line = new Line<ReturnType<typeof caller>>();
  const [first, second] = [caller('a', 1), caller('a', 2)];
  line.add(first);
  line.add(second);
  expect([line.take(first), line.take(first)]).toEqual([true, false]);
  expect(line.heads()).toEqual([second]);
  expect(line.all()).toEqual([second]);
});

test('those of an owner are counted as long as they wait', () => {
  const line = new Line<{ owner: string; key: string }>();
  const first = { owner: 'one', key: 'a' };
  for (const waiter of [first, { owner: 'one', key: 'b' }, { owner: 'two', key: 'c' }]) line.add(waiter);
  expect(['one', 'two', 'three'].map((owner) => line.count(owner))).toEqual([2, 1, 0]);
  line.take(first);
  line.take(first);
  expect(line.count('one')).toBe(1);
});
