/**
 * The lease on a connection's refresh: one holder among all processes, each with a higher fence, so that a late one can store nothing.
 * It ends with its holder: the lock that Postgres keeps for a process (base/bus.ts) is free as soon as the process is gone, kill -9 included.
 */
import { sql } from 'kysely';
import { PROCESS_LOCKS } from '../base/bus.ts';
import { one, run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { Connection } from './connection.ts';

type Needs = Pick<World, 'db' | 'bus'>;
export type Lease = {
  readonly fence: number;
  /** An earlier holder asked and nobody knows what was answered: it died, or the answer was lost. */
  readonly unansweredSince: Date | null;
};

/** Longer than all that a holder does (refresh-ask.ts: 75 s at most), for the case that it lives and hangs. */
const LEASE_SECONDS = 90;
const LOOK_MS = 1_000;
/** A process whose connection broke takes its lock again within about a second; only who stays away for longer is dead. */
const DEAD_AFTER_MS = 3_000;

const channelOf = (id: number) => `refresh ${id}`;

/**
 * The fence must be the one we read: whoever held it since has made what we read old.
 * @param dead a holder that was seen dead: its lease counts no more
 */
export async function takeLease({ db, bus }: Needs, connection: Connection, dead: number | undefined): Promise<Lease | undefined> {
  const { environmentId, id, refreshFence } = connection;
  const row = await one<Lease>(
    db,
    sql`update connections
           set refresh_fence = refresh_fence + 1, refresh_holder = ${bus.id}, refresh_leased_until = now() + ${`${LEASE_SECONDS} seconds`}::interval,
               refresh_unanswered_since = coalesce(refresh_unanswered_since, now())
         where environment_id = ${environmentId} and id = ${id} and deleted_at is null and refresh_fence = ${refreshFence}
           and (refresh_leased_until is null or refresh_leased_until < now() or refresh_holder = ${dead ?? null}::int)
        returning refresh_fence as fence, case when refresh_unanswered_since < now() then refresh_unanswered_since end as unanswered_since`,
  );
  return row;
}

/** Gives back what came to no end, so that others need not wait for it to lapse. Nothing is said of the answer: it is still missing. */
export async function dropLease({ db, bus }: Needs, { environmentId, id }: Connection, { fence }: Lease): Promise<void> {
  await run(
    db,
    sql`update connections set refresh_fence = refresh_fence + 1, refresh_leased_until = null, refresh_holder = null
         where environment_id = ${environmentId} and id = ${id} and refresh_fence = ${fence}`,
  );
  await tellRefreshed({ db, bus }, id);
}

/** Wakes those who wait for this connection; in a transaction, when it commits. */
export function tellRefreshed({ db, bus }: Needs, id: number): Promise<void> {
  return bus.publish(channelOf(id), {}, db);
}

/**
 * Waits until nobody holds the lease: told by the bus, and by a look each second for what the bus may lose.
 * @returns the holder, when it is dead
 */
export async function waitForLease(world: Needs, { environmentId, id }: Connection, signal: AbortSignal): Promise<number | undefined> {
  const bell = createBell(world.bus, channelOf(id));
  let orphanedSince: number | undefined;
  try {
    while (!signal.aborted) {
      const held = await one<{ holder: number | null; orphaned: boolean }>(
        world.db,
        // Taken and given back within the statement: only a lock that nobody holds can be.
        sql`select refresh_holder as holder, coalesce(pg_try_advisory_xact_lock_shared(${PROCESS_LOCKS}, refresh_holder), false) as orphaned
              from connections where environment_id = ${environmentId} and id = ${id} and refresh_leased_until > now()`,
      );
      if (!held) return undefined;
      orphanedSince = held.orphaned ? (orphanedSince ?? performance.now()) : undefined;
      if (orphanedSince !== undefined && performance.now() - orphanedSince >= DEAD_AFTER_MS) return held.holder ?? undefined;
      await bell.rings(LOOK_MS);
    }
    return undefined;
  } finally {
    bell.stop();
  }
}

/** Rings that come between two waits are kept. */
function createBell(bus: World['bus'], channel: string) {
  let rung = false;
  let wake = () => {};
  const stop = bus.subscribe(channel, () => {
    rung = true;
    wake();
  });
  return {
    stop,
    async rings(atMostMs: number): Promise<void> {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, atMostMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      rung = false;
    },
  };
}
