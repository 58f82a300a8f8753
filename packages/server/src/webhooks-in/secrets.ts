/** What webhooks of an integration are verified with: what its developer entered, what its app has, and what a connection that a webhook names keeps of its own. */
import type { WebhookFacts } from '@bowline/providers/facts';
import type { World } from '../base/world.ts';
import { findConnectionById } from '../connections/find.ts';
import { openAccess } from '../connections/open.ts';
import type { Scope } from '../http/scope.ts';
import type { Integration } from '../integrations/integration.ts';
import { openWebhookSecrets } from '../integrations/webhooks.ts';
import { secretsOfSubscriptions } from '../subscriptions/hear.ts';
import { connectionsOf, type Matched } from './match.ts';
import { type Routed, subscriptionsOf } from './routing/route.ts';
import type { Keys } from './verify/verify.ts';

type Needs = Pick<World, 'db' | 'keyring' | 'builtIns'>;

export async function keysOfIntegration(world: Pick<World, 'keyring'>, integration: Integration): Promise<Keys> {
  const { entered, client } = await openWebhookSecrets(world, integration);
  // Whoever entered one for an app whose own secret signs meant it: some apps are given another.
  return {
    webhook_secret: entered,
    subscription: entered,
    public_key: entered,
    api_key: entered,
    webhook_id: entered,
    client_secret: [...client, ...entered],
  };
}

/** Those that a connection may bring. */
const OF_CONNECTIONS: readonly WebhookFacts['key'][] = ['webhook_secret', 'subscription', 'api_key'];
/** A forgery that names many must not have all of them opened. */
const OPENED_MAX = 5;

/** Of the connections that a webhook names, before anybody knows whether it is genuine: they only serve to find that out. */
export async function keysOfConnections(
  world: Needs,
  scope: Scope,
  { integration, facts, routed }: { integration: Integration; facts: WebhookFacts; routed: Routed },
): Promise<string[]> {
  if (!OF_CONNECTIONS.includes(facts.key)) return [];
  // Its address names it, and it has a secret of its own: those of others do not count.
  const subscriptions = [...subscriptionsOf(routed)];
  if (subscriptions.length > 0) return secretsOfSubscriptions(world, integration, subscriptions);
  const found = new Map<number, Matched>();
  for (const event of routed.events.slice(0, OPENED_MAX)) {
    if (event.everyone) continue;
    for (const one of await connectionsOf(world.db, integration, event)) if (found.size < OPENED_MAX) found.set(one.id, one);
  }
  const keys = await Promise.all([...found.keys()].map((id) => keysOf(world, scope, { id, facts })));
  return keys.flat().filter((key) => key !== '');
}

async function keysOf(world: Needs, scope: Scope, { id, facts }: { id: number; facts: WebhookFacts }): Promise<string[]> {
  const target = await findConnectionById(world, scope, id);
  const { metadata, connectionConfig } = target.connection;
  const own = [metadata?.webhookSecret, connectionConfig.webhookSecret, connectionConfig.streakWebhookToken]
    .flat()
    .filter((value): value is string => typeof value === 'string');
  if (facts.key !== 'api_key') return own;
  const { credentials } = await openAccess(world, target);
  if (credentials.type === 'BASIC') return [...own, credentials.password];
  return credentials.type === 'API_KEY' ? [...own, credentials.apiKey] : own;
}
