/**
 * Hashes from before they were keyed: SHA-256 behind a zero. Its record stays known by it until it is sealed; of a pruned one, whose content
 * is gone, that hash is hashed again with the key, behind a one. Pure.
 */
import { hash } from 'node:crypto';
import { bytesOfHashes, type Cipher, HASH_BYTES } from './cipher.ts';

const [UNKEYED, AGAIN] = [Buffer.from([0]), Buffer.from([1])];

export const isUnkeyed = (stored: Buffer): boolean => stored.length > HASH_BYTES && stored[0] === UNKEYED[0];
export const keyedAgain = (unkeyed: Buffer, cipher: Cipher): Buffer => Buffer.concat([AGAIN, bytesOfHashes([cipher.hash(unkeyed)])]);

/** Whether this is what was stored. @param stored in hex */
export function isHashOf(stored: string, row: { readonly line: Buffer; readonly hash: string }, cipher: Cipher): boolean {
  if (stored.length === 2 * HASH_BYTES) return stored === bytesOfHashes([row.hash]).toString('hex');
  const unkeyed = Buffer.concat([UNKEYED, hash('sha256', row.line, 'buffer').subarray(0, HASH_BYTES)]);
  return [unkeyed, keyedAgain(unkeyed, cipher)].some((candidate) => candidate.toString('hex') === stored);
}
