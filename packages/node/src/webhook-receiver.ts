/** What a route for webhooks does, whatever framework it is mounted in: read the body as it came, verify it, hand the event on, say how that went. */
import type { Bowline } from './client.ts';
import { BowlineError } from './errors.ts';
import type { Body } from './signature.ts';
import type { WebhookEvent } from './webhook-event.ts';
import type { Verifying, WebhookHeaders } from './webhooks.ts';

/**
 * Of `webhookHandler`, `nodeWebhookHandler` and `fastifyWebhooks`.
 *
 * @example
 * import type { WebhookOptions } from '@bowline/node';
 * const options: WebhookOptions = {
 *   client,
 *   onEvent: async (event, { id }) => store({ id, type: event.type }),
 * };
 */
export type WebhookOptions = Verifying & {
  /** With the environment's webhook signing key. */
  client: Pick<Bowline, 'verifyWebhook'>;
  /**
   * Gets each genuine event; the answer waits for it. When it fails, the answer is 500 and the event is delivered again, so it may come twice: `id` is
   * then the same. Bowline waits 20 s for an answer: put long work on a queue of your own.
   */
  onEvent: (event: WebhookEvent, delivery: { id: string }) => Promise<void> | void;
  /** Gets what `onEvent` failed with, and what is wrong with how this is mounted. Default: `console.error`. */
  onError?: ((error: unknown) => void) | undefined;
  /** Bytes; larger bodies are answered with 413. Default: 32 MiB, which every webhook of Bowline fits in. */
  bodyLimit?: number | undefined;
};

export type Answered = { status: number; headers: Record<string, string>; body: string };
type Request = { method: string; headers: WebhookHeaders; readBody: (limit: number) => Promise<Body> };

/** @returns the answer; never rejects */
export async function receive(options: WebhookOptions, { method, headers, readBody }: Request): Promise<Answered> {
  if (method !== 'POST') return answer(405, 'Webhooks come by POST', { allow: 'POST' });
  try {
    const body = await readBody(options.bodyLimit ?? LIMIT);
    const event = options.client.verifyWebhook(body, headers, { requireTimestamp: true, ...options });
    await options.onEvent(event, { id: idOf(headers) });
    return answer(200);
  } catch (error) {
    if (error instanceof TooLarge) return answer(413, error.message);
    // What anybody may send is no news for a log.
    if (error instanceof BowlineError && error.code === 'invalid_webhook') return answer(401, error.message);
    tell(options.onError, error);
    return answer(500, 'The event could not be handled; send it again');
  }
}

const LIMIT = 32 * 1024 * 1024;

export class TooLarge extends Error {
  constructor(limit: number) {
    super(`The body is larger than ${limit} bytes`);
  }
}

/** @throws TooLarge, before more than that is held */
export async function joinChunks(chunks: AsyncIterable<Uint8Array | string>, limit: number): Promise<Uint8Array> {
  const read: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    const bytes = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
    size += bytes.length;
    if (size > limit) throw new TooLarge(limit);
    read.push(bytes);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const bytes of read) {
    all.set(bytes, at);
    at += bytes.length;
  }
  return all;
}

/** The commonest mistake: a signature is over bytes, and whoever parsed them has thrown them away. */
export const wasParsed = (advice: string) =>
  new BowlineError('invalid_argument', `The body of the webhook was read before it could be verified. ${advice}`);

/** A verified webhook has one unless `requireTimestamp` is off. */
function idOf(headers: WebhookHeaders): string {
  if (typeof headers.get === 'function') return headers.get('webhook-id') ?? '';
  return String(Object.entries(headers).find(([name]) => name.toLowerCase() === 'webhook-id')?.[1] ?? '');
}

function tell(onError: WebhookOptions['onError'], error: unknown): void {
  try {
    if (onError) onError(error);
    else console.error(error);
  } catch (failure) {
    console.error(failure);
  }
}

const answer = (status: number, message?: string, headers: Record<string, string> = {}): Answered => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(message === undefined ? { ok: true } : { error: { message } }),
});
