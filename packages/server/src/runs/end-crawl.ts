/** Ends a full crawl of a run. What its guard holds back is told in the run's log here, and to the app when the run ends (`syncs/finish.ts`). */
import { deletionGuard } from '../environments/deletion-guard.ts';
import { type CrawlEnd, endTracking, flawCrawls, type TrackInput } from '../records/track-deletes.ts';
import type { RunContext } from './context.ts';
import { fenced } from './lease.ts';

/** @returns undefined when no crawl is under way. @throws SupersededError */
export async function endCrawl(context: RunContext, model: string, writer: TrackInput): Promise<CrawlEnd | undefined> {
  const { world, scope, operation } = context;
  const guard = await deletionGuard(world.db, scope.environment.id);
  const end = await fenced(context, ({ db }) => endTracking({ db }, scope, { ...writer, guard }));
  if (end?.held) {
    context.held.add(model);
    const { count, live, reason } = end.held;
    operation.log('warn', `${model}: ${count} of ${live} records were not met. ${told[reason]}`, { model, count, live, reason });
  }
  return end;
}

const told = {
  many_records: 'That is more than is deleted without a word: they stay until you approve it, or a later run meets them.',
  failed_requests:
    'Requests of this run failed and it went on, so that proves nothing: they stay until a run without failures, or until you approve it.',
};

/**
 * The function goes on after a request that failed for good: what the crawl under way does not meet proves nothing any more. Asked at the next thing
 * it saves, so neither a request that it repeats with success counts, nor one that ends the run: the next run begins again before it.
 */
export async function noteFlaws({ world, scope, fn, connection, variant, failedRequests }: RunContext): Promise<void> {
  if (failedRequests.size === 0) return;
  failedRequests.clear();
  await flawCrawls(world.db, scope, { connection: connection.id, models: fn.config.models, variant });
}
