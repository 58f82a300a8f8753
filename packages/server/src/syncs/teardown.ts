/** What a removed sync leaves behind goes in a job of its own: its checkpoint, and the records of models that no other sync of the integration keeps. */
import type { World } from '../base/world.ts';
import { findConnectionById } from '../connections/find.ts';
import { listFunctions, lookModels } from '../deployments/find.ts';
import type { Scope } from '../http/scope.ts';
import { emptyStream, removeStream } from '../records/empty.ts';
import { fenceOut, lookStream } from '../records/stream.ts';
import { checkpointKey, clearCheckpoint } from '../runs/checkpoint.ts';

export type Removed = {
  readonly connectionId: number;
  readonly functionId: number;
  readonly name: string;
  readonly variant: string;
  /** The run that was cancelled with it: it may live on for a moment. */
  readonly activeRun: number | null;
};

/** Safe to repeat. A sync that was deployed again meanwhile keeps what it has. */
export async function tearDown(world: Pick<World, 'db'>, scope: Scope, removed: Removed): Promise<void> {
  const owner = { environmentId: scope.environment.id, connectionId: removed.connectionId };
  const found = await findConnectionById(world, scope, removed.connectionId).catch(() => undefined); // deleted: its own purge takes all
  if (!found) return;
  const syncs = (await listFunctions(world, scope, [found.integration.id])).filter(({ type }) => type === 'sync');
  if (!syncs.some(({ name }) => name === removed.name)) {
    await clearCheckpoint(world.db, owner, checkpointKey('sync', removed.name, removed.variant));
  }
  const kept = new Set(syncs.flatMap(({ config }) => config.models));
  for (const model of await lookModels(world, scope, removed.functionId)) {
    if (kept.has(model)) continue;
    const stream = await lookStream(world.db, scope, { connection: removed.connectionId, model, variant: removed.variant });
    if (!stream) continue;
    if (removed.activeRun === null) await removeStream(world, scope, stream);
    else {
      // The row stays to fence the run out: without it the run's next batch would make a stream that nobody removes.
      await fenceOut(world.db, scope, stream, removed.activeRun + 1);
      await emptyStream(world, scope, stream);
    }
  }
}
