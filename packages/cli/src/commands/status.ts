/** `bowline status`: how the syncs of one connection are doing. */
import type { SyncStatus } from '@bowline/api/syncs';
import type { TargetOptions } from '../deploy/target.ts';
import { ask, openRemote } from '../remote/server.ts';
import { printTable } from '../remote/table.ts';
import type { Terminal } from '../terminal.ts';

type Names = { integration: string; connection: string };

export const statusCommand = async (root: string, names: Names, options: TargetOptions, terminal: Terminal): Promise<void> => {
  const remote = openRemote(root, options, terminal);
  const query = { syncs: '*', provider_config_key: names.integration, connection_id: names.connection } as const;
  const { syncs } = await ask(remote, (api) => api.syncs.status({ query }));
  const head = ['SYNC', 'STATE', 'LAST RUN', 'NEXT RUN', 'EVERY', 'RECORDS', 'LAST CHANGES'];
  if (syncs.length === 0) terminal.print(`${names.integration} has no syncs for ${names.connection}. Deploy one: bowline deploy.`);
  else printTable(head, syncs.map(rowOf), terminal);
  terminal.result({ ok: true, syncs });
};

const rowOf = ({ name, variant, status, finishedAt, nextScheduledSyncAt, frequency, recordCount, latestResult }: SyncStatus): string[] => [
  variant === 'base' ? name : `${name}::${variant}`,
  status,
  finishedAt ?? '-',
  nextScheduledSyncAt ?? '-',
  frequency,
  listOf(recordCount, String),
  listOf(latestResult ?? {}, ({ added, updated, deleted }) => `+${added} ~${updated} -${deleted}`),
];

const listOf = <T>(byModel: Readonly<Record<string, T>>, show: (one: T) => string): string =>
  Object.entries(byModel)
    .map(([model, one]) => `${model} ${show(one)}`)
    .join(', ') || '-';
