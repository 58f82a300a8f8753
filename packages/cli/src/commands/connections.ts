/** `bowline connections`: who is connected, and whether it works. */
import type { ConnectionSummary } from '@bowline/api/connections';
import type { TargetOptions } from '../deploy/target.ts';
import { ask, openRemote } from '../remote/server.ts';
import { printTable } from '../remote/table.ts';
import type { Terminal } from '../terminal.ts';

export type ConnectionsOptions = TargetOptions & { integration?: string; search?: string; limit: number };

export const connectionsCommand = async (root: string, options: ConnectionsOptions, terminal: Terminal): Promise<void> => {
  const { integration, search, limit } = options;
  const remote = openRemote(root, options, terminal);
  const query = { integrationId: integration, search, limit };
  const { connections } = await ask(remote, (api) => api.connections.list({ query }));
  if (connections.length === 0) terminal.print(`No connections${integration || search ? ' like that' : ''} on ${remote.target.host}.`);
  else printTable(['CONNECTION', 'INTEGRATION', 'PROVIDER', 'END USER', 'ERRORS', 'CREATED'], connections.map(rowOf), terminal);
  if (connections.length === limit)
    terminal.print(terminal.colours.dim(`There may be more than ${limit}: --limit, --search, --integration.`));
  terminal.result({ ok: true, connections });
};

const rowOf = ({ connection_id, provider_config_key, provider, end_user, errors, created }: ConnectionSummary): string[] => [
  connection_id,
  provider_config_key,
  provider,
  end_user?.email ?? end_user?.display_name ?? end_user?.id ?? '-',
  errors.map(({ type }) => type).join(', ') || '-',
  created,
];
