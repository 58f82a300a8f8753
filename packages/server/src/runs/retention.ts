/** Forgets runs that are over for as long as the activity log tells of them; the newest of a sync stays, which may be a month old. */
import { sql } from 'kysely';
import { many, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { forgetCounts } from '../records/counts.ts';

const KEPT_DAYS = 15;
const BATCH = 5_000;
const DAY_MS = 24 * 3_600_000;

/** Of all environments, in short transactions. @returns how many are gone */
export async function sweepRuns({ db, clock }: Pick<World, 'db' | 'clock'>): Promise<number> {
  const before = new Date(clock.now().getTime() - KEPT_DAYS * DAY_MS);
  let gone = 0;
  for (let batch = BATCH; batch === BATCH; gone += batch) {
    batch = await transaction(db, async (tx) => {
      const old = await many<{ id: number }>(
        tx,
        sql`delete from runs where id in (
              select id from runs r where created_at < ${before} and state in ('success', 'failed', 'cancelled')
                 and (sync_id is null or exists (select from runs newer where newer.sync_id = r.sync_id and newer.id > r.id))
               limit ${BATCH} for update skip locked)
            returning id`,
      );
      await forgetCounts(
        tx,
        old.map(({ id }) => id),
      );
      return old.length;
    });
  }
  return gone;
}
