/** The job of an asynchronous action: run it, try it again as often as its caller allowed, keep the result, tell the app. */
import { transaction } from '../base/database.ts';
import { refOf } from '../connections/connection.ts';
import { findConnectionById } from '../connections/find.ts';
import { findFunction } from '../deployments/find.ts';
import { findEnvironment } from '../environments/find.ts';
import { publish } from '../events/publish.ts';
import { internalScope } from '../http/scope.ts';
import { resumeOperation } from '../logs/operation.ts';
import { newOperationId } from '../logs/operation-id.ts';
import { enqueue } from '../queue/enqueue.ts';
import type { Handler } from '../queue/task.ts';
import type { RunWorld } from '../runs/context.ts';
import { endRun, lookRun, startRun } from '../runs/run.ts';
import { isWorthAnotherTry, openOperation, runAction } from './call.ts';

/** Between a failure and the next try. */
const RETRY_MS = 1_000;

export const runActionJob =
  (world: RunWorld): Handler<'action-run'> =>
  async ({ runId, retries = 0 }, { signal }) => {
    const run = await lookRun(world.db, runId);
    if (!run?.publicId) return;
    const { publicId } = run;
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
        : openOperation(world, scope, { ...target, fn }, operationId);
      const job = { ...target, fn, input: run.input, operation, signal, runId, lease };
      const outcome = await runAction(world, scope, job, { triedAgain: retries > 0 });
      if (signal.aborted) throw new Error('This process is stopping; the action runs again elsewhere');
      if (!outcome.ok && retries > 0 && isWorthAnotherTry(outcome.error)) {
        const runAt = new Date(world.clock.now().getTime() + RETRY_MS);
        operation.log('warn', `It failed and is tried again; ${retries} more tries are allowed`);
        return await enqueue(world.db, { task: 'action-run', payload: { runId, retries: retries - 1 }, runAt });
      }
      await transaction(world.db, async (tx) => {
        const won = await endRun(
          tx,
          lease,
          outcome.ok ? { event: 'succeed', output: outcome.output } : { event: 'fail', error: outcome.error },
        );
        if (won) await publish(tx, scope.environment.id, 'action.completed', { connection: refOf(target.connection), id: publicId });
      });
    } catch (error) {
      if (signal.aborted) throw error;
      const message = error instanceof Error ? error.message : String(error);
      await endRun(world.db, run, { event: 'fail', error: { type: 'action_script_failure', message } });
    }
  };
