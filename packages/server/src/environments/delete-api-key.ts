/** Delete an API key. When this returns it no longer works in this process; in others it stops as soon as they hear of it. */
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { one, run, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { API_KEYS_CHANNEL, type ApiKeySource } from './api-key.ts';

/** How long to wait for our own message; longer means the bus is down, and the cache's ten seconds take over. */
const HEARD_MS_MAX = 1_000;

/** @throws not_found, conflict when the key is set by the configuration */
export async function deleteApiKey(world: Pick<World, 'db' | 'bus' | 'clock'>, { environment }: Scope, id: number): Promise<void> {
  const { heard, stop } = listen(world, id);
  try {
    await transaction(world.db, async (tx) => {
      const key = await one<{ source: ApiKeySource }>(
        tx,
        sql`select source from api_keys where environment_id = ${environment.id} and id = ${id} and deleted_at is null for update`,
      );
      if (!key) throw problem('not_found', { message: 'This environment has no such API key' });
      if (key.source === 'config') {
        throw problem('conflict', { message: 'This key is set by the configuration; remove its variable and start again to delete it' });
      }
      await run(tx, sql`update api_keys set deleted_at = ${world.clock.now()} where environment_id = ${environment.id} and id = ${id}`);
      await world.bus.publish(API_KEYS_CHANNEL, { deleted: id }, tx);
    });
    await heard();
  } finally {
    stop();
  }
}

/** Listeners are called in the order they subscribed, so when we hear the message the cache, which was there first, is empty. */
function listen({ bus }: Pick<World, 'bus'>, id: number) {
  let hear = () => {};
  const message = new Promise<void>((resolve) => {
    hear = resolve;
  });
  const stop = bus.subscribe(API_KEYS_CHANNEL, (said) => {
    if (typeof said === 'object' && said !== null && 'deleted' in said && said.deleted === id) hear();
  });
  async function heard(): Promise<void> {
    const timer = setTimeout(hear, HEARD_MS_MAX);
    await message;
    clearTimeout(timer);
  }
  return { heard, stop };
}
