/** What is only asked about a connection whose refresh failed, and how the developer's change of an integration ends its waits. */
import { sql } from 'kysely';
import { one, run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { FailureKind } from '../credentials/failure.ts';
import type { Connection } from './connection.ts';
import { forgetCircuit } from './refresh-circuit.ts';

type InEnvironment = { readonly environment: { readonly id: number } };

export async function lookRefreshState(
  { db }: Pick<World, 'db'>,
  { environmentId, id }: Connection,
): Promise<{ failure: FailureKind | null }> {
  const row = await one<{ failure: FailureKind | null }>(
    db,
    sql`select refresh_failure as failure from connections where environment_id = ${environmentId} and id = ${id}`,
  );
  return row ?? { failure: null };
}

/** Whatever failed may have failed of what was changed: all connections of the integration are tried again when next used. */
export async function retryConnectionsOf({ db }: Pick<World, 'db'>, { environment }: InEnvironment, integrationId: number): Promise<void> {
  await run(
    db,
    sql`update connections set refresh_retry_at = null, refresh_failed_days = 0
         where environment_id = ${environment.id} and integration_id = ${integrationId} and refresh_failure is not null and deleted_at is null`,
  );
  await forgetCircuit({ db }, integrationId);
}
