/**
 * `npm test`: everything CI runs, on a bare machine too. `--fast` leaves the checks out; other arguments go to Vitest.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { install, requireNode } from './install.mjs';
import { say } from './say.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const fast = process.argv.includes('--fast');
const rest = process.argv.slice(2).filter((argument) => argument !== '--fast');
const CHROMIUM = '/usr/bin/chromium';

requireNode();
await phase('install', install);
await phase('chromium', chromium);
await phase('build', async () => (await import('./build.mjs')).build());
if (!fast) await phase('check', async () => (await import('./check.mjs')).check());
await phase('tests', () => run(process.execPath, [`${root}node_modules/vitest/vitest.mjs`, 'run', ...rest]));

/** Runs one step and says how long it took; a step that throws or answers false ends everything. */
async function phase(name, act) {
  const started = performance.now();
  let ok = false;
  try {
    ok = (await act()) !== false;
  } catch (error) {
    console.error(error);
  }
  say(`${ok ? '✓' : '✗'} ${name}`, started);
  if (!ok) process.exit(1);
}

/** The dashboard's tests click in a real browser, which npm cannot bring. */
function chromium() {
  if (existsSync(CHROMIUM)) return;
  const how = 'Install Debian\'s package: "apt-get install -y chromium".';
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) {
    say(`${CHROMIUM} is missing, the browser tests are going to fail. ${how}`);
    return;
  }
  say('installing Chromium (81 MB, once)');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const done =
    run('apt-get', ['update', '-qq'], env) && run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], env);
  if (!done) say(`Chromium could not be installed. ${how}`);
  return done;
}

function run(command, args, env = process.env) {
  return spawnSync(command, args, { cwd: root, env, stdio: 'inherit' }).status === 0;
}
