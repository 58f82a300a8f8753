/**
 * The data folder (`BOWLINE_HOME`) and the lock on it: one process at a time.
 * The lock is a file naming its holder by process id and start time, so it dies with the holder, `kill -9` included,
 * and a number reused after a reboot is not mistaken for it.
 * A `link` makes it (atomic, fails when it exists) and a `rename` takes a dead one away (only one contender wins).
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export type HomeLock = { readonly home: string; release(): void };
type Holder = { pid: number; startedAt: string; url: string };

/** Another process works on this data folder. */
export class HomeTakenError extends Error {
  override readonly name = 'HomeTakenError';
  readonly pid: number;
  readonly url: string;
  constructor(home: string, { pid, url }: Holder) {
    super(
      `Bowline is already running on ${home} (process ${pid}, ${url}). Open that address, stop it first, or set BOWLINE_HOME to another folder. ` +
        'Several processes share a Postgres server: the same DATABASE_URL for all of them, and a BOWLINE_HOME for each.',
    );
    this.pid = pid;
    this.url = url;
  }
}

/**
 * Makes the data folder and takes its lock.
 * @param url shown to whoever comes second
 * @throws HomeTakenError naming the holder's pid and URL
 */
export function lockHome(home: string, { url }: { url: string }): HomeLock {
  makeHome(home);
  const path = join(home, 'lock');
  const mine = join(home, `lock.${process.pid}.${randomBytes(4).toString('hex')}`);
  writeFileSync(mine, JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) ?? '', url } satisfies Holder), { mode: 0o600 });
  try {
    for (;;) {
      if (tryLink(mine, path)) return { home: resolve(home), release: () => release(path) };
      const text = readText(path);
      const holder = parseHolder(text);
      if (holder && isAlive(holder)) throw new HomeTakenError(resolve(home), holder);
      if (text !== undefined) takeAway(path, text, mine);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** 0711: the embedded server's user must pass through to its own folder; what lies here is 0600 or 0700. */
export function makeHome(home: string): void {
  const made = mkdirSync(home, { recursive: true, mode: 0o711 });
  if (made !== undefined) chmodSync(home, 0o711); // the process' umask may have taken bits away
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a dead lock aside. If a rival replaced it meanwhile, what was moved is the rival's, and goes back. */
function takeAway(path: string, seen: string, mine: string): void {
  const aside = `${mine}.dead`;
  try {
    renameSync(path, aside);
  } catch {
    return; // somebody else was faster
  }
  if (readText(aside) !== seen) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function release(path: string): void {
  if (parseHolder(readText(path))?.pid === process.pid) rmSync(path, { force: true });
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function parseHolder(text: string | undefined): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('startedAt' in value) || !('url' in value)) return undefined;
    return { pid: Number(value.pid), startedAt: String(value.startedAt), url: String(value.url) };
  } catch {
    return undefined;
  }
}

function isAlive({ pid, startedAt }: Holder): boolean {
  return startedAt !== '' && startOf(pid) === startedAt;
}

/** When a process started, as text that no later process with its number has; undefined when there is none. */
function startOf(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name before may hold spaces
    return state === 'Z' ? undefined : `${boot}:${fields[18]}`; // field 22 of proc(5): start in ticks since boot
  } catch {
    return undefined;
  }
}
