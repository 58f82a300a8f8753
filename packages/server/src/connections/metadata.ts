/** Metadata: the app's own notes on a connection. Merged in the database, so concurrent writers lose nothing. */
import type { JsonObject } from '@bowline/api/fields';
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { many, run, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { findIntegration } from '../integrations/find.ts';
import { enqueue, type Job } from '../queue/enqueue.ts';

type Target = { providerConfigKey: string; connectionIds: readonly string[] };

/** Replaces the metadata of all, or of none when one is missing. @throws unknown_provider_config, unknown_connection */
export function setMetadata(world: Pick<World, 'db'>, scope: Scope, change: Target & { metadata: JsonObject }): Promise<void> {
  return write(world, scope, change, sql`${JSON.stringify(change.metadata)}::jsonb`);
}

/** Merges at the top level; a null is stored, not removed. @throws unknown_provider_config, unknown_connection */
export function updateMetadata(world: Pick<World, 'db'>, scope: Scope, change: Target & { metadata: JsonObject }): Promise<void> {
  return write(world, scope, change, sql`coalesce(metadata, '{}') || ${JSON.stringify(change.metadata)}::jsonb`);
}

async function write(world: Pick<World, 'db'>, scope: Scope, target: Target, value: ReturnType<typeof sql>): Promise<void> {
  const integration = await findIntegration(world, scope, target.providerConfigKey);
  const ids = [...new Set(target.connectionIds)];
  await transaction(world.db, async (tx) => {
    // Locked in one order before they are changed: an update alone takes them as it meets them, and two lists could wait for each other.
    const locked = await many<{ id: number }>(
      tx,
      sql`select id from connections
           where environment_id = ${scope.environment.id} and integration_id = ${integration.id}
             and connection_id = any(${ids}::text[]) and deleted_at is null
           order by id for update`,
    );
    if (locked.length !== ids.length)
      throw problem('unknown_connection', { message: 'Not all of these connections exist; nothing was changed' });
    await run(
      tx,
      sql`update connections set metadata = ${value}
           where environment_id = ${scope.environment.id} and id = any(${locked.map(({ id }) => id)}::int[])`,
    );
    if (integration.managesSubscriptions)
      await enqueue(
        tx,
        locked.map(({ id }) => subscribing(scope, id)),
      );
  });
}

/** What webhooks of a connection are about is said in its metadata. */
const subscribing = (scope: Scope, connection: number): Job => ({
  task: 'ensure-subscriptions',
  payload: { environmentId: scope.environment.id, connection },
  key: `subscriptions of ${connection}`,
});
