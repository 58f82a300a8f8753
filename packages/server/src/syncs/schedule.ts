/** The schedule: claims the syncs that are due, gives each a run and enqueues it, all in one transaction. Missed slots are skipped. */
import { sql } from 'kysely';
import { many, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { enqueue } from '../queue/enqueue.ts';
import { createRuns } from '../runs/run.ts';
import { columns, DUE_CHANNEL, type Sync } from './sync.ts';

/** One statement for 500 costs little more than for 100, and 100,000 schedules are through in 200 turns. */
const BATCH = 500;
const EVERY_MS = 500;

/** The first slot after now, counted from the last one: the anchor stays, however late the platform comes. */
const nextSlot = sql`next_run_at + (floor(extract(epoch from now() - next_run_at) * 1000 / frequency_ms) + 1) * frequency_ms * interval '1 millisecond'`;

/** @returns how many were started */
export async function startDue({ db }: Pick<World, 'db'>): Promise<number> {
  return transaction(db, async (tx) => {
    const due = await many<Sync>(
      tx,
      sql`select ${columns} from syncs where active_run is null and not paused and deleted_at is null and next_run_at <= now()
           order by next_run_at limit ${BATCH} for update skip locked`,
    );
    await startRuns(tx, due, nextSlot);
    return due.length;
  });
}

/** Gives each of these syncs a run. The caller holds their rows locked and saw that none is active. @returns the runs' ids, in the same order */
export async function startRuns(tx: Database, syncs: readonly Sync[], nextRunAt = sql`next_run_at`): Promise<number[]> {
  if (syncs.length === 0) return [];
  const ids = await createRuns(
    tx,
    syncs.map(({ environmentId, connectionId, functionId, id }) => ({
      environmentId,
      connectionId,
      functionId,
      kind: 'sync' as const,
      syncId: id,
    })),
  );
  await run(
    tx,
    sql`update syncs set active_run = claimed.run, last_run = claimed.run, next_run_at = ${nextRunAt}
          from unnest(${syncs.map(({ id }) => id)}::uuid[], ${ids}::bigint[]) claimed(sync, run)
         where id = claimed.sync`,
  );
  await enqueue(
    tx,
    ids.map((runId) => ({ task: 'sync-run' as const, payload: { runId } })),
  );
  return ids;
}

/** Looks twice a second, and at once when told. @returns how to stop */
export function keepSchedule(world: Pick<World, 'db' | 'bus' | 'log'>): () => Promise<void> {
  let stopped = false;
  let again = false;
  let turning: Promise<void> | undefined;
  const turn = () => {
    again = true;
    turning ??= drain().finally(() => {
      turning = undefined;
    });
  };
  const drain = async () => {
    while (again && !stopped) {
      again = false;
      try {
        again = (await startDue(world)) === BATCH;
      } catch (error) {
        world.log.error({ err: error }, 'due syncs could not be started; trying again');
      }
    }
  };
  const timer = setInterval(turn, EVERY_MS);
  const unsubscribe = world.bus.subscribe(DUE_CHANNEL, turn);
  turn();
  return async () => {
    stopped = true;
    clearInterval(timer);
    unsubscribe();
    await turning;
  };
}
