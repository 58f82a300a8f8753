/** A sync that is paused in the middle: told at once, killed when it does not listen, and whatever it tries from then on happens nowhere. */
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { many, one } from '../../src/base/database.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deploy, recordsOf, runOnce, statusOf, trigger } from '../functions.ts';
import { eventually, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';

let upstream: Upstream;
let platform: Platform;

beforeAll(async () => {
  upstream = await startUpstream();
  upstream.on('/hold', () => {}); // never answered
  for (const path of ['/begun', '/late']) upstream.on(path, (_request, response) => json(response, {}));
  platform = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`] });
  await createIntegrations(platform, upstream.url);
  await importConnection(platform, 'c-1', { metadata: { before: true } });
  await deploy(platform, [{ type: 'action', name: 'late', exec: `await nango.get({ endpoint: '/late' })` }]);
});

/** Everything by which a function leaves something behind; each on its own, whatever became of the one before. */
const LATE = `
const late = async () => {
  for (const attempt of [
    () => nango.batchSave([{ id: 'late' }], 'Item'),
    () => nango.batchDelete([{ id: 'kept' }], 'Item'),
    () => nango.trackDeletesEnd('Item'),
    () => nango.saveCheckpoint({ at: 'late' }),
    () => nango.clearCheckpoint(),
    () => nango.updateMetadata({ late: true }),
    () => nango.post({ endpoint: '/late' }),
    () => nango.uncontrolledFetch({ url: new URL('{late}') }),
    () => nango.triggerAction('key', 'c-1', 'late'),
  ]) {
    try { await attempt() } catch {}
  }
};
await nango.batchSave([{ id: 'kept' }], 'Item');
await nango.saveCheckpoint({ at: 'kept' });
const held = nango.get({ endpoint: '/hold' }).catch(late);`;

test.each([
  ['a call, and then tries everything', `await nango.get({ endpoint: '/begun' }); await held; await late();`],
  ['a wait', `await nango.get({ endpoint: '/begun' }); await new Promise((go) => setTimeout(go, 600_000)); await late();`],
  ['a loop that never gives the processor back', `await nango.get({ endpoint: '/begun' }); for (;;) {}`],
  ['a loop that swallows every error', `for (;;) { try { await nango.get({ endpoint: '/begun' }) } catch {} }`],
])('paused during %s', async (what, rest) => {
  const name = what.replaceAll(/[^a-z]+/g, '-');
  await deploy(platform, [{ name, autoStart: false, exec: LATE.replace('{late}', `${upstream.url}/late`) + rest }]);
  await eventually(async () => await statusOf(platform, 'c-1', name), 'the sync is there');
  const begun = upstream.received('/begun').length;
  await trigger(platform, 'c-1', name);
  await eventually(async () => upstream.received('/begun').length > begun && upstream.received('/hold').length > 0, 'it is in the middle');
  const pause = { provider_config_key: 'key', connection_id: 'c-1', syncs: [name] };
  expect((await platform.call('POST', '/sync/pause', pause)).body).toEqual({ success: true });
  await eventually(async () => platform.world.sandboxes.stats().running === 0, 'its sandbox has ended or is free');

  const row = await one<{ state: string; error: unknown }>(
    platform.world.db,
    sql`select state, error from runs where kind = 'sync' order by id desc limit 1`,
  );
  expect(row).toMatchObject({ state: 'cancelled', error: { type: 'script_aborted' } });
  expect((await statusOf(platform, 'c-1', name)).checkpoint).toEqual({ at: 'kept' });
  expect((await recordsOf(platform, 'c-1')).map(({ id, _nango_metadata }) => [id, _nango_metadata.deleted_at])).toEqual([['kept', null]]);
  expect((await platform.call('GET', '/connections/c-1?provider_config_key=key')).body.metadata).toEqual({ before: true });
  expect(upstream.received('/late')).toEqual([]);
  const told = await many(platform.world.db, sql`select 1 from events where type in ('sync.failed', 'sync.completed')`);
  expect(told).toEqual([]);
});

test('and the next run of such a sync is an ordinary one', async () => {
  await deploy(platform, [{ name: 'ordinary', autoStart: false, exec: `await nango.batchSave([{ id: 'fine' }], 'Item')` }]);
  await eventually(async () => await statusOf(platform, 'c-1', 'ordinary'), 'the sync is there');
  expect(await runOnce(platform, 'c-1', 'ordinary')).toMatchObject({ latestExecutionStatus: 'SUCCESS' });
});
