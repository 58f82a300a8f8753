/**
 * Claims the syncs that are due while there is room: each gets its run, ready to be taken, in one transaction. Those without room stay where they
 * are, in the schedule, so that an hour's outage does not make 100,000 runs, and a limit is a matter of counting rows.
 */
import { sql } from 'kysely';
import { many, only, prepared, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { slotsOf } from '../queue/slots.ts';
import { creatingSyncRuns } from '../runs/run.ts';
import { makeReady } from '../runs/take.ts';
import { type Limits, limitsOf } from './limits.ts';
import { pickSyncs } from './pick.ts';
import type { Sync } from './sync.ts';

type Needs = Pick<World, 'db' | 'config'>;
export type Claimed = { readonly claimed: number; readonly room: number };

/** Of several processes one claims at a time: what they count must not change under them. The bytes of "sync". */
const CLAIM_LOCK = 0x73796e63;
/** The room differs from claim to claim, and each looks worth a plan of its own: 2.5 ms, of 6 that a small claim takes. A large one is worth it: 90 instead of 190 ms for 400. */
const alwaysKeptPlan = sql`set_config('plan_cache_mode', 'force_generic_plan', true)`;
const KEPT_PLAN_ROOM_MAX = 64;
/** In one turn: the transaction stays a matter of milliseconds. */
const BATCH = 500;

/** @param slots for tests: instead of what the living processes take. @returns how many were claimed, and how many there was room for */
export async function claimDue({ db, config }: Needs, slots?: number): Promise<Claimed> {
  if (!(await isAnyDue(db))) return { claimed: 0, room: 0 }; // the usual case: one statement
  return transaction(db, async (tx) => {
    await run(tx, prepared(sql`select ${alwaysKeptPlan}, pg_advisory_xact_lock(${CLAIM_LOCK})`));
    const now = await count(tx);
    const limits = limitsOf(config, slots ?? now.slots);
    const room = Math.min(limits.slots + limits.ahead - now.held, BATCH);
    if (room <= 0) return { claimed: 0, room: 0 };
    if (room > KEPT_PLAN_ROOM_MAX) await run(tx, sql`set local plan_cache_mode = auto`);
    const { claimed, asked } = await only(tx, prepared(claiming(room, limits)));
    await makeReady(tx, asked);
    return { claimed, room };
  });
}

async function isAnyDue(db: Database): Promise<boolean> {
  const { due } = await only<{ due: boolean }>(
    db,
    prepared(sql`select exists (select from syncs where wants_at <= now() and wants_at < 'infinity') as due`),
  );
  return due;
}

const count = (tx: Database) =>
  only<{ slots: number; held: number }>(
    tx,
    prepared(sql`
      select (${slotsOf('sync-run')}) as slots,
             (select count(*)::int from syncs where active_run is not null and triggered_at is null and deleted_at is null) as held`),
  );

/** The first slot after now, counted from the last one: the anchor stays, however late the platform comes. */
const nextSlot = sql`next_run_at + (floor(extract(epoch from now() - next_run_at) * 1000 / frequency_ms) + 1) * frequency_ms * interval '1 millisecond'`;
/**
 * The second run of a sync comes early, so that syncs that were made together do not stay together: by up to a tenth of its frequency or a minute,
 * whichever is more, but at most half of it, and half an hour. By how much follows from its id.
 */
const early = sql`least(frequency_ms / 2, greatest(frequency_ms / 10, 60000), 1800000)`;
const spread = sql`now() + (frequency_ms - (hashtext(id::text) & 65535) / 65536.0 * ${early}) * interval '1 millisecond'`;

/** Late by whole slots: a run while one is under way, or while nobody looked, is made up for once and not so many times. */
const missed = sql`
  case when last_run is null or next_run_at is null then 0 else floor(extract(epoch from now() - next_run_at) * 1000 / frequency_ms) end`;

/**
 * `asked`: runs of those that were asked for and waited for room. They are another statement's: one that was committed while this looks is found by the lock
 * of its sync, but its run is not seen here. A weight of an environment that changes counts from the next run on.
 */
const claiming = (room: number, limits: Limits) => sql<{ claimed: number; asked: number[] }>`
  with recursive ${pickSyncs(room, limits)},
  created as (${creatingSyncRuns(sql`(
    select picked.*, coalesce(next_run_at, now()) as due_at, ${missed} as missed, now() as ready_at
      from picked where active_run is null order by place) ordered_by_place`)}),
  given as (
    update syncs set active_run = run, last_run = run, triggered_at = null,
                     next_run_at = case when last_run is null then ${spread} when next_run_at <= now() then ${nextSlot} else next_run_at end
      from (select picked.id as sync, coalesce(active_run, created.id) as run from picked left join created on created.sync_id = picked.id) runs_of
     where syncs.id = sync),
  served as (
    insert into sync_turns (environment_id, served, next)
    select environment_id, max(tag), max(tag) + 1.0 / max(weight) from picked group by environment_id
    on conflict (environment_id) do update set served = excluded.served, next = excluded.next)
  select count(*)::int as claimed, coalesce(json_agg(active_run) filter (where active_run is not null), '[]') as asked from picked`;

/** Gives each of these idle syncs a run that waits for room. The caller holds their rows locked. @returns the runs' ids, in the same order */
export async function queueRuns(tx: Database, syncs: readonly Sync[]): Promise<number[]> {
  if (syncs.length === 0) return [];
  const given = await many<{ sync: string; run: number }>(
    tx,
    prepared(sql`
      with asked as (
        select syncs.*, now() as due_at, 0 as missed, null::timestamptz as ready_at
          from unnest((select ${syncs.map(({ id }) => id)}::uuid[])) with ordinality as asked(sync, place) join syncs on syncs.id = sync order by place),
      created as (${creatingSyncRuns(sql`asked`)})
      update syncs set active_run = created.id, last_run = created.id, triggered_at = coalesce(triggered_at, now())
        from created where syncs.id = created.sync_id
      returning syncs.id as sync, active_run as run`),
  );
  const runs = new Map(given.map(({ sync, run }) => [sync, run]));
  return syncs.flatMap(({ id }) => runs.get(id) ?? []);
}
