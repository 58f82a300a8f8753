import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { many } from '../../src/base/database.ts';
import { setDeletionGuard } from '../../src/environments/deletion-guard.ts';
import { reasonToHold } from '../../src/records/hold.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deploy, recordsOf, runOnce, statusOf } from '../functions.ts';
import { eventually, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';

let upstream: Upstream;
let platform: Platform;
/** What `/items?of=<connection>` has, and the statuses that its pages answer first, one a request. */
const items = new Map<string, string[]>();
const refusals = new Map<string, number[]>();

const PAGE = 50;
/** Saves pages of 50 until one is shorter; what becomes of a page that fails is the caller's. */
const pages = (onError: string) => `
for (let page = 0; ; page++) {
  let data = [];
  try {
    data = (await nango.get({ endpoint: '/items', params: { of: nango.connectionId, page: String(page) } })).data;
  } catch (error) {
    ${onError}
  }
  await nango.batchSave(data.map((id) => ({ id })), 'Item');
  if (data.length < ${PAGE}) break;
}`;
const crawl = (onError: string) => `await nango.trackDeletesStart('Item');${pages(onError)}\nawait nango.trackDeletesEnd('Item');`;

beforeAll(async () => {
  upstream = await startUpstream();
  upstream.on('/items', ({ url }, response) => {
    const query = new URL(url, upstream.url).searchParams;
    const of = query.get('of') ?? '';
    const status = refusals.get(of)?.shift();
    if (status !== undefined && status !== 200) return json(response, { refused: status }, status);
    const page = Number(query.get('page')) * PAGE;
    return json(response, (items.get(of) ?? []).slice(page, page + PAGE));
  });
  platform = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`] });
  await createIntegrations(platform, upstream.url);
  await deploy(platform, [
    { name: 'throws', exec: crawl('throw error;'), autoStart: false },
    { name: 'swallows', exec: crawl(''), models: ['Item'], autoStart: false },
    { name: 'repeats', exec: crawl('page--; continue;'), autoStart: false },
    {
      name: 'declared',
      exec: pages(''),
      trackDeletes: true,
      autoStart: false,
    },
  ]);
});
beforeEach(() => guard({ percent: 50, records: 100 }));

const guard = async (to: { percent: number | null; records: number }) =>
  setDeletionGuard(platform.world.db, (await platform.scopeOf('dev')).environment.id, to);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => String(from + index).padStart(4, '0'));

/** A connection whose sync has saved these. */
async function filled(connection: string, sync: string, ids: string[]): Promise<void> {
  items.set(connection, ids);
  await importConnection(platform, connection);
  await eventually(async () => await statusOf(platform, connection, sync), 'the sync is there');
  await runOnce(platform, connection, sync);
}
const named = (connection: string) => ({ provider_config_key: 'key', connection_id: connection });
const held = async (connection: string) =>
  (await platform.call('GET', `/sync/held-deletions?provider_config_key=key&connection_id=${connection}`)).body.held;
const decide = (connection: string, verb: 'approve' | 'discard') =>
  platform.call('POST', `/sync/held-deletions/${verb}`, { ...named(connection), model: 'Item' });
const deletedOf = async (connection: string) =>
  (await recordsOf(platform, connection)).filter(
    (record: { _nango_metadata: { deleted_at: string | null } }) => record._nango_metadata.deleted_at,
  ).length;
const eventsOf = (connection: string, type: string) =>
  many<{ payload: Record<string, unknown> }>(
    platform.world.db,
    sql`select payload from events where type = ${type} and payload -> 'connection' ->> 'connectionId' = ${connection} order by id`,
  );

describe('what is held', () => {
  test.each([
    [{ gone: 0, live: 1000, isFlawed: true }, undefined],
    [{ gone: 1, live: 1000, isFlawed: true }, 'failed_requests'],
    [{ gone: 99, live: 99, isFlawed: false }, undefined],
    [{ gone: 100, live: 200, isFlawed: false }, 'many_records'],
    [{ gone: 100, live: 201, isFlawed: false }, undefined],
  ])('%o: %s', (crawled, reason) => {
    expect(reasonToHold(crawled, { percent: 50, records: 100 })).toBe(reason);
    expect(reasonToHold(crawled, { percent: null, records: 0 })).toBeUndefined();
  });
});

describe('a run that meets less than half of what is stored', () => {
  test('deletes nothing, says so, and tells the app once', async () => {
    await filled('half', 'throws', range(0, 300));
    items.set('half', range(0, 100));
    const status = await runOnce(platform, 'half', 'throws');
    expect(status).toMatchObject({ latestExecutionStatus: 'SUCCESS', recordCount: { Item: 300 }, latestResult: { Item: { deleted: 0 } } });
    expect(await held('half')).toMatchObject([
      { ...named('half'), model: 'Item', variant: 'base', count: 200, of: 300, reason: 'many_records', examples: range(100, 110) },
    ]);
    await runOnce(platform, 'half', 'throws');
    expect(await held('half')).toHaveLength(1);
    expect(await eventsOf('half', 'sync.deletions_held')).toMatchObject([
      { payload: { syncName: 'throws', model: 'Item', count: 200, of: 300, reason: 'many_records' } },
    ]);
    expect(await deletedOf('half')).toBe(0);
  });

  test('approved, they are deleted, the counts fit, and the app is told to read', async () => {
    await filled('approved', 'throws', range(0, 200));
    items.set('approved', []);
    await runOnce(platform, 'approved', 'throws');
    expect(await decide('approved', 'approve')).toMatchObject({ status: 200, body: { deleted: 200 } });
    expect(await deletedOf('approved')).toBe(200);
    expect(await held('approved')).toEqual([]);
    expect((await eventsOf('approved', 'sync.completed')).at(-1)).toMatchObject({
      payload: { syncName: 'throws', model: 'Item', responseResults: { added: 0, updated: 0, deleted: 200 } },
    });
    expect(await decide('approved', 'approve')).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
  });

  test('what is met again before the word is given stays, whoever saved it', async () => {
    await filled('again', 'throws', range(0, 200));
    items.set('again', []);
    await runOnce(platform, 'again', 'throws');
    items.set('again', range(0, 30));
    await deploy(platform, [
      {
        name: 'by-hand',
        exec: `await nango.batchSave((await nango.get({ endpoint: '/items?page=0&of=again' })).data.map((id) => ({ id })), 'Item');`,
        autoStart: false,
      },
    ]);
    await eventually(async () => await statusOf(platform, 'again', 'by-hand'), 'the sync is there');
    await runOnce(platform, 'again', 'by-hand');
    expect(await held('again')).toMatchObject([{ count: 170 }]);
    expect(await decide('again', 'approve')).toMatchObject({ body: { deleted: 170 } });
    expect(await deletedOf('again')).toBe(170);
  });

  test('a later run that meets them settles it, and one that misses few deletes those', async () => {
    await filled('settles', 'throws', range(0, 200));
    items.set('settles', []);
    await runOnce(platform, 'settles', 'throws');
    items.set('settles', range(0, 190));
    await runOnce(platform, 'settles', 'throws');
    expect(await held('settles')).toEqual([]);
    expect(await deletedOf('settles')).toBe(10);
  });

  test('discarded, they stay until a run misses them anew, which tells the app anew', async () => {
    await filled('discarded', 'throws', range(0, 200));
    items.set('discarded', []);
    await runOnce(platform, 'discarded', 'throws');
    expect(await decide('discarded', 'discard')).toMatchObject({ status: 200 });
    expect(await held('discarded')).toEqual([]);
    await runOnce(platform, 'discarded', 'throws');
    expect(await held('discarded')).toMatchObject([{ count: 200 }]);
    expect(await eventsOf('discarded', 'sync.deletions_held')).toHaveLength(2);
  });

  test('a reset forgets what waits', async () => {
    await filled('reset', 'throws', range(0, 200));
    items.set('reset', []);
    await runOnce(platform, 'reset', 'throws');
    items.set('reset', range(0, 200));
    await runOnce(platform, 'reset', 'throws', { opts: { reset: true } });
    expect(await held('reset')).toEqual([]);
    expect(await deletedOf('reset')).toBe(0);
  });

  test('deletes at once where the environment holds nothing', async () => {
    await guard({ percent: null, records: 100 });
    await filled('off', 'throws', range(0, 200));
    items.set('off', []);
    await runOnce(platform, 'off', 'throws');
    expect(await deletedOf('off')).toBe(200);
  });
});

describe('a request that fails in the middle of the pages', () => {
  test.each(['swallows', 'declared'])(
    'and is passed over (%s): nothing is deleted, however few, until a run sees everything',
    async (sync) => {
      const connection = `passed-over-${sync}`;
      await filled(connection, sync, range(0, 120));
      refusals.set(connection, [200, 503]);
      await runOnce(platform, connection, sync);
      expect(await held(connection)).toMatchObject([{ count: 70, of: 120, reason: 'failed_requests' }]);
      items.set(connection, range(0, 119));
      await runOnce(platform, connection, sync);
      expect(await held(connection)).toEqual([]);
      expect(await deletedOf(connection)).toBe(1);
    },
  );

  test('and is repeated with success proves nothing against the run', async () => {
    await filled('repeated', 'repeats', range(0, 120));
    items.set('repeated', range(0, 119));
    refusals.set('repeated', [200, 503]);
    await runOnce(platform, 'repeated', 'repeats');
    expect(await held('repeated')).toEqual([]);
    expect(await deletedOf('repeated')).toBe(1);
  });

  test('and ends the run does not count against the next, which goes on', async () => {
    await filled('ended', 'throws', range(0, 120));
    items.set('ended', range(0, 119));
    refusals.set('ended', [200, 503]);
    expect(await runOnce(platform, 'ended', 'throws')).toMatchObject({ latestExecutionStatus: 'STOPPED' });
    await runOnce(platform, 'ended', 'throws');
    expect(await held('ended')).toEqual([]);
    expect(await deletedOf('ended')).toBe(1);
  });

  test('because something is not there is an answer, not a failure', async () => {
    await filled('absent', 'swallows', range(0, 49));
    items.set('absent', range(0, 10));
    refusals.set('absent', [404]);
    await runOnce(platform, 'absent', 'swallows');
    expect(await held('absent')).toEqual([]);
    expect(await deletedOf('absent')).toBe(49);
  });
});

describe('records that came and could not be saved', () => {
  /** Saves all that there is at once, spoiled by a record that is refused, and goes on after the error. */
  const spoiled = (record: string, method: string) => `
const { data } = await nango.get({ endpoint: '/items', params: { of: nango.connectionId, page: '0' } });
const again = await nango.getRecordsByIds(data, 'Item');
const records = data.map((id) => ({ id }));
await nango.trackDeletesStart('Item');
try {
  await nango.${method}(again.size === 0 ? records : [...records, ${record}], 'Item');
} catch (error) {
  await nango.log('refused: ' + error.message);
}
await nango.trackDeletesEnd('Item');`;

  test.each([
    ['has no id', `{ name: 'nobody' }`, 'batchSave'],
    ['is no object', `'text'`, 'batchSave'],
    ['has an id that is too long', `{ id: 'x'.repeat(300) }`, 'batchSave'],
    ['has no id in an update', `{ name: 'nobody' }`, 'batchUpdate'],
  ])('because one %s are not taken for gone, and what did not come is', async (what, record, method) => {
    const name = what.replaceAll(' ', '-');
    await guard({ percent: null, records: 100 });
    await deploy(platform, [{ name, exec: spoiled(record, method === 'batchUpdate' ? 'batchSave' : method), autoStart: false }]);
    await filled(name, name, range(0, 40));
    await deploy(platform, [{ name, exec: spoiled(record, method), autoStart: false, version: '2' }]);
    items.set(name, range(1, 40));
    expect(await runOnce(platform, name, name)).toMatchObject({ latestExecutionStatus: 'SUCCESS' });
    expect(await deletedOf(name)).toBe(1);
    expect(await recordsOf(platform, name)).toHaveLength(40);
  });
});
