/**
 * The master keys, by version: from `BOWLINE_ENCRYPTION_KEY`, else from a file in the data folder with rights 0600.
 * The file is made when a key is needed first, and read again when it may have changed: a rotation adds a key to it while we run.
 * Losing the keys loses every stored credential: the file is never replaced by another, and a damaged one stops the start.
 */
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, ConfigError } from './config.ts';
import { parseEncryptionKeys } from './encryption-keys.ts';

export type DataKey = { readonly id: number; readonly key: Buffer };

/** What seals and opens secrets. `null` stands for what belongs to no environment. */
export type Keyring = {
  /** The data key that seals now; made when there is none. */
  readonly sealing: (environmentId: number | null) => Promise<DataKey>;
  /** @throws VaultError when there is none of this id in this environment, or what wrapped it does not open it */
  readonly opening: (environmentId: number | null, id: number) => Promise<DataKey>;
  /** For values from before there were data keys. */
  readonly master: MasterKeys;
};

export type MasterKeys = {
  /** Where they come from, for people. */
  readonly source: string;
  readonly find: (id: number) => Buffer | undefined;
  /** The one that wraps. */
  readonly current: () => DataKey;
  /** Puts a fresh key before the others, in the file; undefined for keys from the environment, which are not ours to change. */
  readonly add: (() => DataKey) | undefined;
};

type Ring = { readonly current: number; readonly keys: ReadonlyMap<number, Buffer> };

/** @throws ConfigError when the key file exists and holds something else than keys */
export function loadMasterKeys({ encryptionKeys, home }: Pick<Config, 'encryptionKeys' | 'home'>): MasterKeys {
  return encryptionKeys ? given(encryptionKeys) : kept(join(home, 'encryption.key'), home);
}

function given(ring: Ring): MasterKeys {
  return {
    source: 'BOWLINE_ENCRYPTION_KEY',
    find: (id) => ring.keys.get(id),
    current: () => newest(ring),
    add: undefined,
  };
}

function kept(path: string, home: string): MasterKeys {
  let ring = read(path);
  const again = () => {
    ring = read(path);
    return ring;
  };
  return {
    source: path,
    find: (id) => ring?.keys.get(id) ?? again()?.keys.get(id),
    current: () => newest(again() ?? make(path, home)),
    add: () => {
      const before = again() ?? make(path, home);
      const id = Math.max(...before.keys.keys()) + 1;
      const keys = new Map([[id, randomBytes(32)], ...before.keys]);
      // Renamed over the old one: a reader sees all of one or all of the other.
      renameSync(written(path, [...keys].map(([version, key]) => `${version}:${key.toString('base64')}`).join(',')), path);
      ring = { current: id, keys };
      return newest(ring);
    },
  };
}

function newest({ current, keys }: Ring): DataKey {
  const key = keys.get(current);
  if (!key) throw new ConfigError([`the encryption keys do not hold their current one, ${current}`]);
  return { id: current, key };
}

function read(path: string): Ring | undefined {
  try {
    return parseEncryptionKeys(readFileSync(path, 'utf8').trim());
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    if (error instanceof RangeError) throw new ConfigError([`${path}: does not hold 32 bytes in base64; restore it from a backup`]);
    throw error;
  }
}

function make(path: string, home: string): Ring {
  mkdirSync(home, { recursive: true, mode: 0o711 });
  // Written aside and linked: a kill in the middle leaves no half key, and of two processes one wins.
  const fresh = written(path, randomBytes(32).toString('base64'));
  try {
    linkSync(fresh, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
  const ring = read(path);
  if (!ring) throw new ConfigError([`${path}: was removed while it was made`]);
  return ring;
}

function written(path: string, text: string): string {
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, `${text}\n`, { mode: 0o600, flush: true });
  return aside;
}
