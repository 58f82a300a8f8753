/** Signatures of webhooks: computed and compared without `node:crypto`, so that they work in every runtime, and at once. Pure. */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';

export type Body = string | Uint8Array;

/** Hex HMAC-SHA256. */
export function hexHmac(key: string, body: Body): string {
  return bytesToHex(hmac(sha256, utf8ToBytes(key), bytesOf(body)));
}

/** standardwebhooks.com: over id, time and body. */
export function standardSignature(key: string, { id, seconds, body }: { id: string; seconds: string; body: Body }): string {
  const signed = hmac(sha256, utf8ToBytes(key), concatBytes(utf8ToBytes(`${id}.${seconds}.`), bytesOf(body)));
  return `v1,${btoa(String.fromCharCode(...signed))}`;
}

/** Hex SHA-256 of key and text: the oldest form, open to length extension. */
export function hexDigest(key: string, text: string): string {
  return bytesToHex(sha256(utf8ToBytes(`${key}${text}`)));
}

/** Takes as long wherever the two differ. */
export function same(one: string, other: string): boolean {
  const [left, right] = [utf8ToBytes(one), utf8ToBytes(other)];
  let difference = left.length ^ right.length;
  for (let index = 0; index < left.length; index += 1) difference |= (left[index] ?? 0) ^ (right[index % right.length] ?? 0);
  return difference === 0;
}

const bytesOf = (body: Body) => (typeof body === 'string' ? utf8ToBytes(body) : body);
