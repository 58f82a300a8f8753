/** What an operator watches, as Prometheus reads it: how long work of each class waits, and how much of it runs. Asked of the database each time, so any process answers for all. */
import { workClasses } from '@bowline/api/environment';
import type { Database } from '../base/world.ts';
import { countSlots } from '../queue/slots.ts';
import { waitingWork } from './waiting-work.ts';

export async function metricsText(db: Database, now: Date): Promise<string> {
  const [{ work, syncs }, slots] = await Promise.all([waitingWork(db, now), countSlots(db, 'sync-run')]);
  const of = (name: (typeof workClasses)[number]) => work.find((one) => one.name === name);
  return [
    ...gauge('bowline_queue_waiting', 'Work that is due and not taken, by class.', workClasses, (name) => of(name)?.count ?? 0),
    ...gauge('bowline_queue_age_seconds', 'How long the oldest of it has been due.', workClasses, (name) => (of(name)?.ageMs ?? 0) / 1000),
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
