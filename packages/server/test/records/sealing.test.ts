import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import { many, only, run, transaction } from '../../src/base/database.ts';
import { connectPostgres } from '../../src/base/postgres.ts';
import { sealedColumns } from '../../src/keys.ts';
import { deleteRecords } from '../../src/records/delete.ts';
import { listRecords } from '../../src/records/list.ts';
import { pruneRecords } from '../../src/records/prune.ts';
import { sealSome } from '../../src/records/seal-stored.ts';
import { lookStream } from '../../src/records/stream.ts';
import { endTracking, startTracking } from '../../src/records/track-deletes.ts';
import { updateRecords } from '../../src/records/update.ts';
import { destroyDataKeys } from '../../src/vault/destroy.ts';
import { rotateKeys } from '../../src/vault/rotate.ts';
import { VaultError } from '../../src/vault/sealed.ts';
import { localWrapper } from '../../src/vault/wrapper.ts';
import { keyringOf, masterKeys } from '../keyring.ts';
import { freshDatabase } from '../postgres.ts';
import { TestStream, worldOf } from './stream.ts';

const { db, target } = await freshDatabase();
let s: TestStream;
beforeEach(async () => {
  s = await TestStream.open(db);
});
type Stored = { id: string; content: Buffer | null; hash: Buffer; place: string };
const stored = (streamId = s.stream.id, of = db) =>
  many<Stored>(
    of,
    sql`select external_id as id, content, hash, tableoid || ':' || ctid || ':' || xmin as place from records where stream_id = ${streamId} order by seq`,
  );

test('neither what a record holds nor a hash that a guess could be tried on is in the database', async () => {
  const other = await TestStream.open(db);
  const item = { id: '1', name: 'canary-name' };
  for (const stream of [s, other]) await stream.save([item]);
  const [[mine], [theirs]] = [await stored(), await stored(other.stream.id)];
  expect(mine?.content?.toString('latin1')).not.toContain('canary');
  const line = JSON.stringify({ id: '1', name: 'canary-name' });
  expect(
    createHash('sha256')
      .update(line)
      .digest()
      .subarray(0, 16)
      .equals(mine?.hash ?? Buffer.alloc(0)),
  ).toBe(false);
  expect(mine?.hash.equals(theirs?.hash ?? Buffer.alloc(0))).toBe(false);
  expect((await s.list()).records[0]).toMatchObject(item);
});

test('a content that was changed, or copied into another record or another stream, does not open', async () => {
  const other = await TestStream.open(db);
  await s.save([
    { id: '1', v: 1 },
    { id: '2', v: 2 },
  ]);
  await other.save([{ id: '1', v: 1 }]);
  const [one] = await stored();
  const flipped = Buffer.from(one?.content ?? '');
  flipped.writeUInt8(flipped.readUInt8(40) ^ 1, 40);
  for (const [stream, id, content] of [
    [s, '1', flipped],
    [s, '2', one?.content],
    [other, '1', one?.content],
    [s, '2', Buffer.from('!')],
  ] as const) {
    const [before] = (await stored(stream.stream.id)).filter((row) => row.id === id);
    const put = (bytes: unknown) =>
      run(db, sql`update records set content = ${bytes} where stream_id = ${stream.stream.id} and external_id = ${id}`);
    await put(content);
    await expect(stream.list()).rejects.toThrow(VaultError);
    await put(before?.content);
    await expect(stream.list()).resolves.toBeDefined();
  }
});

test('a record saved again unchanged is not written, nor is its stream', async () => {
  const items = Array.from({ length: 1_500 }, (_, n) => ({ id: String(n), n }));
  await s.save(items);
  const before = await stored();
  expect(await s.save(items)).toMatchObject({ unchanged: 1_500 });
  expect(await stored()).toEqual(before);
});

test('by Postgres’ own count a second run over everything writes no record, so it leaves no dead one, in a full crawl neither', async () => {
  const { pool, db: own } = connectPostgres(target, { max: 1, log: pino({ level: 'silent' }) });
  const items = Array.from({ length: 2_000 }, (_, n) => ({ id: String(n), n }));
  s = new TestStream(own, s.tenant, s.stream, { ...s.world, db: own });
  const written = async () => {
    await run(own, sql`select pg_stat_force_next_flush()`);
    await run(own, sql`select pg_stat_clear_snapshot()`);
    return only(
      own,
      sql`select sum(n_tup_ins)::int as added, sum(n_tup_upd)::int as updated, sum(n_tup_del)::int as deleted
            from pg_stat_user_tables where relname ~ '^records_[0-9]+$'`,
    );
  };
  await s.save(items, { runId: 1 });
  const before = await written();
  expect(before).toMatchObject({ added: expect.toSatisfy((count: number) => count >= 2_000) });
  await s.save(items, { runId: 2 });
  await startTracking(s.world, s.scope, { stream: s.stream, runId: 3 });
  await s.save(items, { runId: 3 });
  await endTracking(s.world, s.scope, { stream: s.stream, runId: 3, guard: { percent: 50, records: 100 } });
  expect(await written()).toEqual(before);
  await pool.end();
});

test('switched off, contents are text; switched on again they are sealed in the background, and no one is told of a change', async () => {
  await s.save([{ id: 'sealed', v: 1 }]);
  await s.save(
    [
      { id: 'plain', v: 1 },
      { id: 'gone', v: 1 },
    ],
    {},
    { sealRecords: false },
  );
  await deleteRecords(s.world, s.scope, { stream: s.stream, runId: 0, ids: ['gone'] });
  const before = await s.list();
  expect((await stored()).map(({ content }) => content?.[0] === 0x7b)).toEqual([false, true, true]);
  expect(await sealSome(worldOf(db, false))).toBe(false);
  while (await sealSome(s.world));
  expect((await stored()).map(({ content }) => content?.[0] === 0x7b)).toEqual([false, false, false]);
  expect(await s.list()).toEqual(before);
  expect(
    await s.save([
      { id: 'plain', v: 1 },
      { id: 'sealed', v: 1 },
    ]),
  ).toMatchObject({ unchanged: 2 });
  expect(await s.list()).toEqual(before);
  const { kept, counted } = await s.counters();
  expect(kept).toEqual(counted);
});

test('a record that is updated or pruned is read with the same key', async () => {
  await s.save([
    { id: '1', a: { b: 1 } },
    { id: '2', v: 1 },
  ]);
  await updateRecords(s.world, s.scope, { stream: s.stream, runId: 0, ids: ['1'], patches: [{ a: { c: 2 } }] });
  const { records } = await s.list();
  expect(records[1]).toMatchObject({ id: '1', a: { b: 1, c: 2 } });
  await pruneRecords(s.world, s.scope, s.stream, { untilCursor: records[0]?._nango_metadata.cursor ?? '' });
  expect(await s.save([{ id: '2', v: 1 }])).toMatchObject({ unchanged: 1 });
  expect((await s.list()).records).toEqual(records);
});

test('a first save that is rolled back takes the key it made along, and the next one is read with its own', async () => {
  const failed = transaction(db, async (tx) => {
    await s.save([{ id: '1' }], {}, { db: tx });
    throw new Error('rolled back');
  });
  await expect(failed).rejects.toThrow('rolled back');
  await s.save([{ id: '1', v: 2 }]);
  const reader = await lookStream(db, s.scope, { connection: s.tenant.connection, model: 'Contact' });
  const page = await listRecords(worldOf(db), s.scope, { stream: reader });
  expect(page.bytes.toString()).toContain('"v":2');
});

test('after a rotation, with the new master key alone, everything is read, and what is unchanged is not written again', async () => {
  const { db } = await freshDatabase(); // a rotation is of all keys
  const [old, fresh] = [randomBytes(32), randomBytes(32)];
  const world = { ...worldOf(db), keyring: keyringOf(db, masterKeys([1, old], [2, fresh])) };
  const s = await TestStream.open(db, 'Contact', world);
  const items = [
    { id: '1', v: 1 },
    { id: '2', v: 2 },
  ];
  await s.save(items);
  const before = await stored(s.stream.id, db);
  const master = masterKeys([2, fresh], [1, old]);
  const ours = sealedColumns.filter(({ name }) => name === 'record_streams.key_sealed');
  await rotateKeys({ db, master, wrappers: [localWrapper(master)], columns: ours }, { graceMs: 0 });
  const later = new TestStream(db, s.tenant, { ...s.stream }, { ...world, keyring: keyringOf(db, masterKeys([2, fresh])) });
  expect((await later.list()).records).toMatchObject(items);
  // Whoever held the stream all along, and whoever holds it newly.
  for (const stream of [s, later]) expect(await stream.save(items)).toMatchObject({ unchanged: 2 });
  expect(await stored(s.stream.id, db)).toEqual(before);
  const { keySealed } = await only<{ keySealed: Buffer }>(db, sql`select key_sealed from record_streams where id = ${s.stream.id}`);
  expect(keySealed.equals(s.stream.keySealed ?? Buffer.alloc(0))).toBe(false);
});

test('once the environment’s data key is destroyed no record opens', async () => {
  await s.save([{ id: '1' }]);
  await destroyDataKeys(db, s.scope.environment.id);
  const later = new TestStream(db, s.tenant, { ...s.stream }, worldOf(db));
  await expect(later.list()).rejects.toThrow(/destroyed/);
});
