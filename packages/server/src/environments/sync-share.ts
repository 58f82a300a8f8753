/** The part of an environment in running syncs: its weight against others, and how many run at once. */
import { sql } from 'kysely';
import { many, one, run } from '../base/database.ts';
import type { Database } from '../base/world.ts';

/** `weight` 1 to 100: twice as much gets twice the runs while others wait. `runsMax`: at once; null: what the server allows. */
export type SyncShare = { readonly id: number; readonly weight: number; readonly runsMax: number | null };

/** Of those that differ from the usual. */
export const syncShares = sql<SyncShare>`
  select id, sync_weight as weight, sync_runs_max as runs_max from environments where sync_weight <> 1 or sync_runs_max is not null`;

export const listSyncShares = (db: Database): Promise<SyncShare[]> => many(db, syncShares);

/** Of an environment that is gone: the usual. */
export async function syncShare(db: Database, environmentId: number): Promise<Omit<SyncShare, 'id'>> {
  const share = await one<Omit<SyncShare, 'id'>>(
    db,
    sql`select sync_weight as weight, sync_runs_max as runs_max from environments where id = ${environmentId}`,
  );
  return share ?? { weight: 1, runsMax: null };
}

/** What is undefined stays. */
export async function setSyncShare(
  db: Database,
  environmentId: number,
  { weight, runsMax }: { weight?: number | undefined; runsMax?: number | null | undefined },
): Promise<void> {
  await run(
    db,
    sql`update environments
           set sync_weight = coalesce(${weight ?? null}::int, sync_weight),
               sync_runs_max = ${runsMax === undefined ? sql`sync_runs_max` : sql`${runsMax}::int`}
         where id = ${environmentId} and deleted_at is null`,
  );
}
