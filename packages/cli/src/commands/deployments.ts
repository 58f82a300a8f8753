/** `bowline deployments`: when functions changed, by whom, and what. */
import type { DeploymentWithChanges, FunctionChange } from '@bowline/api/history';
import type { TargetOptions } from '../deploy/target.ts';
import { ask, openRemote } from '../remote/server.ts';
import { printTable } from '../remote/table.ts';
import { counted, type Terminal } from '../terminal.ts';

export type DeploymentsOptions = TargetOptions & { limit: number };

export const deploymentsCommand = async (root: string, options: DeploymentsOptions, terminal: Terminal): Promise<void> => {
  const remote = openRemote(root, options, terminal);
  const { data: deployments } = await ask(remote, (api) => api.history.deployments({ query: { limit: options.limit } }));
  if (deployments.length === 0) terminal.print(`Nothing was ever deployed to this environment of ${remote.target.host}.`);
  else {
    printTable(['NUMBER', 'WHAT', 'WHEN', 'BY', 'CHANGES'], deployments.map(rowOf), terminal);
    terminal.print(terminal.colours.dim('Back to how everything was after one: bowline rollback --to <number> --plan'));
  }
  terminal.result({ ok: true, deployments });
};

const rowOf = ({ number, kind, target, created_at, deployed_by, changes, unchanged }: DeploymentWithChanges): string[] => [
  String(number),
  target === null ? kind : `${kind} to ${target}`,
  created_at,
  deployed_by?.name ?? '-',
  summary(changes, unchanged),
];

const NAMED_MAX = 3;

/** A few by name, many by how many of each. */
const summary = (changes: readonly FunctionChange[], unchanged: number): string => {
  if (changes.length === 0) return `${counted(unchanged, 'function')} unchanged`;
  if (changes.length <= NAMED_MAX)
    return changes.map(({ change, integration, name }) => `${words[change]} ${integration}/${name}`).join(', ');
  const kinds = [...new Set(changes.map(({ change }) => change))];
  return kinds.map((kind) => `${changes.filter(({ change }) => change === kind).length} ${words[kind]}`).join(', ');
};

const words: Record<FunctionChange['change'], string> = {
  created: 'created',
  updated: 'updated',
  deleted: 'deleted',
  rolled_back: 'rolled back',
  restored: 'restored',
};
