/** The result of an action that was called asynchronously. */
import { problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { lookPublicRun } from '../runs/run.ts';
import { runProblem } from './call.ts';

/** @returns JSON text, `null` for an action that returned nothing. @throws not_found, action_pending, and how a run can fail */
export async function actionResult(world: Pick<World, 'db'>, scope: Scope, id: string): Promise<string> {
  const run = await lookPublicRun(world.db, scope.environment.id, id);
  if (!run) throw problem('not_found', { message: 'There is no action call with this id' });
  if (run.state === 'queued' || run.state === 'running') throw problem('action_pending', { payload: { state: run.state } });
  if (run.state === 'success') return run.output ?? 'null';
  throw runProblem(run.error ?? { type: 'script_aborted', message: 'The run was cancelled' });
}
