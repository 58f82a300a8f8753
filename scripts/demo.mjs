/**
 * `npm run demo`: the demo unattended, in a temporary data folder and on free ports. Exits 0 only if every step held.
 * `--json` prints the steps as one JSON document; `--keep` leaves the data folder; `--project <folder>` deploys other functions.
 */
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { install, requireNode } from './install.mjs';
import { say } from './say.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: { json: { type: 'boolean' }, keep: { type: 'boolean' }, project: { type: 'string', default: `${root}examples/integrations` } },
});
const tell = values.json ? () => {} : say;

requireNode();
await install();
if (values.json) console.log = console.error; // what the build says; the document alone goes to stdout
await (await import('./build.mjs')).build();
process.setSourceMapsEnabled(true);
const [{ start }, { freePorts, removeHome, run, stepLine }] = await Promise.all([
  import('../packages/server/dist/main.js'),
  import('../demo/dist/demo.js'),
]);

const folder = mkdtempSync(join(tmpdir(), 'bowline-demo-'));
chmodSync(folder, 0o711); // run by root, Postgres is another user's, who must pass through
const home = join(folder, 'home');
const [port] = await freePorts(1);
const isTerminal = process.stdout.isTTY === true;
const began = performance.now();
let current;
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, async () => {
    if (stopping.signal.aborted) process.exit(130);
    stopping.abort();
    if (current) await finish(130);
  });
}

let results = [];
let failure;
try {
  current = await run({
    env: { ...foreign(process.env), BOWLINE_LOG_LEVEL: values.json ? 'silent' : 'warn', BOWLINE_HOME: home, PORT: String(port) },
    start,
    command: { path: `${root}packages/cli/dist/bowline.js`, project: resolve(values.project) },
    progress: (line) => tell(`  ${line}`),
    report: (result) => tell(stepLine(result, isTerminal)),
    signal: stopping.signal,
  });
  results = current.results;
} catch (error) {
  failure = error;
}
if (stopping.signal.aborted) await finish(130);
else {
  const ok = failure === undefined && results.length > 0 && results.every((step) => step.ok);
  const seconds = Number(((performance.now() - began) / 1000).toFixed(2));
  if (failure) console.error(failure);
  if (values.json) process.stdout.write(`${JSON.stringify({ ok, seconds, steps: results }, null, 2)}\n`);
  tell(ok ? `\n  The demo held: ${results.length} steps in ${seconds} s` : '\n  The demo did not hold');
  await finish(ok ? 0 : 1);
}

async function finish(code) {
  await current?.stop();
  if (values.keep) tell(`  the data folder is ${home}; BOWLINE_HOME=${home} npm start goes on with it`);
  else removeHome(folder);
  process.exit(code);
}

/** The surrounding settings belong to another platform: its database, its keys. */
function foreign(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(BOWLINE_|NANGO_|DATABASE_URL$|PORT$)/.test(name)));
}
