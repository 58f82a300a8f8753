/** Opens what `seal` made. It either returns exactly the text that was sealed for this place, or throws. */
import type { Keyring } from '../base/keyring.ts';
import { decrypt, forms, headerOf, type Place, VaultError } from './sealed.ts';

/**
 * @param place the one given to `seal`
 * @throws VaultError when the value was sealed with a key we do not hold, for another place, or was changed
 */
export async function open(keyring: Keyring, { environmentId, context }: Place, sealed: Uint8Array): Promise<string> {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const { form, keyId } = headerOf(bytes);
  if (form === forms.data) return decrypt(bytes, (await keyring.opening(environmentId, keyId)).key, context).toString('utf8');
  if (form !== forms.master) throw new VaultError(`sealed in format ${form}, which this version of Bowline does not read`);
  const key = keyring.master.find(keyId);
  if (!key)
    throw new VaultError(`sealed with key ${keyId}, which ${keyring.master.source} does not hold; add that key back to read the value`);
  return decrypt(bytes, key, context).toString('utf8');
}
