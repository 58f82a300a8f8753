/** When a full crawl may not delete by itself: a setting of the environment. */
import { sql } from 'kysely';
import { one, run } from '../base/database.ts';
import type { Database } from '../base/world.ts';

/** Deletions wait when they are `percent` (1 to 100) of a model's live records and at least `records` of them; null: never. */
export type DeletionGuard = { readonly percent: number | null; readonly records: number };

/** Of an environment that is gone: the default. */
export async function deletionGuard(db: Database, environmentId: number): Promise<DeletionGuard> {
  const guard = await one<DeletionGuard>(
    db,
    sql`select deletion_guard_percent as percent, deletion_guard_records as records from environments where id = ${environmentId}`,
  );
  return guard ?? { percent: 50, records: 100 };
}

export async function setDeletionGuard(db: Database, environmentId: number, { percent, records }: DeletionGuard): Promise<void> {
  await run(
    db,
    sql`update environments set deletion_guard_percent = ${percent}, deletion_guard_records = ${records}
         where id = ${environmentId} and deleted_at is null`,
  );
}
