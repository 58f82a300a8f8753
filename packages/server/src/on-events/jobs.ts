/** Functions that run after a connection was made: each is a run and a job of its own, written with the news. */
import type { World } from '../base/world.ts';
import { findConnectionById, lookConnectionById } from '../connections/find.ts';
import { findFunction } from '../deployments/find.ts';
import { findEnvironment } from '../environments/find.ts';
import type { Listener } from '../events/dispatch.ts';
import { internalScope } from '../http/scope.ts';
import { resumeOperation } from '../logs/operation.ts';
import { newOperationId } from '../logs/operation-id.ts';
import { enqueue } from '../queue/enqueue.ts';
import type { Handler } from '../queue/task.ts';
import type { RunWorld } from '../runs/context.ts';
import { timeoutsMs } from '../runs/execute.ts';
import { createRuns, endRun, lookRun, startRun } from '../runs/run.ts';
import { functionsFor, openOnEvent, runOnEvent } from './run.ts';

/** Also when a connection was made anew: what they set up at the provider may have gone with the old permission. */
export const runFunctionsOfConnection =
  (_world: Pick<World, 'db'>): Listener<'connection.saved'> =>
  async (tx, { environmentId, payload }) => {
    const scope = { environment: { id: environmentId } };
    const found = await lookConnectionById({ db: tx }, scope, payload.connection.id);
    if (!found) return; // deleted meanwhile
    const functions = await functionsFor({ db: tx }, scope, { integrationId: found.integration.id, event: 'post-connection-creation' });
    const connectionId = found.connection.id;
    const runs = await createRuns(
      tx,
      functions.map((fn) => ({ environmentId, connectionId, functionId: fn.id, kind: 'on-event' as const })),
    );
    await enqueue(
      tx,
      runs.map((runId) => ({ task: 'on-event-run' as const, payload: { runId } })),
    );
  };

/** Cut short by the end of a process it runs again; failed by itself it does not: its author decides about a second try. */
export const onEventJob =
  (world: RunWorld): Handler<'on-event-run'> =>
  async ({ runId }, { signal }) => {
    const run = await lookRun(world.db, runId);
    if (!run) return;
    try {
      const scope = internalScope(await findEnvironment(world, run.environmentId));
      const [fn, target] = await Promise.all([
        findFunction(world, scope, run.functionId),
        findConnectionById(world, scope, run.connectionId),
      ]);
      const operationId = run.operationId ?? newOperationId(world);
      const lease = await startRun(world.db, run, operationId);
      if (!lease) return;
      const operation = run.operationId
        ? resumeOperation(world, scope, operationId)
        : openOnEvent(world, scope, { ...target, fn, id: operationId });
      const outcome = await runOnEvent(world, scope, { ...target, fn, operation, runId, lease, timeoutMs: timeoutsMs['on-event'], signal });
      if (signal.aborted) throw new Error('This process is stopping; the function runs again elsewhere');
      await endRun(world.db, lease, outcome.ok ? { event: 'succeed' } : { event: 'fail', error: outcome.error });
    } catch (error) {
      if (signal.aborted) throw error;
      const message = error instanceof Error ? error.message : String(error);
      await endRun(world.db, run, { event: 'fail', error: { type: 'script_failure', message } });
    }
  };
