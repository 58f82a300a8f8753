/**
 * Receive what a provider sends: a question is answered, a webhook is verified over its bytes, stored with its job in one transaction, and only then
 * acknowledged. What it says is seen to by a worker (`process.ts`).
 */
import { problem } from '@bowline/api/problem';
import type { WebhookFacts } from '@bowline/providers/facts';
import type { Provider } from '@bowline/providers/provider';
import { completePending } from '../connect/complete-pending.ts';
import { CredentialsError } from '../credentials/failure.ts';
import { lookEnvironmentByUuid } from '../environments/find.ts';
import { internalScope, type Scope } from '../http/scope.ts';
import { findIntegration } from '../integrations/find.ts';
import type { Integration } from '../integrations/integration.ts';
import { acceptsUnverified } from '../integrations/webhooks.ts';
import { providerOf } from '../providers/own.ts';
import { answerHandshake, type Reply } from './handshake.ts';
import type { Arrived } from './incoming-webhook.ts';
import { keepForListeners } from './keep.ts';
import { publishedFor } from './published.ts';
import { noteRefusal } from './refuse.ts';
import { holds } from './routing/condition.ts';
import { type Read, type Routed, readWebhook, routeWebhook } from './routing/route.ts';
import { keysOfConnections, keysOfIntegration } from './secrets.ts';
import { storeWebhook } from './store.ts';
import { type Keys, type Refusal, type Verdict, verifyWebhook } from './verify/verify.ts';

/** Without a key, or signed by nobody: then there is nothing that a forgery would have to get right. Anything else is refused whatever is set. */
const isUnverifiable = (reason: Refusal) => reason === 'unsigned' || reason === 'no_key';

type Needs = Parameters<typeof completePending>[0] & Parameters<typeof keepForListeners>[0];
/** Names of `webhook_routing_script`: their webhooks may complete a connection. */
export const webhookScripts: readonly string[] = ['githubApp', 'sentryApp'];

export type Door = { readonly scope: Scope; readonly integration: Integration; readonly provider: Provider | undefined };
/** `unheard`: nobody here makes anything of it, which is no error of whoever sent it. */
export type Received = { readonly as: 'taken' } | { readonly as: 'unheard' } | { readonly as: 'answered'; readonly reply: Reply };
type Webhook = Door & {
  readonly facts: WebhookFacts | undefined;
  readonly arrived: Arrived;
  readonly read: Read;
  readonly routed: Routed;
  readonly keys: Keys;
};

/** @throws unknown_environment, unknown_provider_config */
export async function findDoor(world: Needs, names: { environmentUuid: string; providerConfigKey: string }): Promise<Door> {
  const environment = await lookEnvironmentByUuid(world, names.environmentUuid);
  if (!environment) throw problem('unknown_environment');
  const scope = internalScope(environment);
  const integration = await findIntegration(world, scope, names.providerConfigKey);
  return { scope, integration, provider: providerOf(world, integration) };
}

/** @throws webhook_invalid_signature, invalid_json, connection_test_failed */
export async function receiveWebhook(world: Needs, door: Door, arrived: Arrived): Promise<Received> {
  const { scope, integration, provider } = door;
  const completes = webhookScripts.includes(provider?.webhook_routing_script ?? '');
  const facts = provider?.webhook ?? (completes ? { algorithm: 'none' as const } : undefined);
  const read = await readWebhook(arrived);
  const keys = await keysOfIntegration(world, integration);
  const reply = answerHandshake(facts?.handshake, read, facts?.key && keys[facts.key]?.[0]);
  if (reply) return { as: 'answered', reply };
  const webhook = { ...door, facts, arrived, read, keys, routed: routeWebhook(facts, read) };
  // Of a provider that nothing is known of, those count that name a connection.
  if (arrived.method !== 'POST' || (!facts && !isNamed(webhook.routed))) {
    if (arrived.method === 'POST') await keepForListeners(world, scope, integration, arrived);
    return { as: 'unheard' };
  }
  const asksToBeSeen = facts?.handshake?.kept === true && holds(facts.handshake.when, read);
  const verified = await judge(world, webhook, { asksToBeSeen, completes });
  await keepForListeners(world, scope, integration, arrived);
  if (verified && completes) await complete(world, door, arrived);
  await storeWebhook(world, {
    environmentId: scope.environment.id,
    integrationId: integration.id,
    arrived,
    name: nameOf(webhook.routed, verified),
    event: webhook.routed.events[0]?.names[0],
    verified,
  });
  return { as: 'taken' };
}

/** Apart from those that are proven: a forgery must not take the place of a genuine one. */
const nameOf = ({ once }: Routed, verified: boolean) => (verified || once === undefined ? once : `unverified ${once}`);

const isNamed = ({ events }: Routed) => events.some(({ connections }) => connections.length > 0);

/** `asksToBeSeen`: a question for whoever develops. `completes`: it may complete a connection, so one of a provider that signs nothing is not taken. */
type Weight = { readonly asksToBeSeen: boolean; readonly completes: boolean };

/** @returns whether it is genuine; false where it may pass without. @throws webhook_invalid_signature */
async function judge(world: Needs, webhook: Webhook, { asksToBeSeen, completes }: Weight): Promise<boolean> {
  const { scope, integration, facts } = webhook;
  const verdict = await verdictOf(world, webhook);
  if (verdict.verified) return true;
  const passes = asksToBeSeen || (acceptsUnverified(integration, facts) && !(completes && facts?.algorithm === 'none'));
  if (passes && isUnverifiable(verdict.reason)) return false;
  await noteRefusal(world, scope, { integration, ...verdict });
  throw problem('webhook_invalid_signature', { message: verdict.message });
}

async function verdictOf(world: Needs, { scope, integration, facts, arrived, read, routed, keys }: Webhook): Promise<Verdict> {
  const way = facts ?? { algorithm: 'none' as const };
  const now = world.clock.now();
  const verdict = await verifyWebhook(way, arrived, { keys, now });
  if (verdict.verified || !facts?.key) return verdict;
  const further = [
    ...(await keysOfConnections(world, scope, { integration, facts, routed })),
    // Nobody is asked for keys because of what holds no signature.
    ...(verdict.reason === 'missing_signature' ? [] : await publishedFor(world, facts, read)),
  ];
  return further.length === 0 ? verdict : verifyWebhook(way, arrived, { keys: { ...keys, [facts.key]: further }, now });
}

async function complete(world: Needs, { scope, integration }: Door, { body }: Arrived): Promise<void> {
  try {
    await completePending(world, scope, { integration, body: parsed(body) });
  } catch (error) {
    if (!(error instanceof CredentialsError)) throw error;
    throw problem('connection_test_failed', { message: error.message }, { cause: error });
  }
}

function parsed(body: Buffer): Record<string, unknown> {
  try {
    return { ...Object(JSON.parse(body.toString('utf8'))) };
  } catch {
    throw problem('invalid_json');
  }
}
