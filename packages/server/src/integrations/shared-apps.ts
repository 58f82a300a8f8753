/** Keeps integrations on the operator's apps in step with the configuration: at each start they get what it says now. */
import { sql } from 'kysely';
import { many, run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { storeClient, withDefaultScopes } from './store-client.ts';

/** A provider whose app was taken out of the configuration loses its client: connecting says so, and other connections keep their tokens. */
export async function applySharedApps(world: Pick<World, 'db' | 'keyring' | 'config' | 'catalogue'>): Promise<void> {
  // Each row names its environment itself: this is the operator's work on all of them.
  const rows = await many<{ id: number; environmentId: number; provider: string }>(
    world.db,
    sql`select id, environment_id, provider from integrations where shared_app and deleted_at is null order by id`,
  );
  for (const { id, environmentId, provider } of rows) {
    const client = world.config.sharedApps.get(provider);
    const known = world.catalogue.get(provider);
    if (client && known) {
      await storeClient(world, { environment: { id: environmentId } }, id, withDefaultScopes(known, client), { shared: true });
    } else
      await run(world.db, sql`update integrations set credentials_sealed = null where environment_id = ${environmentId} and id = ${id}`);
  }
}
