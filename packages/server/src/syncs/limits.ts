/** How many syncs may run at once by the settings of the server; an environment or an integration lowers it for itself. */
import type { ConcurrencyLimits } from '../base/concurrency.ts';
import type { World } from '../base/world.ts';

export type Limits = {
  /** Runs at once over all processes, and besides them so many that wait in the queue for the next free worker. */
  readonly slots: number;
  readonly ahead: number;
  /** What holds where nobody set less. */
  readonly environment: number;
  readonly integration: number;
  readonly connection: number;
  readonly backfill: number;
};

/** A free worker must find work while the next is being claimed: a quarter more than run. */
const AHEAD = 0.25;

export function limitsOf({ syncLimits }: World['config'], slots: number): Limits {
  return { slots, ahead: Math.ceil(slots * AHEAD), ...inRuns(syncLimits, slots) };
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
