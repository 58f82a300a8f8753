/** `bowline versions`: what a function was, deployment by deployment. */
import type { FunctionVersion } from '@bowline/api/history';
import type { TargetOptions } from '../deploy/target.ts';
import { type TypeFlags, typeOfFlags } from '../project/place.ts';
import { openRemote } from '../remote/server.ts';
import { printTable } from '../remote/table.ts';
import { versionsOf } from '../remote/versions.ts';
import type { Terminal } from '../terminal.ts';

export type VersionsOptions = TargetOptions & TypeFlags;
type Names = { integration: string; name: string };

export const versionsCommand = async (root: string, names: Names, options: VersionsOptions, terminal: Terminal): Promise<void> => {
  const type = typeOfFlags(options);
  const remote = openRemote(root, options, terminal);
  const versions = await versionsOf(remote, { ...names, type });
  printTable(['NUMBER', 'VERSION', '', 'DEPLOYED', 'BY', 'SOURCE', 'DEPLOYMENT', 'CODE'], versions.map(rowOf), terminal);
  const { integration, name } = names;
  terminal.print(
    terminal.colours.dim(
      `Back to one: bowline rollback ${integration} ${name} --to <number>. Its source: bowline pull … --version <number>.`,
    ),
  );
  terminal.result({ ok: true, integration, name, type: versions[0]?.type, versions });
};

const rowOf = ({ number, version, current, created_at, deployed_by, source, deployment, code_hash, code_kept }: FunctionVersion) => [
  String(number),
  `v${version}`,
  current ? 'runs' : '',
  created_at,
  deployed_by?.name ?? '-',
  source,
  String(deployment),
  code_kept ? code_hash : 'no longer kept',
];
