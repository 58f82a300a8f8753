/** Who runs next, and how many at once: the claim on a real database, with runs that end when the test says so. */
import type { WaitingFor } from '@bowline/api/syncs';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { parseConfig } from '../../src/base/config.ts';
import { many, only, run } from '../../src/base/database.ts';
import { connectPostgres } from '../../src/base/postgres.ts';
import { setSyncShare } from '../../src/environments/sync-share.ts';
import { setIntegrationLimits } from '../../src/integrations/sync-limits.ts';
import { claimDue } from '../../src/syncs/claim.ts';
import { setConnectionLimit } from '../../src/syncs/connection-limits.ts';
import { listSyncs } from '../../src/syncs/find.ts';
import { whatTheyWaitFor } from '../../src/syncs/waiting-for.ts';
import { freshDatabase } from '../postgres.ts';
import { endOldest, type Seed, type Seeded, seedSyncs } from './seed.ts';

const { db, target } = await freshDatabase();
const SLOTS = 16;
/** No limit but the slots, so that each test sets the one it is about. */
const open = 'environment:999,integration:999,connection:999,backfill:999';
const world = (limits = open) => ({ db, config: parseConfig({ BOWLINE_SYNC_LIMITS: limits }) });

beforeAll(async () => {
  await run(db, sql`insert into accounts (name) values ('test')`);
});
afterEach(async () => {
  await run(db, sql`truncate syncs, runs, sync_turns, connections, functions, integrations, environments cascade`);
});

const seed = (seed: Seed): Promise<Seeded> => seedSyncs(db, seed);
/** Environments of the runs in the order in which they were claimed. */
const order = async () =>
  (await many<{ environmentId: number }>(db, sql`select environment_id from runs order by id`)).map((one) => one.environmentId);
const held = async (by = sql`environment_id`): Promise<Record<string, number>> => {
  const rows = await many<{ key: string; n: number }>(
    db,
    sql`select ${by}::text as key, count(*)::int as n from syncs where active_run is not null and triggered_at is null group by 1`,
  );
  return Object.fromEntries(rows.map(({ key, n }) => [key, n]));
};
const ready = async () => (await only<{ n: number }>(db, sql`select count(*)::int as n from runs where ready_at <= now()`)).n;

describe('an environment with ten syncs beside one with ten thousand', () => {
  /** How many runs of the large one were claimed after the small one came, before each of the small one's ten. */
  async function delays({ slots, endTogether, limits = open }: { slots: number; endTogether: number; limits?: string }): Promise<number[]> {
    const large = await seed({ environment: 'large', connections: 10_000, dueInSeconds: -3600 });
    for (let n = 0; n < 5; n++) {
      await claimDue(world(limits), slots);
      await endOldest(db, endTogether);
    }
    const before = (await order()).length;
    const small = await seed({ environment: 'small', connections: 10, dueInSeconds: -1 });
    for (let n = 0; n < 60 && (await order()).filter((id) => id === small.environmentId).length < 10; n++) {
      await endOldest(db, endTogether);
      await claimDue(world(limits), slots);
    }
    const since = (await order()).slice(before);
    return since.flatMap((id, at) =>
      id === small.environmentId ? [since.slice(0, at).filter((one) => one === large.environmentId).length] : [],
    );
  }

  test.each([
    { slots: 1, endTogether: 1 },
    { slots: 4, endTogether: 1 },
    { slots: 16, endTogether: 1 },
    { slots: 16, endTogether: 8 },
    { slots: 16, endTogether: 8, limits: 'environment:75%' },
  ])('waits for at most as many runs of it as it has begun itself: %o', async (shape) => {
    const found = await delays(shape);
    expect(found).toHaveLength(10);
    for (const [index, ahead] of found.entries()) expect(ahead).toBeLessThanOrEqual(index + 1);
  });
});

test('twice the weight gets twice the runs, and no weight starves another', async () => {
  const environments = await Promise.all(['a', 'b', 'c'].map((environment) => seed({ environment, connections: 300 })));
  for (const [index, weight] of [1, 2, 5].entries())
    await setSyncShare(db, environments[index]?.environmentId ?? 0, { weight, runsMax: null });
  for (let n = 0; n < 80; n++) {
    await claimDue(world(), 4);
    await endOldest(db, 2);
  }
  const given = await order();
  const counts = environments.map(({ environmentId }) => given.slice(0, 160).filter((id) => id === environmentId).length);
  expect(counts.map((n) => Math.round(n / 20))).toEqual([1, 2, 5]);
});

test('an environment that did nothing for long has saved nothing up, and long runs of one do not close the door on another', async () => {
  const a = await seed({ environment: 'a', connections: 200 });
  for (let n = 0; n < 20; n++) {
    await claimDue(world(), 4);
    await endOldest(db, 4);
  }
  const b = await seed({ environment: 'b', connections: 200 });
  const before = (await order()).length;
  for (let n = 0; n < 10; n++) {
    await endOldest(db, 4);
    await claimDue(world(), 4);
  }
  const since = (await order()).slice(before);
  for (let n = 8; n < since.length; n++) {
    const part = since.slice(0, n);
    expect(
      Math.abs(part.filter((id) => id === a.environmentId).length - part.filter((id) => id === b.environmentId).length),
    ).toBeLessThanOrEqual(5);
  }
});

describe('limits', () => {
  test.each([
    ['environment', 'environment:3', sql`environment_id`, 3],
    ['integration', 'integration:2', sql`integration_id`, 2],
    ['connection', 'connection:1', sql`connection_id`, 1],
    ['backfill', 'backfill:5', sql`backfill`, 5],
  ])('of each %s hold exactly while two processes claim at the same moment', async (kind, limit, by, most) => {
    for (const environment of ['a', 'b'])
      for (const integration of ['x', 'y'])
        await seed({ environment, integration, connections: 10, syncs: 3, backfill: kind === 'backfill' });
    let highest = 0;
    for (let n = 0; n < 15; n++) {
      await Promise.all([claimDue(world(`${open},${limit}`), 40), claimDue(world(`${open},${limit}`), 40), endOldest(db, n % 4)]);
      highest = Math.max(highest, ...Object.values(await held(by)));
    }
    expect(highest).toBe(most);
    expect((await order()).length).toBeGreaterThan(15);
  });

  test('that an environment or an integration sets for itself lower those of the server, and never raise them', async () => {
    const a = await seed({ environment: 'a', connections: 20 });
    const b = await seed({ environment: 'b', connections: 20 });
    await setSyncShare(db, a.environmentId, { weight: 1, runsMax: 2 });
    await setSyncShare(db, b.environmentId, { weight: 1, runsMax: 500 });
    await run(db, sql`update integrations set sync_runs_max = 4, connection_runs_max = 1 where id = ${b.integrationId}`);
    await claimDue(world('environment:6'), 64);
    expect(await held()).toEqual({ [a.environmentId]: 2, [b.environmentId]: 4 });
    await run(db, sql`update integrations set sync_runs_max = null where id = ${b.integrationId}`);
    await claimDue(world('environment:6'), 64);
    expect(await held()).toEqual({ [a.environmentId]: 2, [b.environmentId]: 6 });
  });

  test('of one connection count instead of what its integration says for each, and never raise those of the server', async () => {
    const { environmentId, integrationId } = await seed({ environment: 'a', connections: 4, syncs: 9 });
    const scope = { environment: { id: environmentId } };
    const connections = await many<{ id: number }>(db, sql`select id from connections order by id`);
    const [usual = 0, less = 0, more = 0, most = 0] = connections.map(({ id }) => id);
    await setIntegrationLimits(db, scope, { id: integrationId, connectionRunsMax: 2 });
    await Promise.all(
      [
        [less, 1],
        [more, 3],
        [most, 500],
      ].map(([connectionId = 0, runsMax = 0]) => setConnectionLimit(db, scope, { connectionId, runsMax })),
    );
    for (let n = 0; n < 3; n++) await claimDue(world(`${open},connection:4`), 64);
    expect(await held(sql`connection_id`)).toEqual({ [usual]: 2, [less]: 1, [more]: 3, [most]: 4 });
    await setConnectionLimit(db, scope, { connectionId: more, runsMax: null });
    await setConnectionLimit(db, scope, { connectionId: less, runsMax: 2 });
    await endOldest(db, 10);
    for (let n = 0; n < 3; n++) await claimDue(world(`${open},connection:4`), 64);
    expect(await held(sql`connection_id`)).toEqual({ [usual]: 2, [less]: 2, [more]: 2, [most]: 4 });
  });

  test.each<[WaitingFor | null, { limits?: string; backfill?: boolean; slots?: number; own?: boolean }]>([
    ['connection', { limits: 'connection:2' }],
    ['connection', { own: true }],
    ['integration', { limits: 'integration:2' }],
    ['environment', { limits: 'environment:2' }],
    ['first_runs', { limits: 'backfill:2', backfill: true }],
    ['machine', { slots: 2 }],
    ['machine', { slots: 0 }],
    [null, {}],
  ])('are told to whoever asks what a sync waits for: %s, %o', async (reason, { limits = '', backfill = false, slots = SLOTS, own }) => {
    const { environmentId } = await seed({ environment: 'a', connections: 1, syncs: 9, backfill });
    const scope = { environment: { id: environmentId } };
    const [{ id = 0 } = {}] = await many<{ id: number }>(db, sql`select id from connections`);
    if (own) await setConnectionLimit(db, scope, { connectionId: id, runsMax: 2 });
    if (reason !== null) for (let n = 0; n < 3; n++) await claimDue(world(`${open},${limits}`), slots);
    await run(db, sql`insert into instances (tasks, concurrency) values ('{sync-run}', ${slots})`);
    const waiting = (await listSyncs(db, scope, [id])).filter(({ wantsAt }) => wantsAt !== null);
    const told = await whatTheyWaitFor(world(`${open},${limits}`), scope, waiting);
    await run(db, sql`delete from instances`);
    expect(waiting.length).toBeGreaterThan(5);
    expect(new Set(told.values())).toEqual(new Set([reason]));
  });

  test('that keep one integration or connection waiting do not hold up what is due behind it', async () => {
    await seed({ environment: 'a', integration: 'busy', connections: 1, syncs: 90, dueInSeconds: -600 });
    const behind = await seed({ environment: 'a', integration: 'other', connections: 5 });
    await seed({ environment: 'a', integration: 'busy', connections: 3, syncs: 1 });
    for (let n = 0; n < 4; n++) await claimDue(world('connection:2'), 64);
    const found = await held(sql`integration_id`);
    expect(found[String(behind.integrationId)]).toBe(5);
    expect((await many(db, sql`select distinct connection_id from syncs where active_run is not null`)).length).toBe(9);
  });
});

test('a claim is planned once for each connection, whatever its room; one that is large is planned each time', async () => {
  await seed({ environment: 'e', connections: 400 });
  // A connection of its own: after five large ones Postgres might keep a plan for those, too.
  const { pool, db: own } = connectPostgres(target, { max: 1, log: pino({ level: 'silent' }) });
  onTestFinished(() => pool.end());
  const plans = () =>
    only<{ kept: number; own: number }>(
      own,
      sql`select coalesce(sum(generic_plans), 0)::int as kept, coalesce(sum(custom_plans), 0)::int as own
            from pg_prepared_statements where statement like '%picked as materialized%'`,
    );
  for (const room of [1, 4, 3, 40, 2, 5]) {
    await claimDue({ ...world(), db: own }, room);
    await endOldest(own, 2 * room);
  }
  expect(await plans()).toEqual({ kept: 6, own: 0 });
  await claimDue({ ...world(), db: own }, 200);
  expect(await plans()).toEqual({ kept: 6, own: 1 });
});

describe('first runs', () => {
  test('wait for ordinary ones that are due, but not for those that came up ten minutes later', async () => {
    await seed({ environment: 'a', integration: 'x', connections: 5, backfill: true, dueInSeconds: -300 });
    await seed({ environment: 'a', integration: 'y', connections: 5, dueInSeconds: -1 });
    await claimDue(world(), 4);
    expect(await held(sql`backfill`)).toEqual({ false: 5 });
    await run(db, sql`update syncs set next_run_at = next_run_at - interval '10 minutes' where backfill`);
    await seed({ environment: 'a', integration: 'z', connections: 5, dueInSeconds: -1 });
    await endOldest(db, 5);
    await claimDue(world(), 4);
    expect(await held(sql`backfill`)).toEqual({ true: 5 });
  });

  test('leave room to ordinary ones however many they are and however long they take', async () => {
    await seed({ environment: 'a', connections: 100, backfill: true });
    await claimDue(world('environment:100%,integration:100%,backfill:75%'), SLOTS);
    await seed({ environment: 'b', connections: 4 });
    await claimDue(world('environment:100%,integration:100%,backfill:75%'), SLOTS);
    expect(await held(sql`backfill`)).toEqual({ true: 12, false: 4 });
  });
});

describe('a hundred thousand schedules', () => {
  const pages = async (): Promise<number> => {
    const before = await reads();
    await claimDue(world(), SLOTS);
    return (await reads()) - before;
  };
  /** Pages of the table and its indexes that were read, of the cache or not. */
  const reads = async (): Promise<number> => {
    await sql`select pg_stat_force_next_flush()`.execute(db);
    const { n } = await only<{ n: number }>(
      db,
      sql`select (heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit)::int as n from pg_statio_user_tables where relname = 'syncs'`,
    );
    return n;
  };

  test('that came due in an hour’s outage are claimed as there is room, and found without reading the others', async () => {
    await seed({ environment: 'a', connections: 1_000, dueInSeconds: -3600 });
    const few = await pages();
    await run(db, sql`truncate syncs, runs, sync_turns cascade`);
    for (const environment of ['a', 'b', 'c', 'd', 'e']) await seed({ environment, connections: 20_000, dueInSeconds: -3600 });
    await run(db, sql`analyze syncs`);
    const all = await pages();
    expect(await ready()).toBe(20);
    for (let n = 0; n < 3; n++) await claimDue(world(), SLOTS);
    expect(await ready()).toBe(20);
    await endOldest(db, 7);
    await claimDue(world(), SLOTS);
    expect(await ready()).toBe(27);
    // Each environment's front is read, and its runs are written; 100,000 rows have some 3,000 pages.
    expect(all).toBeLessThan(5 * few + 500);
  }, 120_000);
});
