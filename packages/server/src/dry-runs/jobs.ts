/**
 * The job of a dry run. It is tried once: a function whose process died may have changed something at its provider already, so a second try is
 * for its author to decide. The job then ends as failed and says so.
 */
import { DryRun } from '@bowline/api/dry-runs';
import { Problem } from '@bowline/api/problem';
import { endJob, type JobEnd, startJob } from '../deployments/job.ts';
import { failureOf } from '../deployments/job-failure.ts';
import { lookEnvironmentById } from '../environments/find.ts';
import { internalScope } from '../http/scope.ts';
import type { Handler } from '../queue/task.ts';
import type { RunWorld } from '../runs/context.ts';
import { type Notes, openNotes } from './notes.ts';
import { rehearse } from './rehearse.ts';

const CUT_SHORT = {
  code: 'dryrun_error',
  message:
    'The platform stopped while this dry run was under way. What the function did at its provider stands; start another dry run to try again.',
};

export const dryRunJob =
  (world: RunWorld): Handler<'dry-run'> =>
  async ({ environmentId, jobId }, { signal }) => {
    const environment = await lookEnvironmentById(world, environmentId);
    if (!environment) return; // deleted meanwhile
    const scope = internalScope(environment);
    const job = await startJob(world.db, environmentId, jobId);
    if (!job) return;
    const notes = openNotes(world);
    const end =
      job.attempts > 1
        ? cutShort(notes)
        : await attempt(world, notes, () => rehearse(world, scope, { wanted: DryRun.parse(job.request), notes, signal }));
    await endJob(world.db, job, signal.aborted && !end.ok ? cutShort(notes) : end);
  };

const cutShort = (notes: Notes): JobEnd => ({ ok: false, error: CUT_SHORT, output: notes.text() });

async function attempt(world: RunWorld, notes: Notes, work: () => Promise<JobEnd>): Promise<JobEnd> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem)) world.log.error({ err: error }, 'a dry run failed unexpectedly');
    return { ok: false, error: failureOf(error, 'dryrun_error'), output: notes.text() };
  }
}
