/** The database cuts off what a function is just doing: no fault of the function, which goes on from its checkpoint and is not said to have failed. */
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { many, only, run, transaction } from '../../src/base/database.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deploy, recordsOf, settled, trigger } from '../functions.ts';
import { type Answer, eventually, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';

let upstream: Upstream;
let platform: Platform;
/** Before a page is answered. */
let onPage: (page: number) => unknown = () => {};

beforeAll(async () => {
  upstream = await startUpstream();
  upstream.on('/pages', async ({ url }, response) => {
    const page = Number(new URL(url, upstream.url).searchParams.get('page'));
    await onPage(page);
    json(response, { page });
  });
  platform = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`] });
  await createIntegrations(platform, upstream.url);
  await importConnection(platform, 'c-1');
});

/** Three pages of two, each with its checkpoint; a page that cannot be saved is passed over. */
const crawl = `
const { at = 0 } = (await nango.getCheckpoint()) ?? {};
await nango.trackDeletesStart('Item');
for (let page = at; page < 3; page++) {
  await nango.get({ endpoint: '/pages', params: { page: String(page) } });
  try {
    await nango.batchSave([{ id: page + 'a', v: nango.syncJobId }, { id: page + 'b' }], 'Item');
  } catch {}
  await nango.saveCheckpoint({ at: page + 1 });
}
await nango.trackDeletesEnd('Item');
await nango.clearCheckpoint();`;

const runOf = (name: string) =>
  only<{ id: number; state: string; attempts: number; failures: number; error: { type: string } | null }>(
    platform.world.db,
    sql`select runs.id, runs.state, runs.attempts, runs.failures, runs.error from syncs join runs on runs.id = syncs.last_run where name = ${name}`,
  );
const eventsOf = (name: string) =>
  many<{ type: string }>(platform.world.db, sql`select type from events where payload ->> 'syncName' = ${name} order by id`);

/** Until `work` is done whoever writes to the streams waits. */
const holding = (work: () => Promise<unknown>) =>
  transaction(platform.world.db, async (tx) => {
    await run(tx, sql`select from record_streams for update`);
    await work();
  });
/** Ends the connections that wait for a lock. Outside of the transaction, which sees who waits as it was when it first looked. */
const cut = () =>
  eventually(async () => {
    const waiting = sql`select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    return (await many(platform.world.db, waiting)).length > 0;
  }, 'a write was cut off');

async function first(name: string): Promise<void> {
  await deploy(platform, [{ name, exec: crawl }]);
  expect(await settled(platform, 'c-1', name)).toMatchObject({ latestExecutionStatus: 'SUCCESS' });
}

/** Whatever the function does at its second page, it waits for what `work` holds. */
function atSecondPage(work: () => Promise<unknown>): () => Promise<void> {
  let working: Promise<unknown> | undefined;
  onPage = (page) => {
    if (page !== 1 || working) return undefined;
    return new Promise<void>((held) => {
      working = holding(() => {
        held();
        return work();
      });
    });
  };
  return async () => {
    await eventually(async () => working !== undefined, 'the second page was asked for');
    await working;
  };
}

test('a save that was cut off is no failure of the sync: it is done again, and no record is taken for gone', async () => {
  await first('cut-off');
  const done = atSecondPage(cut);
  await trigger(platform, 'c-1', 'cut-off');
  await done();
  await eventually(async () => (await runOf('cut-off')).attempts === 2, 'it was taken again');
  expect(await settled(platform, 'c-1', 'cut-off')).toMatchObject({ latestExecutionStatus: 'SUCCESS' });
  expect(await runOf('cut-off')).toMatchObject({ state: 'success', attempts: 2, failures: 1, error: null });
  expect((await eventsOf('cut-off')).map(({ type }) => type)).toEqual(['sync.completed', 'sync.completed']);
  const records = await recordsOf(platform, 'c-1');
  expect(records.map(({ id }) => id).sort()).toEqual(['0a', '0b', '1a', '1b', '2a', '2b']);
  expect(records.filter((record) => record._nango_metadata.deleted_at)).toEqual([]);
  expect(new Set(records.flatMap(({ v }) => v ?? [])).size, 'all are of the last run').toBe(1);
});

test('cut off at its last attempt it has failed, which is said to be the platform’s doing and tried again', async () => {
  await first('cut-last');
  const done = atSecondPage(async () => {
    await cut();
    await eventually(async () => (await runOf('cut-last')).failures === 1, 'it was given back');
    await run(platform.world.db, sql`update runs set failures = 4, ready_at = now() where id = ${(await runOf('cut-last')).id}`);
    await cut();
  });
  await trigger(platform, 'c-1', 'cut-last');
  await done();
  expect(await settled(platform, 'c-1', 'cut-last')).toMatchObject({ latestExecutionStatus: 'STOPPED' });
  expect(await runOf('cut-last')).toMatchObject({ state: 'failed', attempts: 2, error: { type: 'function_runtime_other' } });
  expect(await many(platform.world.db, sql`select 1 from graphile_worker.jobs where task_identifier = 'sync-retry'`)).toHaveLength(1);
});

test('an action is told, and what it does not handle is no mistake of its own', async () => {
  const wait = `await nango.tryAcquireLock({ key: 'k', ttlMs: 1000 });`;
  await deploy(platform, [
    { type: 'action', name: 'throws', exec: `${wait} return 1;` },
    { type: 'action', name: 'handles', exec: `try { ${wait} } catch (error) { return error.code; }` },
  ]);
  const named = { 'connection-id': 'c-1', 'provider-config-key': 'key', authorization: `Bearer ${platform.apiKey}` };
  const cutting = async (name: string) => {
    let called: Promise<Answer> | undefined;
    await transaction(platform.world.db, async (tx) => {
      await run(tx, sql`lock table locks in exclusive mode`);
      called = platform.call('POST', '/action/trigger', { action_name: name, input: null }, named);
      await cut();
    });
    return called;
  };
  expect(await cutting('throws')).toMatchObject({ body: { error: { code: 'function_runtime_other' } } });
  expect(await cutting('handles')).toMatchObject({ status: 200, body: 'function_runtime_other' });
});
