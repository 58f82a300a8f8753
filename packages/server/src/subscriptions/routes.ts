/** The doors of subscriptions. */
import { subscriptions } from '@bowline/api/subscriptions';
import type { World } from '../base/world.ts';
import type { Serve } from '../http/serve.ts';
import { findIntegration } from '../integrations/find.ts';
import type { Integration } from '../integrations/integration.ts';
import { openSubscriptionSettings } from '../integrations/subscription-settings.ts';
import { providerOf } from '../providers/own.ts';
import { listSubscriptions, renewSubscription } from './list.ts';
import { wireSubscription } from './subscription.ts';

export function bindSubscriptionRoutes(serve: Serve, world: Pick<World, 'db' | 'builtIns' | 'keyring'>): void {
  serve(subscriptions.list).by(async ({ query }, scope) => {
    const integration = await findIntegration(world, scope, query.provider_config_key);
    const rows = await listSubscriptions(world, scope, { integration, connectionId: query.connection_id });
    return { offer: await offerOf(world, integration), data: rows.map(wireSubscription) };
  });
  serve(subscriptions.renew).by(async ({ params }, scope) => ({
    data: wireSubscription(await renewSubscription(world, scope, params.id)),
  }));
}

async function offerOf(world: Pick<World, 'db' | 'builtIns' | 'keyring'>, integration: Integration) {
  const facts = providerOf(world, integration)?.webhook_subscription;
  // The operator's app is not the developer's to set up.
  if (!facts || (facts.of === 'integration' && integration.sharedApp)) return null;
  const entered = facts.settings ? await openSubscriptionSettings(world, integration) : {};
  const [target] = Object.values(facts.target ?? {});
  return {
    of: facts.of ?? 'connection',
    manages: integration.managesSubscriptions,
    scopes: [...(facts.scopes ?? [])],
    target: target ? { title: target.title, metadata: target.metadata, default: target.default ?? null } : null,
    settings: Object.entries(facts.settings ?? {}).map(
      ([name, { title, description, example = null, secret = false, optional = false }]) => ({
        name,
        title,
        description,
        example,
        secret,
        required: !optional,
        set: entered[name] !== undefined,
        value: secret ? null : (entered[name] ?? null),
      }),
    ),
    docs: facts.docs,
  };
}
