/** What an environment, an integration and a connection may run at once: shown and changed together, whoever keeps each number. */
import type { SyncLimits, SyncLimitsChange } from '@bowline/api/sync-limits';
import { transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { findConnection } from '../connections/find.ts';
import { setSyncShare, syncShare } from '../environments/sync-share.ts';
import type { Scope } from '../http/scope.ts';
import { findIntegration } from '../integrations/find.ts';
import { integrationLimits, setIntegrationLimits } from '../integrations/sync-limits.ts';
import { countSlots } from '../queue/slots.ts';
import { connectionLimits, setConnectionLimit } from './connection-limits.ts';
import { inRuns } from './limits.ts';
import { listHeld } from './waiting-for.ts';

type Needs = Pick<World, 'db' | 'config'>;
/** What is not named is not shown. */
export type Named = { readonly providerConfigKey?: string | undefined; readonly connectionId?: string | undefined };
type Found = { readonly integration: number | undefined; readonly connection: number | undefined };

/** @throws unknown_provider_config, unknown_connection */
export async function showLimits(world: Needs, scope: Scope, named: Named): Promise<SyncLimits> {
  return show(world, scope, await find(world, scope, named));
}

/** Holds from the next claim on. @throws unknown_provider_config, unknown_connection */
export async function changeLimits(
  world: Needs,
  scope: Scope,
  { named, change: { environment, integration, connection } }: { named: Named; change: SyncLimitsChange },
): Promise<SyncLimits> {
  const found = await find(world, scope, named);
  await transaction(world.db, async (tx) => {
    if (environment) await setSyncShare(tx, scope.environment.id, { weight: environment.weight, runsMax: environment.runs_max });
    if (integration && found.integration !== undefined) {
      const { runs_max: runsMax, connection_runs_max: connectionRunsMax } = integration;
      await setIntegrationLimits(tx, scope, { id: found.integration, runsMax, connectionRunsMax });
    }
    if (connection && found.connection !== undefined) {
      await setConnectionLimit(tx, scope, { connectionId: found.connection, runsMax: connection.runs_max });
    }
  });
  return show(world, scope, found);
}

async function find(world: Needs, scope: Scope, { providerConfigKey, connectionId }: Named): Promise<Found> {
  if (providerConfigKey === undefined) return { integration: undefined, connection: undefined };
  if (connectionId === undefined)
    return { integration: (await findIntegration(world, scope, providerConfigKey)).id, connection: undefined };
  const connection = await findConnection(world, scope, { providerConfigKey, connectionId });
  return { integration: connection.integrationId, connection: connection.id };
}

async function show({ db, config }: Needs, scope: Scope, { integration, connection }: Found): Promise<SyncLimits> {
  const [slots, share, ofIntegration, ofConnection, held] = await Promise.all([
    countSlots(db, 'sync-run'),
    syncShare(db, scope.environment.id),
    integration === undefined ? undefined : integrationLimits(db, scope, integration),
    connection === undefined ? undefined : connectionLimits(db, scope, [connection]),
    listHeld(db),
  ]);
  const { backfill: first_runs, ...server } = inRuns(config.syncLimits, slots);
  const running = (key: 'environmentId' | 'integrationId' | 'connectionId', id: number | undefined) =>
    held.filter((one) => one[key] === id).length;
  return {
    server: { slots, ...server, first_runs },
    environment: { weight: share.weight, runs_max: share.runsMax, running: running('environmentId', scope.environment.id) },
    integration: ofIntegration
      ? {
          runs_max: ofIntegration.runsMax,
          connection_runs_max: ofIntegration.connectionRunsMax,
          running: running('integrationId', integration),
        }
      : null,
    connection: ofConnection ? { runs_max: ofConnection.get(connection ?? 0) ?? null, running: running('connectionId', connection) } : null,
  };
}
