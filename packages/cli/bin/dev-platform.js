// The platform of `bowline dev`, as a process of its own below the command: `start` of the built server, and nothing beside it.
// It ends with the command, whichever way that ends: the channel to it closes. Plain JavaScript, so that it needs no build.
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [serverPath = '', home = ''] = process.argv.slice(2);
process.setSourceMapsEnabled(true);
let running;
let guard;
let stopping = false;
process.on('SIGINT', () => {}); // A terminal's Ctrl-C reaches its whole group; the command decides.
process.on('SIGTERM', stop);
process.on('disconnect', stop);

try {
  const { start } = await import(pathToFileURL(serverPath).href);
  running = await start({ env: { ...process.env, BOWLINE_HOME: home }, progress: (text) => tell({ progress: text }) });
} catch (error) {
  tell({
    failed: { name: error?.name ?? '', code: error?.code ?? '', message: String(error?.stack ?? error), said: error?.message ?? '' },
  });
  process.exit(1);
}
guard = guardPostgres(join(realpathSync(home), 'postgres', 'data'));
if (stopping) await end();
else {
  const { url, admin, apiKey, environmentUuid } = running;
  tell({ running: { url, admin, apiKey, environmentUuid } });
}

function tell(message) {
  if (process.connected) process.send(message, () => {});
}

function stop() {
  if (stopping) return;
  stopping = true;
  if (running) void end();
}

async function end() {
  await running.stop();
  guard.end();
  process.exit(0);
}

/**
 * Postgres outlives this process where nobody can stop it (kill -9), so that a server's next start adopts it. On a developer's machine it would
 * run for days. A shell that waits for our end stops it: the pipe closes with us, and a line on it says that we did it ourselves.
 */
function guardPostgres(data) {
  const script = `read -r _ && exit 0
pid=$(head -n 1 "$0/postmaster.pid" 2>/dev/null) || exit 0
{ tr '\\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null || ps -o args= -p "$pid"; } | grep -qF -- "$0" && kill -INT "$pid"`;
  const child = spawn('/bin/sh', ['-c', script, data], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  child.on('error', () => {}); // Without a shell it is as on a server.
  child.stdin.on('error', () => {});
  child.unref();
  return { end: () => child.stdin.write('stopped\n') };
}
