/** Seals a text with AES-256-GCM under the newest key, bound to the place it is stored in. */
import { createCipheriv, randomBytes } from 'node:crypto';
import type { Keyring } from '../base/keyring.ts';
import { authenticated, header, nonceBytes, tagBytes, VaultError } from './sealed.ts';

/**
 * @param context where the value belongs, e.g. `connection:<environment id>:<id>`; opening needs the same text, so a sealed value moved
 *   to another row does not open
 * @returns the bytes of `sealed.ts`; two calls never give the same bytes
 * @throws VaultError when the ring does not hold its current key
 */
export function seal(keyring: Keyring, context: string, plaintext: string): Buffer {
  const key = keyring.keys.get(keyring.current);
  if (!key) throw new VaultError(`the current key ${keyring.current} is not in BOWLINE_ENCRYPTION_KEY`);
  const head = header(keyring.current);
  // Random nonces stay safe to about 2^32 values a key (NIST SP 800-38D §8.3); keys are rotated long before.
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(authenticated(head, context));
  const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
  return Buffer.concat([head, nonce, cipher.getAuthTag(), ciphertext]);
}
