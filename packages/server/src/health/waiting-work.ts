/** How long work of each class waits, over all environments: what the metrics and the list of processes show. */
import { type WaitingClass, type WorkClass, workClasses } from '@bowline/api/environment';
import type { Database } from '../base/world.ts';
import { waitingJobs } from '../queue/slots.ts';
import type { TaskName } from '../queue/task.ts';
import { type ClassOfSyncs, syncClasses } from '../syncs/waiting.ts';

/** Total: a new kind of job is in a class before it compiles. */
const classOf: Record<TaskName, WorkClass> = {
  'action-run': 'action',
  event: 'webhook',
  deliver: 'webhook',
  'webhooks-route': 'webhook',
  'webhook-run': 'webhook',
  'on-event-run': 'webhook',
  'post-connection': 'webhook',
  subscription: 'webhook',
  'ensure-subscriptions': 'webhook',
  'deploy-function': 'other',
  'dry-run': 'other',
  'sync-retry': 'other',
  'sync-removed': 'other',
  'environment-purge': 'other',
};

/** `ageMs`: since the one that waits longest is due; null: none waits. */
export type WaitingWork = { readonly name: WorkClass; readonly count: number; readonly ageMs: number | null };

/** @returns one for each class, the most urgent first */
export async function waitingWork(
  db: Database,
  now: Date,
): Promise<{ readonly work: WaitingWork[]; readonly syncs: readonly ClassOfSyncs[] }> {
  const [jobs, syncs] = await Promise.all([waitingJobs(db), syncClasses(db)]);
  const waiting = [
    ...jobs.map(({ task, ...rest }) => ({ name: task in classOf ? classOf[task as keyof typeof classOf] : 'other', ...rest })), // `in` proved it
    ...syncs.map(({ backfill, count, since }) => ({ name: backfill ? 'backfill' : 'incremental', count, since })),
  ];
  const work = workClasses.map((name) => {
    const those = waiting.filter((one) => one.name === name);
    const ages = those.flatMap(({ since }) => (since ? Math.max(0, now.getTime() - since.getTime()) : []));
    return { name, count: those.reduce((sum, { count }) => sum + count, 0), ageMs: ages.length > 0 ? Math.max(...ages) : null };
  });
  return { work, syncs };
}

/** As the API shows it: without counts, since the work is of all environments. */
export async function wireWaiting(db: Database, now: Date): Promise<WaitingClass[]> {
  const { work } = await waitingWork(db, now);
  return work.map(({ name, ageMs }) => ({ class: name, age_ms: ageMs }));
}
