/** Everything that may be done to a sync, at the same moment: one run at a time, none without its job, and none that nobody ends. */
import { sql } from 'kysely';
import { pino } from 'pino';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { many, run, transaction } from '../../src/base/database.ts';
import { connectPostgres } from '../../src/base/postgres.ts';
import type { Scope } from '../../src/http/scope.ts';
import { claimDue } from '../../src/syncs/claim.ts';
import { pauseSyncs, startSyncs, triggerSyncs } from '../../src/syncs/control.ts';
import { listSyncs } from '../../src/syncs/find.ts';
import type { Sync } from '../../src/syncs/sync.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deploy } from '../functions.ts';
import { eventually, type Platform, startPlatform } from '../platform.ts';
import { endOldest } from './seed.ts';

const VARIANTS = 40;
let one: Platform;
let other: Platform;
let scope: Scope;

beforeAll(async () => {
  one = await startPlatform({ worker: false, env: { BOWLINE_SYNC_LIMITS: 'connection:999,integration:999,environment:999,backfill:999' } });
  other = await startPlatform({ database: one.database, worker: false });
  await createIntegrations(one);
  await deploy(one, [{ name: 'items' }]);
  await importConnection(one, 'c-1');
  scope = await one.scopeOf('dev');
});
beforeEach(async () => {
  const { db } = one.world;
  await run(db, sql`truncate syncs, runs`);
  await run(
    db,
    sql`insert into syncs (environment_id, connection_id, function_id, integration_id, name, variant, frequency_ms, next_run_at)
        select f.environment_id, c.id, f.id, f.integration_id, f.name, 'v' || n, 3600000, now() - interval '1 minute'
          from functions f, connections c, generate_series(1, ${VARIANTS}::int) n where f.name = 'items'`,
  );
});

const all = async (): Promise<Sync[]> => {
  const [connection] = await many<{ id: number }>(one.world.db, sql`select id from connections`);
  return listSyncs(one.world.db, scope, [connection?.id ?? 0]);
};
/** What must hold whenever nothing is under way. */
async function sound(): Promise<void> {
  const { db } = one.world;
  const lost = sql`select r.id from runs r left join syncs s on s.active_run = r.id where r.state in ('queued', 'running') and s.id is null`;
  expect(await many(db, lost), 'unfinished runs that no sync holds').toEqual([]);
  const over = sql`select s.id from syncs s join runs r on r.id = s.active_run where r.state not in ('queued', 'running')`;
  expect(await many(db, over), 'syncs that hold a run which is over').toEqual([]);
  const ready = sql`select from runs r where r.id = s.active_run and r.ready_at is not null`;
  const idle = sql`select s.id from syncs s where active_run is not null and triggered_at is null and not exists (${ready})`;
  expect(await many(db, idle), 'active syncs whose run nobody may take').toEqual([]);
  const early = sql`select s.id from syncs s where triggered_at is not null and exists (${ready})`;
  expect(await many(db, early), 'waiting syncs whose run may be taken').toEqual([]);
}

test('of six that claim at the same moment each sync gets one run', async () => {
  const worlds = [one, other, one, other, one, other].map(({ world }) => ({ ...world, config: one.world.config }));
  const claimed = await Promise.all(worlds.map((world) => claimDue(world, 500)));
  expect(claimed.reduce((sum, { claimed: n }) => sum + n, 0)).toBe(VARIANTS);
  expect(await many(one.world.db, sql`select sync_id from runs group by 1 having count(*) <> 1`)).toEqual([]);
  await sound();
});

test('a pause at the moment of the claim leaves no run behind, and a start makes up for the turn', async () => {
  const syncs = await all();
  await Promise.all([claimDue(one.world, 500), pauseSyncs(other.world, scope, syncs.slice(0, 20)), claimDue(other.world, 500)]);
  expect((await all()).filter(({ paused, activeRun }) => paused && activeRun !== null)).toEqual([]);
  await sound();
  await startSyncs(other.world, scope, syncs);
  await claimDue(one.world, 500);
  await sound();
});

test('a trigger that waits is cancelled by a pause before it ever ran, and nothing is left in the queue', async () => {
  const syncs = await all();
  await triggerSyncs(one.world, scope, syncs, { reset: false, emptyCache: false });
  await pauseSyncs(other.world, scope, syncs);
  expect((await claimDue(one.world, 500)).claimed).toBe(0);
  expect(await many(one.world.db, sql`select distinct state from runs`)).toEqual([{ state: 'cancelled' }]);
  expect(await many(one.world.db, sql`select from runs where ready_at is not null`)).toEqual([]);
  await sound();
});

test('a trigger that commits while a claim looks for what is due is given out, whatever the claim saw of it', async () => {
  const { db } = one.world;
  await run(db, sql`create schema slow`);
  // What the claim asks for the time waits at a gate, and by then it sees what it sees; its rows are locked after that.
  const GATE = 4711;
  await run(
    db,
    sql`create function slow.now() returns timestamptz language plpgsql volatile as $$ begin
          if current_query() like '%held as materialized%' then
            perform pg_advisory_lock_shared(${sql.lit(GATE)});
            perform pg_advisory_unlock_shared(${sql.lit(GATE)});
          end if;
          return pg_catalog.now(); end $$`,
  );
  const slow = connectPostgres(one.database.target, { max: 1, log: pino({ level: 'silent' }) });
  slow.pool.on('connect', (client) => void client.query('set search_path = slow, public, pg_catalog'));
  const waiting = sql`select from pg_stat_activity where datname = current_database() and wait_event = 'advisory' and query like '%held as materialized%'`;
  try {
    const syncs = await all();
    const claiming = await transaction(db, async (gate) => {
      await run(gate, sql`select pg_advisory_xact_lock(${GATE})`);
      return transaction(other.world.db, async (tx) => {
        await many(tx, sql`select now()`); // the trigger's time is before the claim's
        const claiming = claimDue({ db: slow.db, config: one.world.config }, 500);
        await eventually(async () => (await many(other.world.db, waiting)).length === 1, 'the claim looks');
        await triggerSyncs({ ...other.world, db: tx }, scope, syncs, { reset: false, emptyCache: false });
        return [claiming];
      });
    });
    expect((await claiming[0])?.claimed).toBe(VARIANTS);
    await sound();
  } finally {
    await slow.pool.end();
  }
});

test('a second unfinished run of a sync is refused by the database itself', async () => {
  await claimDue(one.world, 500);
  const again = sql`insert into runs (environment_id, connection_id, function_id, kind, sync_id)
                    select environment_id, connection_id, function_id, kind, sync_id from runs limit 1`;
  await expect(run(one.world.db, again)).rejects.toThrow('runs_one');
});

test('claims, triggers, resets, pauses, starts and ends at once, with connections cut in between, end in order', async () => {
  const syncs = await all();
  const some = (n: number) => syncs.filter((_, index) => index % 7 === n % 7);
  const cut = sql`select pg_terminate_backend(pid) from pg_stat_activity
                   where datname = current_database() and pid <> pg_backend_pid() and query like '%pg_advisory_xact_lock%'`;
  for (let n = 0; n < 12; n++) {
    // One that is cut, or that meets another in a deadlock, fails as a whole; its caller hears of it.
    await Promise.allSettled([
      claimDue(one.world, 30),
      claimDue({ ...other.world, config: one.world.config }, 30),
      triggerSyncs(one.world, scope, some(n), { reset: false, emptyCache: false }),
      triggerSyncs(other.world, scope, some(n + 1), { reset: true, emptyCache: false }),
      pauseSyncs(one.world, scope, some(n + 2)),
      startSyncs(other.world, scope, some(n + 3)),
      endOldest(one.world.db, 5),
      ...(n % 3 === 2 ? [run(other.world.db, cut)] : []),
    ]);
    await sound();
  }
}, 120_000);
