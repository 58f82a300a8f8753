/** Change an integration. Its key can change only while nothing is connected: the key is how connections are named. */
import type { IntegrationCredentials } from '@bowline/api/integration-credentials';
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { run, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { publish } from '../events/publish.ts';
import type { Scope } from '../http/scope.ts';
import { providerOf } from '../providers/own.ts';
import { clientOf } from './client.ts';
import { checkCredentials, type NewIntegration } from './create.ts';
import { checkCustom } from './custom.ts';
import { findIntegration, findIntegrationById } from './find.ts';
import { type Integration, openClient } from './integration.ts';
import { openSettings, splitSecrets, storeSecrets } from './secrets.ts';
import { storeClient } from './store-client.ts';
import { checkSubscriptionSettings, storeSubscriptionSettings } from './subscription-settings.ts';
import { storeWebhooks } from './webhooks.ts';

export type IntegrationChange = Omit<NewIntegration, 'provider' | 'unique_key' | 'credentials'> & {
  unique_key?: string | undefined;
  credentials?: IntegrationCredentials | undefined;
};
/** Whether live connections use the integration; answered by the floor above. */
export type InUse = (integration: Integration) => Promise<boolean>;

/** @throws unknown_provider_config, invalid_body */
export async function updateIntegration(
  world: Pick<World, 'db' | 'builtIns' | 'keyring'>,
  scope: Scope,
  uniqueKey: string,
  change: IntegrationChange,
  inUse: InUse,
): Promise<Integration> {
  const before = await findIntegration(world, scope, uniqueKey);
  const provider = providerOf(world, before);
  if (!provider) throw problem('invalid_body', { message: `The catalogue no longer has ${before.provider}; only deleting is possible` });
  checkCredentials(provider, change.credentials, false);
  checkSubscriptionSettings(provider, change.subscription_settings ?? {});
  const settings = await openSettings(world, before);
  const changes = change.integration_config !== undefined || change.custom !== undefined;
  const { readable, secret } = splitSecrets(provider, changes ? checkCustom(provider, change, settings) : settings);
  const renamed = change.unique_key !== undefined && change.unique_key !== before.uniqueKey;
  if (renamed && (await inUse(before))) {
    throw problem('invalid_body', { message: 'The key cannot change while the integration has connections; delete them first' });
  }
  return transaction(world.db, async (tx) => {
    const changed = await run(
      tx,
      sql`update integrations
             set unique_key = ${change.unique_key ?? before.uniqueKey},
                 display_name = ${change.display_name ?? before.displayName},
                 forward_webhooks = ${change.forward_webhooks ?? before.forwardWebhooks},
                 manages_subscriptions = ${change.manage_subscriptions ?? before.managesSubscriptions},
                 custom = ${JSON.stringify(readable)}::jsonb,
                 updated_at = now()
           where environment_id = ${scope.environment.id} and id = ${before.id} and deleted_at is null
             and not exists (select 1 from integrations taken where taken.environment_id = ${scope.environment.id}
                              and taken.unique_key = ${change.unique_key ?? ''} and taken.id <> ${before.id} and taken.deleted_at is null)`,
    );
    if (changed === 0) throw problem('invalid_body', { message: `This environment already has an integration "${change.unique_key}"` });
    await storeSecrets({ ...world, db: tx }, scope, before.id, secret);
    if (change.webhooks) await storeWebhooks({ ...world, db: tx }, before, change.webhooks);
    if (change.credentials) {
      const kept = (await openClient(world, before))?.webhookSecret;
      const client = clientOf(change.credentials);
      await storeClient({ ...world, db: tx }, before, { ...client, webhookSecret: (client.webhookSecret ?? kept) || undefined });
    }
    if (change.subscription_settings) await storeSubscriptionSettings({ ...world, db: tx }, before, change.subscription_settings);
    const anew = change.subscription_settings !== undefined || change.credentials !== undefined;
    await publish(tx, scope.environment.id, 'integration.updated', { integrationId: before.id, anew });
    return findIntegrationById({ db: tx }, scope, before.id);
  });
}
