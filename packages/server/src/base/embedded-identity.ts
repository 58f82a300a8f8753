/**
 * Who the Postgres server runs as. It refuses to be root, so a root process runs it as the owner of existing data,
 * else as `nobody`, else inside a user namespace that shows root as `nobody`. A candidate counts only when it was seen
 * to run the binaries and to enter the data folder: node_modules below a 0700 home (/root) is closed to `nobody`,
 * and Docker's default profile forbids `unshare`.
 */
import { spawnSync } from 'node:child_process';
import { chownSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export type Identity = {
  /** Owner of the server's files, as this process sees them. */
  readonly uid: number | undefined;
  readonly spawn: { uid?: number; gid?: number; cwd: string; env: Record<string, string> };
  wrap(bin: string, args: string[]): [string, string[]];
  /** Gives a file or folder, and all below it, to the server's user. */
  own(path: string): void;
};

/** The first identity that works, or undefined. `folder` holds the data. */
export function chooseIdentity(native: string, folder: string): Identity | undefined {
  return candidates(folder).find((identity) => works(identity, native, folder));
}

// Nothing of our own environment: PGOPTIONS, PGDATA and secrets are none of the server's business.
const spawnBase = { cwd: '/', env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' } };

function candidates(folder: string): Identity[] {
  if (process.getuid?.() !== 0) return [plain];
  const owner = ownerOf(join(folder, 'data'));
  const nobody = findNobody();
  const switched = [...(owner && owner.uid !== 0 ? [owner] : []), nobody].map(switchTo);
  return [...switched, namespaced(nobody)];
}

const plain: Identity = {
  uid: process.getuid?.(),
  spawn: spawnBase,
  wrap: (bin, args) => [bin, args],
  own: () => {},
};

function switchTo({ uid, gid }: { uid: number; gid: number }): Identity {
  return { uid, spawn: { ...spawnBase, uid, gid }, wrap: (bin, args) => [bin, args], own: (path) => give(path, uid, gid) };
}

function namespaced({ uid, gid }: { uid: number; gid: number }): Identity {
  // Mapped to nobody's number because initdb looks its user up in /etc/passwd.
  const flags = ['-U', `--map-user=${uid}`, `--map-group=${gid}`];
  return { uid: 0, spawn: spawnBase, wrap: (bin, args) => ['unshare', [...flags, bin, ...args]], own: (path) => give(path, 0, 0) };
}

function works(identity: Identity, native: string, folder: string): boolean {
  const [bin, args] = identity.wrap('/bin/sh', ['-c', 'cd "$0" && exec "$1" --version', folder, join(native, 'bin', 'postgres')]);
  return spawnSync(bin, args, { ...identity.spawn, stdio: 'ignore' }).status === 0;
}

function findNobody(): { uid: number; gid: number } {
  const line = readFileSync('/etc/passwd', 'utf8').match(/^nobody:[^:]*:(\d+):(\d+):/m);
  return { uid: Number(line?.[1] ?? 65534), gid: Number(line?.[2] ?? 65534) };
}

function ownerOf(path: string): { uid: number; gid: number } | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

function give(path: string, uid: number, gid: number): void {
  const stat = lstatSync(path);
  if (stat.uid === uid) return; // ownership changes only as a whole, so the top speaks for what is below
  if (stat.isDirectory()) for (const entry of readdirSync(path)) give(join(path, entry), uid, gid);
  if (!stat.isSymbolicLink()) chownSync(path, uid, gid);
}
