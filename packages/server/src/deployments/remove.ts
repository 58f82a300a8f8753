/** Remove the functions of an environment that was deleted, with all code they ever had and the jobs about them. Safe to repeat. */
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { Database } from '../base/world.ts';

export async function removeFunctions(db: Database, environmentId: number): Promise<void> {
  await run(db, sql`update functions set deleted_at = now() where environment_id = ${environmentId} and deleted_at is null`);
  await run(db, sql`delete from function_jobs where environment_id = ${environmentId}`);
  await run(db, sql`delete from function_code where environment_id = ${environmentId}`);
  await run(db, sql`delete from function_files where environment_id = ${environmentId}`);
}
