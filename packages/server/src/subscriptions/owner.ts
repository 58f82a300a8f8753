/** Whose a subscription is, and what its provider is asked with: a connection's access, or what the developer of the integration has. */
import type { WebhookSubscriptionFacts } from '@bowline/providers/subscription';
import type { World } from '../base/world.ts';
import { accessConnection } from '../connections/access.ts';
import type { Connection } from '../connections/connection.ts';
import { lookConnectionById } from '../connections/find.ts';
import { integrationAccess } from '../connections/open.ts';
import type { AccessWorld } from '../connections/target.ts';
import { openApi } from '../credentials/api.ts';
import type { Environment } from '../environments/environment.ts';
import { lookIntegrationEver } from '../integrations/find.ts';
import type { Integration } from '../integrations/integration.ts';
import { openSubscriptionSettings, type SubscriptionSettings } from '../integrations/subscription-settings.ts';
import type { OperationHandle } from '../logs/operation.ts';
import { exchanged } from './rotate.ts';
import { type Ask, RefusedError } from './send.ts';
import type { Subscription } from './subscription.ts';

export type SubscriptionWorld = AccessWorld & Pick<World, 'config'>;
export type Owner = { readonly integration: Integration; readonly connection: Connection | null };

/** @returns undefined when it is gone. An integration that was deleted still has what its provider is told with to stop. */
export async function lookOwner(world: Pick<World, 'db'>, environment: Environment, row: Subscription): Promise<Owner | undefined> {
  if (row.connectionId !== null) return lookConnectionById(world, { environment }, row.connectionId);
  const integration = await lookIntegrationEver(world, { environment }, row.integrationId);
  return integration && (!integration.deletedAt || row.state === 'leaving') ? { integration, connection: null } : undefined;
}

type Asking = Owner & {
  readonly row: Subscription;
  readonly facts: WebhookSubscriptionFacts;
  readonly environment: Environment;
  readonly operation: OperationHandle;
  readonly signal: AbortSignal;
};

/** @throws RefusedError, ApiError, problems of the connection's credentials */
export async function openAsk(world: SubscriptionWorld, { operation, signal, ...asking }: Asking): Promise<Ask> {
  const { connection, integration, facts, environment } = asking;
  const settings = facts.settings ? await openSubscriptionSettings(world, integration) : {};
  checkEntered(facts, settings);
  if (connection) {
    const { access } = await accessConnection(world, { environment }, { connection, integration });
    return { ...asking, world, settings, access, api: openApi(world, access, { operation, signal }) };
  }
  const access = { integration: await integrationAccess(world, integration), connectionConfig: {}, credentials: {} };
  const askWith = (own: SubscriptionSettings): Ask => ({
    ...asking,
    world,
    access,
    settings: own,
    api: openApi(world, access, { operation, signal, own: { secrets: Object.values(own) } }),
  });
  return askWith(await exchanged(world, askWith(settings)));
}

function checkEntered({ settings: fields = {} }: WebhookSubscriptionFacts, entered: SubscriptionSettings): void {
  const missing = Object.entries(fields).flatMap(([name, { title, optional }]) => (optional || entered[name] ? [] : [title]));
  if (missing.length > 0) throw new RefusedError(`Enter ${missing.join(' and ')} on the integration: the provider is asked with it`);
}
