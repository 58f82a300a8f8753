/** The syncs of the suite: one that reads everything and finds out what is gone, one that follows changes from where it was. */
import { flowOf } from '../../packages/server/test/functions.ts';

const full = `
  const of = nango.connectionId;
  let page = (await nango.getCheckpoint())?.page ?? 0;
  for (;;) {
    const { data } = await nango.get({ endpoint: '/full', params: { of, page: String(page) }, retries: 3 });
    await nango.batchSave(data.rows, 'Full');
    if (data.next === null) break;
    page = data.next;
    await nango.saveCheckpoint({ page });
  }
  await nango.clearCheckpoint();`;

const changes = `
  const of = nango.connectionId;
  let since = (await nango.getCheckpoint())?.since ?? 0;
  for (;;) {
    const { data } = await nango.get({ endpoint: '/changes', params: { of, since: String(since) }, retries: 3 });
    if (data.rows.length === 0) break;
    const live = data.rows.filter((row) => !row.gone).map(({ id, v }) => ({ id, v }));
    const gone = data.rows.filter((row) => row.gone).map(({ id, v }) => ({ id, v }));
    if (live.length > 0) await nango.batchSave(live, 'Changed');
    if (gone.length > 0) await nango.batchDelete(gone, 'Changed');
    since = data.cursor;
    await nango.saveCheckpoint({ since });
  }`;

export const syncs = [
  { name: 'full', model: 'Full' },
  { name: 'changes', model: 'Changed' },
] as const;

export const flowConfigs = [
  flowOf({ name: 'full', integration: 'chaos', exec: full, models: ['Full'], trackDeletes: true, runs: 'every 30s' }),
  flowOf({ name: 'changes', integration: 'chaos', exec: changes, models: ['Changed'], runs: 'every 30s' }),
];
