/** Webhooks: is this from our server, and what does it say. */
import { BowlineError } from './errors.ts';
import type { Project } from './project.ts';
import { ProxyCalls } from './proxy.ts';
import { type Body, hexDigest, hexHmac, same, standardSignature } from './signature.ts';
import type { WebhookEvent } from './webhook-event.ts';

/**
 * Of a web `Request`, of Node, Express or Fastify.
 *
 * @example
 * import type { WebhookHeaders } from '@bowline/node';
 * const eventIn = (headers: WebhookHeaders) => client.verifyWebhook(rawBody, headers);
 */
export type WebhookHeaders = Headers | { readonly [name: string]: unknown };
/**
 * How strictly a webhook is checked.
 *
 * @example
 * import type { Verifying } from '@bowline/node';
 * const strictly: Verifying = { toleranceSeconds: 60, requireTimestamp: true };
 * const event = client.verifyWebhook(rawBody, request.headers, strictly);
 */
export type Verifying = {
  /** How far the time of sending may be from now. Default: 300. */
  toleranceSeconds?: number | undefined;
  /** Default: the clock. */
  now?: Date | number | undefined;
  /** Refuse a webhook signed in the older way alone, which whoever has seen it once can send again. Default: false. */
  requireTimestamp?: boolean | undefined;
};

export abstract class WebhookCalls<P extends Project> extends ProxyCalls<P> {
  /**
   * Checks the signature over the raw body and returns the event; throws `invalid_webhook` when it is not genuine or too old.
   * `webhook-id` is the same for each attempt to deliver one event: keep the ids you have dealt with.
   *
   * @example
   * const event = client.verifyWebhook(await request.text(), request.headers);
   * if (event.type === 'sync' && event.success) await read(event.connectionId, event.model);
   */
  verifyWebhook(rawBody: Body, headers: WebhookHeaders, options: Verifying = {}): WebhookEvent {
    requireRaw(rawBody);
    const reason = refusal({ key: this.settings.signingKey, body: rawBody, headers, options });
    if (reason !== undefined) throw new BowlineError('invalid_webhook', reason);
    return parsed(rawBody);
  }

  /**
   * Whether the raw body of a webhook was signed with your key. `verifyWebhook` also looks at its age, and parses it.
   *
   * @example
   * if (!client.verifyIncomingWebhookRequest(rawBody, request.headers)) return reply.code(401).send();
   */
  verifyIncomingWebhookRequest(rawBody: Body, headers: WebhookHeaders): boolean {
    requireRaw(rawBody);
    const given = header(headers, 'x-nango-hmac-sha256');
    return given !== undefined && same(given, hexHmac(this.settings.signingKey, rawBody));
  }

  /**
   * The oldest form of signature, over the parsed body.
   *
   * @deprecated Use `verifyWebhook`.
   * @example
   * client.verifyWebhookSignature(request.headers['x-nango-signature'], request.body);
   */
  verifyWebhookSignature(signature: string, body: unknown): boolean {
    return typeof signature === 'string' && same(signature, hexDigest(this.settings.signingKey, JSON.stringify(body)));
  }
}

type Received = { key: string; body: Body; headers: WebhookHeaders; options: Verifying };

/** @returns why it is not to be trusted, or undefined */
function refusal({ key, body, headers, options }: Received): string | undefined {
  const [id, seconds, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => header(headers, name));
  if (id !== undefined && seconds !== undefined && signatures !== undefined) {
    const { toleranceSeconds = 300, now = Date.now() } = options;
    const ours = standardSignature(key, { id, seconds, body });
    // While a key is being replaced there may be several.
    if (!signatures.split(' ').some((one) => same(one, ours)))
      return "The signature does not fit; is this the environment's webhook signing key, and the body as it came?";
    const ageSeconds = Number(now) / 1000 - Number(seconds);
    return Math.abs(ageSeconds) <= toleranceSeconds
      ? undefined
      : 'The webhook was sent too long ago, or the clock of this machine is wrong';
  }
  const given = header(headers, 'x-nango-hmac-sha256');
  if (given === undefined) return 'There is no signature among the headers';
  if (options.requireTimestamp) return 'The webhook has no time of sending: webhook-id, webhook-timestamp or webhook-signature is missing';
  return same(given, hexHmac(key, body))
    ? undefined
    : "The signature does not fit; is this the environment's webhook signing key, and the body as it came?";
}

function header(headers: WebhookHeaders, name: string): string | undefined {
  // Not `instanceof`: libraries bring a Headers of their own.
  if (typeof headers.get === 'function') return headers.get(name) ?? undefined;
  const found = Object.entries(headers).find(([given]) => given.toLowerCase() === name)?.[1];
  const value = Array.isArray(found) ? found[0] : found;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function requireRaw(body: unknown): void {
  if (typeof body === 'string' || body instanceof Uint8Array) return;
  throw new BowlineError('invalid_argument', 'Pass the raw body, text or bytes, as it came; a parsed one cannot be verified');
}

function parsed(body: Body): WebhookEvent {
  try {
    return JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body)); // signed by the server, whose webhooks are these
  } catch (cause) {
    throw new BowlineError('invalid_webhook', 'The body is genuine but no JSON', { cause });
  }
}
