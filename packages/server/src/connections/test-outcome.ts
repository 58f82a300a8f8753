/** What trying a connection's key leaves: a mark and one event when it is refused twice in a row, and both taken back when it works again. */
import { sql } from 'kysely';
import { one, run, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { publish } from '../events/publish.ts';
import { startOperation } from '../logs/operation.ts';
import { newOperationId } from '../logs/operation-id.ts';
import { type Connection, refOf } from './connection.ts';
import { clearError, markError } from './mark-error.ts';

type Needs = Pick<World, 'db' | 'clock' | 'random' | 'journal'>;
type InEnvironment = { readonly environment: { readonly id: number } };
type Told = 'broken' | 'works again';

/**
 * @param refusal what the provider answered; undefined when the key works
 * @returns `confirm`: it was the first refusal, and nobody is told before a second one
 */
export async function recordTest(
  world: Needs,
  scope: InEnvironment,
  connection: Connection,
  refusal: string | undefined,
): Promise<{ confirm: boolean }> {
  const id = newOperationId(world);
  const mark = { environmentId: connection.environmentId, id: connection.id, type: 'auth', key: 'test' } as const;
  const outcome = await transaction(world.db, async (tx) => {
    const before = await one<{ refused: number; marked: boolean }>(
      tx,
      sql`select refresh_failures as refused, errors @> '[{"type":"auth"}]' as marked from connections
           where environment_id = ${connection.environmentId} and id = ${connection.id} and refresh_fence = ${connection.refreshFence}
             and deleted_at is null for update`,
    );
    if (!before) return undefined; // made anew meanwhile
    const told: Told | undefined =
      refusal === undefined ? (before.marked ? 'works again' : undefined) : before.refused > 0 && !before.marked ? 'broken' : undefined;
    await run(
      tx,
      sql`update connections set refresh_failures = ${refusal === undefined ? 0 : before.refused + 1}, refresh_error = ${refusal ?? null},
                 refresh_failure = ${refusal === undefined ? null : 'revoked'}, refresh_failed_at = ${refusal === undefined ? null : world.clock.now()}
           where environment_id = ${connection.environmentId} and id = ${connection.id}`,
    );
    const about = { connection: refOf(connection), tags: connection.tags, endUser: connection.endUser };
    if (told === 'broken') {
      await markError(tx, mark, id);
      const error = { type: 'connection_test_failed', description: refusal ?? '' };
      await publish(tx, scope.environment.id, 'connection.refresh_failed', { ...about, error });
    }
    if (told === 'works again') {
      await clearError(tx, mark);
      await publish(tx, scope.environment.id, 'connection.refresh_recovered', about);
    }
    return { told, confirm: refusal !== undefined && before.refused === 0 };
  });
  if (outcome?.told) logTest(world, scope, connection, { id, refusal });
  return { confirm: outcome?.confirm ?? false };
}

function logTest(
  world: Needs,
  scope: InEnvironment,
  connection: Connection,
  { id, refusal }: { id: string; refusal: string | undefined },
): void {
  const operation = startOperation(world, scope, {
    id,
    type: 'auth',
    action: 'connection_test',
    title: refusal === undefined ? 'Credentials work again' : 'Test credentials',
    integration: connection.providerConfigKey,
    provider: connection.provider,
    connection: connection.connectionId,
  });
  operation.end(refusal === undefined ? { state: 'success' } : { state: 'failed', error: refusal });
}
