/** How syncs are doing: as the public status route has it, and as the dashboard shows it. */
import type { SyncDetail } from '@bowline/api/dashboard';
import type { Counts, SyncStatus, WaitingFor } from '@bowline/api/syncs';
import type { World } from '../base/world.ts';
import { listFunctions } from '../deployments/find.ts';
import type { DeployedFunction } from '../deployments/function.ts';
import type { Scope } from '../http/scope.ts';
import { countsOfConnections, countsOfRuns } from '../records/counts.ts';
import { type Checkpoint, checkpointKey, listCheckpoints } from '../runs/checkpoint.ts';
import { findRuns, type Run } from '../runs/run.ts';
import { wireFrequency } from './frequency.ts';
import { stateOfSync } from './state.ts';
import type { Sync } from './sync.ts';
import { whatTheyWaitFor } from './waiting-for.ts';

/** A sync with all that is shown of it. */
export type SyncView = {
  sync: Sync;
  fn: DeployedFunction | undefined;
  last: Run | undefined;
  counts: Record<string, Counts>;
  /** Live records by model. */
  records: Record<string, number>;
  checkpoint: Checkpoint | null;
  /** Since when it is due, and whose room it waits for; null: it does not wait. */
  waiting: { since: Date; for: WaitingFor | null } | null;
};

export async function viewSyncs(world: Pick<World, 'db' | 'clock' | 'config'>, scope: Scope, syncs: readonly Sync[]): Promise<SyncView[]> {
  const environmentId = scope.environment.id;
  const connectionIds = [...new Set(syncs.map(({ connectionId }) => connectionId))];
  const runIds = syncs.flatMap(({ lastRun }) => lastRun ?? []);
  const now = world.clock.now();
  const isDue = ({ wantsAt }: Sync) => wantsAt !== null && wantsAt <= now;
  const [functions, runs, counts, records, checkpoints, rooms] = await Promise.all([
    listFunctions(world, scope),
    findRuns(world.db, environmentId, runIds),
    countsOfRuns(world.db, runIds),
    countsOfConnections(world.db, scope, connectionIds),
    listCheckpoints(world.db, environmentId, connectionIds),
    whatTheyWaitFor(world, scope, syncs.filter(isDue)),
  ]);
  const byId = new Map(functions.map((fn) => [fn.id, fn]));
  return syncs.map((sync) => {
    const fn = byId.get(sync.functionId);
    const models = fn?.config.models ?? [];
    const last = sync.lastRun === null ? undefined : runs.get(sync.lastRun);
    return {
      sync,
      fn,
      last,
      counts: Object.fromEntries(models.map((model) => [model, counts.get(sync.lastRun ?? 0)?.[model] ?? nothing])),
      records: Object.fromEntries(
        models.map((model) => [
          model,
          records.find((one) => one.connectionId === sync.connectionId && one.model === model && one.variant === sync.variant)?.count ?? 0,
        ]),
      ),
      checkpoint: checkpoints.get(`${sync.connectionId}/${checkpointKey('sync', sync.name, sync.variant)}`) ?? null,
      waiting: isDue(sync) ? { since: sync.wantsAt ?? now, for: rooms.get(sync) ?? null } : queued(sync, last),
    };
  });
}

/** Claimed, and not taken by a process yet: usually for milliseconds. */
function queued({ activeRun }: Sync, last: Run | undefined): SyncView['waiting'] {
  return activeRun !== null && last?.state === 'queued' && last.dueAt ? { since: last.dueAt, for: 'machine' } : null;
}

const nothing: Counts = { added: 0, updated: 0, deleted: 0 };

const frequencyText = ({ sync, fn }: SyncView) => wireFrequency(sync.frequencyOwn ?? fn?.config.runs ?? '');

export function wireStatus(view: SyncView, connectionId: string): SyncStatus {
  const { sync, last } = view;
  const ended = last?.endedAt;
  return {
    id: sync.id,
    connection_id: connectionId,
    name: sync.name,
    variant: sync.variant,
    type: sync.lastSuccessStartedAt ? 'INCREMENTAL' : 'INITIAL',
    status: statusOf(view),
    frequency: frequencyText(view),
    nextScheduledSyncAt: sync.paused ? null : (sync.nextRunAt?.toISOString() ?? null),
    ...(ended && sync.activeRun === null ? { finishedAt: ended.toISOString() } : {}),
    ...(last ? { latestExecutionStatus: wireState[last.state], latestResult: view.counts } : {}),
    recordCount: view.records,
    checkpoint: view.checkpoint,
    lateness: latenessOf(view),
  };
}

const wireState: Record<Run['state'], string> = {
  queued: 'RUNNING',
  running: 'RUNNING',
  success: 'SUCCESS',
  failed: 'STOPPED',
  cancelled: 'STOPPED',
};

const wireStatuses: Record<Exclude<ReturnType<typeof stateOfSync>, 'idle'>, SyncStatus['status']> = {
  waiting: 'RUNNING',
  active: 'RUNNING',
  paused: 'PAUSED',
  pausedWaiting: 'RUNNING',
  pausedActive: 'RUNNING',
};

function statusOf({ sync, last }: SyncView): SyncStatus['status'] {
  const state = stateOfSync(sync);
  if (state !== 'idle') return wireStatuses[state];
  return last?.state === 'failed' ? 'ERROR' : 'SUCCESS';
}

function latenessOf({ last, waiting }: SyncView): SyncStatus['lateness'] {
  const { dueAt = null, startedAt = null, missed = 0 } = last ?? {};
  return {
    dueAt: dueAt?.toISOString() ?? null,
    startedAt: startedAt?.toISOString() ?? null,
    lateByMs: dueAt && startedAt ? Math.max(0, startedAt.getTime() - dueAt.getTime()) : null,
    missed,
    waitingSince: waiting?.since.toISOString() ?? null,
    waitingFor: waiting?.for ?? null,
  };
}

export function wireDetail(view: SyncView, names: { connectionId: string; providerConfigKey: string }): SyncDetail {
  const { sync, fn, last } = view;
  const lateness = latenessOf(view);
  return {
    id: sync.id,
    name: sync.name,
    variant: sync.variant,
    provider_config_key: names.providerConfigKey,
    connection_id: names.connectionId,
    models: fn?.config.models ?? [],
    state: stateOf(view),
    paused: sync.paused,
    frequency: frequencyText(view),
    frequency_is_own: sync.frequencyOwn !== null,
    next_run_at: sync.paused ? null : (sync.nextRunAt?.toISOString() ?? null),
    waiting_since: lateness.waitingSince,
    waiting_for: lateness.waitingFor,
    last_run: last
      ? {
          id: last.id,
          due_at: lateness.dueAt,
          late_by_ms: lateness.lateByMs,
          missed: lateness.missed,
          state: last.state,
          started_at: last.startedAt?.toISOString() ?? null,
          ended_at: last.endedAt?.toISOString() ?? null,
          counts: view.counts,
          error: last.error?.message ?? null,
          operation_id: last.operationId,
        }
      : null,
    records: view.records,
    checkpoint: view.checkpoint,
    version: fn?.version ?? '',
  };
}

function stateOf({ sync, last }: SyncView): SyncDetail['state'] {
  if (sync.activeRun !== null) return last?.state === 'running' ? 'running' : 'queued';
  if (sync.paused) return 'paused';
  if (!last) return 'never_run';
  return last.state === 'failed' ? 'error' : 'success';
}
