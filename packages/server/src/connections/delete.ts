/** Delete a connection softly: its id is free at once; its syncs and records are cleaned up by those who listen to `connection.deleted`. */
import { sql } from 'kysely';
import { run, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { publish } from '../events/publish.ts';
import type { Scope } from '../http/scope.ts';
import { type Connection, refOf } from './connection.ts';

/** @returns whether this call deleted it */
export async function deleteConnection(world: Pick<World, 'db'>, scope: Scope, connection: Connection): Promise<boolean> {
  return transaction(world.db, async (tx) => {
    const deleted = await run(
      tx,
      sql`update connections set deleted_at = now(), credentials_sealed = ''::bytea, refresh_fence = refresh_fence + 1
           where environment_id = ${scope.environment.id} and id = ${connection.id} and deleted_at is null`,
    );
    if (deleted === 0) return false;
    await publish(tx, scope.environment.id, 'connection.deleted', { connection: refOf(connection) });
    return true;
  });
}
