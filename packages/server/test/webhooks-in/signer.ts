/** A provider's side: makes a genuine webhook as its facts in the catalogue say, with code of its own. */
import { createHash, createHmac, createSign, generateKeyPairSync, sign } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { WebhookFacts } from '@bowline/providers/facts';
import { SignJWT } from 'jose';
import type { Incoming } from '../../src/webhooks-in/verify/incoming.ts';

export const NOW = new Date('2026-03-01T12:00:00Z');
const URL_CALLED = 'https://hooks.example.com/webhook/6ad8d0e4-8f1b-4f4e-9b59-3b5d4f3f3b0a/key';
type Way = Omit<WebhookFacts, 'alternative'>;
export type Made = { readonly incoming: Incoming; readonly key: string };
export type Changes = { readonly sentAt?: Date; readonly url?: string };

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const pem = (pair: { publicKey: { export(options: object): string | Buffer } }) =>
  String(pair.publicKey.export({ format: 'pem', type: 'spki' }));

export const keyOf = ({ algorithm, key_encoding: encoding }: Way): string => {
  if (algorithm === 'rsa-sha256' || algorithm === 'jwt-rs256') return pem(rsa);
  if (algorithm === 'ecdsa-sha256' || algorithm === 'jwt-es256') return pem(ec);
  if (algorithm === 'ed25519') return pem(ed);
  if (algorithm === 'basic') return 'hook:p4ss';
  const bytes = Buffer.from('0123456789abcdef0123456789abcdef');
  if (encoding === 'hex') return bytes.toString('hex');
  return encoding === 'base64' ? `whsec_${bytes.toString('base64')}` : bytes.toString('utf8');
};

const written = (date: Date, unit: Way['timestamp_unit']) =>
  unit === 'iso8601' ? date.toISOString() : String(unit === 'milliseconds' ? date.getTime() : Math.floor(date.getTime() / 1000));

/** Puts a value where a place says, in the body as JSON. */
function put(body: Record<string, unknown>, path: string, value: string): void {
  const steps = path.replaceAll(/\[\]/g, '[0]').replaceAll('[', '.[').split('.');
  let at: Record<string, unknown> | unknown[] = body;
  for (const [index, step] of steps.entries()) {
    const key = step.replace(/^\[(\d+)\]$/, '$1');
    const isLast = index === steps.length - 1;
    const inner = isLast ? value : ((at as Record<string, unknown>)[key] ?? (/^\[/.test(steps[index + 1] ?? '') ? [] : {}));
    (at as Record<string, unknown>)[key] = inner;
    at = inner as Record<string, unknown>;
  }
}

export async function makeGenuine(way: Way, { sentAt = NOW, url: called = URL_CALLED }: Changes = {}): Promise<Made> {
  const key = keyOf(way);
  const secret = way.key_encoding ? Buffer.from(key.replace('whsec_', ''), way.key_encoding) : Buffer.from(key);
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  const query: Record<string, string> = {};
  const content: Record<string, unknown> = { hello: 'wörld', n: 1 };
  const set = (place: string | undefined, value: string) => {
    if (place?.startsWith('header.')) headers[place.slice(7)] = value;
    else if (place?.startsWith('query.')) query[place.slice(6)] = value;
    else if (place?.startsWith('body.')) put(content, place.slice(5), value);
  };
  const time = written(sentAt, way.timestamp_unit);
  set(way.event, 'thing.created');
  set(way.id, 'evt-1');
  set(way.timestamp, time);
  const isForm = way.signed?.includes('{form}') ?? false;
  if (isForm) headers['content-type'] = 'application/x-www-form-urlencoded';
  if (way.algorithm === 'shared-token') set(way.signature, key);
  const url = () => called + (Object.keys(query).length > 0 ? `?${new URLSearchParams(query)}` : '');
  const bytes = () => Buffer.from(isForm ? 'To=%2B1800&From=%2B1234&Body=a+b' : JSON.stringify(content));
  if (way.algorithm.startsWith('jwt-')) {
    const token = await makeToken(way, secret, { body: bytes(), sentAt, called });
    if (way.signature === undefined) return { key, incoming: { method: 'POST', url: url(), headers, body: Buffer.from(token) } };
    set(way.signature, (way.format ?? '{sig}').replace('{sig}', token));
  } else if (way.algorithm === 'basic') set(way.signature, `Basic ${Buffer.from(key).toString('base64')}`);
  else if (way.algorithm !== 'shared-token') {
    const values: Record<string, Buffer | string> = {
      ...{ body: bytes(), timestamp: time, id: 'evt-1', event: 'thing.created', url: url(), method: 'POST', secret: key },
      ...{ crc32: String(crc32(bytes())), form: 'Bodya bFrom+1234To+1800' },
    };
    const text = Buffer.concat(
      (way.signed ?? '').split(/(\{\w+\})/).map((piece) => Buffer.from(values[piece.replaceAll(/[{}]/g, '')] ?? piece)),
    );
    const signature = make(way, secret, text).toString(way.encoding ?? 'hex');
    set(way.signature, (way.format ?? '{sig}').replace('{timestamp}', time).replace('{sig}', signature));
  }
  return { key, incoming: { method: 'POST', url: url(), headers, body: bytes() } };
}

function make({ algorithm }: Way, secret: Buffer, text: Buffer): Buffer {
  if (algorithm === 'rsa-sha256') return createSign('sha256').update(text).sign(rsa.privateKey);
  if (algorithm === 'ecdsa-sha256') return createSign('sha256').update(text).sign(ec.privateKey);
  if (algorithm === 'ed25519') return sign(null, text, ed.privateKey);
  if (algorithm.startsWith('hmac-')) return createHmac(algorithm.slice(5), secret).update(text).digest();
  return createHash(algorithm).update(text).digest();
}

type Sending = { body: Buffer; sentAt: Date; called: string };

function makeToken({ algorithm, issuer, signature }: Way, secret: Buffer, { body, sentAt, called }: Sending): Promise<string> {
  const name = algorithm.slice(4).toUpperCase();
  const seconds = Math.floor(sentAt.getTime() / 1000);
  const hashed = createHash('sha256').update(body).digest('hex');
  const token = new SignJWT(signature ? { payload_hash: hashed, request_body_sha256: hashed } : { hello: 'you' })
    .setProtectedHeader({ alg: name })
    .setIssuedAt(seconds);
  if (issuer)
    token
      .setIssuer(issuer)
      .setAudience(called)
      .setExpirationTime(seconds + 3600);
  return token.sign(name === 'HS256' ? secret : name === 'RS256' ? rsa.privateKey : ec.privateKey);
}
