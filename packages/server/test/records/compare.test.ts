/** What a batch changes is found before the stream is locked, and mostly read in the order of the batch before: neither may be told from the outside. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { only, transaction } from '../../src/base/database.ts';
import { deleteRecords } from '../../src/records/delete.ts';
import { positionOfStream, SupersededError } from '../../src/records/stream.ts';
import { freshDatabase } from '../postgres.ts';
import { type Item, TestStream } from './stream.ts';

const { db } = await freshDatabase();
const { stringify } = JSON;

/** Whoever waits for a lock has compared already. */
async function untilSomebodyWaits(): Promise<void> {
  const waiting = sql<{
    count: number;
  }>`select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await only(db, waiting)).count === 0) await sleep(5);
}

test('what another writer commits between the comparison and the lock is compared again', async () => {
  const s = await TestStream.open(db);
  await s.save(['1', '2', '3'].map((id) => ({ id, v: 1 })));
  const second = ['1', '2', '3', '4'].map((id) => ({ id, v: 2 }));
  const { saving } = await transaction(db, async (tx) => {
    await s.save(second.slice(1), {}, { db: tx });
    await deleteRecords({ db: tx }, s.scope, { stream: s.stream, runId: 0, ids: ['3'] });
    const saving = s.save(second);
    await untilSomebodyWaits();
    return { saving };
  });
  expect(await saving).toEqual({ added: 1, updated: 1, unchanged: 2, duplicates: [] });
  const { kept, counted } = await s.counters();
  expect(kept).toEqual(counted);
});

test('a run that is superseded between the comparison and the lock writes nothing', async () => {
  const s = await TestStream.open(db);
  await s.save([{ id: '1', v: 1 }], { runId: 1 });
  const { saving } = await transaction(db, async (tx) => {
    await s.save([{ id: '1', v: 3 }], { runId: 2 }, { db: tx });
    const saving = expect(s.save([{ id: '1', v: 2 }], { runId: 1 })).rejects.toThrow(SupersededError);
    await untilSomebodyWaits();
    return { saving };
  });
  await saving;
  expect((await s.list()).records.map(({ v }) => v)).toEqual([3]);
});

test('a batch that changes nothing waits for nobody who holds the stream', async () => {
  const s = await TestStream.open(db);
  await s.save([{ id: '1', v: 1 }]);
  await transaction(db, async (tx) => {
    await sql`select from record_streams where id = ${s.stream.id} for update`.execute(tx);
    expect(await s.save([{ id: '1', v: 1 }])).toMatchObject({ unchanged: 1 });
  });
});

/** A number below `max`, from a seed, so that a failure can be had again. */
const dice = (seed: number) => (max: number) => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * max);
};

const ORDERS = ['as before', 'backwards', 'shuffled', 'from the middle'] as const;

test.each([1, 2, 3, 4])('each record is new, changed or neither, in whatever order a batch comes (seed %i)', async (seed) => {
  const roll = dice(seed);
  const s = await TestStream.open(db);
  const stored = new Map<string, string>();
  const ids = Array.from({ length: 2_500 }, (_, n) => `r-${(n * 7_919) % 2_500}`);
  for (let round = 0; round < 12; round++) {
    const start = roll(1_500);
    const part = ids.slice(start, start + 1 + roll(1_400));
    const order = ORDERS[round % ORDERS.length];
    if (order === 'backwards') part.reverse();
    if (order === 'shuffled') part.sort((a, b) => ((Number(a.slice(2)) * 7_907) % 2_503) - ((Number(b.slice(2)) * 7_907) % 2_503));
    if (order === 'from the middle') part.unshift(...part.splice(part.length >> 1));
    const rarely = roll(3) === 0 ? 2 : 20;
    const batch = part.map((id): Item => {
      const known = stored.get(id);
      return known === undefined || roll(rarely) === 0 ? { id, v: roll(1_000_000) } : JSON.parse(known);
    });
    const expected = { added: 0, updated: 0, unchanged: 0, duplicates: [] };
    const before = await positionOfStream(db, s.scope, s.stream);
    const news: string[] = [];
    for (const item of batch) {
      const known = stored.get(item.id);
      const what = known === undefined ? 'added' : known === stringify(item) ? 'unchanged' : 'updated';
      expected[what]++;
      if (what !== 'unchanged') news.push(item.id);
      stored.set(item.id, stringify(item));
    }
    expect(await s.save(batch), `round ${round}, ${order}`).toEqual(expected);
    const { records } = await s.list({ cursor: btoa(`1:${before}`), limit: 5_000 });
    expect(records.map(({ id }) => id)).toEqual(news);
    if (roll(3) > 0) continue;
    const gone = part.slice(0, 40);
    await deleteRecords(s.world, s.scope, { stream: s.stream, runId: 0, ids: gone });
    for (const id of gone) stored.delete(id);
  }
  const { kept, counted } = await s.counters();
  expect(kept).toEqual(counted);
});
