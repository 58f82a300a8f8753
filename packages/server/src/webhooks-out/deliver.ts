/**
 * One attempt at a delivery. 2xx is success; anything else is tried again by schedule.ts, except what cannot succeed: 410 Gone, a refused or invalid address.
 * The outcome and the next attempt's job are stored in one transaction, so a crash at any point repeats an attempt and loses none.
 */
import { Problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { run, transaction } from '../base/database.ts';
import { OutboundError } from '../base/outbound-error.ts';
import { retryAfterMs } from '../base/retry-after.ts';
import { transition } from '../base/states.ts';
import type { Database, World } from '../base/world.ts';
import { webhookSettings } from '../environments/settings.ts';
import { type OperationHandle, resumeOperation, startOperation } from '../logs/operation.ts';
import { enqueue } from '../queue/enqueue.ts';
import { type Delivery, type DeliveryEvent, lookPending, nextState } from './delivery.ts';
import { DELIVER_PRIORITY } from './fan-out.ts';
import { nextAttempt, RETRY_DELAYS_MS } from './schedule.ts';
import { signatureHeaders } from './sign.ts';

type Needs = Pick<World, 'db' | 'outbound' | 'clock' | 'random' | 'journal' | 'keyring' | 'config'>;
type Outcome =
  | { readonly as: 'delivered'; readonly status: number }
  | { readonly as: 'again'; readonly status?: number; readonly why: string; readonly waitMs?: number }
  | { readonly as: 'failed'; readonly status?: number; readonly why: string };

/** The longest a receiver may take to answer. */
export const TIMEOUT_MS = 20_000;
/** How much of an answer is kept for the activity log. */
const ANSWER_CHARS = 500;

/** Does nothing when the delivery is done already. Throws only when the outcome could not be stored, or `signal` aborted. */
export async function deliver(world: Needs, deliveryId: string, signal: AbortSignal): Promise<void> {
  const delivery = await lookPending(world.db, deliveryId);
  if (!delivery) return;
  if (!delivery.isDue) return enqueueAttempt(world.db, delivery, delivery.nextAt);
  const operation = openOperation(world, delivery);
  const outcome = await attempt(world, delivery, operation, signal);
  signal.throwIfAborted(); // cut short by ourselves: not the receiver's fault, so not an attempt
  await store(world, delivery, operation, outcome);
}

async function attempt(world: Needs, delivery: Delivery, operation: OperationHandle, signal: AbortSignal): Promise<Outcome> {
  const key = await signingKey(world, delivery.environmentId);
  if (key === undefined) return { as: 'failed', why: 'The environment was deleted' };
  const { id, url, body } = delivery;
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Bowline-Webhooks/1',
    ...signatureHeaders({ key, body, id, at: world.clock.now() }),
  };
  const request = { method: 'POST', url, headers };
  const start = performance.now();
  const note = (rest: { response?: { status: number; headers: Record<string, unknown> }; error?: string }) =>
    operation.http({ request, ...rest, durationMs: performance.now() - start, attempt: delivery.attempts + 1 });
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const response = await world.outbound.request(url, { method: 'POST', headers, body, headersTimeoutMs: TIMEOUT_MS, signal: limit });
    response.body.on('error', () => {}).destroy();
    note({ response: { status: response.status, headers: { ...response.headers } } });
    return judge(response.status, retryAfterMs(response.headers['retry-after'], world.clock.now()));
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    note({ error: error.message });
    const why = error.code === 'aborted' ? `No answer within ${TIMEOUT_MS / 1000} seconds` : error.message.slice(0, ANSWER_CHARS);
    return { as: error.code === 'blocked_host' || error.code === 'invalid_url' ? 'failed' : 'again', why };
  }
}

function judge(status: number, waitMs: number): Outcome {
  if (status >= 200 && status < 300) return { as: 'delivered', status };
  if (status === 410) return { as: 'failed', status, why: 'The receiver answered 410 Gone: it wants no more of this' };
  return { as: 'again', status, why: `The receiver answered ${status}`, waitMs };
}

async function store(world: Needs, delivery: Delivery, operation: OperationHandle, outcome: Outcome): Promise<void> {
  const now = world.clock.now();
  const attempts = delivery.attempts + 1;
  const next = outcome.as === 'again' ? nextAttempt(now, attempts, world.random.fraction(), outcome.waitMs) : undefined;
  const event: DeliveryEvent = outcome.as === 'delivered' ? 'succeed' : next ? 'postpone' : 'giveUp';
  const { from, to } = transition(nextState, event);
  const why = outcome.as === 'delivered' ? null : outcome.why;
  const won = await transaction(world.db, async (tx) => {
    const changed = await run(
      tx,
      sql`update webhook_deliveries set attempts = ${attempts}, state = ${to}, last_status = ${outcome.status ?? null}, last_error = ${why},
          next_at = ${next ?? now}::timestamptz,
          finished_at = ${next ? null : now}::timestamptz
        where id = ${delivery.id} and environment_id = ${delivery.environmentId} and state = any(${from}::text[]) and attempts = ${delivery.attempts}
          and operation_id is not distinct from ${delivery.operationId}`,
    );
    if (changed > 0 && next) await enqueueAttempt(tx, delivery, next);
    return changed > 0;
  });
  if (!won) return; // another process was faster, or it is being sent again since
  if (next)
    operation.log('warn', `${why}. Attempt ${attempts} of ${RETRY_DELAYS_MS.length + 1}; the next one is due at ${next.toISOString()}`);
  else operation.end(why === null ? { state: 'success' } : { state: 'failed', error: `${why}. Given up after ${attempts} attempts` });
}

/** The key makes it one job, however often it is asked for. */
function enqueueAttempt(db: Database, { id }: Delivery, runAt: Date): Promise<void> {
  return enqueue(db, { task: 'deliver', payload: { deliveryId: id }, runAt, priority: DELIVER_PRIORITY, key: `deliver:${id}` });
}

function openOperation(world: Needs, { id, environmentId, type, url, body, attempts, operationId }: Delivery): OperationHandle {
  const scope = { environment: { id: environmentId } };
  if (attempts > 0 && operationId !== null) return resumeOperation(world, scope, operationId);
  const about = JSON.parse(body); // our own text
  return startOperation(world, scope, {
    id: operationId ?? undefined,
    type: 'webhook',
    action: type,
    title: `Webhook "${type}"${about.syncName ? ` of ${about.syncName}` : ''} to ${URL.parse(url)?.host ?? url}`,
    integration: about.providerConfigKey,
    provider: about.provider,
    connection: about.connectionId,
    function: about.syncName,
    meta: { delivery: id, body: about },
  });
}

async function signingKey(world: Needs, environmentId: number): Promise<string | undefined> {
  try {
    return (await webhookSettings(world, environmentId)).signingKey;
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_found') return undefined;
    throw error;
  }
}
