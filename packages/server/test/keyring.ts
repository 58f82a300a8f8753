/** Keyrings for tests, with local master keys; version 1 is the current one unless more are given. */
import { type Keyring, loadMasterKeys, type MasterKeys } from '../src/base/keyring.ts';
import type { Database } from '../src/base/world.ts';
import { createKeyring, type KeyringOptions } from '../src/vault/data-keys.ts';
import { localWrapper } from '../src/vault/wrapper.ts';

/** @param keys the first one wraps */
export function masterKeys(...keys: readonly [version: number, key: Buffer][]): MasterKeys {
  return loadMasterKeys({ encryptionKeys: { current: keys[0]?.[0] ?? 1, keys: new Map(keys) }, home: '' });
}

export function keyringOf(db: Database, master: MasterKeys, options: Partial<KeyringOptions> = {}): Keyring {
  return createKeyring({ db, master, wrappers: [localWrapper(master)], ...options });
}
