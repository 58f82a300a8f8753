import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { BusError, createBus } from '../../src/base/bus.ts';
import { only, run } from '../../src/base/database.ts';
import { startEmbedded } from '../../src/base/embedded.ts';
import { connectPostgres } from '../../src/base/postgres.ts';
import { freshDatabase } from '../postgres.ts';

const { target, db, pool } = await freshDatabase({ empty: true });
const log = pino({ level: 'silent' });
const here = await createBus({ target, db, log });
const there = await createBus({ target, db, log });
afterAll(async () => {
  await here.close();
  await there.close();
});

test('a message reaches the subscribers of its channel, in this process and in others, in order', async () => {
  const seen: unknown[] = [];
  const stops = [here, there].map((bus, index) => bus.subscribe('orders', (payload) => seen.push([index, payload])));
  const other = there.subscribe('else', () => seen.push('wrong channel'));
  await here.publish('orders', { id: 1 });
  await here.publish('orders', { id: 2 });
  await vi.waitFor(() => expect(seen).toHaveLength(4));
  expect(seen.filter((entry) => Array.isArray(entry) && entry[0] === 1)).toEqual([
    [1, { id: 1 }],
    [1, { id: 2 }],
  ]);
  for (const stop of [...stops, other]) stop();
});

test('messages of one turn go together, and each arrives in its order, once', async () => {
  const seen: unknown[] = [];
  const stop = there.subscribe('together', (payload) => seen.push(payload));
  const many = Array.from({ length: 50 }, (_, id) => ({ id, text: `'"\\ ${id}` }));
  const sent = await Promise.allSettled([
    ...many.map((message) => here.publish('together', message)),
    here.publish('together', { text: 'x'.repeat(8_000) }),
  ]);
  expect(sent.map(({ status }) => status)).toEqual([...many.map(() => 'fulfilled'), 'rejected']);
  await vi.waitFor(() => expect(seen).toEqual(many));
  stop();
});

test('a message of its own does not wait for the disk; a commit with something to keep still does', async () => {
  const home = mkdtempSync(join(tmpdir(), 'bowline-bus-'));
  chmodSync(home, 0o711); // as root the server runs as another user
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const embedded = await startEmbedded({ home: join(home, 'home'), log });
  const { pool: own, db: durable } = connectPostgres(embedded.target, { max: 1, log });
  const bus = await createBus({ target: embedded.target, db: durable, log });
  onTestFinished(async () => {
    await bus.close();
    await own.end();
    await embedded.stop();
  });
  const unflushed = () => only<{ bytes: number }>(durable, sql`select pg_current_wal_insert_lsn() - pg_current_wal_flush_lsn() as bytes`);
  // Its writer comes by five times a second: of some messages one is seen before it.
  await vi.waitFor(async () => {
    await bus.publish('own', {});
    expect(Number((await unflushed()).bytes)).toBeGreaterThan(0);
  });
  await run(durable, sql`create table kept (n int)`);
  for (let n = 0; n < 20; n++) {
    await run(durable, sql`insert into kept values (${n})`);
    expect(Number((await unflushed()).bytes)).toBe(0);
  }
});

test('a stopped subscription hears nothing more, others on the channel do', async () => {
  const seen: string[] = [];
  const stop = here.subscribe('stopped', () => seen.push('stopped'));
  here.subscribe('stopped', () => seen.push('still here'));
  stop();
  await there.publish('stopped', {});
  await vi.waitFor(() => expect(seen).toEqual(['still here']));
});

test('a message in a transaction is sent when it commits, and never when it rolls back', async () => {
  const seen: unknown[] = [];
  there.subscribe('transactions', (payload) => seen.push(payload));
  await expect(
    db.transaction().execute(async (transaction) => {
      await here.publish('transactions', { committed: false }, transaction);
      throw new Error('undo');
    }),
  ).rejects.toThrow('undo');
  await db.transaction().execute((transaction) => here.publish('transactions', { committed: true }, transaction));
  await vi.waitFor(() => expect(seen).toEqual([{ committed: true }]));
});

test('a listener that throws does not keep the others from hearing', async () => {
  const seen: unknown[] = [];
  here.subscribe('throws', () => {
    throw new Error('mine');
  });
  here.subscribe('throws', (payload) => seen.push(payload));
  await here.publish('throws', { id: 1 });
  await vi.waitFor(() => expect(seen).toEqual([{ id: 1 }]));
});

test('a message of more than 7,900 bytes is refused, one just below is delivered', async () => {
  const seen: unknown[] = [];
  here.subscribe('large', (payload) => seen.push(payload));
  await expect(here.publish('large', { text: 'é'.repeat(4_000) })).rejects.toThrow(BusError);
  await here.publish('large', { text: 'x'.repeat(7_800) });
  await vi.waitFor(() => expect(seen).toHaveLength(1));
});

test('it listens again after its connection was cut', async () => {
  const seen: unknown[] = [];
  there.subscribe('again', (payload) => seen.push(payload));
  const cut = await pool.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen bowline' and datname = current_database()",
  );
  expect(cut.rowCount).toBe(2);
  await vi.waitFor(
    async () => {
      await here.publish('again', { id: 1 });
      expect(seen).not.toEqual([]);
    },
    { timeout: 20_000 },
  );
});
