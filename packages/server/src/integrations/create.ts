/** Create an integration: the provider must exist, the key be free, and the client be given where the auth mode needs one. */
import type { IntegrationCredentials } from '@bowline/api/integration-credentials';
import type { IntegrationWebhooksChange } from '@bowline/api/integration-webhooks';
import { problem } from '@bowline/api/problem';
import type { Provider } from '@bowline/providers/provider';
import { sql } from 'kysely';
import { one, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { publish } from '../events/publish.ts';
import type { Scope } from '../http/scope.ts';
import { holdOwn, lookProvider } from '../providers/find.ts';
import { clientOf, type RegisteredClient, sharedClient } from './client.ts';
import { checkCustom } from './custom.ts';
import { tryClient } from './ensure-client.ts';
import { findIntegration } from './find.ts';
import type { Integration } from './integration.ts';
import { splitSecrets, storeSecrets } from './secrets.ts';
import { storeClient, withDefaultScopes } from './store-client.ts';
import { checkSubscriptionSettings, storeSubscriptionSettings } from './subscription-settings.ts';
import { storeWebhooks } from './webhooks.ts';

export type NewIntegration = {
  provider: string;
  unique_key: string;
  display_name?: string | undefined;
  forward_webhooks?: boolean | undefined;
  webhooks?: IntegrationWebhooksChange | undefined;
  manage_subscriptions?: boolean | undefined;
  subscription_settings?: Record<string, string> | undefined;
  /** Null: set later. */
  credentials?: IntegrationCredentials | null | undefined;
  integration_config?: Record<string, string> | undefined;
  custom?: Record<string, string> | undefined;
};

/** Modes whose client the developer registers at the provider first. With TBA each connection may bring its own instead. */
const registered = new Set<string>(['OAUTH1', 'OAUTH2', 'APP', 'CUSTOM', 'INSTALL_PLUGIN']);
/** Those of which the operator can share one: a client id and a secret are all of it. */
const shareable = new Set<string>(['OAUTH1', 'OAUTH2', 'TBA']);

/** @throws invalid_body in the forms of the wire */
export async function createIntegration(
  world: Pick<World, 'db' | 'builtIns' | 'keyring' | 'config' | 'outbound' | 'clock' | 'random' | 'log'>,
  scope: Scope,
  wanted: NewIntegration,
): Promise<Integration> {
  const found = await lookProvider(world, scope, wanted.provider);
  if (!found) throw unknown(wanted.provider);
  checkCredentials(found.provider, wanted.credentials ?? undefined, wanted.credentials !== null);
  const client = wanted.credentials ? clientOf(wanted.credentials) : undefined;
  const integration = await insert(world, scope, { wanted, ...found, client, shared: false });
  await tryClient(world, scope, integration);
  return integration;
}

/**
 * An integration on the app that the operator registered at the provider, so that its developer can begin without one.
 * @throws invalid_body when the operator has none
 */
export async function createQuickstart(
  world: Pick<World, 'db' | 'builtIns' | 'keyring' | 'config'>,
  scope: Scope,
  wanted: Omit<NewIntegration, 'credentials' | 'integration_config' | 'custom'>,
): Promise<Integration> {
  const found = await lookProvider(world, scope, wanted.provider);
  if (!found) throw unknown(wanted.provider);
  const { provider, own } = found;
  // The operator's secret goes to the operator's provider, whatever the environment gives the same name.
  const client = own ? undefined : world.config.sharedApps.get(provider.name);
  if (!client || !shareable.has(provider.auth_mode)) {
    const message = `The operator of this server shares no app of ${provider.display_name} (BOWLINE_SHARED_APPS); create the integration with your own`;
    throw problem('invalid_body', { message });
  }
  return insert(world, scope, { wanted, ...found, client: sharedClient(client), shared: true });
}

type Insert = {
  wanted: NewIntegration;
  provider: Provider;
  own: boolean;
  client: RegisteredClient | undefined;
  shared: boolean;
};

async function insert(
  world: Pick<World, 'db' | 'keyring'>,
  scope: Scope,
  { wanted, provider, own, client, shared }: Insert,
): Promise<Integration> {
  const { readable, secret } = splitSecrets(provider, checkCustom(provider, wanted));
  const settings = wanted.subscription_settings ?? {};
  checkSubscriptionSettings(provider, settings);
  return transaction(world.db, async (tx) => {
    if (own && !(await holdOwn(tx, scope, provider.name))) throw unknown(provider.name); // deleted meanwhile
    const row = await one<{ id: number }>(
      tx,
      sql`insert into integrations (environment_id, unique_key, provider, is_own_provider, display_name, forward_webhooks, manages_subscriptions, custom)
          values (${scope.environment.id}, ${wanted.unique_key}, ${wanted.provider}, ${own}, ${wanted.display_name ?? null},
                  ${wanted.forward_webhooks ?? true}, ${wanted.manage_subscriptions ?? false}, ${JSON.stringify(readable)}::jsonb)
          on conflict (environment_id, unique_key) where deleted_at is null do nothing
          returning id`,
    );
    if (!row) throw refuse('uniqueKey', `This environment already has an integration "${wanted.unique_key}"`);
    if (Object.keys(secret).length > 0) await storeSecrets({ ...world, db: tx }, scope, row.id, secret);
    const place = { environmentId: scope.environment.id, id: row.id };
    if (wanted.webhooks) await storeWebhooks({ ...world, db: tx }, place, wanted.webhooks);
    if (client) await storeClient({ ...world, db: tx }, place, withDefaultScopes(provider, client), { shared });
    if (Object.keys(settings).length > 0) await storeSubscriptionSettings({ ...world, db: tx }, place, settings);
    // There are no connections yet: this is for what is asked of the provider for all of them.
    if (wanted.manage_subscriptions) await publish(tx, scope.environment.id, 'integration.updated', { integrationId: row.id, anew: false });
    return findIntegration({ db: tx }, scope, wanted.unique_key);
  });
}

/** @throws invalid_body when the client is missing or of another mode */
export function checkCredentials(provider: Provider, credentials: IntegrationCredentials | undefined, required: boolean): void {
  if (credentials && credentials.type !== provider.auth_mode) {
    throw problem('invalid_body', { message: `${provider.name} connects with ${provider.auth_mode}, not ${credentials.type}` });
  }
  if (required && !credentials && registered.has(provider.auth_mode)) {
    throw problem('invalid_body', {
      message: `Missing credentials: register an app at ${provider.display_name} and send what it gave you as credentials of type ${provider.auth_mode}`,
    });
  }
}

const unknown = (provider: string) => refuse('provider', `The catalogue has no provider "${provider}"`);

function refuse(field: string, message: string) {
  return problem('invalid_body', { errors: [{ code: 'invalid_string', message, path: [field] }] });
}
