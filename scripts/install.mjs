/**
 * Makes a fresh clone ready: the right Node, the dependencies of the lock file. Only Node's own modules are used here,
 * since nothing else is there yet.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { say, seconds } from './say.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const OLDEST = [20, 19];

/** Ends the process with a clear message on a Node that is too old. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  console.error(`Bowline needs Node ${OLDEST.join('.')} or newer; this is ${process.versions.node} (${process.execPath}).`);
  process.exit(1);
}

/** Installs when `node_modules` is missing or was made from another lock file; otherwise takes about a millisecond. */
export async function install() {
  const lock = createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex');
  const stamp = `${root}node_modules/.bowline-lock`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  if (!existsSync(stamp) && isInstalled()) return writeFileSync(stamp, lock);
  const started = performance.now();
  say('installing dependencies (about 200 MB, once)');
  const ticking = setInterval(() => say(`  still installing, ${seconds(started)}`), 10_000);
  // Not `npm ci`: it refuses a lock file that lacks optional binaries of platforms other than the one it was made on.
  const status = await npm(['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']);
  clearInterval(ticking);
  if (status !== 0) {
    console.error('Installing failed; the reason is above. Is the npm registry reachable?');
    process.exit(1);
  }
  writeFileSync(stamp, lock);
  say('installed dependencies', started);
}

/** Somebody ran npm by hand, after the lock file last changed. */
function isInstalled() {
  const made = statSync(`${root}node_modules/.package-lock.json`, { throwIfNoEntry: false });
  return made !== undefined && made.mtimeMs >= statSync(`${root}package-lock.json`).mtimeMs;
}

function npm(args) {
  const path = process.env.npm_execpath; // the npm that runs us, when one does
  const [command, prefix] = path?.endsWith('.js') ? [process.execPath, [path]] : ['npm', []];
  const child = spawn(command, [...prefix, ...args], { cwd: root, stdio: 'inherit' });
  return new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('close', resolve);
  });
}
