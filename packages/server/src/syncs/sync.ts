/** A sync: one sync function kept running for one connection, in one or more variants. Its row is its schedule. */
import { sql } from 'kysely';

export type Sync = {
  /** UUID. */
  readonly id: string;
  readonly environmentId: number;
  readonly connectionId: number;
  readonly functionId: number;
  readonly integrationId: number;
  readonly name: string;
  readonly variant: string;
  readonly paused: boolean;
  readonly frequencyMs: number;
  /** The text this connection was given instead of the function's frequency. */
  readonly frequencyOwn: string | null;
  readonly nextRunAt: Date | null;
  readonly activeRun: number | null;
  /** A run was asked for and waits for room: `activeRun` names it, and nobody may take it yet. */
  readonly triggeredAt: Date | null;
  readonly lastRun: number | null;
  /** Since when, or from when on, it wants a run; null while it has one, and while it wants none. */
  readonly wantsAt: Date | null;
  /** Start of the last run that succeeded: `lastSyncDate` of the next. */
  readonly lastSuccessStartedAt: Date | null;
};

export const columns = sql`id, environment_id, connection_id, function_id, integration_id, name, variant, paused, frequency_ms, frequency_own,
  next_run_at, active_run, triggered_at, last_run, wants_at, last_success_started_at`;

/** Runs of a sync are cancelled, due syncs noticed, and runs taken that are ready, over these channels of the bus. */
export const CANCEL_CHANNEL = 'cancel-run';
export const DUE_CHANNEL = 'syncs-due';
export const READY_CHANNEL = 'runs-ready';
