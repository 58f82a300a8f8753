/** Delete an integration softly: its key is free again at once. Its connections are the caller's to delete, in the same transaction. */
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import type { Integration } from './integration.ts';

export async function deleteIntegration(db: Database, integration: Integration): Promise<void> {
  await run(
    db,
    sql`update integrations set deleted_at = now(), updated_at = now()
         where environment_id = ${integration.environmentId} and id = ${integration.id} and deleted_at is null`,
  );
}

/** All of an environment that was deleted, with the secrets they hold. Its connections are the caller's to delete before. */
export async function deleteIntegrationsOf(db: Database, environmentId: number): Promise<void> {
  await run(
    db,
    sql`update integrations set deleted_at = coalesce(deleted_at, now()), updated_at = now(), credentials_sealed = null, secrets_sealed = null,
           subscription_settings_sealed = null
         where environment_id = ${environmentId} and (deleted_at is null or credentials_sealed is not null or secrets_sealed is not null)`,
  );
}
