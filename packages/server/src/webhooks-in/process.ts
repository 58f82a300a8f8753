/**
 * See to stored webhooks: whose each is, which functions run for it, what the app gets of it. Runs, their jobs, deliveries and the end of the webhook are
 * one transaction, so whatever a worker that dies has begun, the next does all of it or finds it done.
 */
import type { WebhookFacts } from '@bowline/providers/facts';
import type { WebhookSubscriptionFacts } from '@bowline/providers/subscription';
import { sql } from 'kysely';
import { canonical } from '../base/canonical.ts';
import { many, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { listFunctions } from '../deployments/find.ts';
import type { DeployedFunction } from '../deployments/function.ts';
import type { Scope } from '../http/scope.ts';
import type { Integration } from '../integrations/integration.ts';
import { enqueue } from '../queue/enqueue.ts';
import { createRuns, type NewRun } from '../runs/run.ts';
import { holdLane } from '../runs/turn.ts';
import { noteHeard, noteHeardOf } from '../subscriptions/hear.ts';
import { heedTold, type Telling } from '../subscriptions/told.ts';
import { open } from '../vault/open.ts';
import { type Forward, forwardAll } from '../webhooks-out/forward.ts';
import { forwardHeaders } from './forward-headers.ts';
import { incomingPlace, unpack } from './incoming-webhook.ts';
import { connectionsOf, type Matched } from './match.ts';
import { type RoutedEvent, readWebhook, routeWebhook, subscriptionsOf } from './routing/route.ts';
import type { Incoming } from './verify/incoming.ts';

type Needs = Pick<World, 'db' | 'keyring' | 'config' | 'clock' | 'random' | 'bus'>;
export type Lane = {
  readonly integration: Integration;
  readonly facts: WebhookFacts | undefined;
  readonly subscription: WebhookSubscriptionFacts | undefined;
};
type Stored = { readonly id: string; readonly sealed: Buffer; readonly verified: boolean };
/** What becomes of one webhook. */
type Plan = {
  readonly id: string;
  readonly connections: number;
  readonly runs: readonly NewRun[];
  readonly forwards: readonly Forward[];
  /** Of a genuine one: the subscriptions that it came through, and what it told; whom it was for. */
  readonly telling: Telling;
  readonly heardBy: readonly number[];
};

/** Behind actions, before syncs. */
export const RUN_PRIORITY = 1;

/** Those that were seen to before are left alone. */
export async function processWebhooks(
  world: Needs,
  scope: Scope,
  { integration, facts, subscription, ids }: Lane & { readonly ids: readonly string[] },
): Promise<void> {
  const functions = await subscribed(world, scope, integration);
  await transaction(world.db, async (tx) => {
    const stored = await many<Stored>(
      tx,
      sql`select id, sealed, verified from incoming_webhooks
           where environment_id = ${scope.environment.id} and id = any(${[...ids]}::uuid[]) and state = 'stored' for update`,
    );
    const byId = new Map(stored.map((one) => [one.id, one]));
    const plans: Plan[] = [];
    // In the order in which they came.
    for (const id of ids) {
      const one = byId.get(id);
      if (one) plans.push(await planOf({ ...world, db: tx }, scope, { integration, facts, subscription, functions, stored: one }));
    }
    await carryOut({ ...world, db: tx }, scope, { integration, subscription, plans, functions });
  });
}

async function subscribed({ db }: Pick<World, 'db'>, scope: Scope, { id }: Integration): Promise<DeployedFunction[]> {
  const all = await listFunctions({ db }, scope, [id]);
  return all.filter(({ type, enabled, config }) => type === 'sync' && enabled && (config.webhookSubscriptions ?? []).length > 0);
}

type Planning = Lane & { readonly functions: readonly DeployedFunction[]; readonly stored: Stored };

async function planOf(world: Needs, scope: Scope, { integration, facts, functions, stored }: Planning): Promise<Plan> {
  const environmentId = scope.environment.id;
  const { id } = stored;
  const incoming = unpack(await open(world.keyring, incomingPlace({ environmentId, id }), stored.sealed));
  const routed = routeWebhook(facts, await readWebhook(incoming));
  const connections = new Map<number, Matched & { events: RoutedEvent[] }>();
  const nobodys: RoutedEvent[] = [];
  const runs: NewRun[] = [];
  for (const [webhookPart, event] of routed.events.entries()) {
    const matched = await connectionsOf(world.db, integration, event);
    if (matched.length === 0) nobodys.push(event);
    for (const connection of matched) {
      const known = connections.get(connection.id) ?? { ...connection, events: [] };
      known.events.push(event);
      connections.set(connection.id, known);
      for (const fn of event.ignored ? [] : functions.filter((one) => isSubscribed(one, event)))
        runs.push({ environmentId, connectionId: connection.id, functionId: fn.id, kind: 'webhook', webhookId: id, webhookPart });
    }
  }
  const forwarding: Forwarding = { integration, incoming, stored };
  const wanted = (events: readonly RoutedEvent[]) => events.filter((event) => isForwarded(integration, event));
  const forwards = [
    ...[...connections.values()].map((connection) => ({ connection, events: wanted(connection.events) })),
    // What tells of nothing, as Xero's question does, is nobody's news.
    { connection: undefined, events: wanted(nobodys) },
  ].flatMap(({ connection, events }) =>
    events.length === 0 ? [] : [forwardOf(forwarding, { connection, events, payload: routed.forwarded(events) })],
  );
  const telling = stored.verified
    ? { ids: [...subscriptionsOf(routed)], names: routed.events.flatMap(({ names }) => names) }
    : { ids: [], names: [] };
  return { id, connections: connections.size, runs, forwards, telling, heardBy: stored.verified ? [...connections.keys()] : [] };
}

const isSubscribed = ({ config }: DeployedFunction, { names }: RoutedEvent) =>
  config.webhookSubscriptions?.some((wanted) => wanted === '*' || names.includes(wanted)) ?? false;

const isForwarded = ({ forwardWebhooks, forwardWebhookEvents }: Integration, { names }: RoutedEvent) =>
  forwardWebhooks && (forwardWebhookEvents === null || names.some((name) => forwardWebhookEvents.includes(name)));

type Forwarding = { readonly integration: Integration; readonly incoming: Incoming; readonly stored: Stored };
type Part = { readonly connection: Matched | undefined; readonly events: readonly RoutedEvent[]; readonly payload: unknown };

/** Where nobody's connection was found the body is the provider's own; the headers tell where it comes from either way. */
function forwardOf({ integration, incoming, stored }: Forwarding, { connection, events, payload }: Part): Forward {
  const { provider, uniqueKey: providerConfigKey } = integration;
  const body = connection
    ? { from: provider, providerConfigKey, type: 'forward', payload, connectionId: connection.connectionId }
    : payload;
  const told = {
    'x-bowline-webhook': stored.id,
    'x-bowline-webhook-event': [...new Set(events.flatMap(({ names }) => names.slice(0, 1)))].slice(0, 10).join(','),
    'x-bowline-webhook-verified': String(stored.verified),
    'x-bowline-provider': provider,
    'x-bowline-integration': providerConfigKey,
    ...(connection ? { 'x-bowline-connection': connection.connectionId } : {}),
  };
  return { connection, body: canonical(body), headers: forwardHeaders(incoming.headers, told) };
}

type Carrying = Omit<Lane, 'facts'> & { readonly plans: readonly Plan[]; readonly functions: readonly DeployedFunction[] };

async function carryOut(world: Needs, scope: Scope, { integration, subscription, plans, functions }: Carrying): Promise<void> {
  if (plans.length === 0) return;
  const { db: tx } = world;
  const environmentId = scope.environment.id;
  const runs = await inTurn(
    tx,
    plans.flatMap((plan) => plan.runs),
    functions,
  );
  const created = runs.length === 0 ? [] : await createRuns(tx, runs);
  await enqueue(
    tx,
    created.flatMap((runId, index) =>
      runs[index]?.waitsTurn ? [] : [{ task: 'webhook-run' as const, payload: { runId, tries: 0 }, priority: RUN_PRIORITY }],
    ),
  );
  const made = await forwardAll(world, tx, {
    environmentId,
    integration: integration.uniqueKey,
    forwards: plans.flatMap((plan) => plan.forwards),
  });
  const telling = plans.map((plan) => plan.telling);
  await noteHeard(world, environmentId, [...new Set(telling.flatMap(({ ids }) => ids))]);
  if (subscription?.addressed === false) await noteHeardOf(world, environmentId, [...new Set(plans.flatMap(({ heardBy }) => heardBy))]);
  await heedTold(tx, environmentId, { facts: subscription, telling });
  const done = plans.map(({ id, connections, runs: own, forwards }) => {
    const counts = made.splice(0, forwards.length);
    return { id, connections, runs: own.length, forwards: counts.reduce((sum, count) => sum + count, 0) };
  });
  await run(
    tx,
    sql`update incoming_webhooks w set state = 'routed', routed_at = now(), connections = done.connections, runs = done.runs, forwards = done.forwards
          from json_to_recordset(${JSON.stringify(done)}::json) as done(id uuid, connections int, runs int, forwards int)
         where w.environment_id = ${environmentId} and w.id = done.id`,
  );
}

/** Those of a function that wants them in order begin one after the other on each connection. */
async function inTurn(tx: Database, runs: readonly NewRun[], functions: readonly DeployedFunction[]): Promise<NewRun[]> {
  const ordered = new Set(functions.filter(({ config }) => config.webhookOrder === 'connection').map(({ id }) => id));
  const isBusy = new Map<string, boolean>();
  const laneOf = ({ functionId, connectionId }: NewRun) => `${functionId} ${connectionId}`;
  const lanes = new Map(runs.filter(({ functionId }) => ordered.has(functionId)).map((one) => [laneOf(one), one]));
  // Always in the same order: two who take several of these locks must not wait for each other.
  for (const [lane, one] of [...lanes].toSorted(([a], [b]) => (a < b ? -1 : 1))) isBusy.set(lane, await holdLane(tx, one));
  return runs.map((one) => {
    const lane = laneOf(one);
    const waitsTurn = isBusy.get(lane) ?? false;
    if (isBusy.has(lane)) isBusy.set(lane, true);
    return { ...one, waitsTurn };
  });
}
