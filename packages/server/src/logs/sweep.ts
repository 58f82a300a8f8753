/** Keeps the activity log short: what is older than 15 days goes, and what never ended is closed. */
import { sql } from 'kysely';
import { run, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { firstOperationId } from './operation-id.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const KEPT_MS = 15 * DAY_MS;
/** Longer than any function may run; whatever should have ended such an operation is gone. */
const RUNNING_MS_MAX = 4 * DAY_MS;
const BATCH = 1_000;

/** Of all environments, in short transactions. @returns how many operations were deleted and closed */
export async function sweepLog(world: Pick<World, 'db' | 'clock'>): Promise<{ deleted: number; closed: number }> {
  const closed = await closeAbandoned(world);
  let deleted = 0;
  for (let batch = BATCH; batch === BATCH; deleted += batch) batch = await deleteBatch(world);
  return { deleted, closed };
}

function deleteBatch({ db, clock }: Pick<World, 'db' | 'clock'>): Promise<number> {
  const before = firstOperationId(new Date(clock.now().getTime() - KEPT_MS));
  return transaction(db, async (tx) => {
    const oldest = sql`select id from operations where id < ${before} order by id limit ${BATCH}`;
    await run(tx, sql`delete from operation_messages where operation_id in (${oldest})`);
    return run(tx, sql`delete from operations where id in (${oldest})`);
  });
}

function closeAbandoned({ db, clock }: Pick<World, 'db' | 'clock'>): Promise<number> {
  const now = clock.now();
  const before = firstOperationId(new Date(now.getTime() - RUNNING_MS_MAX));
  return run(
    db,
    sql`update operations set state = 'failed', ended_at = ${now}, error = 'Interrupted: the process that worked on this ended'
        where state = 'running' and id < ${before}`,
  );
}
