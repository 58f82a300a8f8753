/**
 * Stores what attempts came to: the deliveries, the attempts themselves, and what they say of their endpoints, many in one transaction.
 * An outcome counts for the delivery as it was when the attempt began, so a crash repeats an attempt and loses none, and a late one changes nothing.
 */
import { type RawBuilder, sql } from 'kysely';
import { many, only, run, transaction } from '../base/database.ts';
import { transition } from '../base/states.ts';
import type { Database, World } from '../base/world.ts';
import { publish } from '../events/publish.ts';
import { publishLive } from '../http/live.ts';
import type { Attempt } from './attempt.ts';
import { afterAttempt, type Circuit, SLOTS_MAX } from './circuit.ts';
import { type DeliveryEvent, nextState } from './delivery.ts';
import { holdLines, letFirstGo } from './line.ts';
import { nextAttempt, RETRY_DELAYS_MS } from './schedule.ts';

type Needs = Pick<World, 'db' | 'bus' | 'clock' | 'random'>;
type Endpoint = Circuit & { id: string; environmentId: number; kind: 'own' | 'setting'; url: string; isEnabled: boolean };
type Settled = Attempt & { readonly event: DeliveryEvent; readonly next: Date | undefined; readonly counts: boolean };

export async function settle(world: Needs, attempts: readonly Attempt[]): Promise<void> {
  const settled = attempts.map((attempt) => judged(world, attempt));
  const { won, news } = await storeAll(world, settled);
  for (const one of settled) if (won.has(one.delivery.id)) tellLog(one);
  for (const environmentId of news) publishLive(world, environmentId, 'environment');
}

function judged({ clock, random }: Needs, attempt: Attempt): Settled {
  const { outcome, delivery } = attempt;
  const now = clock.now();
  if (outcome.as === 'delivered') return { ...attempt, event: 'succeed', next: undefined, counts: true };
  if (outcome.as === 'failed') return { ...attempt, event: 'giveUp', next: undefined, counts: true };
  // Behind those that wait, so that each of them is tried in its turn.
  if (delivery.isProbe) return { ...attempt, event: 'postpone', next: now, counts: false };
  const next = nextAttempt(now, delivery.attempts + 1, random.fraction(), outcome.waitMs);
  return { ...attempt, event: next ? 'postpone' : 'giveUp', next, counts: true };
}

/** The usual case is one statement: success of what is in no line, to endpoints that were not failing until now. */
async function storeAll(world: Needs, settled: readonly Settled[]): Promise<{ won: ReadonlySet<string>; news: number[] }> {
  const isUsual = settled.every(({ outcome, delivery }) => outcome.as === 'delivered' && delivery.orderKey === null);
  const stored = isUsual ? await storeUsual(world.db, settled) : null;
  if (stored) return { won: stored, news: [] };
  return transaction(world.db, async (tx) => {
    const lines = await holdLines(
      tx,
      settled.map(({ delivery }) => delivery),
    );
    const news = await judgeEndpoints(tx, world, settled);
    const won = await store(tx, settled);
    await letFirstGo(tx, lines);
    return { won, news };
  });
}

/** Something it hears of a success: that it failed before. */
const isRecovering = sql`(state = 'paused' or failures > 0 or slots < ${sql.lit(SLOTS_MAX)} or rest_until is not null)`;

/** @returns the environments whose endpoints are now in another state */
async function judgeEndpoints(tx: Database, world: Needs, settled: readonly Settled[]): Promise<number[]> {
  const failing = settled.filter(({ outcome }) => outcome.as !== 'delivered');
  const endpoints = await many<Endpoint>(
    tx,
    sql<Endpoint>`select id, environment_id, kind, url, is_enabled, state, slots, failures, probes, failing_since, rest_until
          from webhook_endpoints where id = any(${endpointsOf(settled)}::uuid[]) and (id = any(${endpointsOf(failing)}::uuid[]) or ${isRecovering})
         order by id for update`,
  );
  const news: number[] = [];
  for (const endpoint of endpoints) {
    const own = settled.filter(({ delivery }) => delivery.endpointId === endpoint.id);
    if (await judgeEndpoint(tx, world, { endpoint, own })) news.push(endpoint.environmentId);
  }
  return news;
}

async function judgeEndpoint(
  tx: Database,
  { random }: Needs,
  { endpoint, own }: { endpoint: Endpoint; own: readonly Settled[] },
): Promise<boolean> {
  const { id, environmentId, kind } = endpoint;
  const circuit = own.reduce<Circuit>(
    (before, { outcome, delivery, at, durationMs }) =>
      afterAttempt(before, {
        ok: outcome.as === 'delivered',
        isProbe: delivery.isProbe,
        restMs: outcome.as === 'again' ? (outcome.restMs ?? 0) : 0,
        at: new Date(at.getTime() + durationMs),
        fraction: random.fraction(),
      }),
    endpoint,
  );
  // The addresses of the settings are switched off there.
  const isGone = kind === 'own' && endpoint.isEnabled && own.some(({ outcome }) => outcome.as === 'failed' && outcome.gone);
  const { state, slots, failures, probes, failingSince, restUntil } = circuit;
  await run(
    tx,
    sql`update webhook_endpoints set state = ${state}, slots = ${slots}, failures = ${failures}, probes = ${probes},
               failing_since = ${failingSince}::timestamptz, rest_until = ${restUntil}::timestamptz,
               is_enabled = is_enabled and not ${isGone}::bool, disabled_reason = case when ${isGone} then 'gone' else disabled_reason end
         where id = ${id} and environment_id = ${environmentId}`,
  );
  const { state: before } = endpoint;
  const change = isGone ? 'endpoint.disabled' : before !== state ? changes[state] : undefined;
  if (!change) return false;
  if (change === 'endpoint.resumed') await hurry(tx, endpoint);
  await publish(tx, environmentId, change, { endpoint: { id, url: endpoint.url }, failingSince: failingSince?.toISOString() ?? null });
  return true;
}

const changes = { active: 'endpoint.resumed', paused: 'endpoint.paused' } as const;

/** What waits for its next attempt is due at once, in the order in which it happened; what waits in a line goes on doing so. */
export async function hurry(tx: Database, { id, environmentId }: { id: string; environmentId: number }): Promise<void> {
  await run(
    tx,
    sql`update webhook_deliveries set next_at = created_at
         where endpoint_id = ${id} and environment_id = ${environmentId} and state = 'pending' and held_by is null and next_at > created_at and next_at < 'infinity'`,
  );
}

/** @returns the deliveries for which the outcome counts */
async function store(db: Database, settled: readonly Settled[]): Promise<ReadonlySet<string>> {
  const won = await many<{ id: string }>(db, sql`with ${storing(settled)} select id from won`);
  return new Set(won.map(({ id }) => id));
}

/** The same, or nothing at all when one of the endpoints is to hear of it. @returns null then */
async function storeUsual(db: Database, settled: readonly Settled[]): Promise<ReadonlySet<string> | null> {
  const { won } = await only<{ won: string[] | null }>(
    db,
    sql`
    with recovering as materialized (select from webhook_endpoints where id = any(${endpointsOf(settled)}::uuid[]) and ${isRecovering}),
    ${storing(settled, sql`not exists (select from recovering)`)}
    select case when not exists (select from recovering) then coalesce((select json_agg(id) from won), '[]') end as won`,
  );
  return won && new Set(won);
}

const endpointsOf = (settled: readonly Settled[]) => [...new Set(settled.map(({ delivery }) => delivery.endpointId))];

/** As a part of a larger statement; answers `id`. */
function storing(settled: readonly Settled[], condition = sql`true`): RawBuilder<unknown> {
  const rows = settled.map(({ delivery, outcome, event, next, counts, at, durationMs, response }) => ({
    id: delivery.id,
    environment_id: delivery.environmentId,
    attempts: delivery.attempts,
    operation_id: delivery.operationId,
    counts: counts ? 1 : 0,
    state: transition(nextState, event).to,
    status: 'status' in outcome ? outcome.status : null,
    error: outcome.as === 'delivered' ? null : storable(outcome.why),
    next_at: next ?? null,
    at,
    ended_at: new Date(at.getTime() + durationMs),
    duration_ms: Math.round(durationMs),
    response: response === undefined ? null : storable(response),
  }));
  return sql`
    outcome as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as o(id uuid, environment_id int, attempts int, operation_id text, counts int, state text,
        status int, error text, next_at timestamptz, at timestamptz, ended_at timestamptz, duration_ms int, response text)
       where ${condition}),
    noted as (
      insert into webhook_attempts (environment_id, delivery_id, at, duration_ms, status, error, response)
      select environment_id, id, at, duration_ms, status, error, response from outcome o
       where exists (select from webhook_deliveries d where d.id = o.id and d.environment_id = o.environment_id)),
    won as (
      update webhook_deliveries d
         set attempts = d.attempts + o.counts, state = o.state, last_status = o.status, last_error = o.error, held_by = null,
             next_at = coalesce(o.next_at, d.next_at), finished_at = case when o.next_at is null then o.ended_at end
        from outcome o
       where d.id = o.id and d.environment_id = o.environment_id and d.state = any(${transition(nextState, 'succeed').from}::text[])
         and d.attempts = o.attempts and d.operation_id is not distinct from o.operation_id
      returning d.id)`;
}

const storable = (text: string) => text.toWellFormed().replaceAll('\0', '');

function tellLog({ operation, outcome, next, delivery, counts }: Settled): void {
  const attempts = delivery.attempts + 1;
  if (outcome.as === 'delivered') operation.end({ state: 'success' });
  else if (!next) operation.end({ state: 'failed', error: `${outcome.why}. Given up after ${attempts} attempts` });
  else if (!counts) operation.log('warn', `${outcome.why}. Its endpoint is paused, and tried again in a while`);
  else
    operation.log(
      'warn',
      `${outcome.why}. Attempt ${attempts} of ${RETRY_DELAYS_MS.length + 1}; the next one is due at ${next.toISOString()}`,
    );
}
