/** Receive a webhook of a provider: verified by its signature, it may complete a connection that waits for it. Others are dropped. */
import { problem } from '@bowline/api/problem';
import type { WebhookFacts } from '@bowline/providers/facts';
import { completePending } from '../connect/complete-pending.ts';
import { CredentialsError } from '../credentials/failure.ts';
import { lookEnvironmentByUuid } from '../environments/find.ts';
import { internalScope, type Scope } from '../http/scope.ts';
import { webhookSecretOf } from '../integrations/client.ts';
import { findIntegration } from '../integrations/find.ts';
import { type Integration, openClient } from '../integrations/integration.ts';
import { providerOf } from '../providers/own.ts';
import { type Arrived, keepForListeners } from './keep.ts';
import type { Incoming } from './verify/incoming.ts';
import { type Keys, verifyWebhook } from './verify/verify.ts';

type Needs = Parameters<typeof completePending>[0] & Parameters<typeof keepForListeners>[0];
/** Names of `webhook_routing_script` that something here is done for. */
export const webhookScripts: readonly string[] = ['githubApp', 'sentryApp'];

/** `facts`: how its provider signs, where something is done with its webhooks. */
export type Door = { readonly scope: Scope; readonly integration: Integration; readonly facts: WebhookFacts | undefined };

/** @throws unknown_environment, unknown_provider_config */
export async function findDoor(world: Needs, names: { environmentUuid: string; providerConfigKey: string }): Promise<Door> {
  const environment = await lookEnvironmentByUuid(world, names.environmentUuid);
  if (!environment) throw problem('unknown_environment');
  const scope = internalScope(environment);
  const integration = await findIntegration(world, scope, names.providerConfigKey);
  const provider = providerOf(world, integration);
  const isUsed = webhookScripts.includes(provider?.webhook_routing_script ?? '');
  return { scope, integration, facts: isUsed ? (provider?.webhook ?? { algorithm: 'none' }) : undefined };
}

/**
 * @returns whether anything here makes use of it
 * @throws webhook_invalid_signature, invalid_json, connection_test_failed
 */
export async function receiveWebhook(world: Needs, { scope, integration, facts }: Door, incoming: Incoming & Arrived): Promise<boolean> {
  if (!facts) {
    await keepForListeners(world, scope, integration, incoming);
    return false;
  }
  const verdict = await verifyWebhook(facts, incoming, { keys: await keysOf(world, integration), now: world.clock.now() });
  if (!verdict.verified) throw problem('webhook_invalid_signature', { message: verdict.message });
  await keepForListeners(world, scope, integration, incoming);
  const body = parsed(incoming.body);
  try {
    await completePending(world, scope, { integration, body });
    return true;
  } catch (error) {
    if (!(error instanceof CredentialsError)) throw error;
    throw problem('connection_test_failed', { message: error.message }, { cause: error });
  }
}

async function keysOf(world: Needs, integration: Integration): Promise<Keys> {
  const client = await openClient(world, integration);
  if (!client) return {};
  const secret = webhookSecretOf(client);
  return { client_secret: [client.clientSecret], ...(secret ? { webhook_secret: [secret] } : {}) };
}

function parsed(body: Buffer): Record<string, unknown> {
  try {
    return { ...Object(JSON.parse(body.toString('utf8'))) };
  } catch {
    throw problem('invalid_json');
  }
}
