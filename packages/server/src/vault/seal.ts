/** Seals a text with the data key of its environment, bound to the place it is stored in. */
import type { Keyring } from '../base/keyring.ts';
import { encrypt, forms, type Place } from './sealed.ts';

/**
 * @returns the bytes of `sealed.ts`; two calls never give the same bytes
 * @throws VaultError when the environment's data key was destroyed or cannot be had
 */
export async function seal(keyring: Keyring, { environmentId, context }: Place, plaintext: string): Promise<Buffer> {
  const { id, key } = await keyring.sealing(environmentId);
  return encrypt({ form: forms.data, keyId: id }, key, { context, plaintext: Buffer.from(plaintext, 'utf8') });
}
