/** Store the client registered at the provider, sealed for its row. */
import type { Provider } from '@bowline/providers/provider';
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { seal } from '../vault/seal.ts';
import type { RegisteredClient } from './client.ts';
import { placeOf } from './integration.ts';

export async function storeClient(
  { db, keyring }: Pick<World, 'db' | 'keyring'>,
  { environmentId, id }: { readonly environmentId: number; readonly id: number },
  client: RegisteredClient,
  { shared = false } = {},
): Promise<void> {
  const sealed = await seal(keyring, placeOf(environmentId, id), JSON.stringify(client));
  await run(
    db,
    sql`update integrations set credentials_sealed = ${sealed}, shared_app = ${shared} where environment_id = ${environmentId} and id = ${id}`,
  );
}

/** Where no scopes are given the provider's own defaults are asked for. */
export function withDefaultScopes(provider: Provider, client: RegisteredClient): RegisteredClient {
  const defaults = 'default_scopes' in provider ? provider.default_scopes : undefined;
  return client.scopes || !defaults ? client : { ...client, scopes: defaults.join(',') };
}
