/** A connection with its credentials as the wire has them for who may read them: some modes show parts in the configuration. */
import type { Connection as Wire } from '@bowline/api/connections';
import type { World } from '../base/world.ts';
import { type Access, secretConfig } from '../credentials/access.ts';
import { modes } from '../credentials/modes.ts';
import { handedOut } from '../credentials/redact.ts';
import { type Connection, wireConnection } from './connection.ts';

type Shown = { readonly connection: Connection; readonly access: Access };

/** @param options.appToken a new token of the app itself, where the mode has one */
export async function shownConnection(
  world: Pick<World, 'clock'>,
  { connection, access: { integration, credentials, connectionConfig } }: Shown,
  { appToken = false } = {},
): Promise<Wire> {
  const mode = modes[integration.provider.auth_mode];
  const shown = mode.shown?.(credentials) ?? { credentials, connectionConfig: {} };
  const signed = appToken && mode.appToken ? { jwtToken: await mode.appToken(world, integration) } : {};
  const config = { ...connectionConfig, ...secretConfig(integration.provider, credentials), ...shown.connectionConfig, ...signed };
  return wireConnection(connection, { ...handedOut(shown.credentials), ...signed }, config);
}
