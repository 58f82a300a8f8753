/** Keeps integrations on the operator's apps in step with the configuration: at each start they get what it says now. */
import { sql } from 'kysely';
import { many, run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { sharedClient } from './client.ts';
import { type Integration, openClient } from './integration.ts';
import { storeClient, withDefaultScopes } from './store-client.ts';

type Row = Pick<Integration, 'id' | 'environmentId' | 'provider' | 'credentialsSealed'>;

/** A provider whose app was taken out of the configuration loses its client: connecting says so, and other connections keep their tokens. @returns those whose client is another now */
export async function applySharedApps(world: Pick<World, 'db' | 'keyring' | 'config' | 'builtIns'>): Promise<Row[]> {
  // Each row names its environment itself: this is the operator's work on all of them.
  const rows = await many<Row>(
    world.db,
    sql`select id, environment_id, provider, credentials_sealed from integrations where shared_app and deleted_at is null order by id`,
  );
  const changed: Row[] = [];
  for (const row of rows) {
    const { id, environmentId, provider } = row;
    const client = world.config.sharedApps.get(provider);
    const known = world.builtIns.get(provider);
    if (client && known) {
      const before = await openClient(world, row);
      if (before?.clientId !== client.client_id || before.clientSecret !== client.client_secret) changed.push(row);
      await storeClient(world, row, withDefaultScopes(known, sharedClient(client)), { shared: true });
    } else
      await run(world.db, sql`update integrations set credentials_sealed = null where environment_id = ${environmentId} and id = ${id}`);
  }
  return changed;
}
