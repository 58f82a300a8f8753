/**
 * One attempt at a delivery. 2xx is success. 410 and an address that is refused are final; everything else may be tried again.
 * Of redirects only those are followed that keep method and body (307, 308), each to an address that is checked like the first.
 */
import { OutboundError } from '../base/outbound-error.ts';
import { retryAfterMs } from '../base/retry-after.ts';
import type { World } from '../base/world.ts';
import { type OperationHandle, resumeOperation, startOperation } from '../logs/operation.ts';
import { redactText } from '../logs/redact.ts';
import type { Delivery } from './delivery.ts';
import { signatureHeaders } from './sign.ts';

export type AttemptNeeds = Pick<World, 'outbound' | 'clock' | 'journal' | 'random'>;
/** `waitMs`: what the receiver asked for, of this delivery; `restMs`: of everything. `gone`: it wants no more of anything. */
export type Outcome =
  | { readonly as: 'delivered'; readonly status: number }
  | { readonly as: 'again'; readonly status?: number; readonly why: string; readonly waitMs?: number; readonly restMs?: number }
  | { readonly as: 'failed'; readonly status?: number; readonly why: string; readonly gone?: true };
export type Attempt = {
  readonly delivery: Delivery;
  readonly outcome: Outcome;
  readonly at: Date;
  readonly durationMs: number;
  /** The beginning of the answer's body. */
  readonly response?: string;
  readonly operation: OperationHandle;
};

/** The longest a receiver may take to answer. */
export const TIMEOUT_MS = 20_000;
const REDIRECTS_MAX = 5;
/** Read of an answer, so that its connection can be used again; longer ones are cut off with it. */
const READ_BYTES_MAX = 16_384;
const RESPONSE_CHARS = 500;
const WHY_CHARS = 500;

/** @param keys as `keysOf` has them. Throws only when `signal` aborted */
export async function attempt(
  world: AttemptNeeds,
  delivery: Delivery,
  { keys, signal }: { keys: readonly string[] | undefined; signal: AbortSignal },
): Promise<Attempt> {
  const operation = openOperation(world, delivery);
  const at = world.clock.now();
  const start = performance.now();
  const done = (outcome: Outcome, response?: string): Attempt => ({
    ...{ delivery, outcome, at, durationMs: performance.now() - start, operation },
    ...(response ? { response } : {}),
  });
  if (!keys) return done({ as: 'again', why: 'What signs it, or its body, cannot be opened now' });
  if (keys.length === 0) return done({ as: 'failed', why: 'The environment was deleted' });
  const { id, url, body, name } = delivery;
  const headers = {
    ...delivery.headers,
    'content-type': 'application/json',
    'user-agent': 'Bowline-Webhooks/1',
    'x-bowline-event': name,
    ...signatureHeaders({ keys, body, id, at }),
  };
  const note = (rest: { response?: { status: number; headers: Record<string, unknown> }; error?: string }) =>
    operation.http({
      request: { method: 'POST', url, headers },
      ...rest,
      durationMs: performance.now() - start,
      attempt: delivery.attempts + 1,
    });
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const answer = await post(world, { url, headers, body, signal: limit });
    const text = await beginningOf(answer.body);
    note({ response: { status: answer.status, headers: { ...answer.headers } } });
    return done(judge(answer.status, retryAfterMs(answer.headers['retry-after'], world.clock.now())), text);
  } catch (error) {
    signal.throwIfAborted(); // cut short by ourselves: not the receiver's fault, so not an attempt
    if (!(error instanceof OutboundError)) throw error;
    note({ error: error.message });
    const why = error.code === 'aborted' ? `No answer within ${TIMEOUT_MS / 1000} seconds` : error.message.slice(0, WHY_CHARS);
    return done({ as: error.code === 'blocked_host' || error.code === 'invalid_url' ? 'failed' : 'again', why });
  }
}

type Sent = { url: string; headers: Record<string, string>; body: string; signal: AbortSignal };

async function post({ outbound }: AttemptNeeds, { url, headers, body, signal }: Sent) {
  let to = url;
  for (let redirects = 0; ; redirects++) {
    const answer = await outbound.request(to, { method: 'POST', headers, body, headersTimeoutMs: TIMEOUT_MS, redirectsMax: 0, signal });
    const { location } = answer.headers;
    const next = [307, 308].includes(answer.status) && typeof location === 'string' ? URL.parse(location, to) : null;
    if (!next) return answer;
    answer.body.on('error', () => {}).destroy();
    if (redirects >= REDIRECTS_MAX) throw new OutboundError('too_many_redirects', `more than ${REDIRECTS_MAX} redirects`);
    to = next.href;
  }
}

/** What cannot be read any more says nothing: the status is the answer. */
async function beginningOf(body: AsyncIterable<Uint8Array> & { destroy: () => unknown }): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > READ_BYTES_MAX) break;
    }
  } catch {
    // half an answer
  }
  body.destroy();
  return redactText(
    Buffer.concat(chunks)
      .toString('utf8')
      .slice(0, 4 * RESPONSE_CHARS),
    RESPONSE_CHARS,
  );
}

function judge(status: number, waitMs: number): Outcome {
  if (status >= 200 && status < 300) return { as: 'delivered', status };
  if (status === 410) return { as: 'failed', status, why: 'The receiver answered 410 Gone: it wants no more of this', gone: true };
  const isRedirect = status >= 300 && status < 400;
  const why = isRedirect
    ? `The receiver answered ${status}, a redirect that would lose the body; give the endpoint the address it leads to`
    : `The receiver answered ${status}`;
  return { as: 'again', status, why, waitMs, ...(status === 429 || status === 503 ? { restMs: waitMs } : {}) };
}

function openOperation(
  world: AttemptNeeds,
  { id, environmentId, integration, connection, type, url, body, headers, attempts, operationId, isProbe }: Delivery,
): OperationHandle {
  const scope = { environment: { id: environmentId } };
  if ((attempts > 0 || isProbe) && operationId !== null) return resumeOperation(world, scope, operationId);
  // What a provider sent is for the app alone.
  const about = type === 'forward' ? { provider: headers?.['x-bowline-provider'] } : JSON.parse(body); // our own text
  return startOperation(world, scope, {
    id: operationId ?? undefined,
    type: 'webhook',
    action: type,
    title: `Webhook "${type}"${about.syncName ? ` of ${about.syncName}` : ''} to ${URL.parse(url)?.host ?? url}`,
    integration: integration ?? undefined,
    provider: about.provider,
    connection: connection ?? undefined,
    function: about.syncName,
    meta: { delivery: id, ...(type === 'forward' ? {} : { body: about }) },
  });
}
