/** Remove syncs: nothing starts them any more, and what runs is cancelled. Safe to repeat. */
import { sql } from 'kysely';
import { many, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { cancelRuns } from './cancel.ts';
import type { Sync } from './sync.ts';

type Needs = Pick<World, 'db' | 'bus'>;
type InEnvironment = { readonly environment: { readonly id: number } };

export function removeSyncs(world: Needs, { environment }: InEnvironment, syncs: readonly Sync[]): Promise<void> {
  return remove(world, environment.id, sql`id = any(${syncs.map(({ id }) => id)}::uuid[])`);
}

/** Of an environment that was deleted. */
export function removeAllSyncs(world: Needs, environmentId: number): Promise<void> {
  return remove(world, environmentId, sql`true`);
}

/** What is already removed is looked at again: a run that started in between is cancelled too. */
function remove(world: Needs, environmentId: number, which: ReturnType<typeof sql>): Promise<void> {
  return transaction(world.db, async (tx) => {
    const removed = await many<{ activeRun: number | null }>(
      tx,
      sql`update syncs set deleted_at = coalesce(deleted_at, now())
           where environment_id = ${environmentId} and ${which} and (deleted_at is null or active_run is not null)
          returning active_run`,
    );
    await cancelRuns(
      { ...world, db: tx },
      environmentId,
      removed.flatMap(({ activeRun }) => activeRun ?? []),
    );
  });
}
