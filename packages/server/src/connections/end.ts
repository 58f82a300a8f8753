/** End a connection: revoke what the provider gave and let the integration's functions say goodbye while it still works, then delete it. */
import { openApi } from '../credentials/api.ts';
import { beforeDeleteOf } from '../credentials/quirks/quirks.ts';
import type { Scope } from '../http/scope.ts';
import { startOperation } from '../logs/operation.ts';
import { providerOf } from '../providers/own.ts';
import { accessConnection } from './access.ts';
import { deleteConnection } from './delete.ts';
import type { HookedWorld } from './hooks.ts';
import type { AccessWorld, Target } from './target.ts';

/** @returns whether this call deleted it */
export async function endConnection(world: HookedWorld, scope: Scope, target: Target): Promise<boolean> {
  await takeLeave(world, scope, target);
  return deleteConnection(world, scope, target.connection);
}

/** All that comes before the deletion. Never throws for what a provider or a function does: the deletion goes on. */
export async function takeLeave(world: AccessWorld & Pick<HookedWorld, 'hooks'>, scope: Scope, target: Target): Promise<void> {
  await world.hooks.unsubscribe(scope, target);
  await revoke(world, scope, target);
  await world.hooks.beforeDelete(scope, target);
}

async function revoke(world: AccessWorld, scope: Scope, target: Target): Promise<void> {
  const { connection, integration } = target;
  const provider = providerOf(world, integration);
  const leave = provider && beforeDeleteOf(provider);
  if (!leave) return;
  const operation = startOperation(world, scope, {
    type: 'auth',
    action: 'pre_connection_deletion',
    title: `Tell ${provider.display_name} that the connection ends`,
    integration: connection.providerConfigKey,
    provider: connection.provider,
    connection: connection.connectionId,
  });
  try {
    const { access } = await accessConnection(world, scope, target);
    await leave(openApi(world, access, { operation }));
    operation.end({ state: 'success' });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    operation.log('error', message);
    operation.end({ state: 'failed', error: message });
  }
}
