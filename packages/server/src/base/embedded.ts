/**
 * The embedded Postgres: real server binaries from npm, started, adopted, restarted and stopped by this process.
 * It listens on a unix socket only, in a folder only we may enter, and every commit is durable.
 * What surprises: it outlives a `kill -9` of Node, so a start first adopts whatever already answers for the data folder.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Logger } from 'pino';
import { copyBinaries, findBinaries, POSTGRES_MAJOR } from './embedded-binaries.ts';
import { EmbeddedError } from './embedded-error.ts';
import { chooseIdentity, type Identity } from './embedded-identity.ts';
import { Postmaster } from './embedded-postmaster.ts';
import { machineOf, type Settings, settingsFor } from './embedded-settings.ts';
import { makeHome } from './home.ts';

export type SocketTarget = { readonly host: string; readonly database: string; readonly user: string };
export type Embedded = {
  /** What `connectPostgres` and `pg.Pool` take. */
  readonly target: SocketTarget;
  /** True when a server left behind by a killed process was taken over. */
  readonly adopted: boolean;
  /** The postmaster's process id; it changes when the server had to be restarted. */
  pid(): number;
  stop(): Promise<void>;
};
export type EmbeddedOptions = {
  readonly home: string;
  readonly log: Logger;
  readonly progress?: (message: string) => void;
  /** Overrides of server settings; tests that do not test durability switch `fsync` off. */
  readonly settings?: Settings;
};

const ROLE = 'bowline';
/** sun_path holds 108 bytes on Linux and 104 on macOS, its final zero included; Postgres appends `/.s.PGSQL.5432` (14). */
const SOCKET_DIR_BYTES_MAX = 103 - 14;
const LOG_BYTES_MAX = 10_000_000;

/**
 * Starts, or adopts, the Postgres of a data folder.
 * @returns once it accepts connections and the database `bowline` exists
 * @throws EmbeddedError with what to do, when this machine cannot run the binaries or the data is of another major version
 */
export async function startEmbedded({ home, log, progress, settings }: EmbeddedOptions): Promise<Embedded> {
  makeHome(home);
  const folder = join(realpathSync(home), 'postgres');
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o711); // like the home: others may pass through to what is theirs, not look
  const { identity, native } = settle(folder);
  const data = join(folder, 'data');
  prepareData({ data, native, identity, progress });
  const socketDir = prepareSocketDir(folder, identity);
  const logFile = join(folder, 'server.log');
  if (existsSync(logFile) && statSync(logFile).size > LOG_BYTES_MAX) truncateSync(logFile);
  const args = Object.entries({ ...settingsFor(machineOf(folder)), ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const postmaster = new Postmaster({
    command: identity.wrap(join(native, 'bin', 'postgres'), ['-D', data, '-k', socketDir, ...args]),
    spawn: identity.spawn,
    data,
    socketDir,
    logFile,
    role: ROLE,
    log,
  });
  const { adopted } = await postmaster.begin();
  const target = { host: socketDir, database: ROLE, user: ROLE };
  await ensureDatabase(target);
  progress?.(adopted ? 'took over the Postgres left running' : 'Postgres is up');
  return { target, adopted, pid: () => postmaster.pid, stop: () => postmaster.stop() };
}

/** Who runs the server and from where: the first identity that can both run the binaries and enter the data folder. */
function settle(folder: string): { identity: Identity; native: string } {
  const isRoot = process.getuid?.() === 0;
  const installed = findBinaries();
  if (installed.writable) {
    const identity = chooseIdentity(installed.native, folder);
    if (identity) return { identity, native: installed.native };
  }
  const native = copyBinaries(installed.native, folder);
  const identity = chooseIdentity(native, folder);
  if (identity) return { identity, native };
  throw new EmbeddedError(
    isRoot
      ? `Postgres refuses to run as root, and neither the user "nobody" nor a user namespace can reach ${folder}. ` +
          'Set BOWLINE_HOME to a folder other users may pass through (say /var/lib/bowline), start as an ordinary user, ' +
          'or set DATABASE_URL to a Postgres server.'
      : 'The Postgres binaries from npm do not run on this machine (they need glibc). Set DATABASE_URL to a Postgres server instead.',
  );
}

type Preparation = { data: string; native: string; identity: Identity; progress: ((message: string) => void) | undefined };
function prepareData({ data, native, identity, progress }: Preparation): void {
  if (existsSync(join(data, 'PG_VERSION'))) {
    const major = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
    if (major !== POSTGRES_MAJOR) {
      throw new EmbeddedError(
        `${data} was written by Postgres ${major}, these binaries are ${POSTGRES_MAJOR}. ` +
          'Dump it with the old release and restore it here, or set BOWLINE_HOME to a fresh folder.',
      );
    }
    identity.own(data);
    return;
  }
  progress?.('creating the database (once, about half a second)');
  const fresh = `${data}.new`; // renamed when complete, so a kill in the middle leaves nothing half made
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  identity.own(fresh);
  const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--locale=C.UTF-8']; // the same order on every machine
  const [bin, args] = identity.wrap(join(native, 'bin', 'initdb'), [
    ...['-D', fresh, '-U', ROLE, '--auth=trust', '--no-sync', '--no-instructions', ...locale],
  ]);
  const made = spawnSync(bin, args, { ...identity.spawn, encoding: 'utf8' });
  if (made.status !== 0) {
    throw new EmbeddedError(`initdb failed: ${(made.stderr || made.error?.message || made.stdout || '').trim()}`);
  }
  renameSync(fresh, data);
}

/** Inside the data folder when the path is short enough for a socket, else in the system's folder for temporary files. */
function prepareSocketDir(folder: string, identity: Identity): string {
  const near = join(folder, 'run');
  const usable = Buffer.byteLength(near) <= SOCKET_DIR_BYTES_MAX && !/[,"]/.test(near); // Postgres splits the setting at commas
  const dir = usable ? near : join(tmpdir(), `bowline-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const owner = statSync(dir).uid;
  const ours = [process.getuid?.(), identity.uid];
  if (!ours.includes(owner)) throw new EmbeddedError(`${dir} belongs to user ${owner}; remove it, or set BOWLINE_HOME to a shorter path.`);
  chmodSync(dir, 0o700);
  identity.own(dir);
  return dir;
}

async function ensureDatabase(target: SocketTarget): Promise<void> {
  const client = new Client({ ...target, database: 'postgres' });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [target.database]);
    if (rowCount === 0) await client.query(`create database ${target.database}`);
  } finally {
    await client.end();
  }
}
