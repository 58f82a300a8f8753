/** One check for each family of signatures. None compares in a time that tells how much was right; none throws for what a stranger sent. */
import { createHash, createHmac, createPublicKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto';
import type { WebhookFacts } from '@bowline/providers/facts';
import { importJWK, type JWK, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { Incoming } from './incoming.ts';

export type Signed = Pick<WebhookFacts, 'algorithm' | 'encoding' | 'key_encoding' | 'issuer' | 'tolerance_seconds'>;
export type Given = {
  readonly signature: string;
  readonly bytes: Buffer;
  readonly key: string;
  readonly incoming: Incoming;
  readonly now: Date;
};
type Check = (given: Given, facts: Signed) => boolean | Promise<boolean>;

export const algorithms: Readonly<Record<Exclude<WebhookFacts['algorithm'], 'none'>, Check>> = {
  'hmac-sha1': hmac('sha1'),
  'hmac-sha256': hmac('sha256'),
  'hmac-sha512': hmac('sha512'),
  sha1: digest('sha1'),
  sha256: digest('sha256'),
  'shared-token': ({ signature, key }) => isSame(signature, key),
  basic: ({ signature, key }) => isSame(Buffer.from(signature.replace(/^basic\s+/i, ''), 'base64').toString('utf8'), key),
  'rsa-sha256': publicKey('sha256'),
  'ecdsa-sha256': publicKey('sha256'),
  ed25519: publicKey(null),
  'jwt-hs256': jwt('HS256'),
  'jwt-rs256': jwt('RS256'),
  'jwt-es256': jwt('ES256'),
};

function hmac(algorithm: string): Check {
  return ({ signature, bytes, key }, facts) =>
    isEncoded(signature, createHmac(algorithm, keyBytes(key, facts.key_encoding)).update(bytes).digest(), facts.encoding);
}

function digest(algorithm: string): Check {
  return ({ signature, bytes }, { encoding }) => isEncoded(signature, createHash(algorithm).update(bytes).digest(), encoding);
}

function publicKey(algorithm: string | null): Check {
  return ({ signature, bytes, key }, { encoding = 'base64' }) => {
    const decoded = Buffer.from(signature, encoding);
    try {
      return isEncoded(signature, decoded, encoding) && verify(algorithm, bytes, publicKeyOf(key), decoded);
    } catch {
      return false; // a signature or a key of another kind
    }
  };
}

/** PEM; hexadecimal, the 32 bytes of an Ed25519 key (Discord); or base64 of the DER form (SendGrid). */
function publicKeyOf(text: string): KeyObject {
  if (text.includes('-----BEGIN')) return createPublicKey(text);
  if (/^[0-9a-f]{64}$/i.test(text))
    return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(text, 'hex').toString('base64url') } });
  return createPublicKey({ format: 'der', type: 'spki', key: Buffer.from(text, 'base64') });
}

/** A token that names a hash of the body is for that body alone: `payload_hash` of Vonage, `request_body_sha256` of Plaid. */
const HASHES = ['payload_hash', 'request_body_sha256'];
const CLOCK_SKEW_SECONDS = 60;

/** @returns for keys as a JWK set: those with the id that the token names, or all */
function jwt(algorithm: string): Check {
  return async ({ signature, key, incoming, now }, { key_encoding, issuer, tolerance_seconds }) => {
    const options: JWTVerifyOptions = {
      algorithms: [algorithm],
      currentDate: now,
      clockTolerance: CLOCK_SKEW_SECONDS,
      ...(tolerance_seconds === undefined ? {} : { maxTokenAge: tolerance_seconds }),
    };
    try {
      const secret = algorithm === 'HS256' ? keyBytes(key, key_encoding) : await jwkOf(key, signature, algorithm);
      // Whoever issues tokens to many says for whom each is: of another's receiver it is no proof.
      const claims = await jwtVerify(signature, secret, issuer ? { ...options, issuer, audience: audiences(incoming.url) } : options);
      return isOfBody(claims.payload, incoming.body);
    } catch {
      return false;
    }
  };
}

const audiences = (url: string): string[] => [url, url.replace(/\?.*$/s, '')];

function isOfBody(claims: JWTPayload, body: Buffer): boolean {
  const told = HASHES.map((name) => claims[name]).find((value) => value !== undefined);
  return told === undefined || isSame(String(told), createHash('sha256').update(body).digest('hex'));
}

async function jwkOf(key: string, token: string, algorithm: string): Promise<Awaited<ReturnType<typeof importJWK>> | KeyObject> {
  if (!key.trimStart().startsWith('{')) return publicKeyOf(key);
  const { kid } = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8')) as { kid?: string };
  const set = JSON.parse(key) as { keys?: JWK[] } & JWK;
  const [jwk] = (set.keys ?? [set]).filter((one) => kid === undefined || one.kid === undefined || one.kid === kid);
  if (!jwk) throw new Error('the token names no key of the set');
  return importJWK(jwk, algorithm);
}

/** `base64`: of Standard Webhooks and Svix, which write `whsec_` before it. */
function keyBytes(key: string, encoding: WebhookFacts['key_encoding']): Buffer {
  return encoding === undefined ? Buffer.from(key, 'utf8') : Buffer.from(key.replace(/^whsec_/, ''), encoding);
}

/** Compared as texts: a decoder would pass over letters that do not belong there. */
function isEncoded(signature: string, expected: Buffer, encoding: 'hex' | 'base64' = 'hex'): boolean {
  if (encoding === 'hex') return isSame(signature.toLowerCase(), expected.toString('hex'));
  const plain = (text: string) =>
    text
      .replaceAll('-', '+')
      .replaceAll('_', '/')
      .replace(/={1,2}$/, '');
  return isSame(plain(signature), plain(expected.toString('base64')));
}

/** In constant time for texts of one length; how long a secret is, is no secret. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && a.length > 0 && timingSafeEqual(a, b);
}
