/** A run that another process has taken over while this one does not know yet: whatever its function tries from then on happens nowhere. */
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { one, only, run } from '../../src/base/database.ts';
import { startRun } from '../../src/runs/run.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deploy, recordsOf, runOnce, statusOf, trigger } from '../functions.ts';
import { eventually, type Json, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';

let upstream: Upstream;
let platform: Platform;
/** Lets the function go on that waits at the upstream. */
let release: () => void = () => {};

beforeAll(async () => {
  upstream = await startUpstream();
  upstream.on('/late', (_request, response) => json(response, {}));
  upstream.on('/hold', (_request, response) => {
    release = () => json(response, {});
  });
  platform = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`] });
  await createIntegrations(platform, upstream.url);
  await importConnection(platform, 'c-1', { metadata: { before: true } });
});

const row = (name: string) =>
  only<{ id: number; environmentId: number; state: string; attempts: number; activeRun: number; operationId: string }>(
    platform.world.db,
    sql`select runs.id, runs.environment_id, state, attempts, active_run, operation_id from syncs join runs on runs.id = syncs.last_run where name = ${name}`,
  );

async function begin(name: string, exec: string): Promise<Awaited<ReturnType<typeof row>>> {
  const held = upstream.received('/hold').length;
  await deploy(platform, [{ name, autoStart: false, exec }]);
  await eventually(async () => await statusOf(platform, 'c-1', name), 'the sync is there');
  await trigger(platform, 'c-1', name);
  await eventually(async () => upstream.received('/hold').length > held, 'it is in the middle');
  return row(name);
}

test.each([
  ['batchSave', `nango.batchSave([{ id: 'late' }], 'Item')`],
  ['batchUpdate', `nango.batchUpdate([{ id: 'kept', late: true }], 'Item')`],
  ['batchDelete', `nango.batchDelete([{ id: 'kept' }], 'Item')`],
  ['trackDeletesStart', `nango.trackDeletesStart('Item')`],
  ['saveCheckpoint', `nango.saveCheckpoint({ at: 'late' })`],
  ['clearCheckpoint', `nango.clearCheckpoint()`],
  ['updateMetadata', `nango.updateMetadata({ late: true })`],
  ['setMetadata', `nango.setMetadata({ late: true })`],
  ['post', `nango.post({ endpoint: '/late' })`],
  ['uncontrolledFetch', `nango.uncontrolledFetch({ url: new URL('{late}') })`],
  ['tryAcquireLock', `nango.tryAcquireLock({ key: 'late', ttlMs: 60000 })`],
  ['its end', `Promise.resolve()`],
])('%s of a run that was taken over', async (what, call) => {
  const name = `taken-${what.toLowerCase().replaceAll(' ', '-')}`;
  const exec = `await nango.batchSave([{ id: 'kept' }], 'Item');
    await nango.saveCheckpoint({ at: 'kept' });
    await nango.get({ endpoint: '/hold' });
    await ${call.replace('{late}', `${upstream.url}/late`)};`;
  const before = await begin(name, exec);
  // What a process does that takes it over; this one, which is the only one here, shall not take it back.
  expect(await startRun(platform.world.db, before, before.operationId)).toMatchObject({ attempt: before.attempts + 1 });
  await run(platform.world.db, sql`update runs set ready_at = null where id = ${before.id}`);
  release();
  await eventually(async () => platform.world.sandboxes.stats().running === 0, 'its function has ended');

  expect(await row(name)).toEqual({ ...before, attempts: before.attempts + 1 });
  expect(before).toMatchObject({ state: 'running', activeRun: before.id });
  expect((await statusOf(platform, 'c-1', name)).checkpoint).toEqual({ at: 'kept' });
  const records: Json[] = await recordsOf(platform, 'c-1');
  expect(records.map(({ id, late, _nango_metadata }) => [id, late, _nango_metadata.deleted_at])).toEqual([['kept', undefined, null]]);
  expect((await platform.call('GET', '/connections/c-1?provider_config_key=key')).body.metadata).toEqual({ before: true });
  expect(upstream.received('/late')).toEqual([]);
  expect(await one(platform.world.db, sql`select 1 from locks where key = 'late'`)).toBeUndefined();
  expect(await one(platform.world.db, sql`select 1 from record_streams where tracking_since is not null`)).toBeUndefined();
  expect(await one(platform.world.db, sql`select 1 from events where type in ('sync.failed', 'sync.completed')`)).toBeUndefined();
  const { body } = await platform.call('GET', `/logs/operations/${before.operationId}`);
  expect(JSON.stringify(body)).not.toMatch(/"state":"(success|failed|cancelled)"/);
  // So that the next of these tests has the connection for itself.
  await run(platform.world.db, sql`update runs set state = 'cancelled' where id = ${before.id}`);
  await run(platform.world.db, sql`update syncs set active_run = null where name = ${name}`);
});

test('a checkpoint is not stored before the records whose saving the function did not wait for', async () => {
  const exec = `const many = Array.from({ length: 3000 }, (_, index) => ({ id: 'n-' + index, text: 'x'.repeat(500) }));
    const saving = nango.batchSave(many, 'Item');
    await nango.saveCheckpoint({ at: 'after' });
    const { at } = (await nango.getCheckpoint()) ?? {};
    await nango.log('stored before ' + at);
    await saving;`;
  await deploy(platform, [{ name: 'hasty', autoStart: false, exec }]);
  await eventually(async () => await statusOf(platform, 'c-1', 'hasty'), 'the sync is there');
  expect(await runOnce(platform, 'c-1', 'hasty')).toMatchObject({ latestExecutionStatus: 'SUCCESS' });
  const stamps = await only<{ records: Date; checkpoint: Date }>(
    platform.world.db,
    sql`select (select max(created_at) from records where external_id like 'n-%') as records,
               (select max(updated_at) from checkpoints where key = 'sync:hasty') as checkpoint`,
  );
  expect(stamps.checkpoint.getTime()).toBeGreaterThanOrEqual(stamps.records.getTime());
});
