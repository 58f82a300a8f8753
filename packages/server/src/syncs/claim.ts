/**
 * Claims the syncs that are due while there is room: each gets its run, ready to be taken, in one transaction. Those without room stay where they
 * are, in the schedule, so that an hour's outage does not make 100,000 runs, and a limit is a matter of counting rows.
 */
import { sql } from 'kysely';
import { many, only, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { countSlots } from '../queue/slots.ts';
import { createRuns } from '../runs/run.ts';
import { makeReady } from '../runs/take.ts';
import { findLimits } from './limits.ts';
import { type Picked, pickSyncs } from './pick.ts';
import type { Sync } from './sync.ts';

type Needs = Pick<World, 'db' | 'config'>;
export type Claimed = { readonly claimed: number; readonly room: number };

/** Of several processes one claims at a time: what they count must not change under them. The bytes of "sync". */
const CLAIM_LOCK = 0x73796e63;
/** In one turn: the transaction stays a matter of milliseconds. */
const BATCH = 500;

/** @param slots for tests: instead of what the living processes take. @returns how many were claimed, and how many there was room for */
export async function claimDue({ db, config }: Needs, slots?: number): Promise<Claimed> {
  if (!(await isAnyDue(db))) return { claimed: 0, room: 0 }; // the usual case: one statement
  return transaction(db, async (tx) => {
    await sql`select pg_advisory_xact_lock(${CLAIM_LOCK})`.execute(tx);
    const limits = await findLimits({ config }, tx, slots ?? (await countSlots(tx, 'sync-run')));
    const room = Math.min(limits.slots + limits.ahead - (await countHeld(tx)), BATCH);
    if (room <= 0) return { claimed: 0, room: 0 };
    const picked = await many(tx, pickSyncs(room, limits));
    await giveRuns(tx, picked);
    await moveClocks(tx, picked);
    return { claimed: picked.length, room };
  });
}

async function isAnyDue(db: Database): Promise<boolean> {
  const { due } = await only<{ due: boolean }>(
    db,
    sql`select exists (select from syncs where wants_at <= now() and wants_at < 'infinity') as due`,
  );
  return due;
}

async function countHeld(tx: Database): Promise<number> {
  const { held } = await only<{ held: number }>(
    tx,
    sql`select count(*)::int as held from syncs where active_run is not null and triggered_at is null and deleted_at is null`,
  );
  return held;
}

/** The first slot after now, counted from the last one: the anchor stays, however late the platform comes. */
const nextSlot = sql`next_run_at + (floor(extract(epoch from now() - next_run_at) * 1000 / frequency_ms) + 1) * frequency_ms * interval '1 millisecond'`;
/**
 * The second run of a sync comes early, so that syncs that were made together do not stay together: by up to a tenth of its frequency or a minute,
 * whichever is more, but at most half of it, and half an hour. By how much follows from its id.
 */
const early = sql`least(frequency_ms / 2, greatest(frequency_ms / 10, 60000), 1800000)`;
const spread = sql`now() + (frequency_ms - (hashtext(id::text) & 65535) / 65536.0 * ${early}) * interval '1 millisecond'`;

async function giveRuns(tx: Database, picked: readonly Picked[]): Promise<void> {
  if (picked.length === 0) return;
  const scheduled = picked.filter(({ activeRun }) => activeRun === null);
  const created = await createRuns(tx, scheduled.map(newRun));
  const runs = new Map(scheduled.map(({ id }, index) => [id, created[index] ?? 0]));
  const ids = picked.map(({ id, activeRun }) => activeRun ?? runs.get(id) ?? 0);
  await run(
    tx,
    sql`update syncs set active_run = given.run, last_run = given.run, triggered_at = null,
               next_run_at = case when last_run is null then ${spread} when next_run_at <= now() then ${nextSlot} else next_run_at end
          from unnest(${picked.map(({ id }) => id)}::uuid[], ${ids}::bigint[]) given(sync, run)
         where id = given.sync`,
  );
  await makeReady(
    tx,
    picked.flatMap(({ activeRun }) => activeRun ?? []),
  );
}

/** Late by whole slots: a run while one is under way, or while nobody looked, is made up for once and not so many times. */
function newRun({ environmentId, connectionId, functionId, id, nextRunAt, frequencyMs, lastRun, now }: Picked) {
  const dueAt = nextRunAt ?? now;
  const missed = lastRun === null ? 0 : Math.floor((now.getTime() - dueAt.getTime()) / frequencyMs);
  return { environmentId, connectionId, functionId, kind: 'sync' as const, syncId: id, dueAt, missed, readyAt: now };
}

/** Gives each of these idle syncs a run that waits for room. The caller holds their rows locked. @returns the runs' ids, in the same order */
export async function queueRuns(tx: Database, syncs: readonly Sync[]): Promise<number[]> {
  if (syncs.length === 0) return [];
  const { now } = await only<{ now: Date }>(tx, sql`select now()`);
  const ids = await createRuns(
    tx,
    syncs.map(({ environmentId, connectionId, functionId, id }) => ({
      ...{ environmentId, connectionId, functionId, kind: 'sync' as const, syncId: id },
      dueAt: now,
    })),
  );
  await run(
    tx,
    sql`update syncs set active_run = given.run, last_run = given.run, triggered_at = coalesce(triggered_at, now())
          from unnest(${syncs.map(({ id }) => id)}::uuid[], ${ids}::bigint[]) given(sync, run)
         where id = given.sync`,
  );
  return ids;
}

/** Where each environment stands after these; a weight that changes counts from the next run on. */
async function moveClocks(tx: Database, picked: readonly Picked[]): Promise<void> {
  const last = new Map(picked.map(({ environmentId, tag, weight }) => [environmentId, { tag, weight }]));
  if (last.size === 0) return;
  const rows = [...last].map(([environment_id, { tag, weight }]) => ({ environment_id, served: tag, next: tag + 1 / weight }));
  await run(
    tx,
    sql`insert into sync_turns (environment_id, served, next)
        select environment_id, served, next from json_populate_recordset(null::sync_turns, ${JSON.stringify(rows)}::json)
        on conflict (environment_id) do update set served = excluded.served, next = excluded.next`,
  );
}
