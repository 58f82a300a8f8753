import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { eventually } from '../platform.ts';
import { freshDatabase } from '../postgres.ts';

const { db } = await freshDatabase({ empty: true });

test('columns come back in camelCase and the contents of json are left alone', async () => {
  const { rows } = await sql`select 1 as first_column, '{"snake_case": {"inner_key": 1}}'::jsonb as some_json`.execute(db);
  expect(rows).toEqual([{ firstColumn: 1, someJson: { snake_case: { inner_key: 1 } } }]);
});

test('int8 is a number, timestamptz a Date', async () => {
  const { rows } = await sql`select 9007199254740991::int8 as big, timestamptz '2026-01-02T03:04:05Z' as at`.execute(db);
  expect(rows).toEqual([{ big: 9007199254740991, at: new Date('2026-01-02T03:04:05Z') }]);
});

test('an int8 that a number cannot hold is an error, not a rounded number', async () => {
  await expect(sql`select 9007199254740993::int8 as big`.execute(db)).rejects.toThrow(/does not fit/);
  const { rows } = await sql`select 1 as one`.execute(db); // and the connection is usable afterwards
  expect(rows).toEqual([{ one: 1 }]);
});

test('our sessions do not use jit', async () => {
  const { rows } = await sql<{ jit: string }>`show jit`.execute(db);
  expect(rows[0]?.jit).toBe('off');
});

test('a connection that breaks between two statements of a transaction fails the transaction, and not the process', async () => {
  const alive = async (pid: number) => (await sql`select 1 as one from pg_stat_activity where pid = ${pid}`.execute(db)).rows.length > 0;
  const broken = db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
    const pid = rows[0]?.pid ?? 0;
    await sql`select pg_terminate_backend(${pid})`.execute(db);
    await eventually(async () => !(await alive(pid)), 'the connection is gone');
    await new Promise((resolve) => setImmediate(resolve)); // what the socket said is heard before the next statement
    await sql`select 1`.execute(tx);
  });
  await expect(broken).rejects.toThrow();
  expect((await sql`select 1 as one`.execute(db)).rows).toEqual([{ one: 1 }]);
});
