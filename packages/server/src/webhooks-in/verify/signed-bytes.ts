/** The bytes that a signature is over, of the catalogue's template: the body stays as it was received, never decoded and written again. Pure. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { formOf, type Incoming } from './incoming.ts';

export type Parts = {
  readonly incoming: Incoming;
  readonly secret: string;
  /** Of the subscription. */
  readonly webhookId: string | undefined;
  readonly timestamp: string | undefined;
  readonly id: string | undefined;
  readonly event: string | undefined;
};

const PLACEHOLDER = /(\{\w+\})/;

/** @returns undefined when the request lacks something that is signed */
export function signedBytes(template: string, parts: Parts): Buffer | undefined {
  const pieces = template.split(PLACEHOLDER).map((piece) => {
    const name = /^\{(\w+)\}$/.exec(piece)?.[1];
    return name === undefined ? piece : placeholders[name]?.(parts);
  });
  if (pieces.some((piece) => piece === undefined)) return undefined;
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : (piece ?? Buffer.alloc(0)))));
}

const placeholders: Readonly<Record<string, (parts: Parts) => string | Buffer | undefined>> = {
  body: ({ incoming }) => incoming.body,
  method: ({ incoming }) => incoming.method.toUpperCase(),
  url: ({ incoming }) => incoming.url,
  secret: ({ secret }) => secret,
  webhook_id: ({ webhookId }) => webhookId,
  timestamp: ({ timestamp }) => timestamp,
  id: ({ id }) => id,
  event: ({ event }) => event,
  crc32: ({ incoming }) => String(crc32(incoming.body)),
  form: ({ incoming }) => sortedForm(incoming),
};

/**
 * Names and values of a form, sorted by name (https://www.twilio.com/docs/usage/security). A body that is no form is signed by way of its hash in
 * the address, so one without that hash is signed by nothing.
 */
function sortedForm(incoming: Incoming): string | undefined {
  const form = formOf(incoming);
  if (form) {
    const sorted = [...form].toSorted(([one, a], [other, b]) => compare(one, other) || compare(a, b));
    return sorted.map(([name, value]) => name + value).join('');
  }
  const told = new URLSearchParams(/\?(.*)$/s.exec(incoming.url)?.[1] ?? '').get('bodySHA256');
  return told === createHash('sha256').update(incoming.body).digest('hex') ? '' : undefined;
}

const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
