/** How many syncs may run at once: of the server by its settings, lowered by an environment or an integration for itself. */
import type { ConcurrencyLimits } from '../base/concurrency.ts';
import type { Database, World } from '../base/world.ts';
import { listSyncShares, type SyncShare } from '../environments/sync-share.ts';
import { type IntegrationLimits, listIntegrationLimits } from '../integrations/sync-limits.ts';

export type Limits = {
  /** Runs at once over all processes, and besides them so many that wait in the queue for the next free worker. */
  readonly slots: number;
  readonly ahead: number;
  /** What holds where nobody set less. */
  readonly environment: number;
  readonly integration: number;
  readonly connection: number;
  readonly backfill: number;
  /** Those that differ. */
  readonly shares: readonly SyncShare[];
  readonly integrations: readonly IntegrationLimits[];
};

/** A free worker must find work while the next is being claimed: a quarter more than run. */
const AHEAD = 0.25;

export async function findLimits({ config }: Pick<World, 'config'>, db: Database, slots: number): Promise<Limits> {
  const [shares, integrations] = [await listSyncShares(db), await listIntegrationLimits(db)];
  return { slots, ahead: Math.ceil(slots * AHEAD), ...inRuns(config.syncLimits, slots), shares, integrations };
}

/** A limit in percent is of the slots of all processes, so it grows with them; at least one run is always allowed. */
export function inRuns(limits: ConcurrencyLimits, slots: number): Record<keyof ConcurrencyLimits, number> {
  const runs = ({ percent, runs }: ConcurrencyLimits[keyof ConcurrencyLimits]) =>
    percent === undefined ? runs : Math.max(1, Math.ceil((slots * percent) / 100));
  return {
    environment: runs(limits.environment),
    integration: runs(limits.integration),
    connection: runs(limits.connection),
    backfill: runs(limits.backfill),
  };
}
