/**
 * The byte layout of a sealed value: form (1) · key id (4, big endian) · nonce (12) · tag (16) · ciphertext; AES-256-GCM.
 * The header is authenticated together with the context, so neither can be exchanged unnoticed.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Which kind of key the id in the header names. */
export const forms = { master: 1, data: 2 } as const;

export const headerBytes = 5;
const nonceBytes = 12;
const tagBytes = 16;
const nonceEnd = headerBytes + nonceBytes;
const overheadBytes = nonceEnd + tagBytes;

export type Header = { readonly form: number; readonly keyId: number };

/** Where a value is stored. Opening needs the same: a value moved to another row does not open. */
export type Place = {
  /** Whose data key seals it; null for what belongs to no environment. */
  readonly environmentId: number | null;
  /** Such as `connection:<environment id>:<id>`. */
  readonly context: string;
};

/** A value that cannot be sealed or opened. The message says what to do and never holds the value. */
export class VaultError extends Error {
  override name = 'VaultError';
}

export function encrypt({ form, keyId }: Header, key: Buffer, { context, plaintext }: { context: string; plaintext: Buffer }): Buffer {
  const head = Buffer.alloc(headerBytes);
  head.writeUInt8(form, 0);
  head.writeUInt32BE(keyId, 1);
  // Random nonces stay safe to about 2^32 values a key (NIST SP 800-38D §8.3); keys are rotated long before.
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(authenticated(head, context));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([head, nonce, cipher.getAuthTag(), ciphertext]);
}

/** @throws VaultError when the key or the context is another one, or a bit was changed */
export function decrypt(bytes: Buffer, key: Buffer, context: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(headerBytes, nonceEnd), { authTagLength: tagBytes })
    .setAAD(authenticated(bytes.subarray(0, headerBytes), context))
    .setAuthTag(bytes.subarray(nonceEnd, overheadBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(overheadBytes)), decipher.final()]);
  } catch {
    throw new VaultError(
      `a value of ${context} does not open with key ${headerOf(bytes).keyId}: it was changed, moved from another row, or the key is not the one it was sealed with`,
    );
  }
}

/** @throws VaultError when it is too short to be a sealed value */
export function headerOf(bytes: Buffer): Header {
  if (bytes.length < overheadBytes)
    throw new VaultError(`a sealed value has at least ${overheadBytes} bytes, this one has ${bytes.length}`);
  return { form: bytes.readUInt8(0), keyId: bytes.readUInt32BE(1) };
}

/** What GCM authenticates besides the ciphertext. */
function authenticated(head: Buffer, context: string): Buffer {
  return Buffer.concat([head, Buffer.from(context, 'utf8')]);
}
