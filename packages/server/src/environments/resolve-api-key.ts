/**
 * Who calls with an API key. A key that was seen in the last ten seconds costs no query; any change of a key empties the cache
 * of every process at once through the bus, and the ten seconds bound what a lost message can do.
 */
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import { one, run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { AccountScope, Scope } from '../http/scope.ts';
import { hashSecret, heldBy } from './api-key.ts';
import { API_KEYS_CHANNEL } from './change-keys.ts';

export type ApiKeys = {
  /**
   * @param authorization the header as it came
   * @throws missing_auth_header, malformed_auth_header, invalid_secret_key_format, unknown_account; forbidden for an account's key
   */
  resolve(authorization: string | undefined): Promise<Scope>;
  /** Whose account. The key of an environment may do nothing there. @throws as `resolve` does, but for forbidden */
  resolveAccount(authorization: string | undefined): Promise<AccountScope>;
  close(): void;
};
type Needs = Pick<World, 'db' | 'bus' | 'clock' | 'log'>;
type Found = { readonly keyId: number; readonly scope: Scope | AccountScope };

const TTL_MS = 10_000;
const ENTRIES_MAX = 10_000;
/** How often `last_used_at` is written. */
const TOUCH_MS = 60_000;
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** Opens the resolver of one process; close it when the process stops. */
export function openApiKeys(world: Needs): ApiKeys {
  const perf = { now: () => world.clock.now().getTime() };
  const cache = new LRUCache<string, Found>({ max: ENTRIES_MAX, ttl: TTL_MS, ttlResolution: 0, perf });
  const touched = new LRUCache<number, true>({ max: ENTRIES_MAX, ttl: TOUCH_MS, ttlResolution: 0, perf });
  let changes = 0;
  const unsubscribe = world.bus.subscribe(API_KEYS_CHANNEL, () => {
    changes += 1;
    cache.clear();
  });

  async function look(secret: string): Promise<Found> {
    const hash = hashSecret(secret);
    const name = hash.toString('hex');
    const cached = cache.get(name);
    if (cached) return cached;
    const seen = changes;
    const found = await read(world, hash);
    // A key changed while we read: what we read may be from before, so it is not kept.
    if (seen === changes) cache.set(name, found);
    return found;
  }

  async function use(authorization: string | undefined): Promise<Scope | AccountScope> {
    const found = await look(extract(authorization));
    if (!touched.has(found.keyId)) {
      touched.set(found.keyId, true);
      touch(world, found).catch((error: unknown) => world.log.warn({ err: error }, 'the time an API key was used could not be stored'));
    }
    return found.scope;
  }

  return {
    async resolve(authorization) {
      const scope = await use(authorization);
      if ('environment' in scope) return scope;
      throw problem('forbidden', {
        message: 'This is an account key, which manages environments but sees nothing in them; use an API key of the environment',
      });
    },
    async resolveAccount(authorization) {
      const scope = await use(authorization);
      return 'environment' in scope ? { accountId: scope.environment.accountId, grants: [] } : scope;
    },
    close: unsubscribe,
  };
}

/** What follows the last `Bearer `; without that word the whole header. */
function extract(authorization: string | undefined): string {
  if (authorization === undefined) throw problem('missing_auth_header', { payload: {} });
  const token = authorization.slice(authorization.lastIndexOf('Bearer ') + 1 && authorization.lastIndexOf('Bearer ') + 'Bearer '.length);
  if (token === '') throw problem('malformed_auth_header', { payload: {} });
  if (!UUID_V4.test(token)) throw problem('invalid_secret_key_format', { payload: {} });
  return token;
}

type InEnvironment = { id: number; uuid: string; name: string; accountId: number };
/** `holderId`: the account, of an account's key. */
type Row = { keyId: number; keyName: string; grants: string[]; holderId: number | null } & (InEnvironment | { id: null });

async function read({ db }: Needs, hash: Buffer): Promise<Found> {
  const row = await one<Row>(
    db,
    sql`select k.id as key_id, k.display_name as key_name, k.scopes as grants, k.account_id as holder_id, e.id, e.uuid, e.name, e.account_id
        from api_keys k left join environments e on e.id = k.environment_id and e.deleted_at is null
        where k.secret_hash = ${hash} and k.deleted_at is null`,
  );
  if (!row) throw problem('unknown_account', { payload: {} });
  const { keyId, keyName, grants, holderId } = row;
  const countedAs = `key ${keyId}`;
  if (holderId !== null) return { keyId, scope: { accountId: holderId, grants, countedAs } };
  if (row.id === null) throw problem('unknown_account', { payload: {} }); // of a deleted environment
  const environment = { id: row.id, uuid: row.uuid, name: row.name, accountId: row.accountId };
  return { keyId, scope: { environment, grants, countedAs, caller: { type: 'api_key', name: keyName } } };
}

/** At most once a minute, also when several processes serve the same key. */
async function touch({ db, clock }: Needs, { keyId, scope }: Found): Promise<void> {
  const now = clock.now();
  const due = new Date(now.getTime() - TOUCH_MS);
  await run(
    db,
    sql`update api_keys set last_used_at = ${now}
        where ${heldBy(scope)} and id = ${keyId} and (last_used_at is null or last_used_at <= ${due})`,
  );
}
