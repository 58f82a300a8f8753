/**
 * Data keys: 32 random bytes for each environment, kept wrapped and, for minutes, in the clear in memory.
 * It has connections of its own: a key may be needed inside a transaction, and waiting there for one more of the same pool would lock it up.
 */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import { one, run } from '../base/database.ts';
import type { DataKey, Keyring, MasterKeys } from '../base/keyring.ts';
import type { Database } from '../base/world.ts';
import { VaultError } from './sealed.ts';
import type { KeyWrapper } from './wrapper.ts';

export type KeyringOptions = {
  /** Not that of the callers' transactions. */
  readonly db: Database;
  readonly master: MasterKeys;
  /** The first one wraps, every one unwraps what it wrapped. */
  readonly wrappers: readonly [KeyWrapper, ...KeyWrapper[]];
  /** How long a process may go on sealing with a key after another process retired it. */
  readonly sealingMs?: number;
  /** How long an unwrapped key stays in memory. */
  readonly openingMs?: number;
};

export const SEALING_MS = 10_000;
const OPENING_MS = 5 * 60_000;
const KEYS_MAX = 1_000;

export type Row = {
  readonly id: number;
  readonly environmentId: number | null;
  readonly wrapped: Buffer | null;
  readonly wrappedBy: string;
};
type Owner = number | null;

/** The environment is deleted: what its keys sealed is gone for good. */
export class DestroyedError extends VaultError {
  override name = 'DestroyedError';
}

/** Authenticated with a wrapped key: moved to another environment's row it does not open. */
export const wrapContext = (environmentId: Owner) => `data-key:${environmentId ?? 'account'}`;

export function createKeyring(options: KeyringOptions): Keyring {
  const { sealingMs = SEALING_MS, openingMs = OPENING_MS } = options;
  // Promises, so that of a thousand callers one asks. A failure is not kept.
  const sealing = new LRUCache<string, Promise<DataKey>>({ max: KEYS_MAX, ttl: sealingMs });
  const opening = new LRUCache<string, Promise<DataKey>>({ max: KEYS_MAX, ttl: openingMs });
  const openRow = (row: Row) =>
    remembered(opening, `${row.environmentId}:${row.id}`, async () => ({ id: row.id, key: await unwrap(options.wrappers, row) }));
  return {
    master: options.master,
    sealing: (environmentId) =>
      remembered(sealing, `${environmentId}`, async () =>
        openRow((await lookSealing(options.db, environmentId)) ?? (await make(options, environmentId))),
      ),
    opening: (environmentId, id) =>
      remembered(opening, `${environmentId}:${id}`, async () => ({
        id,
        key: await unwrap(options.wrappers, await find(options.db, environmentId, id)),
      })),
  };
}

function remembered<T extends object>(cache: LRUCache<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> {
  const kept = cache.get(name);
  if (kept) return kept;
  const fresh = make();
  cache.set(name, fresh);
  fresh.catch(() => cache.delete(name));
  return fresh;
}

/** @throws VaultError, also when the environment's keys were destroyed */
export function unwrap(wrappers: readonly KeyWrapper[], { environmentId, wrapped, wrappedBy }: Row): Promise<Buffer> {
  if (!wrapped) throw new DestroyedError('the keys of this environment were destroyed when it was deleted');
  const wrapper = wrappers.find(({ kind }) => kind === wrappedBy.split(':')[0]);
  if (!wrapper)
    throw new VaultError(`a data key is wrapped by ${wrappedBy}, which is not configured; set it up again to read what it seals`);
  return wrapper.unwrap({ bytes: wrapped, by: wrappedBy }, wrapContext(environmentId));
}

const owned = (environmentId: Owner) => sql`environment_id is not distinct from ${environmentId}::int`;

function lookSealing(db: Database, environmentId: Owner): Promise<Row | undefined> {
  return one<Row>(
    db,
    sql`select id, environment_id, wrapped, wrapped_by from data_keys
         where coalesce(environment_id, 0) = ${environmentId ?? 0} and retired_at is null`,
  );
}

async function find(db: Database, environmentId: Owner, id: number): Promise<Row> {
  const row = await one<Row>(
    db,
    sql`select id, environment_id, wrapped, wrapped_by from data_keys where id = ${id} and ${owned(environmentId)}`,
  );
  if (!row) throw new VaultError(`sealed with data key ${id}, which this environment does not have`);
  return row;
}

/** Of two processes that make one, the first wins. */
async function make({ db, wrappers: [wrapper] }: Pick<KeyringOptions, 'db' | 'wrappers'>, environmentId: Owner): Promise<Row> {
  const { bytes, by } = await wrapper.wrap(randomBytes(32), wrapContext(environmentId));
  await run(
    db,
    sql`insert into data_keys (environment_id, wrapped, wrapped_by) values (${environmentId}, ${bytes}, ${by}) on conflict do nothing`,
  );
  const row = await lookSealing(db, environmentId);
  if (!row) throw new VaultError('the data key that was just made is gone; try again');
  return row;
}
