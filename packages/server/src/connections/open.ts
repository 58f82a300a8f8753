/** Opens what gives access through a connection: its credentials and configuration, and its integration's client and settings. */
import { problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';
import type { Access, IntegrationAccess } from '../credentials/access.ts';
import { type Integration, openClient } from '../integrations/integration.ts';
import { openSettings } from '../integrations/secrets.ts';
import { providerOf } from '../providers/own.ts';
import { openSecrets } from './secrets.ts';
import type { Target } from './target.ts';

/** What was opened of a target that a run reaches through again and again, for as long as it keeps what it read (`runs/reach.ts`). */
const opened = new WeakMap<Target, Promise<Access>>();

/** The credentials may have expired; `accessConnection` gives those that are good to use. @throws unknown_provider_template */
export function openAccess(world: Pick<World, 'keyring' | 'builtIns'>, target: Target): Promise<Access> {
  const known = opened.get(target);
  if (known) return known;
  const access = openAnew(world, target);
  opened.set(target, access);
  access.catch(() => opened.delete(target)); // its key may be there the next time
  return access;
}

async function openAnew(world: Pick<World, 'keyring' | 'builtIns'>, { connection, integration }: Target): Promise<Access> {
  const { credentials, config } = await openSecrets(world, connection);
  return {
    integration: await integrationAccess(world, integration),
    connectionConfig: { ...connection.connectionConfig, ...config },
    metadata: connection.metadata,
    credentials,
  };
}

/** @throws unknown_provider_template when the provider left the catalogue */
export async function integrationAccess(world: Pick<World, 'keyring' | 'builtIns'>, integration: Integration): Promise<IntegrationAccess> {
  const provider = providerOf(world, integration);
  if (!provider) throw problem('unknown_provider_template', { message: `The catalogue has no provider "${integration.provider}"` });
  const client = await openClient(world, integration);
  return {
    provider,
    clientId: client?.clientId ?? null,
    clientSecret: client?.clientSecret ?? null,
    scopes: client?.scopes ? client.scopes.split(',') : [],
    custom: await openSettings(world, integration),
    ...(client?.app ? { app: client.app } : {}),
    ...(client?.plugin ? { plugin: client.plugin } : {}),
  };
}
