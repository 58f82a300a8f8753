/**
 * Destroys the data keys of an environment: whatever was sealed with them, in backups of other tables too, can never be opened again.
 * Other processes may have a key in memory for some minutes more; nothing finds the environment there.
 */
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { Database } from '../base/world.ts';

/** In the transaction that deletes the environment. */
export async function destroyDataKeys(db: Database, environmentId: number): Promise<void> {
  await run(db, sql`update data_keys set wrapped = null where environment_id = ${environmentId}`);
}
