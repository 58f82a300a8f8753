import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { canonical } from '../../src/base/canonical.ts';
import { many, only, run } from '../../src/base/database.ts';
import { countOfEnvironment, countsOfConnection, countsOfRun } from '../../src/records/counts.ts';
import { deleteRecords } from '../../src/records/delete.ts';
import { emptyStream, removeStreams } from '../../src/records/empty.ts';
import { getRecords } from '../../src/records/get-by-ids.ts';
import { pruneRecords } from '../../src/records/prune.ts';
import { saveRecords } from '../../src/records/save.ts';
import { lookStream, openStream, SupersededError } from '../../src/records/stream.ts';
import { endTracking, forgetTracking, startTracking } from '../../src/records/track-deletes.ts';
import { updateRecords } from '../../src/records/update.ts';
import { freshDatabase } from '../postgres.ts';
import { type Item, TestStream } from './stream.ts';
import { createTenant } from './tenant.ts';

const { db } = await freshDatabase();
const off = { percent: null, records: 0 };
let s: TestStream;
beforeEach(async () => {
  s = await TestStream.open(db);
});
const remove = (ids: string[], runId = 0) => deleteRecords({ db }, s.scope, { stream: s.stream, runId, ids });
const update = (patches: Item[], runId = 0) =>
  updateRecords(s.world, s.scope, { stream: s.stream, runId, ids: patches.map(({ id }) => id), patches });
const metadata = async (id: string) => (await s.list({ ids: [id] })).records[0]?._nango_metadata;
async function expectCountersToFit(): Promise<void> {
  const { kept, counted } = await s.counters();
  expect(kept).toEqual(counted);
}

describe('save', () => {
  test('tells added, updated and unchanged apart by content, whatever the order of keys', async () => {
    expect(await s.save([{ id: '1', a: 1, b: { c: [1, 2], d: 2 } }, { id: '2' }])).toEqual({
      added: 2,
      updated: 0,
      unchanged: 0,
      duplicates: [],
    });
    const before = await metadata('1');
    expect(await s.save([{ b: { d: 2, c: [1, 2] }, id: '1', a: 1 }, { id: '2', x: 1 }, { id: '3' }])).toMatchObject({
      added: 1,
      updated: 1,
      unchanged: 1,
    });
    expect(await metadata('1')).toEqual(before);
    expect(await s.actions()).toEqual(['1 ADDED', '2 UPDATED', '3 ADDED']);
    await expectCountersToFit();
  });

  test.each([true, false])('new ones are stored as they came, to the microsecond when (sealed: %s)', async (sealRecords) => {
    const odd = ['plain', 'größer', '漢字😀', 'x'.repeat(255), '漢'.repeat(255), '"quoted" \\ \n'];
    const items = [...odd.map((id) => ({ id, v: id })), ...Array.from({ length: 250 }, (_, n) => ({ id: `n-${n}`, v: 'ü'.repeat(n) }))];
    expect(await s.save(items, {}, { sealRecords })).toMatchObject({ added: items.length, updated: 0, unchanged: 0 });
    const { records } = await s.list({ limit: 1_000 });
    expect(records.map(({ _nango_metadata, ...item }) => item)).toEqual(items);
    const rows = sql`select distinct r.created_at = s.changed_at and r.changed_at = s.changed_at and r.rev = 1 as exact,
      abs(extract(epoch from now() - r.changed_at)) < 60 as recent from records r join record_streams s on s.id = r.stream_id where s.id = ${s.stream.id}`;
    expect(await many(db, rows)).toEqual([{ exact: true, recent: true }]);
    expect(await s.save(items, {}, { sealRecords })).toMatchObject({ unchanged: items.length });
    await expectCountersToFit();
  });

  test('of new ones one that is no JSON is refused, and none of its chunk is stored', async () => {
    const lines = Array.from({ length: 300 }, (_, n) => (n === 250 ? '{"id":"n-250",}' : canonical({ id: `n-${n}` })));
    const input = { stream: s.stream, runId: 0, ids: lines.map((_, n) => `n-${n}`), lines };
    await expect(saveRecords(s.world, s.scope, input)).rejects.toMatchObject({ code: 'invalid_sync_record' });
    expect((await s.list()).records).toEqual([]);
    await expectCountersToFit();
  });

  test('of two records with one id in a chunk the first is saved and the other reported', async () => {
    const saved = await s.save([{ id: '1', v: 1 }, { id: '2' }, { id: '1', v: 2 }]);
    expect(saved).toEqual({ added: 2, updated: 0, unchanged: 0, duplicates: ['1'] });
    expect((await s.list({ ids: ['1'] })).records[0]).toMatchObject({ v: 1 });
  });

  test('a deleted record that comes back is added again, first seen now', async () => {
    await s.save([{ id: '1', v: 1 }]);
    const first = await metadata('1');
    await remove(['1']);
    expect(await s.save([{ id: '1', v: 1 }])).toMatchObject({ added: 1, updated: 0 });
    const again = await metadata('1');
    expect(again).toMatchObject({ last_action: 'ADDED', deleted_at: null, first_seen_at: again?.last_modified_at });
    expect(String(again?.first_seen_at) > String(first?.first_seen_at)).toBe(true);
    await expectCountersToFit();
  });

  test('more than a thousand at once are saved in their order, in one transaction', async () => {
    const items = Array.from({ length: 2_345 }, (_, n) => ({ id: String(n), n }));
    expect(await s.save(items)).toMatchObject({ added: 2_345 });
    expect((await s.list({ limit: 10_000 })).records.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
    expect(await s.save(items)).toMatchObject({ unchanged: 2_345 });
    await expect(s.save([...items.map((item) => ({ ...item, v: 2 })), { id: '' }])).rejects.toMatchObject({ code: 'invalid_sync_record' });
    expect(await s.save(items)).toMatchObject({ unchanged: 2_345 });
  });

  test.each([
    ['no object', ['1'], ['[1]']],
    ['no JSON', ['1'], ['{"id":"1"']],
    ['two objects', ['1'], ['{"id":"1"}{}']],
    ['an empty id', [''], ['{"id":""}']],
    ['an id that is too long', ['x'.repeat(256)], ['{"id":"x"}']],
    ['NUL and no JSON', ['1'], ['{"\\u0000"']],
    ['bytes that are no UTF-8', ['1'], [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])]],
  ])('refuses %s and saves nothing of the chunk', async (_what, ids, lines) => {
    const input = { stream: s.stream, runId: 1, ids: ['ok', ...ids], lines: ['{"id":"ok"}', ...lines] };
    await expect(saveRecords(s.world, s.scope, input)).rejects.toMatchObject({ code: 'invalid_sync_record' });
    expect(await s.actions()).toEqual([]);
  });

  test('a NUL never reaches a reader, in ids, keys and values; metadata of ours that comes back is dropped', async () => {
    await s.save([{ id: 'a\0b', 'k\0': 'v\0w', literal: '\\u0000', _nango_metadata: { cursor: 'x' } }]);
    const { records } = await s.list();
    expect(records).toEqual([
      { id: 'a\0b'.replace('\0', ''), k: 'vw', literal: '\\u0000', _nango_metadata: expect.objectContaining({ last_action: 'ADDED' }) },
    ]);
  });

  test('lines may come as bytes', async () => {
    const line = canonical({ id: '1', name: 'Zoë 🎈' });
    await saveRecords(s.world, s.scope, { stream: s.stream, runId: 1, ids: ['1'], lines: [Buffer.from(line)] });
    expect(await saveRecords(s.world, s.scope, { stream: s.stream, runId: 1, ids: ['1'], lines: [line] })).toMatchObject({ unchanged: 1 });
    expect((await s.list()).records[0]).toMatchObject({ name: 'Zoë 🎈' });
  });
});

describe('a run that was given up', () => {
  test('can neither save, update, delete nor track once a newer one has written, even if that changed nothing', async () => {
    await s.save([{ id: '1' }], { runId: 10 });
    await s.save([{ id: '1' }], { runId: 11 });
    await expect(s.save([{ id: '2' }], { runId: 10 })).rejects.toThrow(SupersededError);
    await expect(update([{ id: '1', v: 1 }], 10)).rejects.toThrow(SupersededError);
    await expect(remove(['1'], 10)).rejects.toThrow(SupersededError);
    await expect(startTracking({ db }, s.scope, { stream: s.stream, runId: 10 })).rejects.toThrow(SupersededError);
    await expect(endTracking({ db }, s.scope, { stream: s.stream, runId: 10, guard: off })).rejects.toThrow(SupersededError);
    expect(await s.actions()).toEqual(['1 ADDED']);
  });

  test('a writer beside the sync neither fences it nor is fenced', async () => {
    await s.save([{ id: '1' }], { runId: 10 });
    await s.save([{ id: '2' }], { runId: 12, writes: 'beside' });
    await s.save([{ id: '3' }], { runId: 10 });
    await s.save([{ id: '4' }], { runId: 9, writes: 'beside' });
    expect(await s.actions()).toHaveLength(4);
  });

  test('what others changed after a position can be left alone, own changes not', async () => {
    await s.save(
      [
        { id: '1', v: 1 },
        { id: '2', v: 1 },
      ],
      { runId: 10 },
    );
    const { seq } = await only<{ seq: number }>(db, sql`select seq from record_streams where id = ${s.stream.id}`);
    await s.save([{ id: '1', v: 'webhook' }], { runId: 11, writes: 'beside' });
    const careful = { runId: 10, unlessChangedAfter: seq };
    expect(
      await s.save(
        [
          { id: '1', v: 2 },
          { id: '2', v: 2 },
        ],
        careful,
      ),
    ).toMatchObject({ updated: 1, unchanged: 1 });
    expect(await s.save([{ id: '2', v: 3 }], careful)).toMatchObject({ updated: 1 });
    const ids = ['1', '2'];
    await updateRecords(s.world, s.scope, { ...careful, stream: s.stream, ids: ['1'], patches: [{ v: 4 }] });
    expect(await deleteRecords({ db }, s.scope, { ...careful, stream: s.stream, ids })).toEqual(['2']);
    expect((await s.list({ ids: ['1'] })).records[0]).toMatchObject({ v: 'webhook' });
  });
});

describe('update', () => {
  test('merges objects deeply, replaces arrays, ignores unknown and deleted ids', async () => {
    await s.save([
      { id: '1', a: { b: 1, c: 2 }, list: [1, 2], gone: true },
      { id: 'dead', v: 1 },
    ]);
    await remove(['dead']);
    expect(await update([{ id: '1', a: { c: 3, d: null }, list: [9] }, { id: 'dead', v: 2 }, { id: 'unknown' }])).toEqual({
      updated: 1,
      unchanged: 0,
    });
    expect((await s.list({ ids: ['1'] })).records[0]).toMatchObject({ id: '1', a: { b: 1, c: 3, d: null }, list: [9], gone: true });
    expect(await s.actions()).toEqual(['dead DELETED', '1 UPDATED']);
    await expectCountersToFit();
  });

  test('saving afterwards what the merge made changes nothing', async () => {
    await s.save([{ id: '1', a: 1, z: 1 }]);
    await update([
      { id: '1', m: 2 },
      { id: '1', n: 3 },
    ]);
    expect(await s.save([{ n: 3, m: 2, id: '1', z: 1, a: 1 }])).toMatchObject({ unchanged: 1 });
    expect(await update([{ id: '1', m: 2 }])).toEqual({ updated: 0, unchanged: 1 });
  });

  test('a patch can neither change the id nor the prototype', async () => {
    await s.save([{ id: '1' }]);
    const patch = JSON.parse('{"id":"2","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    await updateRecords(s.world, s.scope, { stream: s.stream, runId: 0, ids: ['1'], patches: [patch] });
    expect(await s.actions()).toEqual(['1 UPDATED']);
    expect('polluted' in {}).toBe(false);
  });
});

describe('delete', () => {
  test('keeps the payload, ignores unknown ids, and a second time is no news', async () => {
    await s.save([{ id: '1', v: 1 }, { id: '2' }]);
    expect(await remove(['unknown', '1', '1'])).toEqual(['1']);
    const first = (await s.list({ ids: ['1'] })).records[0];
    expect(first).toMatchObject({
      id: '1',
      v: 1,
      _nango_metadata: { last_action: 'DELETED', deleted_at: first?._nango_metadata.last_modified_at },
    });
    expect(await remove(['1'])).toEqual([]);
    expect((await s.list({ ids: ['1'] })).records[0]).toEqual(first);
    expect(await s.actions()).toEqual(['2 ADDED', '1 DELETED']);
    await expectCountersToFit();
  });

  test('takes the time of deletion from the caller', async () => {
    await s.save([{ id: '1' }]);
    await deleteRecords({ db }, s.scope, { stream: s.stream, runId: 0, ids: ['1'], deletedAt: new Date('2026-01-02T03:04:05.678Z') });
    expect(await metadata('1')).toMatchObject({ deleted_at: '2026-01-02T03:04:05.678000+00:00' });
  });
});

describe('full crawls', () => {
  const start = (runId: number) => startTracking({ db }, s.scope, { stream: s.stream, runId });
  const end = async (runId: number) => (await endTracking({ db }, s.scope, { stream: s.stream, runId, guard: off }))?.deleted;

  test('delete what was not met, also among the unchanged', async () => {
    await s.save([{ id: '1' }, { id: '2' }, { id: '3' }, { id: '4' }], { runId: 201 });
    await start(202);
    await s.save([{ id: '1' }, { id: '2', v: 2 }, { id: '5' }], { runId: 202 });
    expect((await end(202))?.sort()).toEqual(['3', '4']);
    expect(await s.actions()).toEqual(['1 ADDED', '2 UPDATED', '5 ADDED', '3 DELETED', '4 DELETED']);
    expect(await countsOfRun(db, 202)).toEqual({ Contact: { added: 1, updated: 1, deleted: 2 } });
    await expectCountersToFit();
    expect(await end(202)).toBeUndefined();
  });

  test('one that was cut short and goes on in a later run counts what its first part met', async () => {
    await s.save([{ id: '1' }, { id: '2' }, { id: '3' }], { runId: 1 });
    await start(2);
    await s.save([{ id: '1' }], { runId: 2 });
    await start(3);
    await s.save([{ id: '2', v: 1 }], { runId: 3 });
    expect(await end(3)).toEqual(['3']);
  });

  test('one that starts over forgets what was met', async () => {
    await s.save([{ id: '1' }, { id: '2' }], { runId: 1 });
    await start(2);
    await s.save([{ id: '1' }], { runId: 2 });
    await forgetTracking({ db }, s.scope, s.stream);
    await start(3);
    await s.save([{ id: '2' }], { runId: 3 });
    expect(await end(3)).toEqual(['1']);
  });

  test('spare what a webhook saved meanwhile, even one whose run is older than the crawl', async () => {
    await s.save([{ id: '1' }], { runId: 5 });
    await start(6);
    await s.save([{ id: 'hook' }], { runId: 2, writes: 'beside' });
    expect(await end(6)).toEqual(['1']);
    expect(await s.actions({ filter: ['added'] })).toEqual(['hook ADDED']);
  });
});

describe('list', () => {
  test('shows each record with its metadata, microseconds included, and its id as text', async () => {
    await s.save([{ id: '7', name: 'Ada' }]);
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/);
    const _nango_metadata = {
      first_seen_at: time,
      last_modified_at: time,
      last_action: 'ADDED',
      deleted_at: null,
      pruned_at: null,
      cursor: expect.stringMatching(/^[\w+/=]+$/),
    };
    expect(await s.list()).toEqual({ records: [{ id: '7', name: 'Ada', _nango_metadata }], next_cursor: null });
  });

  test('pages by cursor to the end, where there is none', async () => {
    await s.save(['1', '2', '3', '4'].map((id) => ({ id })));
    const first = await s.list({ limit: 2 });
    expect(first.next_cursor).toBe(first.records[1]?._nango_metadata.cursor);
    const second = await s.list({ limit: 2, cursor: first.next_cursor ?? '' });
    expect(second.records.map(({ id }) => id)).toEqual(['3', '4']);
    expect(second.next_cursor).toBeNull();
  });

  test('a filter is the union of what it names', async () => {
    await s.save([{ id: 'a' }, { id: 'u' }, { id: 'd' }]);
    await s.save([{ id: 'u', v: 1 }]);
    await remove(['d']);
    expect(await s.actions({ filter: ['added'] })).toEqual(['a ADDED']);
    expect(await s.actions({ filter: ['updated', 'deleted'] })).toEqual(['u UPDATED', 'd DELETED']);
    expect(await s.actions({ filter: ['added', 'deleted'] })).toEqual(['a ADDED', 'd DELETED']);
    expect(await s.actions({ filter: ['added', 'added'] })).toEqual(['a ADDED']);
    expect(await s.actions({ filter: ['added', 'updated', 'deleted'] })).toHaveLength(3);
  });

  test.each(['', 'nonsense', 'MQ==', 'MTp4', 'MTotMQ==', Buffer.from('1:99999999999999999').toString('base64')])(
    'refuses the cursor %j',
    async (cursor) => {
      await expect(s.list({ cursor })).rejects.toMatchObject({ code: 'invalid_cursor' });
    },
  );

  test('modified_after is inclusive and finds its place at every moment of the stream', async () => {
    for (let n = 0; n < 12; n++) await s.save([{ id: `x${n}` }, { id: `y${n}` }]);
    await s.save([{ id: 'x3', v: 1 }]);
    await remove(['y5']);
    const times = await many<{ id: string; at: Date }>(
      db,
      sql`select external_id as id, date_trunc('milliseconds', changed_at) as at from records where stream_id = ${s.stream.id} order by seq`,
    );
    for (const { at } of times) {
      const expected = times.filter((other) => other.at >= at).map(({ id }) => id);
      expect((await s.list({ modifiedAfter: at })).records.map(({ id }) => id)).toEqual(expected);
    }
    expect(await s.actions({ modifiedAfter: new Date(Date.now() + 60_000) })).toEqual([]);
    expect(await s.actions({ modifiedAfter: new Date(0) })).toHaveLength(24);
  });

  test('a clock that is set back does not disorder a stream', async () => {
    await run(db, sql`update record_streams set changed_at = now() + interval '1 hour' where id = ${s.stream.id}`);
    await s.save([{ id: '1' }]);
    await s.save([{ id: '2' }]);
    const [one, two] = (await s.list()).records.map(({ _nango_metadata }) => String(_nango_metadata.last_modified_at));
    expect(String(one) <= String(two)).toBe(true);
    expect(await s.actions({ modifiedAfter: new Date(Date.now() + 59 * 60_000) })).toHaveLength(2);
  });

  test('a stream that does not exist is an empty page; another environment cannot see this one', async () => {
    await s.save([{ id: '1' }]);
    const ref = { connection: s.tenant.connection, model: 'Contact' };
    expect(await lookStream(db, s.scope, ref)).toEqual({ ...s.stream, keySealed: expect.any(Buffer) });
    expect(await lookStream(db, s.scope, { ...ref, variant: 'other' })).toBeUndefined();
    const { scope } = await createTenant(db);
    expect(await lookStream(db, scope, ref)).toBeUndefined();
    await expect(saveRecords(s.world, scope, { stream: s.stream, runId: 1, ids: ['2'], lines: ['{"id":"2"}'] })).rejects.toThrow();
    expect(await s.actions()).toHaveLength(1);
  });

  test('by ids, for functions: those that live, by id as text', async () => {
    await s.save([{ id: '1' }, { id: '2', v: 2 }, { id: '3' }]);
    await remove(['3']);
    const found = await getRecords(s.world, s.scope, { stream: s.stream, ids: ['2', '3', 'none'] });
    expect(JSON.parse(found.toString())).toMatchObject([{ id: '2', v: 2 }]);
  });
});

describe('prune and empty', () => {
  const prune = (untilCursor: string, limit?: number) =>
    pruneRecords({ db }, s.scope, s.stream, { untilCursor, ...(limit ? { limit } : {}) });

  test('empties payloads up to and including the cursor, oldest first, and says when there are more', async () => {
    await s.save(['1', '2', '3', '4'].map((id) => ({ id, v: 1 })));
    await remove(['2']);
    const { records } = await s.list(); // 1 3 4 2
    const cursor = records[2]?._nango_metadata.cursor ?? '';
    expect(await prune(cursor, 2)).toEqual({ count: 2, has_more: true });
    expect(await prune(cursor, 2)).toEqual({ count: 1, has_more: false });
    expect(await prune(cursor)).toEqual({ count: 0, has_more: false });
    const after = (await s.list()).records;
    expect(after[0]).toEqual({ id: '1', _nango_metadata: { ...records[0]?._nango_metadata, pruned_at: expect.any(String) } });
    expect(after[3]).toEqual(records[3]);
    await expectCountersToFit();
    await expect(prune('x')).rejects.toMatchObject({ code: 'invalid_cursor' });
  });

  test('a pruned record saved with the same content is whole again without being news; with another it is updated', async () => {
    await s.save([
      { id: '1', v: 1 },
      { id: '2', v: 1 },
    ]);
    const { records } = await s.list();
    await prune(records[1]?._nango_metadata.cursor ?? '');
    expect(
      await s.save([
        { id: '1', v: 1 },
        { id: '2', v: 2 },
      ]),
    ).toMatchObject({ updated: 1, unchanged: 1 });
    const after = await s.list();
    expect(after.records[0]).toEqual(records[0]);
    expect(await s.actions()).toEqual(['1 ADDED', '2 UPDATED']);
    await expectCountersToFit();
  });

  test('an emptied stream starts over as all added, behind every cursor handed out', async () => {
    await s.save([{ id: '1' }, { id: '2' }]);
    const cursor = (await s.list()).records[1]?._nango_metadata.cursor;
    await emptyStream({ db }, s.scope, s.stream);
    await expectCountersToFit();
    expect(await s.save([{ id: '1' }])).toMatchObject({ added: 1 });
    expect(await s.actions({ cursor })).toEqual(['1 ADDED']);
  });
});

describe('counts', () => {
  test('of a run add up over its chunks and are the same however often they are read', async () => {
    await s.save([{ id: '1' }, { id: '2' }], { runId: 103 });
    await s.save([{ id: '2', v: 1 }, { id: '3' }], { runId: 103 });
    await remove(['1'], 103);
    const expected = { Contact: { added: 3, updated: 1, deleted: 1 } };
    expect(await countsOfRun(db, 103)).toEqual(expected);
    expect(await countsOfRun(db, 103)).toEqual(expected);
    expect(await countsOfRun(db, 104)).toEqual({});
  });

  test('of a connection are by model and variant; its removal leaves nothing', async () => {
    await s.save([{ id: '1' }, { id: '2' }]);
    const variant = await openStream(db, s.scope, { connection: s.tenant.connection, model: 'Contact', variant: 'eu' });
    await saveRecords(s.world, s.scope, { stream: variant, runId: 1, ids: ['1'], lines: ['{"id":"1"}'] });
    const counts = await countsOfConnection(db, s.scope, s.tenant.connection);
    expect(counts.map(({ model, variant: of, count }) => [model, of, count])).toEqual([
      ['Contact', 'base', 2],
      ['Contact', 'eu', 1],
    ]);
    expect(await countOfEnvironment(db, s.scope)).toBe(3);
    await removeStreams({ db }, s.tenant.connection);
    expect(await countOfEnvironment(db, s.scope)).toBe(0);
    expect(await many(db, sql`select from records where stream_id in (${s.stream.id}, ${variant.id})`)).toEqual([]);
  });
});
