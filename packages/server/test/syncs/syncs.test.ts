import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { many, one, run } from '../../src/base/database.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deploy, recordsOf, runOnce, settled, statusOf, type TestFunction, trigger, type Where } from '../functions.ts';
import { eventually, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';

let upstream: Upstream;
let platform: Platform;
/** A second process on the same database. */
let other: Platform;
const items = new Map<string, { id: string; name: string }[]>();

/** Saves what `/items?of=<connection>` answers. */
const SAVE = `
const { data } = await nango.get({ endpoint: '/items', params: { of: nango.connectionId } });
await nango.batchSave(data, 'Item');`;

beforeAll(async () => {
  upstream = await startUpstream();
  upstream.on('/items', ({ url }, response) => json(response, items.get(new URL(url, upstream.url).searchParams.get('of') ?? '') ?? []));
  const allow = [`127.0.0.1:${upstream.port}`];
  platform = await startPlatform({ allow });
  other = await startPlatform({ allow, database: platform.database });
  await createIntegrations(platform, upstream.url);
  await deploy(platform, [
    { name: 'items', exec: SAVE },
    { name: 'by-hand', exec: SAVE, autoStart: false },
  ]);
});

const listOf = (count: number) => Array.from({ length: count }, (_, index) => ({ id: String(index), name: `item ${index}` }));
const failure = (status: number, code: string) => ({ status, body: { error: { code } } });
const eventsOf = (connection: string, type: string) =>
  many<{ payload: Record<string, unknown> }>(
    platform.world.db,
    sql`select payload from events where type = ${type} and payload -> 'connection' ->> 'connectionId' = ${connection} order by id`,
  );

/** One function in an integration of its own, and a connection there; all bear its name. */
async function alone(fn: TestFunction): Promise<Where> {
  const { name } = fn;
  const integration_config = { keyName: 'x-key', baseUrl: upstream.url, keyPlacement: 'header' };
  await platform.call('POST', '/integrations', { unique_key: name, provider: 'private-api-generic', integration_config });
  await deploy(platform, [{ ...fn, integration: name }]);
  await importConnection(platform, name, { provider_config_key: name });
  const where = { connection: name, integration: name };
  await eventually(async () => await statusOf(platform, where, name), 'the sync is there');
  return where;
}
const unchanged = { Item: { added: 0, updated: 0, deleted: 0 } };

describe('a new connection', () => {
  test('starts its syncs by itself, and those that are not to start are there, paused', async () => {
    items.set('fresh', listOf(3));
    await importConnection(platform, 'fresh');
    const status = await settled(platform, 'fresh', 'items');
    expect(status).toMatchObject({
      connection_id: 'fresh',
      name: 'items',
      variant: 'base',
      type: 'INCREMENTAL',
      status: 'SUCCESS',
      frequency: '1h',
      latestExecutionStatus: 'SUCCESS',
      latestResult: { Item: { added: 3, updated: 0, deleted: 0 } },
      recordCount: { Item: 3 },
      checkpoint: null,
    });
    expect(Date.parse(status.nextScheduledSyncAt) - Date.parse(status.finishedAt)).toBeGreaterThan(3_000_000);
    const paused = await statusOf(platform, 'fresh', 'by-hand');
    expect(paused).toMatchObject({ status: 'PAUSED', nextScheduledSyncAt: null, type: 'INITIAL', recordCount: { Item: 3 } });
    expect(paused).not.toHaveProperty('finishedAt');
    expect(paused).not.toHaveProperty('latestResult');
    expect(await eventsOf('fresh', 'sync.completed')).toMatchObject([
      { payload: { syncName: 'items', model: 'Item', syncType: 'INITIAL', responseResults: { added: 3, updated: 0, deleted: 0 } } },
    ]);
  });

  test('made anew over an old one keeps its syncs and runs none of them again', async () => {
    await importConnection(platform, 'remade');
    const before = await settled(platform, 'remade', 'items');
    await importConnection(platform, 'remade', { credentials: { type: 'API_KEY', apiKey: 'new' } });
    await eventually(
      async () =>
        !(await one(platform.world.db, sql`select 1 as waiting from graphile_worker._private_jobs where locked_at is null limit 1`)),
      'the news is heard',
    );
    expect(await statusOf(platform, 'remade', 'items')).toMatchObject({ id: before.id, finishedAt: before.finishedAt });
  });

  test('that is deleted stops its syncs, and one with the same id begins from nothing', async () => {
    items.set('deleted', listOf(2));
    await importConnection(platform, 'deleted');
    await settled(platform, 'deleted', 'items');
    await platform.call('DELETE', '/connections/deleted?provider_config_key=key');
    await eventually(
      async () =>
        !(await one(
          platform.world.db,
          sql`select 1 as left from syncs s join connections c on c.id = s.connection_id
        where c.connection_id = 'deleted' and s.deleted_at is null`,
        )),
      'its syncs are gone',
    );
    items.set('deleted', listOf(1));
    await importConnection(platform, 'deleted');
    expect(await settled(platform, 'deleted', 'items')).toMatchObject({ latestResult: { Item: { added: 1 } }, recordCount: { Item: 1 } });
  });
});

describe('a run', () => {
  test('counts exactly what it added, changed and left alone', async () => {
    items.set('counted', listOf(5));
    await importConnection(platform, 'counted');
    await settled(platform, 'counted', 'items');
    items.set('counted', [...listOf(5).slice(0, 4), { id: '4', name: 'changed' }, { id: '5', name: 'new' }]);
    expect((await runOnce(platform, 'counted', 'items')).latestResult).toEqual({ Item: { added: 1, updated: 1, deleted: 0 } });
    expect((await runOnce(platform, 'counted', 'items')).latestResult).toEqual(unchanged);
    const events = await eventsOf('counted', 'sync.completed');
    expect(events.map(({ payload }) => payload.responseResults)).toEqual([
      { added: 5, updated: 0, deleted: 0 },
      { added: 1, updated: 1, deleted: 0 },
      { added: 0, updated: 0, deleted: 0 },
    ]);
    expect(events.map(({ payload }) => payload.syncType)).toEqual(['INITIAL', 'INCREMENTAL', 'INCREMENTAL']);
  });

  test('that fails keeps what it saved and says why, and the next slot runs', async () => {
    upstream.on('/broken', (_request, response) => json(response, { message: 'out of order' }, 500));
    const where = await alone({
      name: 'failing',
      exec: `await nango.batchSave([{ id: 'kept' }], 'Item');\nawait nango.get({ endpoint: '/broken' });`,
    });
    const status = await settled(platform, where, 'failing');
    expect(status).toMatchObject({
      status: 'ERROR',
      latestExecutionStatus: 'STOPPED',
      latestResult: { Item: { added: 1, updated: 0, deleted: 0 } },
    });
    expect((await recordsOf(platform, where)).map(({ id }) => id)).toEqual(['kept']);
    expect(await eventsOf('failing', 'sync.failed')).toMatchObject([
      {
        payload: {
          syncName: 'failing',
          models: ['Item'],
          error: { type: 'script_http_error', description: expect.stringContaining('500') },
        },
      },
    ]);
    const [{ errors }] = (await platform.call('GET', '/connections?connectionId=failing')).body.connections;
    expect(errors).toEqual([{ type: 'sync', log_id: expect.any(String) }]);
    await run(platform.world.db, sql`update syncs set next_run_at = now() where id = ${status.id}`);
    await eventually(async () => (await eventsOf('failing', 'sync.failed')).length === 2, 'the next slot runs');
    await settled(platform, where, 'failing');
    upstream.on('/broken', (_request, response) => json(response, {}));
    expect(await runOnce(platform, where, 'failing')).toMatchObject({ status: 'SUCCESS' });
    expect((await platform.call('GET', '/connections?connectionId=failing')).body.connections[0].errors).toEqual([]);
  });

  test.each([
    ['throws', `throw new Error('by design')`, 'script_internal_error'],
    ['raises an ActionError', `throw new ActionError({ message: 'by design' })`, 'action_script_runtime_error'],
    ['saves a model it did not declare', `await nango.batchSave([{ id: '1' }], 'Other')`, 'invalid_sync_record'],
    ['saves records without id', `await nango.batchSave([{ name: 'x' }], 'Item')`, undefined],
  ])('of a function that %s fails with a reason', async (what, exec, type) => {
    const name = `wrong-${what.replaceAll(' ', '-')}`;
    const where = await alone({ name, exec, autoStart: false });
    expect(await runOnce(platform, where, name)).toMatchObject({ status: 'PAUSED', latestExecutionStatus: 'STOPPED' });
    const [failed] = await eventsOf(name, 'sync.failed');
    expect(failed).toMatchObject({ payload: { error: { type: type ?? expect.any(String), description: expect.stringMatching(/\w/) } } });
  });

  test('sees its own last success, its checkpoint and its connection', async () => {
    const where = await alone({
      name: 'state',
      autoStart: false,
      exec: `const checkpoint = await nango.getCheckpoint();
await nango.saveCheckpoint({ turn: (checkpoint?.turn ?? 0) + 1 });
await nango.batchSave([{ id: String(checkpoint?.turn ?? 'none'), last: nango.lastSyncDate?.toISOString() ?? null, connection: nango.connectionId }], 'Item');`,
    });
    expect((await runOnce(platform, where, 'state')).checkpoint).toEqual({ turn: 1 });
    expect((await runOnce(platform, where, 'state')).checkpoint).toEqual({ turn: 2 });
    const [first, second] = await recordsOf(platform, where);
    expect(first).toMatchObject({ id: 'none', last: null, connection: 'state' });
    expect(second).toMatchObject({ id: '1', last: expect.stringMatching(/Z$/) });
    const events = await eventsOf('state', 'sync.completed');
    expect(events.filter(({ payload }) => payload.syncName === 'state').map(({ payload }) => payload.checkpoints)).toEqual([
      { from: null, to: { turn: 1 } },
      { from: { turn: 1 }, to: { turn: 2 } },
    ]);
    await runOnce(platform, where, 'state', { opts: { reset: true } });
    expect((await statusOf(platform, where, 'state')).checkpoint).toEqual({ turn: 1 });
    expect((await recordsOf(platform, where)).find(({ id }) => id === 'none')).toMatchObject({ last: null });
  });
});

describe('never two runs at once', () => {
  test('of fifty triggers at the same moment on two processes one runs', async () => {
    let running = 0;
    let most = 0;
    upstream.on('/busy', async (_request, response) => {
      running++;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 300));
      running--;
      json(response, []);
    });
    const where = await alone({ name: 'busy', exec: `await nango.get({ endpoint: '/busy' })`, autoStart: false });
    const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => trigger(index % 2 ? platform : other, where, 'busy')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await settled(platform, where, 'busy');
    await runOnce(other, where, 'busy');
    expect(most).toBe(1);
    expect(upstream.received('/busy')).toHaveLength(2);
  });

  test('a slot that arrives while a run is under way is skipped', async () => {
    let release = () => {};
    upstream.on('/long', async (_request, response) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      json(response, []);
    });
    const where = await alone({ name: 'long', exec: `await nango.get({ endpoint: '/long' })` });
    await eventually(async () => upstream.received('/long').length === 1, 'it runs');
    const { id } = await statusOf(platform, where, 'long');
    await run(platform.world.db, sql`update syncs set next_run_at = now() - interval '5 hours 10 minutes' where id = ${id}`);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(upstream.received('/long')).toHaveLength(1);
    release();
    // It missed five slots: one run now, and the next at its own time of the hour.
    await eventually(async () => upstream.received('/long').length === 2, 'it catches up once');
    release();
    const status = await settled(platform, where, 'long');
    const inMinutes = (Date.parse(status.nextScheduledSyncAt) - Date.now()) / 60_000;
    expect(inMinutes).toBeGreaterThan(48);
    expect(inMinutes).toBeLessThan(51);
    expect(upstream.received('/long')).toHaveLength(2);
  });
});

describe('a restart', () => {
  test('in the middle of a run goes on from the checkpoint: same records, exact counts, one piece of news', async () => {
    const allow = [`127.0.0.1:${upstream.port}`];
    const before = await startPlatform({ allow });
    await createIntegrations(before, upstream.url);
    let held = true;
    const pages = new Map<string, number>();
    upstream.on('/restart', ({ url }, response) => {
      const page = new URL(url, upstream.url).searchParams.get('page') ?? '';
      pages.set(page, (pages.get(page) ?? 0) + 1);
      if (page === '2' && held) return; // for ever
      json(response, [{ id: `${page}-a` }, { id: `${page}-b` }]);
    });
    await deploy(before, [
      {
        name: 'restart',
        exec: `
await nango.trackDeletesStart('Item');
const { page } = (await nango.getCheckpoint()) ?? { page: 0 };
for (let next = page; next < 4; next++) {
  const { data } = await nango.get({ endpoint: '/restart', params: { page: String(next) } });
  await nango.batchSave(data, 'Item');
  await nango.saveCheckpoint({ page: next + 1 });
}
await nango.clearCheckpoint();
await nango.trackDeletesEnd('Item');`,
      },
    ]);
    await importConnection(before, 'restarted');
    await eventually(async () => pages.has('2'), 'it is half way');
    await before.stop();
    held = false;
    const after = await startPlatform({ allow, database: before.database });
    expect(await settled(after, 'restarted', 'restart')).toMatchObject({
      status: 'SUCCESS',
      latestResult: { Item: { added: 8, updated: 0, deleted: 0 } },
      recordCount: { Item: 8 },
      checkpoint: null,
    });
    expect(pages.get('0')).toBe(1);
    const events = await many<{ type: string }>(after.world.db, sql`select type from events where type like 'sync.%'`);
    expect(events).toEqual([{ type: 'sync.completed' }]);
    const entries = await eventually(async () => {
      const rows = await many<{ state: string }>(after.world.db, sql`select state from operations where type = 'sync'`);
      return rows.every(({ state }) => state !== 'running') && rows;
    }, 'its entry is closed');
    expect(entries).toEqual([{ state: 'success' }]);
    await after.stop();
  });

  test('finds a run whose function is gone by now, ends it and frees the sync', async () => {
    const first = await startPlatform();
    await createIntegrations(first);
    await deploy(first, [{ name: 'removed', autoStart: false }]);
    await importConnection(first, 'c-1');
    const { id } = await eventually(async () => await statusOf(first, 'c-1', 'removed'), 'the sync is there');
    await first.stop();
    const idle = await startPlatform({ database: first.database, worker: false });
    expect((await trigger(idle, 'c-1', 'removed')).status).toBe(200);
    await run(idle.world.db, sql`update functions set deleted_at = now() where name = 'removed'`);
    const second = await startPlatform({ database: first.database });
    await eventually(
      () => one(second.world.db, sql`select 1 as free from syncs where id = ${id} and active_run is null`),
      'the sync is free again',
    );
    const runs = await many<{ state: string }>(second.world.db, sql`select state from runs where sync_id = ${id}`);
    expect(runs).toEqual([{ state: 'cancelled' }]);
    await Promise.all([idle.stop(), second.stop()]);
  });
});

describe('pause and start', () => {
  test('a pause cancels what runs, which keeps what it saved; a start goes on', async () => {
    let cancelledCall = false;
    upstream.on('/endless', (_request, response) => void response.on('close', () => (cancelledCall = true)));
    const where = await alone({
      name: 'endless',
      exec: `await nango.batchSave([{ id: 'kept' }], 'Item');\nawait nango.get({ endpoint: '/endless' });\nawait nango.batchSave([{ id: 'late' }], 'Item');`,
    });
    await eventually(async () => upstream.received('/endless').length === 1, 'it runs');
    expect(
      (await platform.call('POST', '/sync/pause', { provider_config_key: 'endless', connection_id: 'endless', syncs: ['endless'] })).body,
    ).toEqual({ success: true });
    expect(await statusOf(platform, where, 'endless')).toMatchObject({
      status: 'PAUSED',
      nextScheduledSyncAt: null,
      latestExecutionStatus: 'STOPPED',
    });
    await eventually(async () => cancelledCall, 'its request is given up');
    expect((await recordsOf(platform, where)).map(({ id }) => id)).toEqual(['kept']);
    expect(await eventsOf('endless', 'sync.failed')).toEqual([]);
    upstream.on('/endless', (_request, response) => json(response, []));
    expect(await runOnce(platform, where, 'endless')).toMatchObject({ status: 'PAUSED', latestExecutionStatus: 'SUCCESS' });
    await platform.call('POST', '/sync/start', { provider_config_key: 'endless', connection_id: 'endless', syncs: ['endless'] });
    expect(await statusOf(platform, where, 'endless')).toMatchObject({ status: 'SUCCESS', nextScheduledSyncAt: expect.any(String) });
  });

  test('without a connection or names they mean all of the integration', async () => {
    await platform.call('POST', '/integrations', { unique_key: 'all', provider: 'unauthenticated' });
    await deploy(platform, [
      { name: 'one', integration: 'all' },
      { name: 'two', integration: 'all' },
    ]);
    for (const id of ['all-a', 'all-b'])
      await importConnection(platform, id, { provider_config_key: 'all', credentials: { type: 'NONE' } });
    for (const id of ['all-a', 'all-b']) await settled(platform, { connection: id, integration: 'all' }, 'two');
    await platform.call('POST', '/sync/pause', { provider_config_key: 'all', syncs: [] });
    const statuses = async () => (await platform.call('GET', '/sync/status?syncs=*&provider_config_key=all')).body.syncs;
    expect((await statuses()).map((one: { status: string }) => one.status)).toEqual(['PAUSED', 'PAUSED', 'PAUSED', 'PAUSED']);
    await platform.call('POST', '/sync/start', { provider_config_key: 'all', syncs: ['one'] });
    expect((await statuses()).map((one: { name: string; status: string }) => `${one.name} ${one.status}`).sort()).toEqual([
      'one SUCCESS',
      'one SUCCESS',
      'two PAUSED',
      'two PAUSED',
    ]);
  });
});

describe('reset', () => {
  test('runs from the start over the same records; with emptyCache everything is added anew', async () => {
    items.set('reset', listOf(4));
    await importConnection(platform, 'reset');
    await settled(platform, 'reset', 'items');
    const again = await runOnce(platform, 'reset', 'items', { opts: { reset: true } });
    expect(again).toMatchObject({ latestResult: unchanged, recordCount: { Item: 4 } });
    items.set('reset', listOf(3));
    const anew = await runOnce(platform, 'reset', 'items', { opts: { reset: true, emptyCache: true } });
    expect(anew).toMatchObject({ latestResult: { Item: { added: 3, updated: 0, deleted: 0 } }, recordCount: { Item: 3 } });
    const completed = await eventsOf('reset', 'sync.completed');
    expect(completed.map(({ payload }) => payload.syncType)).toEqual(['INITIAL', 'INITIAL', 'INITIAL']);
    const older = await runOnce(platform, 'reset', 'items', { sync_mode: 'full_refresh_and_clear_cache' });
    expect(older.latestResult).toEqual({ Item: { added: 3, updated: 0, deleted: 0 } });
    expect((await runOnce(platform, 'reset', 'items', { full_resync: true })).latestResult).toEqual(unchanged);
  });

  test('cancels the run under way, whose late writes go nowhere', async () => {
    let release = () => {};
    upstream.on('/held', async ({ index }, response) => {
      if (index === 0)
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      json(response, []);
    });
    const where = await alone({
      name: 'held',
      exec: `await nango.get({ endpoint: '/held' });\nawait nango.saveCheckpoint({ by: 1 });\nawait nango.batchSave([{ id: 'x' }], 'Item');`,
    });
    await eventually(async () => upstream.received('/held').length === 1, 'it runs');
    const held = { connection_id: 'held', name: 'held', variant: 'base' };
    const again = await trigger(platform, where, 'held');
    expect(again.body).toEqual({ success: true, syncs: [{ ...held, outcome: 'already_running' }] });
    const triggered = trigger(platform, where, 'held', { opts: { reset: true, emptyCache: true } });
    release();
    expect((await triggered).body).toEqual({ success: true, syncs: [{ ...held, outcome: 'started' }] });
    const status = await settled(platform, where, 'held');
    expect(status).toMatchObject({
      status: 'SUCCESS',
      latestResult: { Item: { added: 1, updated: 0, deleted: 0 } },
      recordCount: { Item: 1 },
    });
  });

  test.each([
    ['emptyCache without reset', { opts: { emptyCache: true } }, 400, 'invalid_body'],
    ['opts with the older fields', { opts: {}, full_resync: true }, 400, 'invalid_body'],
    ['an unknown sync', { syncs: ['nothing'] }, 400, 'no_syncs_found'],
    ['an unknown sync among known ones', { syncs: ['items', 'nothing'] }, 400, 'no_syncs_found'],
    ['an unknown variant', { syncs: ['items::eu'] }, 400, 'no_syncs_found'],
    ['an unknown connection', { connection_id: 'nobody' }, 404, 'unknown_connection'],
    ['an unknown integration', { provider_config_key: 'nothing' }, 400, 'unknown_provider_config'],
    ['an unknown key', { surprise: 1 }, 400, 'invalid_body'],
    ['no list', { syncs: 'items' }, 400, 'invalid_body'],
  ])('trigger refuses %s', async (_what, more, status, code) => {
    await importConnection(platform, 'refused');
    await settled(platform, 'refused', 'items');
    expect(await trigger(platform, 'refused', 'items', more)).toMatchObject(failure(status, code));
  });

  test('trigger takes the integration and the connection from headers too, and needs one', async () => {
    expect(await platform.call('POST', '/sync/trigger', { syncs: ['items'] })).toMatchObject(failure(400, 'missing_provider_config_key'));
    const headers = { 'provider-config-key': 'key', 'connection-id': 'refused' };
    expect((await platform.call('POST', '/sync/trigger', { syncs: [{ name: 'items' }] }, headers)).status).toBe(200);
  });
});

describe('what disappears upstream', () => {
  const CRAWL = `
await nango.trackDeletesStart('Item');
const checkpoint = (await nango.getCheckpoint()) ?? { page: 0 };
for (let page = checkpoint.page; page < 3; page++) {
  const { data } = await nango.get({ endpoint: '/pages', params: { page: String(page) } });
  await nango.batchSave(data, 'Item');
  await nango.saveCheckpoint({ page: page + 1 });
}
await nango.clearCheckpoint();
const gone = await nango.trackDeletesEnd('Item');
await nango.log('gone: ' + gone.deletedKeys.sort().join());`;

  test('is deleted at the end of a crawl, even when the crawl was cut short and went on in a later run', async () => {
    let broken = false;
    let pages = [['a', 'b'], ['c', 'd'], ['e']];
    upstream.on('/pages', ({ url }, response) => {
      const page = Number(new URL(url, upstream.url).searchParams.get('page'));
      if (broken && page === 1) return json(response, {}, 503);
      json(
        response,
        (pages[page] ?? []).map((id) => ({ id })),
      );
    });
    const where = await alone({ name: 'crawl', exec: CRAWL, autoStart: false });
    await runOnce(platform, where, 'crawl');
    pages = [['a'], ['d'], ['e', 'f']];
    broken = true;
    expect(await runOnce(platform, where, 'crawl')).toMatchObject({
      latestExecutionStatus: 'STOPPED',
      recordCount: { Item: 5 },
      checkpoint: { page: 1 },
    });
    broken = false;
    expect(await runOnce(platform, where, 'crawl')).toMatchObject({
      latestResult: { Item: { added: 1, updated: 0, deleted: 2 } },
      recordCount: { Item: 4 },
      checkpoint: null,
    });
    expect((await recordsOf(platform, where, '&filter=deleted')).map(({ id }) => id).sort()).toEqual(['b', 'c']);
  });

  test('of a sync declared with trackDeletes is deleted when the function returns, and not when it fails', async () => {
    const where = await alone({
      name: 'declared',
      exec: `${SAVE}\nif (data.length === 1) throw new Error('half way');`,
      autoStart: false,
      trackDeletes: true,
    });
    items.set('declared', listOf(4));
    await runOnce(platform, where, 'declared');
    items.set('declared', listOf(1));
    expect(await runOnce(platform, where, 'declared')).toMatchObject({ latestExecutionStatus: 'STOPPED', recordCount: { Item: 4 } });
    items.set('declared', listOf(2));
    expect((await runOnce(platform, where, 'declared')).latestResult).toEqual({ Item: { added: 0, updated: 0, deleted: 2 } });
    items.set('declared', []);
    expect((await runOnce(platform, where, 'declared')).latestResult).toEqual({ Item: { added: 0, updated: 0, deleted: 2 } });
  });
});

describe('frequency', () => {
  const set = (body: object) =>
    platform.call('PUT', '/sync/update-connection-frequency', {
      sync_name: 'items',
      provider_config_key: 'key',
      connection_id: 'paced',
      ...body,
    });

  test('of one connection overrides the function’s, survives a deployment, and null restores it', async () => {
    await importConnection(platform, 'paced');
    await settled(platform, 'paced', 'items');
    for (const [given, wire] of [
      ['every 2 hours', '2 hours'],
      ['every hour', '1h'],
      ['every half hour', '30m'],
      ['every week', '1w'],
      ['30s', '30s'],
      ['every 5 minutes', '5 minutes'],
    ]) {
      expect(await set({ frequency: given })).toMatchObject({ status: 200, body: { frequency: wire } });
      expect((await statusOf(platform, 'paced', 'items')).frequency).toBe(wire);
    }
    const { nextScheduledSyncAt } = await statusOf(platform, 'paced', 'items');
    expect(Date.parse(nextScheduledSyncAt) - Date.now()).toBeLessThan(301_000);
    await deploy(platform, [{ name: 'items', exec: SAVE, runs: 'every 3 hours' }]);
    expect((await statusOf(platform, 'paced', 'items')).frequency).toBe('5 minutes');
    expect((await statusOf(platform, 'fresh', 'items')).frequency).toBe('3 hours');
    expect((await set({ frequency: null })).body).toEqual({ frequency: '3 hours' });
    await deploy(platform, [{ name: 'items', exec: SAVE }]);
  });

  test.each([
    ['too often', { frequency: 'every 5s' }, 400, 'invalid_body'],
    ['nonsense', { frequency: 'now and then' }, 400, 'invalid_body'],
    ['an unknown sync', { frequency: '1h', sync_name: 'nothing' }, 400, 'unknown_sync'],
    ['an unknown connection', { frequency: '1h', connection_id: 'nobody' }, 400, 'unknown_connection'],
  ])('refuses %s', async (_what, body, status, code) => {
    expect(await set(body)).toMatchObject(failure(status, code));
  });
});

describe('variants', () => {
  const variant = (method: string, name: string, body: object = {}) =>
    platform.call(method, `/sync/items/variant/${name}`, { provider_config_key: 'key', connection_id: 'varied', ...body });

  test('have records, counts and a schedule of their own, and go without touching the others', async () => {
    items.set('varied', listOf(2));
    await importConnection(platform, 'varied');
    await settled(platform, 'varied', 'items');
    items.set('varied', listOf(5));
    expect(await variant('POST', 'eu')).toMatchObject({ status: 200, body: { id: expect.any(String), name: 'items', variant: 'eu' } });
    expect(await settled(platform, 'varied', 'items::eu')).toMatchObject({ variant: 'eu', recordCount: { Item: 5 } });
    expect(await statusOf(platform, 'varied', 'items')).toMatchObject({ variant: 'base', recordCount: { Item: 2 } });
    expect(await recordsOf(platform, 'varied')).toHaveLength(2);
    expect(await recordsOf(platform, 'varied', '&variant=eu')).toHaveLength(5);
    expect(await variant('POST', 'eu')).toMatchObject(failure(400, 'sync_variant_already_exists'));
    expect((await variant('DELETE', 'eu')).body).toEqual({ success: true });
    expect(await statusOf(platform, 'varied', 'items::eu')).toBeUndefined();
    expect(await variant('DELETE', 'eu')).toMatchObject(failure(404, 'not_found'));
    expect(await variant('POST', 'eu')).toMatchObject({ status: 200 });
  });

  test.each([
    ['POST', 'BASE', {}, 400, 'invalid_variant'],
    ['DELETE', 'base', {}, 400, 'invalid_variant'],
    ['POST', 'x', { connection_id: 'nobody' }, 400, 'unknown_connection'],
    ['POST', 'x', { provider_config_key: 'nothing' }, 400, 'unknown_provider_config'],
    ['POST', 'x%20y', {}, 400, 'invalid_uri_params'],
    ['POST', 'x', { surprise: 1 }, 400, 'invalid_body'],
  ])('%s %s with %j is refused', async (method, name, body, status, code) => {
    expect(await variant(method, name, body)).toMatchObject(failure(status, code));
  });
});

describe('limits', () => {
  const limits = (named = '') => platform.call('GET', `/sync/limits${named}`);
  const change = (body: object) => platform.call('PATCH', '/sync/limits', body);

  test('of the environment, the integration and the connection are set one by one, and stay where nothing is said', async () => {
    await alone({ name: 'limited', exec: '' });
    const named = { provider_config_key: 'limited', connection_id: 'limited' };
    expect((await limits()).body.data).toMatchObject({ environment: { weight: 1, runs_max: null }, integration: null, connection: null });
    await change({ environment: { runs_max: 500 } });
    await change({ environment: { weight: 2 }, ...named, integration: { runs_max: 300 } });
    const { status, body } = await change({ ...named, integration: { connection_runs_max: 200 }, connection: { runs_max: 3 } });
    expect(status).toBe(200);
    expect(body.data).toMatchObject({
      server: { slots: 32, environment: 24, integration: 24, connection: 8, first_runs: 24 },
      environment: { weight: 2, runs_max: 500 },
      integration: { runs_max: 300, connection_runs_max: 200 },
      connection: { runs_max: 3, running: expect.any(Number) },
    });
    const of = '?provider_config_key=limited&connection_id=limited';
    expect((await limits(of)).body.data).toMatchObject({ integration: { runs_max: 300 }, connection: { runs_max: 3 } });
    await change({ environment: { weight: 1, runs_max: null }, ...named, connection: { runs_max: null } });
    expect((await limits(of)).body.data).toMatchObject({ environment: { weight: 1, runs_max: null }, connection: { runs_max: null } });

    await change({ ...named, connection: { runs_max: 7 } });
    await platform.call('DELETE', '/connections/limited?provider_config_key=limited');
    const left = async () => (await many(platform.world.db, sql`select 1 as one from connection_limits`)).length;
    await eventually(async () => (await left()) === 0, 'nothing of a deleted connection is left');
  });

  test.each([
    [{ environment: { weight: 0 } }, ['environment', 'weight']],
    [{ environment: { runs_max: 0 } }, ['environment', 'runs_max']],
    [{ environment: { runs_max: 1.5 } }, ['environment', 'runs_max']],
    [{ integration: { runs_max: 1 } }, ['provider_config_key']],
    [{ provider_config_key: 'key', connection: { runs_max: 1 } }, ['connection_id']],
    [{ connection_id: 'c', connection: { runs_max: 1 } }, ['provider_config_key']],
  ])('that cannot be are refused, and the field is named: %j', async (body, path) => {
    const refused = await change(body);
    expect([refused.status, refused.body.error.code, refused.body.error.errors[0].path]).toEqual([400, 'invalid_body', path]);
  });
});

describe('status', () => {
  test('leaves unknown syncs out, and calls an unknown connection an invalid request', async () => {
    await importConnection(platform, 'asked');
    await settled(platform, 'asked', 'items');
    const ask = (query: string) => platform.call('GET', `/sync/status?${query}`);
    expect((await ask('syncs=items,nothing&provider_config_key=key&connection_id=asked')).body.syncs).toHaveLength(1);
    expect(await ask('syncs=*&provider_config_key=key&connection_id=nobody')).toMatchObject(failure(400, 'invalid_body'));
    expect(await ask('syncs=*&provider_config_key=nothing')).toMatchObject(failure(400, 'unknown_provider_config'));
    expect(await ask('provider_config_key=key')).toMatchObject(failure(400, 'invalid_query_params'));
    expect(await ask('syncs=*&provider_config_key=key&x=1')).toMatchObject(failure(400, 'invalid_query_params'));
  });
});
