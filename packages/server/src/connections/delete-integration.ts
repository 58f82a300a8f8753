/** Delete an integration with its connections: one transaction, so no connection outlives its integration. */
import { transaction } from '../base/database.ts';
import { publish } from '../events/publish.ts';
import type { Scope } from '../http/scope.ts';
import { deleteIntegration } from '../integrations/delete.ts';
import { findIntegration } from '../integrations/find.ts';
import { deleteConnection } from './delete.ts';
import { takeLeave } from './end.ts';
import { connectionsOf, lookConnectionById } from './find.ts';
import type { HookedWorld } from './hooks.ts';

/** Somebody waits for the answer. Connections whose turn does not come within it are deleted without further ado. */
const LEAVE_MS = 60_000;
const AT_ONCE = 8;

/** @throws unknown_provider_config */
export async function removeIntegration(world: HookedWorld, scope: Scope, uniqueKey: string): Promise<void> {
  await takeLeaveOfAll(world, scope, uniqueKey);
  await transaction(world.db, async (tx) => {
    const integration = await findIntegration({ db: tx }, scope, uniqueKey);
    for (const { id } of await connectionsOf({ db: tx }, scope, integration.id)) {
      const found = await lookConnectionById({ db: tx }, scope, id); // another may delete it, or the integration, at the same time
      if (found) await deleteConnection({ db: tx }, scope, found.connection);
    }
    await deleteIntegration(tx, integration);
    await publish(tx, scope.environment.id, 'integration.updated', { integrationId: integration.id, anew: false });
  });
}

async function takeLeaveOfAll(world: HookedWorld, scope: Scope, uniqueKey: string): Promise<void> {
  const integration = await findIntegration(world, scope, uniqueKey);
  const waiting = await connectionsOf(world, scope, integration.id);
  const until = performance.now() + LEAVE_MS;
  const work = async () => {
    for (let next = waiting.shift(); next && performance.now() < until; next = waiting.shift()) {
      const target = await lookConnectionById(world, scope, next.id);
      if (target) await takeLeave(world, scope, target);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (waiting.length > 0)
    world.log.warn({ integration: integration.id, connections: waiting.length }, 'connections were deleted without their last functions');
}
