/** Whether a webhook comes from its provider, by what the catalogue says of how that provider signs. Pure, over the bytes as received. */
import type { WebhookFacts } from '@bowline/providers/facts';
import { algorithms } from './algorithms.ts';
import { contentOf, type Incoming } from './incoming.ts';
import { isNear, momentOf } from './moment.ts';
import { type Readable, readPlace } from './place.ts';
import { signedBytes } from './signed-bytes.ts';
import { takeApart } from './written.ts';

/** Those of each kind that count now: more than one while a key is exchanged. */
export type Keys = Readonly<Partial<Record<NonNullable<WebhookFacts['key']> | 'webhook_id', readonly string[]>>>;
export type Refusal = 'unsigned' | 'no_key' | 'missing_signature' | 'invalid_signature' | 'outside_window';
export type Verdict = { readonly verified: true } | { readonly verified: false; readonly reason: Refusal; readonly message: string };

type Way = Omit<WebhookFacts, 'alternative' | 'handshake' | 'routing'>;
type Read = { readonly incoming: Incoming; readonly readable: Readable; readonly keys: Keys; readonly now: Date };

/** @param now to compare the moment of sending with */
export async function verifyWebhook(facts: WebhookFacts, incoming: Incoming, { keys, now }: { keys: Keys; now: Date }): Promise<Verdict> {
  const read = { incoming, keys, now, readable: { ...incoming, content: await contentOf(incoming) } };
  const verdict = await judgeBytes(facts, read);
  const { alternative } = facts;
  if (verdict.verified || !alternative) return verdict;
  const second = await judgeBytes({ ...alternative, rewritten: facts.rewritten }, read);
  // Of two refusals the one that got further says more.
  return second.verified || (verdict.reason === 'missing_signature' && second.reason !== 'unsigned') ? second : verdict;
}

/** First the bytes as they came; then, where the vendor is known for it, as its own software would have written them. */
async function judgeBytes(way: Way, read: Read): Promise<Verdict> {
  const verdict = await judge(way, read);
  const { content } = read.readable;
  if (!way.rewritten || verdict.verified || verdict.reason !== 'invalid_signature' || typeof content !== 'object') return verdict;
  const body = Buffer.from(JSON.stringify(content));
  const again = await judge(way, { ...read, incoming: { ...read.incoming, body } });
  return again.verified ? again : verdict;
}

async function judge(way: Way, { incoming, readable, keys, now }: Read): Promise<Verdict> {
  const { algorithm } = way;
  if (algorithm === 'none') return refused('unsigned', 'The provider does not sign its webhooks');
  const own = way.key === undefined ? [] : (keys[way.key] ?? []).filter((key) => key !== '');
  if (own.length === 0) return refused('no_key', `The integration has no ${keyNames[way.key ?? 'webhook_secret']} to verify webhooks with`);
  const found = signatureOf(way, readable);
  if (found.length === 0) return refused('missing_signature', `There is no signature at ${way.signature ?? 'body'}`);
  const texts = found.map((text) => takeApart(text, way.format));
  const timestamp = texts[0]?.timestamp ?? first(way.timestamp, readable);
  const late = lateness(way, timestamp, now);
  if (late) return late;
  const webhookIds = way.signed?.includes('{webhook_id}') ? (keys.webhook_id ?? []) : [undefined];
  if (webhookIds.length === 0)
    return refused('no_key', 'The integration has no id of the webhook, which is part of what is signed; enter it as its webhook secret');
  for (const [key, webhookId] of own.flatMap((key) => webhookIds.map((id) => [key, id] as const))) {
    const bytes = signedBytes(way.signed ?? '', {
      incoming,
      secret: key,
      webhookId,
      timestamp,
      id: first(way.id, readable),
      event: first(way.event, readable),
    });
    if (bytes === undefined) return refused('missing_signature', 'The request lacks a part of what is signed');
    const isRight = (signature: string) => algorithms[algorithm]({ signature, bytes, key, incoming, now }, way);
    // Each place that is named must be right; of several signatures written in one place any may be.
    if (await every(texts, ({ signatures }) => some(signatures, isRight))) return { verified: true };
  }
  return refused(
    'invalid_signature',
    `The signature at ${way.signature ?? 'body'} is not that of the integration's ${keyNames[way.key ?? 'webhook_secret']}`,
  );
}

/** A body that is a token itself (Dialpad) has no other place. */
function signatureOf({ signature }: Way, readable: Readable & { readonly body?: Buffer }): string[] {
  return signature === undefined ? [readable.body?.toString('utf8').trim() ?? ''].filter(Boolean) : readPlace(signature, readable);
}

/** A time in the body is that of what happened, however late it is told: only a vendor's own word makes it one of sending. */
function lateness(way: Way, timestamp: string | undefined, now: Date): Verdict | undefined {
  const isNamed = way.timestamp !== undefined || way.format?.includes('{timestamp}');
  if (!isNamed || (way.timestamp?.startsWith('body.') && way.tolerance_seconds === undefined)) return undefined;
  if (timestamp === undefined) return refused('missing_signature', 'There is no time of sending');
  const moment = momentOf(timestamp, way.timestamp_unit);
  if (moment && isNear(moment, now, way.tolerance_seconds)) return undefined;
  return refused('outside_window', `It was sent at ${moment?.toISOString() ?? 'a time that cannot be read'}, too far from now`);
}

const first = (place: string | undefined, readable: Readable) => (place === undefined ? undefined : readPlace(place, readable)[0]);

const refused = (reason: Refusal, message: string): Verdict => ({ verified: false, reason, message });

const keyNames: Readonly<Record<NonNullable<WebhookFacts['key']>, string>> = {
  webhook_secret: 'webhook secret',
  client_secret: 'client secret',
  api_key: "connection's key",
  public_key: "provider's public key",
  subscription: "subscription's secret",
};

async function some<T>(items: readonly T[], holds: (item: T) => boolean | Promise<boolean>): Promise<boolean> {
  for (const item of items) if (await holds(item)) return true;
  return false;
}

async function every<T>(items: readonly T[], holds: (item: T) => boolean | Promise<boolean>): Promise<boolean> {
  for (const item of items) if (!(await holds(item))) return false;
  return items.length > 0;
}
