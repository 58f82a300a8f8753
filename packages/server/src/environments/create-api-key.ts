/** Make an API key for an environment; its name is unique there, and an environment has at most 50 (http-api.md 1.1). */
import { problem } from '@bowline/api/problem';
import { granted, scopes as knownScopes } from '@bowline/api/scopes';
import { sql } from 'kysely';
import { only, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { API_KEYS_CHANNEL, addApiKey, type RevealedApiKey } from './api-key.ts';
import { configKeyPrefix } from './config-keys.ts';

const KEYS_MAX = 50;

/** @throws conflict, resource_capped, invalid_body when a scope grants nothing */
export async function createApiKey(
  world: Pick<World, 'db' | 'keyring' | 'random' | 'bus'>,
  { environment }: Scope,
  { displayName, scopes = ['environment:*'] }: { displayName: string; scopes?: readonly string[] | undefined },
): Promise<RevealedApiKey> {
  checkScopes(scopes);
  if (displayName.toUpperCase().startsWith(configKeyPrefix)) {
    throw problem('conflict', { message: `Names that start with ${configKeyPrefix} belong to keys set by the configuration` });
  }
  return transaction(world.db, async (tx) => {
    // The environment's row is locked so that two requests cannot both take the last free place.
    await only(tx, sql`select id from environments where id = ${environment.id} for update`);
    const { count } = await only<{ count: number }>(
      tx,
      sql`select count(*)::int as count from api_keys where environment_id = ${environment.id} and deleted_at is null`,
    );
    if (count >= KEYS_MAX) {
      throw problem('resource_capped', { message: `An environment has at most ${KEYS_MAX} API keys; delete one that is no longer used` });
    }
    const wanted = { displayName, scopes, source: 'created', secret: world.random.uuid() } as const;
    const key = await addApiKey({ ...world, db: tx }, environment.id, wanted);
    if (!key) throw problem('conflict', { message: `This environment already has an API key named "${displayName}"` });
    await world.bus.publish(API_KEYS_CHANNEL, {}, tx);
    return key;
  });
}

function checkScopes(scopes: readonly string[]): void {
  const errors = scopes.flatMap((scope, index) =>
    knownScopes.some((known) => granted([scope], known))
      ? []
      : [{ code: 'invalid_value', message: `There is no scope "${scope}"`, path: ['scopes', String(index)] }],
  );
  if (errors.length > 0) throw problem('invalid_body', { errors });
}
