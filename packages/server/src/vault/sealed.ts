/**
 * The byte layout of a sealed value: version (1) · key id (4, big endian) · nonce (12) · tag (16) · ciphertext.
 * The header is authenticated together with the context, so neither can be exchanged unnoticed.
 */
export const version = 1;
export const headerBytes = 5;
export const nonceBytes = 12;
export const tagBytes = 16;
export const overheadBytes = headerBytes + nonceBytes + tagBytes;

export function header(keyId: number): Buffer {
  const bytes = Buffer.alloc(headerBytes);
  bytes.writeUInt8(version, 0);
  bytes.writeUInt32BE(keyId, 1);
  return bytes;
}

/** What GCM authenticates besides the ciphertext. */
export function authenticated(head: Buffer, context: string): Buffer {
  return Buffer.concat([head, Buffer.from(context, 'utf8')]);
}

/** A value that cannot be sealed or opened. The message says what to do and never holds the value. */
export class VaultError extends Error {
  override name = 'VaultError';
}
