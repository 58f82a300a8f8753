/** Make an API key for an environment or an account; its name is unique there, and each has at most 50. */
import { problem } from '@bowline/api/problem';
import { accountScopes, scopes as environmentScopes, granted } from '@bowline/api/scopes';
import { sql } from 'kysely';
import { one, only, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { addApiKey, heldBy, type KeyHolder, type RevealedApiKey } from './api-key.ts';
import { API_KEYS_CHANNEL } from './change-keys.ts';
import { accountKeyVariable, configKeyPrefix } from './config-keys.ts';
import { lockEnvironments } from './find.ts';

const KEYS_MAX = 50;

/** @throws conflict, resource_capped, invalid_body when a scope grants nothing */
export async function createApiKey(
  world: Pick<World, 'db' | 'keyring' | 'random' | 'bus'>,
  holder: KeyHolder,
  { displayName, scopes }: { displayName: string; scopes?: readonly string[] | undefined },
): Promise<RevealedApiKey> {
  const kind = 'environment' in holder ? 'environment' : 'account';
  const granting = scopes ?? [`${kind}:*`];
  checkScopes(granting, kind === 'environment' ? environmentScopes : accountScopes);
  const name = displayName.toUpperCase();
  if (name.startsWith(configKeyPrefix) || name === accountKeyVariable) {
    throw problem('conflict', { message: 'This name belongs to a key that the configuration sets; choose another' });
  }
  return transaction(world.db, async (tx) => {
    await takeTurns(tx, holder);
    const { count } = await only<{ count: number }>(
      tx,
      sql`select count(*)::int as count from api_keys where ${heldBy(holder)} and deleted_at is null`,
    );
    if (count >= KEYS_MAX) {
      throw problem('resource_capped', {
        message: `This ${kind} has ${KEYS_MAX} API keys, the most there can be; delete one that is no longer used`,
      });
    }
    const wanted = { displayName, scopes: granting, source: 'created', secret: world.random.uuid() } as const;
    const key = await addApiKey({ ...world, db: tx }, holder, wanted);
    if (!key) throw problem('conflict', { message: `This ${kind} already has an API key named "${displayName}"` });
    await world.bus.publish(API_KEYS_CHANNEL, {}, tx);
    return key;
  });
}

/** So that two requests cannot both take the last free place. @throws not_found when the environment was just deleted */
async function takeTurns(tx: Database, holder: KeyHolder): Promise<void> {
  if (!('environment' in holder)) return void (await lockEnvironments(tx, holder.accountId));
  const locked = await one(
    tx,
    sql`select id from environments where id = ${holder.environment.id} and deleted_at is null for no key update`,
  );
  if (!locked) throw problem('not_found', { message: 'This environment no longer exists' });
}

function checkScopes(scopes: readonly string[], known: readonly (typeof environmentScopes | typeof accountScopes)[number][]): void {
  const errors = scopes.flatMap((scope, index) =>
    known.some((needed) => granted([scope], needed))
      ? []
      : [{ code: 'invalid_value', message: `There is no scope "${scope}" for this kind of key`, path: ['scopes', String(index)] }],
  );
  if (errors.length > 0) throw problem('invalid_body', { errors });
}
