/** An integration: one provider configured in one environment, under a key the developer chose. */
import type { IntegrationSecrets } from '@bowline/api/integration-credentials';
import type { Integration as Wire } from '@bowline/api/integrations';
import type { ProviderDefinition } from '@bowline/providers/provider';
import type { World } from '../base/world.ts';
import { logoUrl } from '../providers/logo.ts';
import { providerOf } from '../providers/own.ts';
import { open } from '../vault/open.ts';
import type { Place } from '../vault/sealed.ts';
import { type RegisteredClient, wireClient } from './client.ts';

export type Integration = {
  readonly id: number;
  readonly environmentId: number;
  readonly uniqueKey: string;
  readonly provider: string;
  /** What the environment itself says of that provider; null for one of the catalogue. `providerOf` tells which it is. */
  readonly ownProvider: ProviderDefinition | null;
  readonly displayName: string | null;
  readonly forwardWebhooks: boolean;
  /** Of these names alone; null: all. */
  readonly forwardWebhookEvents: string[] | null;
  /** Null: as its provider suggests. */
  readonly acceptUnverifiedWebhooks: boolean | null;
  readonly webhookSecretsSealed: Buffer | null;
  /** Whether we ask the provider for webhooks of each connection. */
  readonly managesSubscriptions: boolean;
  readonly credentialsSealed: Buffer | null;
  /** What the developer set for the provider's `integration_config`, or freely; what of it is secret is in `secretsSealed` alone. */
  readonly custom: Record<string, string>;
  readonly secretsSealed: Buffer | null;
  /** Its client is the operator's: the secrets are not shown to the developer, nor to functions. */
  readonly sharedApp: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Another after each change, of its own provider too; absent where it was not looked up by its key or id. */
  readonly version?: string;
};

export const placeOf = (environmentId: number, id: number): Place => ({ environmentId, context: `integration:${environmentId}:${id}` });

type Sealed = Pick<Integration, 'id' | 'environmentId' | 'credentialsSealed'>;

/** The registered client, or undefined for auth modes that need none. */
export async function openClient({ keyring }: Pick<World, 'keyring'>, integration: Sealed): Promise<RegisteredClient | undefined> {
  if (!integration.credentialsSealed) return undefined;
  const text = await open(keyring, placeOf(integration.environmentId, integration.id), integration.credentialsSealed);
  return JSON.parse(text) as RegisteredClient; // sealed by store-client.ts with exactly this shape
}

/** The client as its owner may see it; of the operator's app only that there is one. */
export async function showClient(world: Pick<World, 'keyring'>, integration: Integration): Promise<RegisteredClient | undefined> {
  const client = await openClient(world, integration);
  return client && integration.sharedApp ? { clientId: '', clientSecret: '', scopes: client.scopes } : client;
}

/** The integration as the wire has it; a provider that left the catalogue falls back to its name. */
export function wireIntegration(world: Pick<World, 'config' | 'builtIns'>, integration: Integration): Wire {
  const provider = providerOf(world, integration);
  const isDeclared = (name: string) => provider?.integration_config?.[name] !== undefined;
  const set = Object.keys(integration.custom).filter((name) => isDeclared(name) && integration.custom[name] !== '');
  const label = isDeclared('keyLabel') ? integration.custom.keyLabel : undefined;
  return {
    unique_key: integration.uniqueKey,
    provider: integration.provider,
    display_name: integration.displayName ?? provider?.display_name ?? integration.provider,
    logo: logoUrl(world, integration.provider),
    forward_webhooks: integration.forwardWebhooks,
    manage_subscriptions: integration.managesSubscriptions,
    ...(label ? { credentials_label: { apiKey: label } } : {}),
    ...(set.length > 0 ? { preconfigured_credentials: set } : {}),
    created_at: integration.createdAt.toISOString(),
    updated_at: integration.updatedAt.toISOString(),
  };
}

/** Where the provider is to send its webhooks; null where it is not known to send any. */
export function webhookUrl(
  world: Pick<World, 'config' | 'builtIns'>,
  { uuid }: { readonly uuid: string },
  integration: Integration,
): string | null {
  const { webhook, webhook_routing_script: script } = providerOf(world, integration) ?? {};
  if (webhook === undefined && script === undefined) return null;
  return `${world.config.publicUrl}/webhook/${uuid}/${encodeURIComponent(integration.uniqueKey)}`;
}

/** The client as `include=credentials` has it; null for modes without one. */
export async function wireSecrets(
  world: Pick<World, 'keyring' | 'builtIns'>,
  integration: Integration,
): Promise<IntegrationSecrets | null> {
  const client = await showClient(world, integration);
  const type = providerOf(world, integration)?.auth_mode;
  return client && type ? wireClient(type, client) : null;
}
