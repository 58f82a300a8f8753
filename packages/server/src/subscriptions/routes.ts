/** The doors of subscriptions. */
import { subscriptions } from '@bowline/api/subscriptions';
import type { World } from '../base/world.ts';
import type { Serve } from '../http/serve.ts';
import { findIntegration } from '../integrations/find.ts';
import type { Integration } from '../integrations/integration.ts';
import { providerOf } from '../providers/own.ts';
import { listSubscriptions, renewSubscription } from './list.ts';
import { wireSubscription } from './subscription.ts';

export function bindSubscriptionRoutes(serve: Serve, world: Pick<World, 'db' | 'builtIns'>): void {
  serve(subscriptions.list).by(async ({ query }, scope) => {
    const integration = await findIntegration(world, scope, query.provider_config_key);
    const rows = await listSubscriptions(world, scope, { integration, connectionId: query.connection_id });
    return { offer: offerOf(world, integration), data: rows.map(wireSubscription) };
  });
  serve(subscriptions.renew).by(async ({ params }, scope) => ({
    data: wireSubscription(await renewSubscription(world, scope, params.id)),
  }));
}

function offerOf(world: Pick<World, 'builtIns'>, integration: Integration) {
  const facts = providerOf(world, integration)?.webhook_subscription;
  if (!facts) return null;
  const [target] = Object.values(facts.target ?? {});
  return {
    manages: integration.managesSubscriptions,
    scopes: [...(facts.scopes ?? [])],
    target: target ? { title: target.title, metadata: target.metadata, default: target.default ?? null } : null,
    docs: facts.docs,
  };
}
