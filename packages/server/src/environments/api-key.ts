/**
 * An API key: a UUID v4 that belongs to one environment or, to manage environments, to an account. Found by its SHA-256, so that
 * comparing takes the same time for every wrong key; sealed beside it, because members may copy a key again later.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { many, one } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { open } from '../vault/open.ts';
import { seal } from '../vault/seal.ts';
import type { Place } from '../vault/sealed.ts';
import { accountKeyPlace, apiKeyPlace } from './environment.ts';

/** Whose key it is. The scope that a key gives is such a holder too. */
export type KeyHolder = { readonly environment: { readonly id: number } } | { readonly accountId: number };
/** `config`: set by BOWLINE_SECRET_KEY_<ENV> or BOWLINE_ACCOUNT_KEY; it lives as long as that setting. */
export type ApiKeySource = 'default' | 'created' | 'config';
export type ApiKey = {
  readonly id: number;
  readonly displayName: string;
  readonly scopes: string[];
  readonly source: ApiKeySource;
  readonly lastUsedAt: Date | null;
  readonly createdAt: Date;
};
export type RevealedApiKey = ApiKey & { readonly secret: string };
export type NewApiKey = { displayName: string; scopes: readonly string[]; source: ApiKeySource; secret: string };
type Stored = ApiKey & { readonly secretHash: Buffer; readonly secretSealed: Buffer };

const columns = sql`id, display_name, scopes, source, last_used_at, created_at, secret_hash, secret_sealed`;

export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret.toLowerCase()).digest();
}

/** The condition that every statement on keys carries. */
export function heldBy(holder: KeyHolder) {
  return 'environment' in holder ? sql`environment_id = ${holder.environment.id}` : sql`account_id = ${holder.accountId}`;
}

/** Inserts the key; undefined when its name or its secret is taken. */
export async function addApiKey(
  { db, keyring }: Pick<World, 'db' | 'keyring'>,
  holder: KeyHolder,
  { displayName, scopes, source, secret }: NewApiKey,
): Promise<RevealedApiKey | undefined> {
  const hash = hashSecret(secret);
  const sealed = await seal(keyring, placeOf(holder, hash), secret);
  const [environmentId, accountId] = 'environment' in holder ? [holder.environment.id, null] : [null, holder.accountId];
  const row = await one<Stored>(
    db,
    sql`insert into api_keys (environment_id, account_id, display_name, scopes, source, secret_hash, secret_sealed)
        values (${environmentId}, ${accountId}, ${displayName}, ${[...scopes]}, ${source}, ${hash}, ${sealed})
        on conflict do nothing
        returning ${columns}`,
  );
  return row && reveal(row, secret);
}

/** Every living key with its secret, the oldest first. For members only. */
export async function listApiKeys({ db, keyring }: Pick<World, 'db' | 'keyring'>, holder: KeyHolder): Promise<RevealedApiKey[]> {
  const rows = await many<Stored>(db, sql`select ${columns} from api_keys where ${heldBy(holder)} and deleted_at is null order by id`);
  return Promise.all(rows.map(async (row) => reveal(row, await open(keyring, placeOf(holder, row.secretHash), row.secretSealed))));
}

function placeOf(holder: KeyHolder, hash: Buffer): Place {
  return 'environment' in holder ? apiKeyPlace(holder.environment.id, hash) : accountKeyPlace(holder.accountId, hash);
}

function reveal({ secretHash: _hash, secretSealed: _sealed, ...key }: Stored, secret: string): RevealedApiKey {
  return { ...key, secret };
}

export function wireApiKey({ id, displayName, secret, scopes, source, lastUsedAt, createdAt }: RevealedApiKey) {
  return {
    id,
    display_name: displayName,
    secret,
    scopes,
    source,
    last_used_at: lastUsedAt?.toISOString() ?? null,
    created_at: createdAt.toISOString(),
  };
}
