/** The doors of dry runs. */
import { dryRuns } from '@bowline/api/dry-runs';
import { problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';
import { lookJob, startedJob, wireJob } from '../deployments/job.ts';
import type { Serve } from '../http/serve.ts';
import { startDryRun } from './start.ts';

export function bindDryRunRoutes(serve: Serve, world: World): void {
  serve(dryRuns.start).by(async ({ body }, scope) => startedJob(await startDryRun(world, scope, body)));
  serve(dryRuns.get).by(async ({ params }, scope) => {
    const job = await lookJob(world.db, scope, { kind: 'dryrun', id: params.id });
    if (!job) throw problem('dryrun_not_found', { message: 'There is no dry run with this id; they are kept for 14 days' });
    return { ...wireJob(job), ...(job.state === 'success' ? { result: job.result } : {}) };
  });
  serve(dryRuns.result).by(() => {
    throw problem('forbidden', { message: 'Only sandboxes report here, and those of this server do not need to' });
  });
}
