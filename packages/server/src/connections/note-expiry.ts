/** Marks a connection whose token has expired and cannot be renewed. It is handed out all the same, as clients rely on; never waited for. */
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import { startOperation } from '../logs/operation.ts';
import { newOperationId } from '../logs/operation-id.ts';
import type { Connection } from './connection.ts';
import type { AccessWorld } from './target.ts';

type InEnvironment = { readonly environment: { readonly id: number } };

const WHY = 'The token has expired and the provider gave nothing to renew it with; the end user must connect again';

export function noteExpiry(world: AccessWorld, scope: InEnvironment, connection: Connection): void {
  if (connection.errors.some(({ type }) => type === 'auth')) return;
  mark(world, scope, connection).catch((error: unknown) => world.log.warn({ err: error }, 'an expired connection could not be marked'));
}

async function mark(world: AccessWorld, scope: InEnvironment, connection: Connection): Promise<void> {
  const id = newOperationId(world);
  const mark = JSON.stringify([{ type: 'auth', log_id: id, key: 'expired' }]);
  const marked = await run(
    world.db,
    // The last conditions: of many callers one marks it, and not what was made anew meanwhile.
    sql`update connections set errors = errors || ${mark}::jsonb, refresh_error = ${WHY}
         where environment_id = ${connection.environmentId} and id = ${connection.id} and deleted_at is null
           and refresh_fence = ${connection.refreshFence} and not errors @> '[{"type":"auth"}]'`,
  );
  if (marked === 0) return;
  const operation = startOperation(world, scope, {
    id,
    type: 'auth',
    action: 'refresh_token',
    title: 'Token expired',
    integration: connection.providerConfigKey,
    provider: connection.provider,
    connection: connection.connectionId,
  });
  operation.end({ state: 'failed', error: WHY });
}
