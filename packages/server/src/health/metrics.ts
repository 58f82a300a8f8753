/** What an operator watches, as Prometheus reads it: how long work of each class waits, and how much of it runs. Asked of the database each time, so any process answers for all. */
import { workClasses } from '@bowline/api/environment';
import type { Database } from '../base/world.ts';
import { countHeld } from '../limits/budget-row.ts';
import { spendingKinds, spentByKind } from '../limits/spending.ts';
import { countSlots } from '../queue/slots.ts';
import { waitingWork } from './waiting-work.ts';

const SPENT_MS = 3600_000;

export async function metricsText(db: Database, now: Date): Promise<string> {
  const [{ work, syncs }, slots, spent, held] = await Promise.all([
    waitingWork(db, now),
    countSlots(db, 'sync-run'),
    spentByKind(db, new Date(now.getTime() - SPENT_MS)),
    countHeld(db, now),
  ]);
  const of = (name: (typeof workClasses)[number]) => work.find((one) => one.name === name);
  const ofKind = (kind: (typeof spendingKinds)[number]) => spent.find((one) => one.kind === kind);
  return [
    ...gauge('bowline_queue_waiting', 'Work that is due and not taken, by class.', workClasses, (name) => of(name)?.count ?? 0),
    ...gauge('bowline_queue_age_seconds', 'How long the oldest of it has been due.', workClasses, (name) => (of(name)?.ageMs ?? 0) / 1000),
    ...gauge('bowline_syncs_running', 'Syncs that hold a slot, by class.', ['incremental', 'backfill'] as const, (name) =>
      syncs.reduce((sum, one) => sum + (one.backfill === (name === 'backfill') ? one.running : 0), 0),
    ),
    '# HELP bowline_sync_slots Syncs that the living processes run at once.',
    '# TYPE bowline_sync_slots gauge',
    `bowline_sync_slots ${slots}`,
    ...gauge(
      'bowline_provider_requests',
      'Requests to providers in the last hour, by what sent them.',
      spendingKinds,
      (kind) => ofKind(kind)?.requests ?? 0,
    ),
    ...gauge('bowline_provider_refused', 'Those of them that were one too many.', spendingKinds, (kind) => ofKind(kind)?.refused ?? 0),
    ...gauge(
      'bowline_provider_waited_seconds',
      'How long they waited for a rate limit, together.',
      spendingKinds,
      (kind) => (ofKind(kind)?.waitedMs ?? 0) / 1000,
    ),
    '# HELP bowline_provider_limits_held Rate limits of providers that are used up.',
    '# TYPE bowline_provider_limits_held gauge',
    `bowline_provider_limits_held ${held}`,
    '',
  ].join('\n');
}

function gauge<T extends string>(name: string, help: string, labels: readonly T[], value: (label: T) => number): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...labels.map((label) => `${name}{class="${label}"} ${value(label)}`)];
}
