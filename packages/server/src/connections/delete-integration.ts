/** Delete an integration with its connections: one transaction, so no connection outlives its integration. */
import { transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { deleteIntegration } from '../integrations/delete.ts';
import { findIntegration } from '../integrations/find.ts';
import { deleteConnection } from './delete.ts';
import { connectionsOf, lookConnectionById } from './find.ts';

/** @throws unknown_provider_config */
export async function removeIntegration(world: Pick<World, 'db'>, scope: Scope, uniqueKey: string): Promise<void> {
  await transaction(world.db, async (tx) => {
    const integration = await findIntegration({ db: tx }, scope, uniqueKey);
    for (const { id } of await connectionsOf({ db: tx }, scope, integration.id)) {
      const found = await lookConnectionById({ db: tx }, scope, id); // another may delete it, or the integration, at the same time
      if (found) await deleteConnection({ db: tx }, scope, found.connection);
    }
    await deleteIntegration(tx, integration);
  });
}
