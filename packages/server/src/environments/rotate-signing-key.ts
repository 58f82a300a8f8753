/** Replace the key that signs an environment's webhooks. The next delivery uses the new one; there is no overlap. */
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { publishLive } from '../http/live.ts';
import type { Scope } from '../http/scope.ts';
import { seal } from '../vault/seal.ts';
import { signingKeyPlace } from './environment.ts';

/** @returns the new key, a UUID v4. @throws not_found */
export async function rotateSigningKey(
  world: Pick<World, 'db' | 'keyring' | 'random' | 'bus'>,
  { environment }: Pick<Scope, 'environment'>,
): Promise<string> {
  const key = world.random.uuid();
  const sealed = await seal(world.keyring, signingKeyPlace(environment.id), key);
  const replaced = await run(
    world.db,
    sql`update environments set signing_key_sealed = ${sealed} where id = ${environment.id} and deleted_at is null`,
  );
  if (replaced === 0) throw problem('not_found', { message: 'This environment no longer exists' });
  publishLive(world, environment.id, 'environment');
  return key;
}
