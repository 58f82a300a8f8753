/**
 * Destroys the data keys of an environment: whatever was sealed with them, in backups of other tables too, can never be opened again.
 * Other processes may have a key in memory for some minutes more; nothing finds the environment there.
 */
import { sql } from 'kysely';
import { many, run } from '../base/database.ts';
import type { Database } from '../base/world.ts';

/** In the transaction that deletes the environment. */
export async function destroyDataKeys(db: Database, environmentId: number): Promise<void> {
  // So that there is a row that stands for "destroyed" even where nothing was sealed yet.
  await run(db, sql`insert into data_keys (environment_id, wrapped_by) values (${environmentId}, 'nobody') on conflict do nothing`);
  // First locked, then changed: a rotation that is putting a new key beside these has committed it when the second statement looks.
  await many(db, sql`select id from data_keys where environment_id = ${environmentId} for update`);
  await run(db, sql`update data_keys set wrapped = null where environment_id = ${environmentId}`);
}
