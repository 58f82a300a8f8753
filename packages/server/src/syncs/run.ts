/**
 * Run a sync: the job that executes one run and decides what its outcome means. It may be called again for the same run after a crash:
 * the function then goes on from its checkpoint, under the same run number, so nothing is counted twice and no deletion is missed.
 */
import { Problem, problem } from '@bowline/api/problem';
import { transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { findConnectionById } from '../connections/find.ts';
import type { Target } from '../connections/target.ts';
import { findFunction } from '../deployments/find.ts';
import type { DeployedFunction } from '../deployments/function.ts';
import { findEnvironment } from '../environments/find.ts';
import { publishLive } from '../http/live.ts';
import { internalScope, type Scope } from '../http/scope.ts';
import { type OperationHandle, resumeOperation, startOperation } from '../logs/operation.ts';
import { newOperationId } from '../logs/operation-id.ts';
import { checkpointKey, getCheckpoint } from '../runs/checkpoint.ts';
import { noProgress, type RunContext, type RunWorld } from '../runs/context.ts';
import { execute, timeoutsMs } from '../runs/execute.ts';
import { holdLease, LeaseLostError } from '../runs/lease.ts';
import type { Lease } from '../runs/run.ts';
import { endRun, type Run } from '../runs/run.ts';
import { leaseOf } from '../runs/take.ts';
import { beginCrawls, endCrawls } from './crawl.ts';
import { lookSync } from './find.ts';
import { finishSync, releaseSync } from './finish.ts';
import { CANCEL_CHANNEL, type Sync } from './sync.ts';

type Prepared = { scope: Scope; run: Run; lease: Lease; sync: Sync; fn: DeployedFunction; target: Target; operation: OperationHandle };

/** Of the platform's own failures; a function that fails has had its run. */
const ATTEMPTS_MAX = 5;

/** @param run as it was taken. Throws only when it shall be tried again: this process is stopping, or something of the platform's own failed a few times. */
export async function runSync(world: RunWorld, run: Run, { stopped, done }: Pick<Carrying, 'stopped' | 'done'>): Promise<void> {
  const cancelled = new AbortController();
  // Before the run is looked at, or a cancellation in between would be heard by nobody.
  const unsubscribe = world.bus.subscribe(CANCEL_CHANNEL, (message) => {
    if ((message as { runId: number }).runId === run.id) cancelled.abort(); // published by cancelRuns
  });
  try {
    const prepared = await prepare(world, run);
    if (prepared) await carryOut(world, prepared, { stopped, cancelled, done });
  } finally {
    unsubscribe();
  }
}

type Carrying = { stopped: AbortSignal; cancelled: AbortController; done: () => void };

async function carryOut(world: RunWorld, prepared: Prepared, { stopped, cancelled, done }: Carrying): Promise<void> {
  const { sync, run } = prepared;
  const faults: unknown[] = [];
  const context = contextOf(world, prepared, { stopped, cancelled, faults });
  const finished = { sync, startedAt: run.startedAt ?? world.clock.now() };
  try {
    const owner = { environmentId: sync.environmentId, connectionId: sync.connectionId };
    const from = await getCheckpoint(world.db, owner, context.checkpointKey);
    await beginCrawls(context);
    const times = { timeoutMs: timeoutsMs.sync, lastSyncDate: sync.lastSuccessStartedAt };
    const outcome = await execute(context, { kind: 'sync', syncId: sync.id, ...times });
    if (stopped.aborted) throw new Error('This process is stopping; the run goes on elsewhere or at the next start');
    if (faults.length > 0) throw faults[0];
    if (outcome.ok) await endCrawls(context);
    done();
    await finishSync(context, { ...finished, outcome, from });
  } catch (error) {
    if (stopped.aborted || run.failures + 1 < ATTEMPTS_MAX) throw error;
    world.log.error({ err: error, run: run.id }, 'a sync could not be run');
    const message = `The platform could not run this function in ${ATTEMPTS_MAX} attempts; its server log says why`;
    await finishSync(context, { ...finished, from: null, outcome: { ok: false, error: { type: 'function_runtime_other', message } } });
  }
}

function contextOf(
  world: RunWorld,
  { scope, run, lease, sync, fn, target, operation }: Prepared,
  { stopped, cancelled, faults }: Omit<Carrying, 'done'> & { faults: unknown[] },
): RunContext {
  const signal = AbortSignal.any([stopped, cancelled.signal]);
  return {
    ...target,
    world,
    scope,
    runId: run.id,
    lease,
    lost: () => cancelled.abort(),
    failed(error) {
      if (signal.aborted) return; // what a run that is over anyway does not get is nobody's fault
      faults.push(error);
      cancelled.abort();
    },
    fn,
    operation,
    variant: sync.variant,
    checkpointKey: checkpointKey('sync', sync.name, sync.variant),
    hasRecords: true,
    signal,
    ...noProgress(),
  };
}

async function prepare(world: World, run: Run): Promise<Prepared | undefined> {
  const lease = leaseOf(run);
  try {
    const own = { environment: { id: run.environmentId } };
    const [environment, sync, fn, target] = await Promise.all([
      findEnvironment(world, run.environmentId),
      run.syncId === null ? undefined : lookSync(world.db, own, run.syncId),
      findFunction(world, own, run.functionId),
      findConnectionById(world, own, run.connectionId),
    ]);
    if (sync?.activeRun !== run.id) throw problem('unknown_sync', { message: 'The sync was deleted, or another run took its place' });
    const scope = internalScope(environment);
    publishLive(world, scope.environment.id, 'syncs', sync.id);
    return { scope, run, lease, sync, fn, target, operation: openOperation(world, scope, { run, sync, fn, target }) };
  } catch (error) {
    // Its function, connection or environment is gone for good; anything else, such as a database that is away, passes and is tried again.
    if (!(error instanceof Problem)) throw error;
    await giveUp(world, run, error.message);
    return undefined;
  }
}

/** All of it or nothing; nothing where another process has taken the run meanwhile. First the sync, then its run, as everywhere. */
async function giveUp({ db }: Pick<World, 'db'>, run: Run, message: string): Promise<void> {
  const ended = transaction(db, async (tx) => {
    await releaseSync(tx, run);
    await holdLease(tx, leaseOf(run));
    await endRun(tx, leaseOf(run), { event: 'cancel', error: { type: 'script_aborted', message } });
  });
  await ended.catch((error: unknown) => {
    if (!(error instanceof LeaseLostError)) throw error;
  });
}

type Opening = { run: Run; sync: Sync; fn: DeployedFunction; target: Target };

function openOperation(world: World, scope: Scope, { run, sync, fn, target }: Opening): OperationHandle {
  const operationId = run.operationId ?? newOperationId(world);
  if (run.attempts > 1) {
    const resumed = resumeOperation(world, scope, operationId);
    resumed.log('warn', `The platform stopped while this ran; it goes on from its checkpoint (attempt ${run.attempts})`);
    return resumed;
  }
  const lateness = latenessOf(world, run);
  const started = startOperation(world, scope, {
    id: operationId,
    type: 'sync',
    action: 'run',
    title: `Sync ${sync.name}${sync.variant === 'base' ? '' : ` (${sync.variant})`}`,
    integration: target.integration.uniqueKey,
    provider: target.integration.provider,
    connection: target.connection.connectionId,
    function: sync.name,
    meta: { run_id: run.id, sync_id: sync.id, version: fn.version, models: fn.config.models, ...lateness },
  });
  if (lateness.missed > 0 || lateness.late_by_ms > LATE_MS) started.log('warn', wordsOf(lateness), lateness);
  return started;
}

/** What a person would not notice is not worth a line. */
const LATE_MS = 60_000;
type Lateness = { due_at: string; started_at: string; late_by_ms: number; missed: number };

function latenessOf({ clock }: Pick<World, 'clock'>, { dueAt, missed }: Run): Lateness {
  const now = clock.now();
  const due = dueAt ?? now;
  const late = Math.max(0, now.getTime() - due.getTime());
  return { due_at: due.toISOString(), started_at: now.toISOString(), late_by_ms: late, missed };
}

function wordsOf({ due_at, late_by_ms, missed }: Lateness): string {
  const turns = missed === 0 ? '' : `; ${missed} more ${missed === 1 ? 'turn' : 'turns'} of its schedule passed without a run`;
  return `This run was due at ${due_at} and began ${Math.round(late_by_ms / 1000)} s late${turns}`;
}
