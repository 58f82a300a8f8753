/** Long pages are read by threads: they hold what pages read here do, whoever writes meanwhile and whatever breaks. */
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { many, run } from '../../src/base/database.ts';
import { createThreads } from '../../src/base/threads.ts';
import { deleteRecords } from '../../src/records/delete.ts';
import { listRecords } from '../../src/records/list.ts';
import { HERE_MAX } from '../../src/records/page.ts';
import { pageThreadPath } from '../platform.ts';
import { freshDatabase } from '../postgres.ts';
import { TestStream } from './stream.ts';

const { db, target } = await freshDatabase();
const pageThreads = createThreads({ log: pino({ level: 'silent' }), path: pageThreadPath, data: target, max: 2 });
afterAll(() => pageThreads.close());
const COUNT = 700;
const items = Array.from({ length: COUNT }, (_, n) => ({ id: `größe-${n}`, n, text: '漢😀'.repeat(n % 50) }));
let here: TestStream;
let there: TestStream;

beforeAll(async () => {
  here = await TestStream.open(db);
  there = new TestStream(db, here.tenant, here.stream, { ...here.world, pageThreads });
  await here.save(items.slice(0, 400));
  await here.save(items.slice(400), {}, { sealRecords: false });
  await deleteRecords({ db }, here.scope, { stream: here.stream, runId: 0, ids: items.slice(0, 50).map(({ id }) => id) });
  await here.save(items.slice(50, 80).map((item) => ({ ...item, v: 2 })));
});

test.each([
  [{ limit: HERE_MAX + 1 }],
  [{ limit: COUNT - 1 }],
  [{ limit: COUNT }],
  [{ limit: COUNT + 1 }],
  [{ limit: COUNT, filter: ['deleted', 'updated'] as const }],
  [{ limit: COUNT, modifiedAfter: new Date(Date.now() + 3600_000) }],
])('%o: the same bytes as here', async (options) => {
  const page = async (of: TestStream) => (await listRecords(of.world, of.scope, { stream: of.stream, ...options })).bytes.toString();
  expect(await page(there)).toBe(await page(here));
});

test('by cursor, each change is met once and in order, by several readers at once', async () => {
  const drain = async () => {
    const met: string[] = [];
    let cursor: string | undefined;
    for (;;) {
      const { records, next_cursor } = await there.list({ limit: 150, ...(cursor ? { cursor } : {}) });
      met.push(...records.map(({ id }) => id));
      if (next_cursor === null) return met;
      cursor = next_cursor;
    }
  };
  const all = (await here.list({ limit: COUNT })).records.map(({ id }) => id);
  expect(await Promise.all([drain(), drain(), drain(), drain(), drain()])).toEqual(Array.from({ length: 5 }, () => all));
});

test('a connection that breaks fails the page at most, and the next one is read', async () => {
  await there.list({ limit: COUNT });
  const cut = sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like '%to stdout%' and pid <> pg_backend_pid()`;
  expect((await many(db, cut)).length).toBeGreaterThan(0);
  await Promise.allSettled([there.list({ limit: COUNT }), there.list({ limit: COUNT })]);
  expect((await there.list({ limit: COUNT })).records).toHaveLength(COUNT);
});

test('a content that was changed fails the page as it does here, and no other', async () => {
  const other = await TestStream.open(db, 'Contact', there.world);
  await other.save(items);
  await run(
    db,
    sql`update records set content = content || '\\x00'::bytea where stream_id = ${other.stream.id} and external_id = 'größe-3'`,
  );
  await expect(other.list({ limit: COUNT })).rejects.toMatchObject({
    name: 'VaultError',
    message: expect.stringContaining('does not open'),
  });
  expect((await there.list({ limit: COUNT })).records).toHaveLength(COUNT);
});
