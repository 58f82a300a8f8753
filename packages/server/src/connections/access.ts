/** Access: everything a request through a connection needs, with credentials that are good to use now. */
import { problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';
import type { Access, IntegrationAccess } from '../credentials/access.ts';
import { needsRefresh } from '../credentials/expiry.ts';
import { type Integration, openClient } from '../integrations/integration.ts';
import { openCredentials } from './connection.ts';
import { checkRefreshable, refreshConnection } from './refresh.ts';
import type { AccessWorld, Target } from './target.ts';
import { touch } from './touch.ts';

type InEnvironment = { readonly environment: { readonly id: number } };
export type FreshAccess = Target & { access: Access };

/**
 * Opens the credentials, refreshed first when they are about to expire, or always with `force`.
 * @throws connection_refresh_exhausted, connection_refresh_backoff, refresh_token_external_error
 */
export async function accessConnection(
  world: AccessWorld,
  scope: InEnvironment,
  target: Target,
  { force = false } = {},
): Promise<FreshAccess> {
  touch(world, target.connection);
  const access = await openAccess(world, target);
  if (!needsRefresh(access.credentials, access.integration, world.clock.now(), { force })) return { ...target, access };
  if (!force) checkRefreshable(target.connection, world.clock.now());
  const connection = await refreshConnection(world, scope, { ...target, access });
  return { ...target, connection, access: await openAccess(world, { ...target, connection }) };
}

export async function openAccess(world: Pick<World, 'keyring' | 'catalogue'>, { connection, integration }: Target): Promise<Access> {
  return {
    integration: await integrationAccess(world, integration),
    connectionConfig: connection.connectionConfig,
    metadata: connection.metadata,
    credentials: await openCredentials(world, connection),
  };
}

/** @throws unknown_provider_template when the provider left the catalogue */
export async function integrationAccess(world: Pick<World, 'keyring' | 'catalogue'>, integration: Integration): Promise<IntegrationAccess> {
  const provider = world.catalogue.get(integration.provider);
  if (!provider) throw problem('unknown_provider_template', { message: `The catalogue has no provider "${integration.provider}"` });
  const client = await openClient(world, integration);
  return {
    provider,
    clientId: client?.clientId ?? null,
    clientSecret: client?.clientSecret ?? null,
    scopes: client?.scopes ? client.scopes.split(',') : [],
    custom: integration.custom,
  };
}
