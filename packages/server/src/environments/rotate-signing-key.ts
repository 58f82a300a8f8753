/** Replace the key that signs an environment's webhooks. The next attempt signs with the new one, and for a while with the one before as well. */
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { publishLive } from '../http/live.ts';
import type { Scope } from '../http/scope.ts';
import { seal } from '../vault/seal.ts';
import { signingKeyPlace } from './environment.ts';

const HOUR_MS = 3_600_000;

/**
 * @param overlapHours for how long `webhook-signature` holds a signature of the old key, too; 0: the old one signs no more
 * @returns the new key, a UUID v4. @throws not_found
 */
export async function rotateSigningKey(
  world: Pick<World, 'db' | 'keyring' | 'random' | 'bus' | 'clock'>,
  { environment }: Pick<Scope, 'environment'>,
  overlapHours: number,
): Promise<string> {
  const key = world.random.uuid();
  const sealed = await seal(world.keyring, signingKeyPlace(environment.id), key);
  const until = new Date(world.clock.now().getTime() + overlapHours * HOUR_MS);
  const replaced = await run(
    world.db,
    sql`update environments set signing_key_sealed = ${sealed},
               previous_signing_key_sealed = case when ${overlapHours}::float8 > 0 then signing_key_sealed end,
               previous_signing_key_until = case when ${overlapHours}::float8 > 0 then ${until}::timestamptz end
         where id = ${environment.id} and deleted_at is null`,
  );
  if (replaced === 0) throw problem('not_found', { message: 'This environment no longer exists' });
  publishLive(world, environment.id, 'environment');
  return key;
}
