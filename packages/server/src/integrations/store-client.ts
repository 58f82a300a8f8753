/** Store the client registered at the provider, sealed for its row. */
import type { IntegrationCredentials } from '@bowline/api/integrations';
import type { Provider } from '@bowline/providers/provider';
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { seal } from '../vault/seal.ts';
import { type OauthClient, placeOf } from './integration.ts';

export async function storeClient(
  { db, keyring }: Pick<World, 'db' | 'keyring'>,
  { environment }: { environment: { id: number } },
  id: number,
  credentials: Omit<IntegrationCredentials, 'type'>,
  { shared = false } = {},
): Promise<void> {
  const client: OauthClient = {
    clientId: credentials.client_id,
    clientSecret: credentials.client_secret,
    scopes: credentials.scopes ?? '',
    webhookSecret: credentials.webhook_secret,
  };
  const sealed = await seal(keyring, placeOf(environment.id, id), JSON.stringify(client));
  await run(
    db,
    sql`update integrations set credentials_sealed = ${sealed}, shared_app = ${shared} where environment_id = ${environment.id} and id = ${id}`,
  );
}

/** Where no scopes are given the provider's own defaults are asked for. */
export function withDefaultScopes<T extends { scopes?: string | undefined }>(provider: Provider, client: T): T {
  const defaults = 'default_scopes' in provider ? provider.default_scopes : undefined;
  return client.scopes || !defaults ? client : { ...client, scopes: defaults.join(',') };
}
