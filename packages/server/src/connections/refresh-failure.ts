/** What a failed refresh leaves: the reason on the connection and in the activity log, and one event when the connection just broke. */
import { sql } from 'kysely';
import { one, transaction } from '../base/database.ts';
import { CredentialsError } from '../credentials/failure.ts';
import { publish } from '../events/publish.ts';
import { startOperation } from '../logs/operation.ts';
import { type Connection, refOf } from './connection.ts';
import { markError } from './mark-error.ts';
import type { AccessWorld } from './target.ts';

type InEnvironment = { readonly environment: { readonly id: number } };
type Failure = { connection: Connection; fence: number; error: unknown };

/**
 * Counts calendar days with a failure, not failures: a provider that is down for an hour must not exhaust a connection.
 * @returns the reason, for people
 */
export async function recordRefreshFailure(
  world: AccessWorld,
  scope: InEnvironment,
  { connection, fence, error }: Failure,
): Promise<string> {
  const message = error instanceof Error ? error.message : String(error);
  const kind = error instanceof CredentialsError ? error.kind : 'unknown';
  const now = world.clock.now();
  const operation = startOperation(world, scope, {
    type: 'auth',
    action: 'refresh_token',
    title: 'Refresh credentials',
    integration: connection.providerConfigKey,
    provider: connection.provider,
    connection: connection.connectionId,
  });
  operation.log('error', message, { kind });
  operation.end({ state: 'failed', error: message });
  await transaction(world.db, async (tx) => {
    const held = await one<{ first: boolean }>(
      tx,
      sql`update connections
             set refresh_fence = refresh_fence + 1, refresh_leased_until = null, refresh_error = ${message}, refresh_failed_at = ${now},
                 refresh_failed_days = refresh_failed_days
                   + (refresh_failed_at is null or (refresh_failed_at at time zone 'utc')::date < (${now}::timestamptz at time zone 'utc')::date)::int
           where environment_id = ${connection.environmentId} and id = ${connection.id} and refresh_fence = ${fence} and deleted_at is null
          returning not exists (select 1 from jsonb_array_elements(errors) e where e ->> 'type' = 'auth') as first`,
    );
    if (!held?.first) return;
    await markError(tx, { environmentId: connection.environmentId, id: connection.id, type: 'auth', key: 'refresh' }, operation.id);
    await publish(tx, scope.environment.id, 'connection.refresh_failed', {
      connection: refOf(connection),
      error: { type: 'refresh_token_external_error', description: message },
      tags: connection.tags,
      endUser: connection.endUser,
    });
  });
  return message;
}
