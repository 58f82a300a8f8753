/** What an integration is told about its provider's webhooks: secrets to verify them with, whether unverified ones are taken, which are forwarded. */
import type { IntegrationWebhooks, IntegrationWebhooksChange } from '@bowline/api/integration-webhooks';
import type { WebhookFacts } from '@bowline/providers/facts';
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { providerOf } from '../providers/own.ts';
import { open } from '../vault/open.ts';
import { seal } from '../vault/seal.ts';
import type { Place } from '../vault/sealed.ts';
import { webhookSecretOf } from './client.ts';
import { type Integration, openClient } from './integration.ts';

export const placeOfWebhookSecrets = (environmentId: number, id: number): Place => ({
  environmentId,
  context: `integration-webhooks:${environmentId}:${id}`,
});

/** What is not sent stays. */
export async function storeWebhooks(
  { db, keyring }: Pick<World, 'db' | 'keyring'>,
  { id, environmentId }: Pick<Integration, 'id' | 'environmentId'>,
  { secrets, accept_unverified, forward_events }: IntegrationWebhooksChange,
): Promise<void> {
  const given = secrets?.filter((one) => one !== '');
  const sealed = given && given.length > 0 ? await seal(keyring, placeOfWebhookSecrets(environmentId, id), JSON.stringify(given)) : null;
  await run(
    db,
    sql`update integrations
           set webhook_secrets_sealed = case when ${given !== undefined} then ${sealed}::bytea else webhook_secrets_sealed end,
               accept_unverified_webhooks = case when ${accept_unverified !== undefined} then ${accept_unverified ?? null}::boolean else accept_unverified_webhooks end,
               forward_webhook_events = case when ${forward_events !== undefined} then ${forward_events ?? null}::text[] else forward_webhook_events end
         where environment_id = ${environmentId} and id = ${id}`,
  );
}

export type WebhookSecrets = {
  /** Entered for its webhooks, wherever a client of the API may put one. */
  readonly entered: readonly string[];
  /** Of the app at the provider. */
  readonly client: readonly string[];
};

/** In the clear, for the verifier alone. */
export async function openWebhookSecrets(world: Pick<World, 'keyring'>, integration: Integration): Promise<WebhookSecrets> {
  const { id, environmentId, webhookSecretsSealed, custom } = integration;
  const client = await openClient(world, integration);
  const listed = webhookSecretsSealed
    ? (JSON.parse(await open(world.keyring, placeOfWebhookSecrets(environmentId, id), webhookSecretsSealed)) as string[]) // sealed above
    : [];
  const entered = [...listed, (client && webhookSecretOf(client)) ?? '', custom.webhookSecret ?? ''].filter((one) => one !== '');
  return { entered, client: client?.clientSecret ? [client.clientSecret] : [] };
}

/**
 * Whether webhooks that nothing verifies are taken: as it says, else as its provider suggests. A vendor that signs nothing could never be heard otherwise; of one
 * that signs the developer has the key, and is told to enter it (decisions/050).
 */
export const acceptsUnverified = (
  { acceptUnverifiedWebhooks }: Pick<Integration, 'acceptUnverifiedWebhooks'>,
  facts: WebhookFacts | undefined,
): boolean => acceptUnverifiedWebhooks ?? (facts === undefined || facts.algorithm === 'none' || facts.voluntary === true);

/** As the wire has it. */
export async function wireWebhooks(world: Pick<World, 'keyring' | 'builtIns'>, integration: Integration): Promise<IntegrationWebhooks> {
  const facts = providerOf(world, integration)?.webhook;
  const { entered, client } = await openWebhookSecrets(world, integration);
  const secrets = entered.length + (facts?.key === 'client_secret' ? client.length : 0);
  const isSigned = facts !== undefined && facts.algorithm !== 'none';
  const isKeyed = secrets > 0 || facts?.keys_url !== undefined;
  return {
    secrets,
    verification: !isSigned ? 'unsigned' : isKeyed ? 'verified' : 'secret_missing',
    accept_unverified: acceptsUnverified(integration, facts),
    forward_events: integration.forwardWebhookEvents,
  };
}
