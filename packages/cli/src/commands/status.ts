/** `bowline status`: how the syncs of one connection are doing. */
import type { SyncStatus, WaitingFor } from '@bowline/api/syncs';
import type { TargetOptions } from '../deploy/target.ts';
import { ask, openRemote } from '../remote/server.ts';
import { spanOf } from '../remote/span.ts';
import { printTable } from '../remote/table.ts';
import type { Terminal } from '../terminal.ts';

type Names = { integration: string; connection: string };

export const statusCommand = async (root: string, names: Names, options: TargetOptions, terminal: Terminal): Promise<void> => {
  const remote = openRemote(root, options, terminal);
  const { syncs } = await ask(remote, (api) => api.syncs.status({ query: { syncs: '*', ...namesOf(names) } }));
  const head = ['SYNC', 'STATE', 'LAST RUN', 'NEXT RUN', 'LATE', 'EVERY', 'RECORDS', 'LAST CHANGES'];
  if (syncs.length === 0) terminal.print(`${names.integration} has no syncs for ${names.connection}. Deploy one: bowline deploy.`);
  else printTable(head, syncs.map(rowOf), terminal);
  const held = await ask(remote, async (api) => (await api.syncs.heldDeletions({ query: namesOf(names) })).held);
  for (const { model, variant, count, of, reason } of held)
    terminal.print(
      terminal.colours.yellow(
        `${count} of ${of} ${model} records${variant === 'base' ? '' : ` (${variant})`} wait to be deleted: ${reasons[reason]} See docs/deletions.md.`,
      ),
    );
  terminal.result({ ok: true, syncs, held });
};

const namesOf = ({ integration, connection }: Names) => ({ provider_config_key: integration, connection_id: connection });

const reasons = {
  many_records: 'a run did not meet them, and that is more than it deletes by itself.',
  failed_requests: 'requests of a run failed and it went on, so it cannot know.',
};

const rowOf = ({
  name,
  variant,
  status,
  finishedAt,
  nextScheduledSyncAt,
  lateness,
  frequency,
  recordCount,
  latestResult,
}: SyncStatus): string[] => [
  variant === 'base' ? name : `${name}::${variant}`,
  status,
  finishedAt ?? '-',
  nextScheduledSyncAt ?? '-',
  late(lateness),
  frequency,
  listOf(recordCount, String),
  listOf(latestResult ?? {}, ({ added, updated, deleted }) => `+${added} ~${updated} -${deleted}`),
];

/** A server of an earlier release does not tell. */
const late = (lateness: SyncStatus['lateness'] | undefined): string => {
  if (lateness?.waitingSince)
    return `waits ${spanOf(Date.now() - Date.parse(lateness.waitingSince))} for ${room[lateness.waitingFor ?? 'next']}`;
  const parts = [
    (lateness?.lateByMs ?? 0) >= 1000 ? spanOf(lateness?.lateByMs ?? 0) : '',
    lateness?.missed ? `${lateness.missed} missed` : '',
  ];
  return parts.filter(Boolean).join(', ') || '-';
};

const room: Readonly<Record<WaitingFor | 'next', string>> = {
  connection: 'room of its connection',
  integration: 'room of its integration',
  environment: 'room of its environment',
  first_runs: 'room of first runs',
  machine: 'a process',
  next: 'its turn',
};

const listOf = <T>(byModel: Readonly<Record<string, T>>, show: (one: T) => string): string =>
  Object.entries(byModel)
    .map(([model, one]) => `${model} ${show(one)}`)
    .join(', ') || '-';
