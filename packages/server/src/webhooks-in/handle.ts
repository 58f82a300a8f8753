/**
 * Run a sync's webhook handler for one event on one connection. It may run beside the sync, and goes by the records' own rules for that; cut short by the
 * end of a process it runs again, and failed for a reason that may pass it is tried again.
 */
import { isPassing } from '@bowline/api/failures';
import { Problem, problem } from '@bowline/api/problem';
import type { SandboxOutcome } from '@bowline/sandbox/pool';
import { sql } from 'kysely';
import { one, transaction } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import { findConnectionById } from '../connections/find.ts';
import type { Target } from '../connections/target.ts';
import { findFunction } from '../deployments/find.ts';
import type { DeployedFunction } from '../deployments/function.ts';
import { findEnvironment } from '../environments/find.ts';
import { internalScope, type Scope } from '../http/scope.ts';
import { type OperationHandle, resumeOperation, startOperation } from '../logs/operation.ts';
import { newOperationId } from '../logs/operation-id.ts';
import { providerOf } from '../providers/own.ts';
import { enqueue } from '../queue/enqueue.ts';
import type { JobContext } from '../queue/task.ts';
import { checkpointKey } from '../runs/checkpoint.ts';
import { noProgress, type RunContext, type RunWorld } from '../runs/context.ts';
import { execute, timeoutsMs } from '../runs/execute.ts';
import { endRun, type Lease, lookRun, type Run, startRun } from '../runs/run.ts';
import { nextInTurn } from '../runs/turn.ts';
import { listSyncs } from '../syncs/find.ts';
import { publishOutcome } from '../syncs/outcome.ts';
import { open } from '../vault/open.ts';
import { incomingPlace, unpack } from './incoming-webhook.ts';
import { RUN_PRIORITY } from './process.ts';
import { readWebhook, routeWebhook } from './routing/route.ts';

/** After 5 s, 30 s, 2 min, 10 min: a provider that is away for longer is the next poll's. */
const RETRY_MS = [5_000, 30_000, 120_000, 600_000];

type Handling = { readonly job: JobContext; readonly tries: number };
type Prepared = Target & { readonly scope: Scope; readonly fn: DeployedFunction; readonly payload: unknown };

/** Throws when this process stops before the handler is done, or something of the platform's own failed. */
export async function handleWebhook(world: RunWorld, runId: number, { job, tries }: Handling): Promise<void> {
  const run = await lookRun(world.db, runId);
  if (!run || (run.state !== 'queued' && run.state !== 'running')) return;
  const prepared = await prepare(world, run);
  if (!prepared) return;
  const { scope, fn } = prepared;
  const operationId = run.operationId ?? newOperationId(world);
  const lease = await startRun(world.db, run, operationId);
  if (!lease) return;
  const operation = run.operationId ? resumeOperation(world, scope, operationId) : openOperation(world, { ...prepared, run, operationId });
  const context = contextOf(world, { ...prepared, run, lease, operation, signal: job.signal });
  const base = (await listSyncs(world.db, scope, [run.connectionId])).find(
    ({ functionId, variant }) => functionId === fn.id && variant === 'base',
  );
  const outcome = await execute(context, {
    kind: 'webhook',
    timeoutMs: timeoutsMs.webhook,
    payload: prepared.payload,
    ...(base ? { syncId: base.id } : {}),
  });
  if (job.signal.aborted) throw new Error('This process is stopping; the handler runs again elsewhere');
  await finish(world, context, { run, lease, outcome, tries });
}

/** Its function, connection or webhook is gone for good: it ends, and the next has its turn. */
async function prepare(world: RunWorld, run: Run): Promise<Prepared | undefined> {
  const own = { environment: { id: run.environmentId } };
  try {
    const [environment, fn, target] = await Promise.all([
      findEnvironment(world, run.environmentId),
      findFunction(world, own, run.functionId),
      findConnectionById(world, own, run.connectionId),
    ]);
    return { scope: internalScope(environment), fn, ...target, payload: await payloadOf(world, target, run) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    await transaction(world.db, async (tx) => {
      await endRun(tx, run, { event: 'cancel', error: { type: 'script_aborted', message: error.message } });
      await wakeNext(tx, run);
    });
    return undefined;
  }
}

/** What is stored is read as it was when the run was made. @throws Problem when it is not there any more */
async function payloadOf(world: RunWorld, { integration }: Target, { environmentId, webhookId: id, webhookPart }: Run): Promise<unknown> {
  const row = id === null ? undefined : await lookSealed(world.db, environmentId, id);
  if (id === null || !row) throw problem('not_found', { message: 'The webhook is not kept any more' });
  const incoming = unpack(await open(world.keyring, incomingPlace({ environmentId, id }), row.sealed));
  const event = routeWebhook(providerOf(world, integration)?.webhook, await readWebhook(incoming)).events[webhookPart ?? 0];
  if (!event) throw problem('not_found', { message: 'The provider’s webhooks are read in another way since this one came' });
  return event.payload;
}

const lookSealed = (db: Database, environmentId: number, id: string) =>
  one<{ sealed: Buffer }>(db, sql`select sealed from incoming_webhooks where environment_id = ${environmentId} and id = ${id}`);

type Carrying = Target & {
  readonly scope: Scope;
  readonly fn: DeployedFunction;
  readonly run: Run;
  readonly lease: Lease;
  readonly operation: OperationHandle;
  readonly signal: AbortSignal;
};

function contextOf(world: RunWorld, { scope, fn, connection, integration, run, lease, operation, signal }: Carrying): RunContext {
  return {
    ...{ world, scope, fn, connection, integration, runId: run.id, lease, operation, signal },
    variant: 'base',
    // Of its own: a handler that ran while its sync does must not move the place where that goes on.
    checkpointKey: checkpointKey('webhook', fn.name),
    hasRecords: true,
    writes: 'beside',
    ...noProgress(),
  };
}

function openOperation(
  world: RunWorld,
  { scope, fn, connection, integration, run, operationId }: Prepared & { readonly run: Run; readonly operationId: string },
): OperationHandle {
  return startOperation(world, scope, {
    id: operationId,
    type: 'webhook',
    action: 'incoming',
    title: `Webhook for ${fn.name}`,
    integration: integration.uniqueKey,
    provider: integration.provider,
    connection: connection.connectionId,
    function: fn.name,
    meta: { run_id: run.id, webhook_id: run.webhookId, version: fn.version },
  });
}

type Finishing = { readonly run: Run; readonly lease: Lease; readonly outcome: SandboxOutcome; readonly tries: number };

async function finish(world: RunWorld, context: RunContext, { run, lease, outcome, tries }: Finishing): Promise<void> {
  const delayMs = !outcome.ok && isPassing(outcome.error) ? RETRY_MS[tries] : undefined;
  const { operation } = context;
  if (delayMs !== undefined && !outcome.ok) {
    const runAt = new Date(world.clock.now().getTime() + delayMs);
    operation.log('warn', `${outcome.error.message}. It is tried again in ${delayMs / 1_000} s`, { type: outcome.error.type });
    return enqueue(world.db, { task: 'webhook-run', payload: { runId: run.id, tries: tries + 1 }, runAt, priority: RUN_PRIORITY });
  }
  const won = await transaction(world.db, async (tx) => {
    const ended = await endRun(tx, lease, outcome.ok ? { event: 'succeed' } : { event: 'fail', error: outcome.error });
    if (!ended) return false;
    await publishOutcome(tx, context, { startedAt: run.startedAt ?? world.clock.now(), outcome });
    await wakeNext(tx, run);
    return true;
  });
  if (!won) return;
  if (outcome.ok) return operation.end({ state: 'success' });
  const { type, message, payload, stack } = outcome.error;
  operation.log('error', message, { type, payload, stack });
  operation.end({ state: type === 'execution_timeout' ? 'timeout' : 'failed', error: message, meta: { error_type: type } });
}

async function wakeNext(tx: Database, run: Run): Promise<void> {
  const next = await nextInTurn(tx, run);
  if (next !== undefined) await enqueue(tx, { task: 'webhook-run', payload: { runId: next, tries: 0 }, priority: RUN_PRIORITY });
}
