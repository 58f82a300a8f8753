/**
 * Another try for a sync that failed for a reason that may pass: after half a minute, a minute, two, and so on, unless its turn comes first. The
 * schedule is left as it is. Whoever runs it meanwhile, by hand or by schedule, makes the try needless.
 */
import { sql } from 'kysely';
import { one } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { lookEnvironmentById } from '../environments/find.ts';
import { internalScope } from '../http/scope.ts';
import { enqueue } from '../queue/enqueue.ts';
import type { Handler } from '../queue/task.ts';
import { triggerSyncs } from './control.ts';
import { lookSync } from './find.ts';
import type { Sync } from './sync.ts';

const FIRST_MS = 30_000;
/** Half a minute doubled six times is half an hour; after that the schedule alone goes on. */
const TRIES_MAX = 6;

/** @param failures in a row, this one included. @returns undefined when it is not tried again */
export function retryDelayMs(failures: number): number | undefined {
  return failures > TRIES_MAX ? undefined : FIRST_MS * 2 ** (failures - 1);
}

type Failed = Pick<Sync, 'id' | 'environmentId'> & { readonly runId: number };

/** In the transaction of the run's end. `failures`: in a row. */
export async function planRetry(tx: Database, { id, environmentId, runId }: Failed, failures: number): Promise<void> {
  const delayMs = retryDelayMs(failures);
  if (delayMs === undefined) return;
  const due = await one<{ runAt: Date }>(
    tx,
    sql`select now() + ${delayMs} * interval '1 millisecond' as run_at from syncs
         where environment_id = ${environmentId} and id = ${id} and not paused and next_run_at > now() + ${delayMs} * interval '1 millisecond'`,
  );
  if (!due) return; // its turn comes first, or it has none
  await enqueue(tx, { task: 'sync-retry', payload: { environmentId, syncId: id, runId }, runAt: due.runAt, key: `sync-retry:${id}` });
}

export const retryJob =
  (world: Pick<World, 'db' | 'bus'>): Handler<'sync-retry'> =>
  async ({ environmentId, syncId, runId }) => {
    const environment = await lookEnvironmentById(world, environmentId);
    if (!environment) return; // deleted meanwhile
    const scope = internalScope(environment);
    const sync = await lookSync(world.db, scope, syncId);
    if (!sync || sync.paused || sync.lastRun !== runId) return;
    await triggerSyncs(world, scope, [sync], { reset: false, emptyCache: false });
  };
