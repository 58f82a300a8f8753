/** Cancel runs: final in the database first, then told to whichever process runs them. What they saved so far stays. */
import type { World } from '../base/world.ts';
import { endRun } from '../runs/run.ts';
import { CANCEL_CHANNEL } from './sync.ts';

export async function cancelRuns(world: Pick<World, 'db' | 'bus'>, environmentId: number, runIds: readonly number[]): Promise<void> {
  for (const id of runIds) {
    const error = { type: 'script_aborted', message: 'The run was cancelled' };
    if (await endRun(world.db, { id, environmentId }, { event: 'cancel', error }))
      await world.bus.publish(CANCEL_CHANNEL, { runId: id }, world.db);
  }
}
