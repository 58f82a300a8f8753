/** Passwords: hashed with scrypt, which needs no native module; the stored text carries its parameters, so they can be raised later. */
import { type BinaryLike, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Random } from '../base/world.ts';

/** OWASP's password storage cheat sheet: N = 2^15, r = 8, p = 3; 32 MiB and 160 ms on one core of the reference machine. */
const cost = { N: 2 ** 15, r: 8, p: 3 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** scrypt needs 128 · N · r bytes; Node refuses more than this. */
const MEMORY_BYTES_MAX = 2 ** 28;

const derive = promisify<BinaryLike, BinaryLike, number, ScryptOptions, Buffer>(scrypt);

/** @returns `scrypt$N$r$p$salt$hash`, the last two in base64url */
export async function hashPassword(random: Pick<Random, 'bytes'>, password: string): Promise<string> {
  const salt = random.bytes(SALT_BYTES);
  const hash = await derive(password.normalize('NFKC'), salt, HASH_BYTES, { ...cost, maxmem: MEMORY_BYTES_MAX });
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** @param stored undefined when there is nobody to compare with: that takes as long and is never right */
export async function isPassword(stored: string | undefined, password: string): Promise<boolean> {
  const [, n, r, p, salt = '', hash = ''] = (stored ?? nobody).split('$');
  const expected = Buffer.from(hash, 'base64url');
  const options = { N: Number(n), r: Number(r), p: Number(p), maxmem: MEMORY_BYTES_MAX };
  const actual = await derive(password.normalize('NFKC'), Buffer.from(salt, 'base64url'), expected.length, options);
  return timingSafeEqual(actual, expected) && stored !== undefined;
}

const nobody = ['scrypt', cost.N, cost.r, cost.p, 'A'.repeat(22), 'A'.repeat(43)].join('$');

/** No 1/l or 0/o, which people mistake for each other; 32 signs, so each is worth exactly 5 bits. */
const signs = 'abcdefghijkmnpqrstuvwxyz23456789';

/** Four groups of four, such as `k7mq-x2pd-9fhe-wb3n`: 80 bits that a person can type. */
export function makePassword(random: Pick<Random, 'bytes'>): string {
  const text = [...random.bytes(16)].map((byte) => signs.charAt(byte % signs.length)).join('');
  return text.replace(/(.{4})(?=.)/g, '$1-');
}
