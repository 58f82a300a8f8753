/** Finish a sync run: its end, the schedule's release and the news for the app are one transaction. What the run saved stays either way. */
import { isPassing } from '@bowline/api/failures';
import type { SandboxOutcome } from '@bowline/sandbox/pool';
import { sql } from 'kysely';
import { one, run, transaction } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import { refOf } from '../connections/connection.ts';
import { clearError, markError } from '../connections/mark-error.ts';
import { type News, publish } from '../events/publish.ts';
import { publishLive } from '../http/live.ts';
import { countsOfRun } from '../records/counts.ts';
import { noteVisit } from '../records/retention.ts';
import { type Checkpoint, getCheckpoint } from '../runs/checkpoint.ts';
import type { RunContext } from '../runs/context.ts';
import { endRun, lookRun, type Run } from '../runs/run.ts';
import { publishHeld } from './held.ts';
import { planRetry } from './retry.ts';
import { succeed, tellCompletions } from './succeed.ts';
import { DUE_CHANNEL, type Sync } from './sync.ts';

export type Finished = { sync: Sync; startedAt: Date; outcome: SandboxOutcome; from: Checkpoint | null };
type Counted = { added: number; updated: number; deleted: number };
type Counts = Readonly<Record<string, Counted>>;
const nothing: Counted = { added: 0, updated: 0, deleted: 0 };

export async function finishSync(context: RunContext, finished: Finished): Promise<void> {
  const { world, scope } = context;
  const { outcome, sync } = finished;
  const interrupted = !outcome.ok && outcome.error.type === 'execution_interrupted';
  const failure = outcome.ok || interrupted ? undefined : outcome.error;
  // Only what went before this attempt, or through a stream that this one opened, can have been counted.
  const counts = isFirst(context) && context.streams.size === 0 ? {} : await countsOfRun(world.db, context.runId);
  const end = (await succeedAtOnce(context, finished, counts))
    ? 'won'
    : await finishSlowly(context, finished, { counts, failure, interrupted });
  // Another process carries it on: the schedule and the log of the run are that one's.
  if (end === 'lost') return;
  if (interrupted) await world.bus.publish(DUE_CHANNEL, {});
  for (const topic of ['syncs', 'records', 'connections'] as const) publishLive(world, scope.environment.id, topic, sync.id);
  endOperation(context, { won: end === 'won', failure, counts });
}

const isFirst = ({ lease }: RunContext) => lease?.attempt === 1;

/** @returns whether that was all */
async function succeedAtOnce(context: RunContext, finished: Finished, counts: Counts): Promise<boolean> {
  const { lease, held } = context;
  if (!finished.outcome.ok || lease?.attempt !== 1 || held.size > 0) return false;
  const { sync, startedAt } = finished;
  return succeed(context, { lease, sync, startedAt, news: await newsOf(context.world.db, context, finished, counts) });
}

type Verdict = { counts: Counts; failure: Failure | undefined; interrupted: boolean };

async function finishSlowly(
  context: RunContext,
  finished: Finished,
  { counts, failure, interrupted }: Verdict,
): Promise<'won' | 'lost' | 'cancelled'> {
  const { world, operation, scope } = context;
  const { sync } = finished;
  return transaction(world.db, async (tx) => {
    // First the sync, then its run, as whoever controls it takes them: in the other order the two would wait for each other.
    await run(tx, sql`select from syncs where environment_id = ${scope.environment.id} and id = ${sync.id} for update`);
    const ours = context.lease ?? { id: context.runId, environmentId: scope.environment.id };
    const ended = await endRun(tx, ours, failure ? { event: 'fail', error: failure } : { event: 'succeed' });
    if (!ended && (await isUnderWay(tx, context.runId))) return 'lost';
    const failures = await release(tx, context, {
      ...finished,
      succeeded: ended && !failure,
      failed: ended && failure !== undefined,
      interrupted,
    });
    if (!ended) return 'cancelled';
    await noteVisit(tx, scope, { connection: context.connection.id, models: context.fn.config.models, variant: context.variant });
    await publishHeld(tx, context, sync);
    const mark = { environmentId: scope.environment.id, id: context.connection.id, type: 'sync' as const, key: sync.id };
    if (failure) {
      if (isPassing(failure)) await planRetry(tx, { ...sync, runId: context.runId }, failures);
      await markError(tx, mark, operation.id);
      await publishFailure(tx, context, finished, failure);
    } else {
      await clearError(tx, mark);
      await tellCompletions(tx, context, await newsOf(tx, context, finished, counts));
    }
    return 'won';
  });
}

async function isUnderWay(tx: Database, runId: number): Promise<boolean> {
  const state = (await lookRun(tx, runId))?.state;
  return state === 'queued' || state === 'running';
}

type Release = Finished & { succeeded: boolean; failed: boolean; interrupted: boolean };

/** @returns how many runs in a row have failed now */
async function release(
  tx: Database,
  { scope, runId }: RunContext,
  { sync, startedAt, succeeded, failed, interrupted }: Release,
): Promise<number> {
  const released = await one<{ failures: number }>(
    tx,
    sql`update syncs set active_run = null, triggered_at = null,
               last_success_started_at = case when ${succeeded} then ${startedAt}::timestamptz else last_success_started_at end,
               next_run_at = case when ${interrupted} then now() else next_run_at end,
               failures = case when ${succeeded} then 0 when ${failed} then failures + 1 else failures end
         where environment_id = ${scope.environment.id} and id = ${sync.id} and active_run = ${runId}
        returning failures`,
  );
  return released?.failures ?? 0;
}

/** Lets the sync run again after a run that never began. */
export async function releaseSync(
  db: Database,
  { id, environmentId, syncId }: Pick<Run, 'id' | 'environmentId' | 'syncId'>,
): Promise<void> {
  await run(
    db,
    sql`update syncs set active_run = null, triggered_at = null where environment_id = ${environmentId} and id = ${syncId} and active_run = ${id}`,
  );
}

const syncTypeOf = (sync: Sync) => (sync.lastSuccessStartedAt ? 'INCREMENTAL' : 'INITIAL') as 'INCREMENTAL' | 'INITIAL';

/** One event per model; whether an unchanged one is worth a webhook is the environment's to say. */
async function newsOf(db: Database, context: RunContext, { sync, startedAt, from }: Finished, counts: Counts): Promise<News[]> {
  const { scope, connection, checkpointKey } = context;
  // One that was begun before may have moved it then.
  const isMoved = !isFirst(context) || context.checkpointKeys.size > 0;
  const to = isMoved ? await getCheckpoint(db, { environmentId: scope.environment.id, connectionId: connection.id }, checkpointKey) : from;
  return context.fn.config.models.map((model) => ({
    type: 'sync.completed',
    payload: {
      connection: refOf(connection),
      syncName: sync.name,
      syncVariant: sync.variant,
      model,
      syncType: syncTypeOf(sync),
      modifiedAfter: startedAt.toISOString(),
      responseResults: counts[model] ?? nothing,
      ...(from || to ? { checkpoints: { from, to } } : {}),
    },
  }));
}

async function publishFailure(
  tx: Database,
  context: RunContext,
  { sync, startedAt }: Finished,
  failure: { type: string; message: string },
): Promise<void> {
  await publish(tx, context.scope.environment.id, 'sync.failed', {
    connection: refOf(context.connection),
    syncName: sync.name,
    syncVariant: sync.variant,
    models: context.fn.config.models,
    syncType: syncTypeOf(sync),
    error: { type: failure.type, description: failure.message },
    startedAt: startedAt.toISOString(),
    failedAt: context.world.clock.now().toISOString(),
  });
}

type Failure = Extract<SandboxOutcome, { ok: false }>['error'];
type End = { won: boolean; failure: Failure | undefined; counts: Counts };

function endOperation({ operation }: RunContext, { won, failure, counts }: End): void {
  const meta = { counts };
  if (!won) operation.end({ state: 'cancelled', meta });
  else if (!failure) operation.end({ state: 'success', meta });
  else {
    operation.log('error', failure.message, { type: failure.type, payload: failure.payload, stack: failure.stack });
    operation.end({
      state: failure.type === 'execution_timeout' ? 'timeout' : 'failed',
      error: failure.message,
      meta: { ...meta, error_type: failure.type },
    });
  }
}
