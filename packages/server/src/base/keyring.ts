/**
 * The keys that seal credentials, by version; the current one seals, every one opens.
 * From `BOWLINE_ENCRYPTION_KEY`, else from a file in the data folder that is made once with rights 0600.
 * Losing the file loses every stored credential: it is never replaced, and a damaged one stops the start.
 */
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, ConfigError } from './config.ts';

export type Keyring = { readonly current: number; readonly keys: ReadonlyMap<number, Buffer> };

/** @throws ConfigError when the key file exists and does not hold 32 bytes in base64 */
export function loadKeyring({ encryptionKeys, home }: Pick<Config, 'encryptionKeys' | 'home'>): Keyring {
  if (encryptionKeys) return encryptionKeys;
  const path = join(home, 'encryption.key');
  const text = read(path) ?? make(path, home);
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== 32) throw new ConfigError([`${path}: does not hold 32 bytes in base64; restore it from a backup`]);
  return { current: 1, keys: new Map([[1, key]]) };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function make(path: string, home: string): string {
  mkdirSync(home, { recursive: true, mode: 0o711 });
  // Written aside and linked: a kill in the middle leaves no half key, and of two processes one wins.
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(fresh, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
  return readFileSync(path, 'utf8');
}
