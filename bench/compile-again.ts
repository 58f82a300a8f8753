/** The process of whoever watches a project: compiles when told to, and says how long that took and how many functions were new. */
import { createCompiler } from '../packages/cli/src/compile/compiler.ts';
import { createTerminal } from '../packages/cli/src/terminal.ts';

const root = process.argv[2] ?? '';
const silent = { write: () => {}, writeError: () => {}, env: {}, cwd: root, isTty: false, ask: undefined };
const compiler = createCompiler(root, createTerminal(silent, false));
process.on('message', async () => {
  const started = performance.now();
  const { changed } = await compiler.compile();
  process.send?.({ ms: performance.now() - started, changed: changed.length });
});
