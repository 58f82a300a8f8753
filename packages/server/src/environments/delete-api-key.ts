/** Delete an API key. When this returns it no longer works in this process; in others it stops as soon as they hear of it. */
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { one, run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { type ApiKeySource, heldBy, type KeyHolder } from './api-key.ts';
import { changeKeys } from './change-keys.ts';

/** @throws not_found, conflict when the key is set by the configuration */
export async function deleteApiKey(world: Pick<World, 'db' | 'bus' | 'clock' | 'random'>, holder: KeyHolder, id: number): Promise<void> {
  await changeKeys(world, async (tx) => {
    const key = await one<{ source: ApiKeySource }>(
      tx,
      sql`select source from api_keys where ${heldBy(holder)} and id = ${id} and deleted_at is null for update`,
    );
    if (!key) throw problem('not_found', { message: 'There is no such API key' });
    if (key.source === 'config') {
      throw problem('conflict', { message: 'This key is set by the configuration; remove its variable and start again to delete it' });
    }
    await run(tx, sql`update api_keys set deleted_at = ${world.clock.now()} where ${heldBy(holder)} and id = ${id}`);
  });
}
