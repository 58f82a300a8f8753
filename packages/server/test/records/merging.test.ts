/** Two writers of one record: the sync, and a webhook beside it. What the strategy says is whose write stays; none is lost by accident. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import { deleteRecords } from '../../src/records/delete.ts';
import { positionOfStream } from '../../src/records/stream.ts';
import { endTracking, startTracking } from '../../src/records/track-deletes.ts';
import { updateRecords } from '../../src/records/update.ts';
import { freshDatabase } from '../postgres.ts';
import { TestStream } from './stream.ts';

const { db } = await freshDatabase();
let s: TestStream;
beforeEach(async () => {
  s = await TestStream.open(db);
});
const contents = async () => new Map((await s.list({ limit: 1_000 })).records.map((record) => [record.id, record.by]));

test.each([
  ['older', 5],
  ['newer', 20],
])(
  'under ignore_if_modified_after a webhook whose run is %s than the sync keeps what it wrote, saved, merged or deleted',
  async (_age, hook) => {
    await s.save(
      ['1', '2', '3', '4'].map((id) => ({ id, by: 'before' })),
      { runId: 10 },
    );
    const unlessChangedAfter = await positionOfStream(db, s.scope, s.stream);
    const beside = { stream: s.stream, runId: hook, writes: 'beside' } as const;
    await s.save([{ id: '1', by: 'hook' }], beside);
    await updateRecords(s.world, s.scope, { ...beside, ids: ['2'], patches: [{ by: 'hook' }] });
    await deleteRecords(s.world, s.scope, { ...beside, ids: ['3'] });
    const careful = { runId: 10, unlessChangedAfter };
    for (const by of ['sync', 'sync again'])
      await s.save(
        ['1', '2', '3', '4', '5'].map((id) => ({ id, by })),
        careful,
      );
    await updateRecords(s.world, s.scope, { ...careful, stream: s.stream, ids: ['1', '4'], patches: [{ more: 1 }, { more: 1 }] });
    expect(await deleteRecords(s.world, s.scope, { ...careful, stream: s.stream, ids: ['2', '5'] })).toEqual(['5']);
    expect(await s.actions()).toEqual(['1 UPDATED', '2 UPDATED', '3 DELETED', '4 UPDATED', '5 DELETED']);
    expect([...(await contents())]).toEqual([
      ['1', 'hook'],
      ['2', 'hook'],
      ['3', 'before'],
      ['4', 'sync again'],
      ['5', 'sync again'],
    ]);
  },
);

test('what a webhook wrote during a full crawl is not taken for gone, and by the next one that does not meet it it is', async () => {
  await s.save([{ id: '1', by: 'sync' }], { runId: 10 });
  const guard = { percent: null, records: 0 };
  const crawl = async (runId: number, between: () => Promise<unknown>) => {
    await startTracking(s.world, s.scope, { stream: s.stream, runId });
    await between();
    return (await endTracking(s.world, s.scope, { stream: s.stream, runId, guard }))?.deleted;
  };
  expect(await crawl(11, () => s.save([{ id: 'hook', by: 'hook' }], { runId: 3, writes: 'beside' }))).toEqual(['1']);
  expect(await crawl(12, async () => {})).toEqual(['hook']);
});

test.each([true, false])('a sync and webhooks that race for the same records: careful %s', async (isCareful) => {
  const ids = Array.from({ length: 120 }, (_, n) => String(n));
  await s.save(
    ids.map((id) => ({ id, by: 'before' })),
    { runId: 10 },
  );
  const position = await positionOfStream(db, s.scope, s.stream);
  const writer = isCareful ? { runId: 10, unlessChangedAfter: position } : { runId: 10 };
  const sync = async () => {
    for (let start = 0; start < ids.length; start += 20) {
      await s.save(
        ids.slice(start, start + 20).map((id) => ({ id, by: 'sync' })),
        writer,
      );
      await sleep(1);
    }
  };
  const hooked = ids.filter((_, n) => n % 3 === 0);
  const hook = async (nr: number) => {
    for (const id of hooked.filter((_, n) => n % 4 === nr)) {
      await s.save([{ id, by: `hook ${nr}` }], { runId: 3 + nr * 5, writes: 'beside' });
      await sleep(1);
    }
  };
  await Promise.all([sync(), ...[0, 1, 2, 3].map(hook)]);
  const found = await contents();
  for (const id of ids) {
    const by = String(found.get(id));
    if (!hooked.includes(id)) expect([id, by]).toEqual([id, 'sync']);
    else if (isCareful) expect([id, by]).toEqual([id, expect.stringMatching(/^hook/)]);
    else expect([id, by]).toEqual([id, expect.stringMatching(/^hook|^sync$/)]); // whoever came last
  }
  const { kept, counted } = await s.counters();
  expect(kept).toEqual(counted);
});
