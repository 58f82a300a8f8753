/** Full crawls that the platform begins for a sync: those declared with `trackDeletes`, and those the older call at the end implies. */
import type { World } from '../base/world.ts';
import { findBundle } from '../deployments/code.ts';
import { findFunction } from '../deployments/find.ts';
import type { Scope } from '../http/scope.ts';
import { emptyStream } from '../records/empty.ts';
import { fenceOut, openStream } from '../records/stream.ts';
import { forgetTracking, startTracking } from '../records/track-deletes.ts';
import type { RunContext } from '../runs/context.ts';
import { endCrawl, noteFlaws } from '../runs/end-crawl.ts';
import { openModel } from '../runs/host-records.ts';
import { fenced } from '../runs/lease.ts';
import type { Sync } from './sync.ts';

/** What was not met can only be known when what is met is noted from the start. */
export async function beginCrawls(context: RunContext): Promise<void> {
  const { scope, fn, runId } = context;
  if (!(await wantsCrawl(context))) return;
  for (const model of fn.config.models) {
    const stream = await openModel(context, model);
    await fenced(context, ({ db }) => startTracking({ db }, scope, { stream, runId }));
  }
}

/** What the author need not do: a sync declared with `trackDeletes` ends its crawls by returning. */
export async function endCrawls(context: RunContext): Promise<void> {
  const { fn, runId } = context;
  if (!fn.config.trackDeletes) return;
  await noteFlaws(context);
  for (const model of fn.config.models) {
    const stream = await openModel(context, model);
    await endCrawl(context, model, { stream, runId });
  }
}

async function wantsCrawl({ world, scope, fn }: RunContext): Promise<boolean> {
  if (fn.config.trackDeletes) return true;
  return (await findBundle(world, scope, fn)).includes('deleteRecordsFromPreviousExecutions');
}

/** Forgets the crawl under way, for a sync that starts over with this run; with `empty` the records too. */
export async function resetRecords(
  world: Pick<World, 'db'>,
  scope: Scope,
  sync: Sync,
  { runId, empty }: { runId: number; empty: boolean },
): Promise<void> {
  const fn = await findFunction(world, scope, sync.functionId);
  for (const model of fn.config.models) {
    // Made if need be: the cancelled run may be about to write its first record, and only an existing stream can fence it out.
    const stream = await openStream(world.db, scope, { connection: sync.connectionId, model, variant: sync.variant });
    await (empty ? emptyStream : forgetTracking)(world, scope, stream);
    // A batch of the cancelled run may be waiting for this very stream: it must not be written over what was just reset.
    await fenceOut(world.db, scope, stream, runId);
  }
}
