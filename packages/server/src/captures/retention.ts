/** Captures end: by their time, by the room that an environment's captures may take, oldest first, and with their environment. */
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';

/** Of all environments. */
export async function sweepCaptures({ db }: Pick<World, 'db'>): Promise<void> {
  await run(db, sql`delete from captures where expires_at <= now()`);
}

/** Looks no more often than this at what an environment's captures take; in between they may take more. */
const EVERY_MS = 5_000;
const looked = new WeakMap<object, Map<number, number>>();

/** Removes the oldest while all together take more than they may. */
export async function trimCaptures({ db, clock, config }: Pick<World, 'db' | 'clock' | 'config'>, environmentId: number): Promise<void> {
  const ofDatabase = looked.get(db) ?? new Map<number, number>();
  looked.set(db, ofDatabase);
  const now = clock.now().getTime();
  if ((ofDatabase.get(environmentId) ?? 0) > now - EVERY_MS) return;
  ofDatabase.set(environmentId, now);
  await run(
    db,
    sql`delete from captures where environment_id = ${environmentId} and id in (
          select id from (select id, sum(bytes) over (order by id desc) as total from captures where environment_id = ${environmentId}) sums
           where total > ${config.captureBytes})`,
  );
}

export async function removeCapturesOf(db: Database, environmentId: number): Promise<void> {
  await run(db, sql`delete from captures where environment_id = ${environmentId}`);
  await run(db, sql`delete from capture_settings where environment_id = ${environmentId}`);
}
