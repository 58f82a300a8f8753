/** Rows to Postgres in binary: all are there or none, and whatever goes wrong is told, once, and the connection is of use again, or another takes its place. */
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { copyIn, type Pieces } from '../../src/base/copy-in.ts';
import { many, only, run, transaction } from '../../src/base/database.ts';
import { connectPostgres } from '../../src/base/postgres.ts';
import { freshDatabase } from '../postgres.ts';

const { db: other, target } = await freshDatabase();
const { db, pool } = connectPostgres(target, { max: 1, log: pino({ level: 'silent' }) });
afterAll(() => pool.end());
await run(db, sql`create table numbers (n int not null unique, constraint small check (n < 1000000))`);
beforeEach(() => run(db, sql`truncate numbers`));

const STATEMENT = 'copy numbers (n) from stdin (format binary)';
const pieceOf = (numbers: readonly number[]) => {
  const rows = Buffer.alloc(10 * numbers.length);
  for (const [nr, n] of numbers.entries()) rows.writeInt32BE(n, rows.writeInt32BE(4, rows.writeInt16BE(1, 10 * nr)));
  return rows;
};
function* pieces(count: number, each = 100): Generator<Buffer> {
  for (let start = 0; start < count; start += each) yield pieceOf(Array.from({ length: each }, (_, n) => start + n));
}
const copy = (made: Pieces, into = db) => copyIn(into, STATEMENT, made);
const count = async (of = other) => (await only<{ count: number }>(of, sql`select count(*)::int as count from numbers`)).count;

test('rows in pieces are all there, of no piece none is, and the next statement of the connection is answered', async () => {
  await copy(() => pieces(25_000));
  await copy(() => []);
  expect(await count(db)).toBe(25_000);
  expect(await only(db, sql`select sum(n)::int as sum from numbers`)).toEqual({ sum: (25_000 * 24_999) / 2 });
});

test('in a transaction they come and go with it, between its other statements', async () => {
  const cancelled = transaction(db, async (tx) => {
    await copy(() => pieces(1_000), tx);
    expect(await count(tx)).toBe(1_000);
    expect(await count()).toBe(0);
    throw new Error('cancelled');
  });
  await expect(cancelled).rejects.toThrow('cancelled');
  expect(await count()).toBe(0);
  await transaction(db, async (tx) => {
    await run(tx, sql`insert into numbers values (999999)`);
    await copy(() => pieces(1_000), tx);
  });
  expect(await count()).toBe(1_001);
});

test.each([
  ['a row that is there twice', [[1], [2, 3], [1]], 'duplicate key'],
  ['a row that breaks a rule', [[1_000_000]], 'violates check constraint'],
])('%s: Postgres says so, and nothing is there', async (_what, numbers, message) => {
  await expect(copy(() => numbers.map(pieceOf))).rejects.toThrow(message);
  expect(await count(db)).toBe(0);
});

test('refused early, the rest is not made', async () => {
  let made = 0;
  const counted = function* () {
    yield pieceOf([1_000_000]);
    for (const piece of pieces(500_000)) {
      made += 1;
      yield piece;
    }
  };
  await expect(copy(counted)).rejects.toThrow('violates check constraint');
  expect(made).toBeLessThan(5_000);
  expect(await count(db)).toBe(0);
});

test('what cannot be made is told as it was thrown, and nothing is there', async () => {
  const thrown = new TypeError('the third piece');
  const failing = function* () {
    yield* pieces(200);
    throw thrown;
  };
  await expect(copy(failing)).rejects.toBe(thrown);
  await expect(transaction(db, (tx) => copy(failing, tx))).rejects.toBe(thrown);
  expect(await count(db)).toBe(0);
});

test('others have their turn between two pieces', async () => {
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  const slow = function* () {
    for (const piece of pieces(3_000)) {
      for (const until = performance.now() + 3; performance.now() < until; );
      yield piece;
    }
  };
  await copy(slow);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(5);
});

test('a connection that breaks on the way fails the call, and another takes its place', async () => {
  const endless = function* () {
    for (;;) yield pieceOf([0]); // never checked before the end
  };
  const copying = transaction(db, (tx) => copy(endless, tx)).then(
    () => 'done',
    (error: unknown) => error,
  );
  const cut = sql`select pg_terminate_backend(pid) from pg_stat_activity where query = ${STATEMENT}`;
  while ((await many(other, cut)).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await copying).toBeInstanceOf(Error);
  expect(await count(db)).toBe(0);
});
