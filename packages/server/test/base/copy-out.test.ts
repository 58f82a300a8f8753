/** Rows in binary: what Postgres has comes as it is, and whatever goes wrong the connection is of use again, or another takes its place. */
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, expect, test } from 'vitest';
import { type BinaryRow, canCopy, copyOut } from '../../src/base/copy-out.ts';
import { many, transaction } from '../../src/base/database.ts';
import { connectPostgres } from '../../src/base/postgres.ts';
import { freshDatabase } from '../postgres.ts';

const { db: other, target } = await freshDatabase();
const { db, pool } = connectPostgres(target, { max: 1, log: pino({ level: 'silent' }) });
afterAll(() => pool.end());

const ofNumbers = (count: number) => sql`select n::bigint from generate_series(1, ${sql.lit(count)}) n`;
async function rowsOf<T>(statement: ReturnType<typeof sql>, read: (row: BinaryRow) => T): Promise<T[]> {
  const found: T[] = [];
  await copyOut(db, statement, (row) => void found.push(read(row)));
  return found;
}
const worksStill = async () => expect(await rowsOf(ofNumbers(3), (row) => row.int8(0))).toEqual([1, 2, 3]);

test('numbers, texts, bytes and nulls come as they are stored, empty ones too', async () => {
  const values = sql`select * from (values (1, -5::bigint, 7, 'aß漢😀', '\\x00ff7b'::bytea), (2, 9007199254740991, -1, '', ''), (3, 0, 0, null, null)) v order by 1`;
  const rows = await rowsOf(values, (row) => [
    row.int8(1),
    row.int4(2),
    row.isNull(3) ? null : row.text(3),
    row.isNull(4) ? null : row.bytes(4).toString('hex'),
  ]);
  expect(rows).toEqual([
    [-5, 7, 'aß漢😀', '00ff7b'],
    [Number.MAX_SAFE_INTEGER, -1, '', ''],
    [0, 0, null, null],
  ]);
  expect(await rowsOf(sql`select 1 where false`, () => 'a row')).toEqual([]);
});

test('a number that would be rounded is an error', async () => {
  await expect(rowsOf(sql`select 9007199254740992::bigint`, (row) => row.int8(0))).rejects.toThrow(RangeError);
  await worksStill();
});

test('what goes wrong in the statement, or with a row, is told, and the connection goes on', async () => {
  await expect(rowsOf(sql`select n / (n - 50000) from generate_series(1, 60000) n`, () => 0)).rejects.toThrow('division by zero');
  await worksStill();
  let taken = 0;
  const refuse = () => {
    taken += 1;
    if (taken === 5) throw new Error('the fifth');
  };
  await expect(copyOut(db, ofNumbers(50_000), refuse)).rejects.toThrow('the fifth');
  expect(taken).toBe(5);
  await worksStill();
});

test('a connection that breaks on the way fails the call and no other', async () => {
  const cut = sql`select pg_terminate_backend(pid) from pg_stat_activity where query like '%generate_series(1, 200000000)%' and pid <> pg_backend_pid()`;
  const copying = copyOut(db, ofNumbers(200_000_000), () => {}).then(
    () => 'done',
    (error: unknown) => error,
  );
  while ((await many(other, cut)).length === 0);
  expect(await copying).toBeInstanceOf(Error);
  await worksStill();
});

test('settings of the call end with it, parameters are refused, and a transaction has no connection for it', async () => {
  await worksStill();
  expect(await many(db, sql`show enable_sort`)).toEqual([{ enableSort: 'on' }]);
  await expect(copyOut(db, sql`select ${1}`, () => {})).rejects.toThrow('no parameters');
  await transaction(db, async (tx) => expect(canCopy(tx)).toBe(false));
});
