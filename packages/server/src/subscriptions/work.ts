/**
 * Bring one subscription on: ask the provider for it, have it go on before it ends, or take it back. What is about to be asked is noted before it is asked,
 * so that a process that dies in between leaves a row that says what it does not know; the next one asks the provider what is there.
 */
import { Problem } from '@bowline/api/problem';
import type { WebhookSubscriptionFacts } from '@bowline/providers/subscription';
import { sql } from 'kysely';
import { one, run, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { refOf } from '../connections/connection.ts';
import { ApiError } from '../credentials/api.ts';
import type { Environment } from '../environments/environment.ts';
import { lookEnvironmentById } from '../environments/find.ts';
import { publish } from '../events/publish.ts';
import { publishLive } from '../http/live.ts';
import { type OperationHandle, startOperation } from '../logs/operation.ts';
import { providerOf } from '../providers/own.ts';
import { enqueue } from '../queue/enqueue.ts';
import { isCheckable, type Made, make, renew, takeBack } from './ask.ts';
import { lookOwner, type Owner, openAsk, type SubscriptionWorld } from './owner.ts';
import { type Ask, LostError, RefusedError } from './send.ts';
import { nextSubscriptionState, type SubscriptionEvent } from './state.ts';
import { columns, jobKeyOf, type Subscription } from './subscription.ts';

export type SubscriptionJob = { environmentId: number; id: string };
type Outcome = { event: SubscriptionEvent; made?: Made | undefined; error?: string; passing?: boolean };

/** Each answer is waited for at most 10 s, and all of them for less than this: never do two work on one row. */
const LEASE_S = 120;
const WORK_MS = 90_000;
/** A provider that was told so often to stop and did not: what it still sends is refused. */
const LEAVING_FAILURES_MAX = 6;
const AGAIN_MS = { first: 30_000, most: 6 * 3600_000 };
/** What the provider refused for a reason that does not pass: somebody has to change something there. */
const REFUSED_AGAIN_MS = 24 * 3600_000;
/** Of how long one lasts: it goes on after so much, or when its vendor says, give or take a twentieth, so that those made together are not renewed together. */
const RENEW_AT = 0.7;
/** One that does not end by itself may be taken away at the provider: seen to once a day. */
const CHECK_S = 24 * 3600;

export async function workOnSubscription(
  world: SubscriptionWorld,
  { environmentId, id }: SubscriptionJob,
  signal: AbortSignal,
): Promise<void> {
  const environment = await lookEnvironmentById(world, environmentId);
  const row = environment && (await lease(world, environmentId, id));
  if (!environment || !row) return;
  const owner = await lookOwner(world, environment, row);
  if (!owner)
    return void (await run(world.db, sql`delete from webhook_subscriptions where environment_id = ${environmentId} and id = ${id}`));
  const facts = providerOf(world, owner.integration)?.webhook_subscription;
  const outcome = await act(world, environment, { row, owner, facts, signal });
  await settle(world, environment, { row, owner, facts, outcome });
  publishLive(world, environmentId, 'integrations');
}

/**
 * Two jobs of one row, the second of which was asked for while the first ran: the second waits. It says until when under the row's lock, so that the first, which
 * ends at the same moment, either is seen to have ended or has its own word after it.
 */
async function lease({ db, clock }: Pick<World, 'db' | 'clock'>, environmentId: number, id: string): Promise<Subscription | undefined> {
  const now = clock.now();
  const until = new Date(now.getTime() + LEASE_S * 1000);
  return transaction(db, async (tx) => {
    const row = await one<Subscription>(
      tx,
      sql`update webhook_subscriptions set leased_until = ${until}
           where environment_id = ${environmentId} and id = ${id} and next_at <= ${now} and (leased_until is null or leased_until <= ${now})
          returning ${columns}`,
    );
    if (row) return row;
    const waiting = await one<{ at: Date }>(
      tx,
      sql`select greatest(next_at, leased_until) as at from webhook_subscriptions
           where environment_id = ${environmentId} and id = ${id} and next_at is not null for update`,
    );
    if (waiting) await enqueue(tx, { task: 'subscription', payload: { environmentId, id }, key: jobKeyOf(id), runAt: waiting.at });
    return undefined;
  });
}

type Acting = { row: Subscription; owner: Owner; facts: WebhookSubscriptionFacts | undefined; signal: AbortSignal };

const deeds: Record<
  Subscription['state'],
  { action: string; title: string; done: SubscriptionEvent; work: (ask: Ask) => Promise<Made | undefined> }
> = {
  asking: { action: 'subscribe', title: 'Ask for webhooks', done: 'made', work: make },
  active: { action: 'renew_subscription', title: 'Have webhooks go on', done: 'renewed', work: renew },
  leaving: { action: 'unsubscribe', title: 'Take the subscription to webhooks back', done: 'removed', work: takeBack },
};

async function act(world: SubscriptionWorld, environment: Environment, { row, owner, facts, signal }: Acting): Promise<Outcome> {
  const { connection, integration } = owner;
  if (row.state === 'leaving' && !row.remote && !row.isDoubtful) return { event: 'removed' };
  if (!facts)
    return row.state === 'leaving'
      ? { event: 'removed' }
      : { event: 'refused', error: 'The catalogue no longer says how to subscribe to webhooks of this provider' };
  const deed = deeds[row.state];
  const operation = startOperation(
    world,
    { environment },
    {
      type: 'webhook',
      action: deed.action,
      title: `${deed.title}${row.target === '' ? '' : ` of ${row.target}`}`,
      integration: integration.uniqueKey,
      provider: integration.provider,
      connection: connection?.connectionId,
    },
  );
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(WORK_MS)]);
    const made = await deed.work(await openAsk(world, { ...owner, row, facts, environment, operation, signal: within }));
    operation.end({ state: 'success', meta: { events: row.events } });
    return { event: deed.done, made };
  } catch (error) {
    if (signal.aborted) throw error; // runs again elsewhere, once the lease is over
    return failed(row, operation, error);
  }
}

function failed(row: Subscription, operation: OperationHandle, error: unknown): Outcome {
  const message = error instanceof Error ? error.message : String(error);
  operation.log('error', message);
  operation.end({ state: 'failed', error: message });
  const status = error instanceof ApiError ? error.status : undefined;
  if (row.state === 'active' && (status === 404 || status === 410 || error instanceof LostError)) return { event: 'lost', error: message };
  const passing =
    error instanceof ApiError
      ? status === undefined || status === 429 || status >= 500
      : error instanceof Problem || (error instanceof RefusedError && error.passing);
  return { event: 'refused', error: message, passing };
}

type Settling = Omit<Acting, 'signal'> & { outcome: Outcome };

async function settle(world: SubscriptionWorld, environment: Environment, { row, owner, facts, outcome }: Settling): Promise<void> {
  const { event, made, error, passing } = outcome;
  const failures = event === 'refused' ? row.failures + 1 : 0;
  const isGivenUp = row.state === 'leaving' && failures >= LEAVING_FAILURES_MAX;
  const state = nextSubscriptionState[row.state][isGivenUp ? 'removed' : event] ?? row.state;
  const mine = sql`environment_id = ${environment.id} and id = ${row.id}`;
  await transaction(world.db, async (tx) => {
    if (state === 'gone') {
      await run(tx, sql`delete from webhook_subscriptions where ${mine} and turn = ${row.turn}`);
      return changedMeanwhile(tx, environment.id, row.id, sql`remote = null, is_doubtful = false`);
    }
    const nextAt = nextOf(world, row, { state, made, facts, failures, passing: passing ?? true });
    // What was changed meanwhile stays asked for: its own job is under way.
    const settled = await run(
      tx,
      sql`update webhook_subscriptions
             set state = ${state}, failures = ${failures}, error = ${error ?? null}, next_at = ${nextAt}, leased_until = null, misses = 0,
                 is_doubtful = is_doubtful and ${made === undefined}, remote = coalesce(${made ? JSON.stringify(made.remote) : null}::jsonb, remote),
                 made_at = coalesce(${made?.madeAt ?? null}, made_at), expires_at = case when ${made !== undefined} then ${made?.expiresAt ?? null} else expires_at end
           where ${mine} and turn = ${row.turn}`,
    );
    if (settled === 0)
      return changedMeanwhile(
        tx,
        environment.id,
        row.id,
        made ? sql`remote = ${JSON.stringify(made.remote)}::jsonb, is_doubtful = false` : sql`remote = remote`,
      );
    if (nextAt)
      await enqueue(tx, {
        task: 'subscription',
        payload: { environmentId: environment.id, id: row.id },
        key: jobKeyOf(row.id),
        runAt: nextAt,
      });
    if (event === 'made' && row.madeAt !== null) await tellRestored(tx, environment.id, { row, owner });
  });
}

async function tellRestored(tx: World['db'], environmentId: number, { row, owner }: Pick<Acting, 'row' | 'owner'>): Promise<void> {
  const { connection, integration } = owner;
  if (connection) await publish(tx, environmentId, 'subscription.restored', { connection: refOf(connection), target: row.target });
  // Other events for the same address leave no gap, and an integration may have 100,000 connections.
  else if (row.error !== null) await publish(tx, environmentId, 'subscription.all_restored', { integrationId: integration.id });
}

/** Others changed the row while the provider was asked: what it said is noted, and the work that they wanted begins. Of a row that is gone there is none. */
async function changedMeanwhile(tx: World['db'], environmentId: number, id: string, noted: ReturnType<typeof sql>): Promise<void> {
  const left = await run(
    tx,
    sql`update webhook_subscriptions set leased_until = null, ${noted} where environment_id = ${environmentId} and id = ${id}`,
  );
  if (left > 0) await enqueue(tx, { task: 'subscription', payload: { environmentId, id }, key: jobKeyOf(id) });
}

type Next = Pick<Acting, 'facts'> & { state: string; made: Made | undefined; failures: number; passing: boolean };

function nextOf(
  { clock, random }: Pick<World, 'clock' | 'random'>,
  row: Subscription,
  { state, made, facts, failures, passing }: Next,
): Date | null {
  const now = clock.now().getTime();
  if (failures > 0) {
    const waitMs = passing ? Math.min(AGAIN_MS.first * 2 ** (failures - 1), AGAIN_MS.most) : REFUSED_AGAIN_MS;
    const at = now + waitMs * (1 + random.fraction() / 4);
    // One that ends is asked for again before it has.
    return new Date(row.state === 'active' && row.expiresAt ? Math.min(at, Math.max(now + AGAIN_MS.first, row.expiresAt.getTime())) : at);
  }
  if (state === 'asking') return clock.now();
  const spread = 1 + (random.fraction() - 0.5) / 10;
  const expiresAt = made?.expiresAt;
  if (!expiresAt) return facts && isCheckable(facts) ? new Date(now + CHECK_S * 1000 * spread) : null;
  const lastsMs = Math.max(expiresAt.getTime() - now, 0);
  return new Date(now + Math.min(lastsMs * RENEW_AT, (facts?.renew_after_seconds ?? Number.POSITIVE_INFINITY) * 1000) * spread);
}
