/** What a sync that is due waits for: the first of its limits that is reached, or a process that has room. */
import type { WaitingFor } from '@bowline/api/syncs';
import { sql } from 'kysely';
import { many } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { listSyncShares, type SyncShare } from '../environments/sync-share.ts';
import { type IntegrationLimits, listIntegrationLimits } from '../integrations/sync-limits.ts';
import { countSlots } from '../queue/slots.ts';
import { connectionLimits } from './connection-limits.ts';
import { type Limits, limitsOf } from './limits.ts';
import type { Sync } from './sync.ts';

export type Held = Pick<Sync, 'environmentId' | 'integrationId' | 'connectionId'> & { readonly backfill: boolean };
/** What environments, integrations and the sync's connection set for themselves. */
type Differing = {
  readonly shares: readonly SyncShare[];
  readonly integrations: readonly IntegrationLimits[];
  readonly own?: number | undefined;
};
type Waiting = Pick<Sync, 'environmentId' | 'integrationId' | 'connectionId' | 'lastSuccessStartedAt'>;

/** Who holds a slot: as many rows as there are slots, of all environments. */
export function listHeld(db: Database): Promise<Held[]> {
  return many<Held>(
    db,
    sql`select environment_id, integration_id, connection_id, backfill from syncs
         where active_run is not null and triggered_at is null and deleted_at is null`,
  );
}

/** @param syncs that are due. @returns for each what it waits for; null: for nothing, the next claim takes it */
export async function whatTheyWaitFor<T extends Sync>(
  { db, config }: Pick<World, 'db' | 'config'>,
  scope: { readonly environment: { readonly id: number } },
  syncs: readonly T[],
): Promise<Map<T, WaitingFor | null>> {
  if (syncs.length === 0) return new Map();
  const [slots, shares, integrations, held, own] = await Promise.all([
    countSlots(db, 'sync-run'),
    listSyncShares(db),
    listIntegrationLimits(db),
    listHeld(db),
    connectionLimits(db, scope, [...new Set(syncs.map(({ connectionId }) => connectionId))]),
  ]);
  const limits = { ...limitsOf(config, slots), shares, integrations };
  return new Map(syncs.map((sync) => [sync, waitingFor(sync, held, { ...limits, own: own.get(sync.connectionId) })]));
}

/** Pure, by the rules of `pick.ts`. The narrowest comes first: it is what its owner can change. */
export function waitingFor(sync: Waiting, held: readonly Held[], limits: Limits & Differing): WaitingFor | null {
  const of = (key: 'environmentId' | 'integrationId' | 'connectionId') => held.filter((one) => one[key] === sync[key]).length;
  const share = limits.shares.find(({ id }) => id === sync.environmentId);
  const integration = limits.integrations.find(({ id }) => id === sync.integrationId);
  const least = (server: number, own: number | null | undefined) => Math.min(server, own ?? server);
  if (limits.slots === 0) return 'machine';
  if (of('connectionId') >= least(limits.connection, limits.own ?? integration?.connectionRunsMax)) return 'connection';
  if (of('integrationId') >= least(limits.integration, integration?.runsMax)) return 'integration';
  if (of('environmentId') >= least(limits.environment, share?.runsMax)) return 'environment';
  if (sync.lastSuccessStartedAt === null && held.filter(({ backfill }) => backfill).length >= limits.backfill) return 'first_runs';
  return held.length >= limits.slots + limits.ahead ? 'machine' : null;
}
