import { sql } from 'kysely';
import { beforeEach, expect, test } from 'vitest';
import { many, only, run } from '../../src/base/database.ts';
import { deleteRecords } from '../../src/records/delete.ts';
import { pruneRecords } from '../../src/records/prune.ts';
import { noteVisit, type Retaining, retainSome } from '../../src/records/retention.ts';
import { updateRecords } from '../../src/records/update.ts';
import { freshDatabase } from '../postgres.ts';
import { TestStream } from './stream.ts';

const { db } = await freshDatabase();
let s: TestStream;
beforeEach(async () => {
  s = await TestStream.open(db);
});
const DAY = 86_400_000;
const inDays = (days: number, { prune = 30, remove = 60 } = {}): Retaining => ({
  db,
  clock: { now: () => new Date(Date.now() + days * DAY) },
  config: { pruneAfterDays: prune, deleteAfterDays: remove },
});
const retain = async (world: Retaining) => {
  let turns = 0;
  while (await retainSome(world)) turns++;
  return turns;
};
const expectCountersToFit = async (stream = s) => {
  const { kept, counted } = await stream.counters();
  expect(kept).toEqual(counted);
};
const visit = () => noteVisit(db, s.scope, { connection: s.tenant.connection, models: ['Contact'], variant: 'base' });

test('what a record holds goes 30 days after its last change, and nothing else of it', async () => {
  await s.save(Array.from({ length: 1_200 }, (_, n) => ({ id: String(n), v: 1 })));
  await run(db, sql`update record_streams set changed_at = now() + interval '20 days' where id = ${s.stream.id}`);
  await s.save([
    { id: '7', v: 2 },
    { id: 'late', v: 1 },
  ]);
  const before = (await s.list({ limit: 2_000 })).records;
  await retain(inDays(29));
  expect((await s.list({ limit: 2_000 })).records).toEqual(before);
  await run(db, sql`update record_streams set look_at = now() - interval '1 second'`);
  await retain(inDays(31));
  const after = (await s.list({ limit: 2_000 })).records;
  expect(after.map(({ id, v }) => [id, v])).toEqual(before.map(({ id, v }) => [id, id === '7' || id === 'late' ? v : undefined]));
  expect(after.map(({ _nango_metadata: { pruned_at: _, ...rest } }) => rest)).toEqual(
    before.map(({ _nango_metadata: { pruned_at: _, ...rest } }) => rest),
  );
  await expectCountersToFit();
});

test('saved again unchanged it is whole, and pruned again when its time has come', async () => {
  await s.save([
    { id: '1', v: 1 },
    { id: '2', v: 1 },
  ]);
  await retain(inDays(31));
  expect(await s.save([{ id: '1', v: 1 }])).toMatchObject({ unchanged: 1 });
  expect((await s.list()).records[0]).toMatchObject({ id: '1', v: 1 });
  await run(db, sql`update record_streams set look_at = now() - interval '1 second'`);
  await retain(inDays(31));
  expect((await s.list()).records.map(({ v }) => v)).toEqual([undefined, undefined]);
  await expectCountersToFit();
});

test('all records go when the sync has not run for 60 days; a run that found nothing new counts', async () => {
  await s.save(Array.from({ length: 1_200 }, (_, n) => ({ id: String(n), v: 1 })));
  await deleteRecords(s.world, s.scope, { stream: s.stream, runId: 0, ids: ['3'] });
  await run(
    db,
    sql`update record_streams set visited_at = now() - interval '61 days', changed_at = now() - interval '61 days' where id = ${s.stream.id}`,
  );
  await visit();
  await retain(inDays(0, { prune: 0 }));
  expect((await s.list({ limit: 2_000 })).records).toHaveLength(1_200);
  await run(
    db,
    sql`update record_streams set visited_at = now() - interval '61 days', look_at = now() - interval '1 second' where id = ${s.stream.id}`,
  );
  await retain(inDays(0));
  expect((await s.list({ limit: 2_000 })).records).toEqual([]);
  expect((await s.counters()).kept).toEqual({ live: 0, deleted: 0, bytes: 0 });
});

test('0 days keep everything for ever, and a stream is looked at once a day', async () => {
  await s.save([{ id: '1', v: 1 }]);
  await run(db, sql`update record_streams set look_at = now() - interval '1 second'`);
  const streams = await only<{ count: number }>(db, sql`select count(*)::int as count from record_streams`);
  expect(await retain(inDays(5_000, { prune: 0, remove: 0 }))).toBe(streams.count);
  expect(await retain(inDays(5_000, { prune: 0, remove: 0 }))).toBe(0);
  expect((await s.list()).records[0]).toMatchObject({ v: 1 });
});

test('a visit is written once a day, so that a sync of every 30 seconds does not write its streams each time', async () => {
  const version = () => many(db, sql`select xmin::text as version from record_streams where id = ${s.stream.id}`);
  const before = await version();
  await visit();
  expect(await version()).toEqual(before);
});

/** A number below `max`, from a seed, so that a failure can be had again. */
const dice = (seed: number) => (max: number) => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * max);
};

test.each([1, 2, 3])(
  'counts and sizes are those of the rows after whatever several writers, the retention and a pruner did at once (seed %i)',
  async (seed) => {
    const { stream, scope, world } = s;
    const writer = async (nr: number) => {
      const roll = dice(seed * 100 + nr);
      const some = () => [...new Set(Array.from({ length: 1 + roll(20) }, () => String(roll(60))))];
      for (let step = 0; step < 40; step++) {
        const ids = some();
        const own = { stream, runId: nr, writes: 'beside' } as const;
        const what = roll(6);
        if (what < 2)
          await s.save(
            ids.map((id) => ({ id, v: roll(3), text: 'x'.repeat(roll(40)) })),
            own,
            { sealRecords: roll(2) === 0 },
          );
        else if (what === 2) await updateRecords(world, scope, { ...own, ids, patches: ids.map(() => ({ extra: roll(3) })) });
        else if (what === 3) await deleteRecords(world, scope, { ...own, ids });
        else if (what === 4) {
          const { records } = await s.list({ limit: 60 });
          const untilCursor = records[roll(records.length)]?._nango_metadata.cursor;
          if (untilCursor) await pruneRecords(world, scope, stream, { untilCursor, limit: 1 + roll(30) });
        } else {
          await run(db, sql`update record_streams set look_at = now() - interval '1 second' where id = ${stream.id}`);
          await retainSome(inDays(roll(40)));
        }
      }
    };
    await Promise.all([1, 2, 3, 4, 5].map(writer));
    await expectCountersToFit();
    const { pruned } = await only<{ pruned: number }>(
      db,
      sql`select count(*)::int as pruned from records r join record_streams s on s.id = r.stream_id
         where s.id = ${stream.id} and r.seq <= s.pruned_to and r.pruned_at is null`,
    );
    expect(pruned).toBe(0);
  },
);
