/** Opens what `seal` made. It either returns exactly the text that was sealed for this context, or throws. */
import { createDecipheriv } from 'node:crypto';
import type { Keyring } from '../base/keyring.ts';
import { authenticated, headerBytes, nonceBytes, overheadBytes, tagBytes, VaultError, version } from './sealed.ts';

/**
 * @param context the text given to `seal`
 * @throws VaultError when the value was sealed with a key we do not hold, for another context, or was changed
 */
export function open(keyring: Keyring, context: string, sealed: Uint8Array): string {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (bytes.length < overheadBytes)
    throw new VaultError(`a sealed value has at least ${overheadBytes} bytes, this one has ${bytes.length}`);
  if (bytes[0] !== version) throw new VaultError(`sealed in format ${bytes[0]}, which this version of Bowline does not read`);
  const keyId = sealedWith(bytes);
  const key = keyring.keys.get(keyId);
  if (!key)
    throw new VaultError(`sealed with key ${keyId}, which BOWLINE_ENCRYPTION_KEY does not hold; add that key back to read the value`);
  const nonceEnd = headerBytes + nonceBytes;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(headerBytes, nonceEnd), { authTagLength: tagBytes })
    .setAAD(authenticated(bytes.subarray(0, headerBytes), context))
    .setAuthTag(bytes.subarray(nonceEnd, overheadBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(overheadBytes)), decipher.final()]).toString('utf8');
  } catch {
    throw new VaultError(
      `a value of ${context} does not open with key ${keyId}: it was changed, moved from another row, or the key is not the one it was sealed with`,
    );
  }
}

/** The id of the key a value was sealed with; a value not sealed with the current one is due for sealing again. */
export function sealedWith(sealed: Uint8Array): number {
  return Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength).readUInt32BE(1);
}
