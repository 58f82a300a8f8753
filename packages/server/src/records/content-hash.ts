/** What tells whether a record changed. */
import { hash } from 'node:crypto';

export const HASH_BYTES = 16;

/** 16 bytes of SHA-256: a collision within a billion records has a chance of 10^-21. */
export function contentHash(line: string | Buffer): Buffer {
  return hash('sha256', line, 'buffer').subarray(0, HASH_BYTES);
}
