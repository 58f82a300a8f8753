/** `bowline compile`: types, bundles, definitions; writes `build/` and `.nango/nango.json`. */
import { compile } from '../compile/compile.ts';
import type { Compiled } from '../compile/compiled.ts';
import { findProject } from '../project/find.ts';
import { counted, type Terminal } from '../terminal.ts';

export const compileCommand = async (root: string, options: { strict?: boolean }, terminal: Terminal): Promise<void> => {
  const project = findProject(root);
  const { compiled, warnings } = await compile(project, terminal, options);
  terminal.print(`Compiled ${counted(compiled.length, 'function')} into ${root}/build`);
  terminal.result({ ok: true, functions: compiled.map(summaryOf), warnings });
};

const summaryOf = ({ definition: { kind, entry } }: Compiled) => ({
  integration: entry.integration,
  type: kind,
  name: entry.name,
  file: entry.file,
});
