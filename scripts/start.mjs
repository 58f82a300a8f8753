/**
 * `npm start`: from a bare clone to a running platform, in this one process, with the demo played on an empty data folder.
 * A second start only checks that nothing changed.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { install, requireNode } from './install.mjs';
import { say } from './say.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
requireNode();
await install();
const { build } = await import('./build.mjs'); // only now: it needs what was installed
await build();
for (const bundle of ['packages/server/dist/main.js', 'demo/dist/demo.js']) {
  if (existsSync(root + bundle)) continue;
  console.error(`${bundle} is missing: it was not built.`);
  process.exit(1);
}
process.setSourceMapsEnabled(true);
const [{ start }, { endBlock, run, stepLine }] = await Promise.all([
  import('../packages/server/dist/main.js'),
  import('../demo/dist/demo.js'),
]);

const isTerminal = process.stdout.isTTY === true;
let current; // what is to be stopped, once it runs
let stoppedAt; // when the first signal came
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);

try {
  current = await run({
    env: { BOWLINE_LOG_LEVEL: 'warn', ...process.env },
    start,
    command: { path: `${root}packages/cli/dist/bowline.js`, project: `${root}examples/integrations` },
    progress: (line) => say(`  ${line}`),
    report: (result) => say(stepLine(result, isTerminal)),
    signal: stopping.signal,
  });
} catch (error) {
  if (stoppedAt !== undefined) process.exit(0);
  // A wrong setting or a folder in use is the user's to mend and says how; anything else is ours and needs its trace.
  const isExpected =
    ['ConfigError', 'HomeTakenError', 'EmbeddedError', 'CatalogueError'].includes(error?.name) || error?.code === 'EADDRINUSE';
  console.error(isExpected ? `\n${error.message}` : error);
  process.exit(1);
}
if (stoppedAt === undefined) {
  const { running, connectionId, results } = current;
  console.log(endBlock({ running, isTerminal, firstStart: running.firstStart, connectionId }));
  if (results.some(({ ok }) => !ok)) say('  The demo did not hold (see ✗ above); the platform runs nevertheless.');
} else await end();

/** Once: stop cleanly. Again: at once. A terminal's Ctrl-C may reach us twice, directly and through npm, within milliseconds. */
async function stop() {
  if (stoppedAt !== undefined) {
    if (performance.now() - stoppedAt < 300) return;
    console.error('  stopped at once; the data is safe, the next start takes a moment longer');
    process.exit(1);
  }
  stoppedAt = performance.now();
  stopping.abort();
  say('\n  stopping (again Ctrl-C stops at once)');
  if (current) await end();
}

async function end() {
  await current.stop();
  say('  stopped', stoppedAt);
  process.exit(0);
}
