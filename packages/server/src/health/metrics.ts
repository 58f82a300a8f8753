/** What an operator watches, as Prometheus reads it: how long work of each class waits, and how much of it runs. Asked of the database each time, so any process answers for all. */
import type { Database } from '../base/world.ts';
import { countSlots, waitingJobs } from '../queue/slots.ts';
import type { TaskName } from '../queue/task.ts';
import { syncClasses } from '../syncs/waiting.ts';

/** From what somebody waits for to what takes long anyway: each class has workers, or room, that the later ones do not take. */
export type WorkClass = 'action' | 'webhook' | 'incremental' | 'backfill' | 'other';

/** Total: a new kind of job is in a class before it compiles. The jobs of syncs are claimed already and are of both. */
const classOf: Record<Exclude<TaskName, 'sync-run'>, WorkClass> = {
  'action-run': 'action',
  event: 'webhook',
  deliver: 'webhook',
  'on-event-run': 'webhook',
  'post-connection': 'webhook',
  'deploy-function': 'other',
  'dry-run': 'other',
  'sync-retry': 'other',
  'sync-removed': 'other',
  'environment-purge': 'other',
};
const classes: readonly WorkClass[] = ['action', 'webhook', 'incremental', 'backfill', 'other'];

export async function metricsText(db: Database, now: Date): Promise<string> {
  const [jobs, syncs, slots] = await Promise.all([waitingJobs(db), syncClasses(db), countSlots(db, 'sync-run')]);
  const waiting = [
    ...jobs.map(({ task, ...rest }) => ({ name: task in classOf ? classOf[task as keyof typeof classOf] : 'other', ...rest })),
    ...syncs.map(({ backfill, count, since }) => ({ name: backfill ? 'backfill' : 'incremental', count, since })),
  ];
  const of = (name: WorkClass) => waiting.filter((one) => one.name === name);
  const age = (name: WorkClass) => Math.max(0, ...of(name).flatMap(({ since }) => (since ? (now.getTime() - since.getTime()) / 1000 : [])));
  return [
    ...gauge('bowline_queue_waiting', 'Work that is due and not taken, by class.', classes, (name) =>
      of(name).reduce((sum, { count }) => sum + count, 0),
    ),
    ...gauge('bowline_queue_age_seconds', 'How long the oldest of it has been due.', classes, age),
    ...gauge('bowline_syncs_running', 'Syncs that hold a slot, by class.', ['incremental', 'backfill'] as const, (name) =>
      syncs.reduce((sum, one) => sum + (one.backfill === (name === 'backfill') ? one.running : 0), 0),
    ),
    '# HELP bowline_sync_slots Syncs that the living processes run at once.',
    '# TYPE bowline_sync_slots gauge',
    `bowline_sync_slots ${slots}`,
    '',
  ].join('\n');
}

function gauge<T extends string>(name: string, help: string, labels: readonly T[], value: (label: T) => number): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...labels.map((label) => `${name}{class="${label}"} ${value(label)}`)];
}
