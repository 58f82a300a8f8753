/**
 * Seals what the records of one stream hold, with AES-256-GCM, and tells changes by a hash; both with keys made of the stream's own (`key.ts`).
 * Sealed: form (1) · nonce (12) · tag (16) · ciphertext. What is not sealed is the record's JSON text, whose first byte is `{`.
 */
import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto';
import { VaultError } from '../vault/sealed.ts';

const SEALED = 3;
const PLAIN = '{'.charCodeAt(0);
const nonceBytes = 12;
const nonceEnd = 1 + nonceBytes;
const overheadBytes = 29;
const keyBytes = 32;
/** A collision within a billion records has a chance of 10^-21. */
export const HASH_BYTES = 16;
export const bytesOfHashes = (hashes: readonly string[]): Buffer => Buffer.from(hashes.join(''), 'latin1');
/** Longer records are rare: their room is not kept. */
const ROOM_BYTES = 64 * 1024;

/** Of two numbers and an id of 255 characters. */
const PLACE_BYTES = 1024;

/** A record: its id and its canonical JSON. */
export type Line = { readonly id: string; readonly line: Buffer };
export type Contents = {
  /** One behind the other, so that a statement takes them as one value. */
  readonly bytes: Buffer;
  readonly lengths: readonly number[];
};
export type Cipher = {
  /** What another thread makes the same of. */
  readonly options: CipherOptions;
  /** The same for the same content, and of no use without the key. In latin1: a buffer of its own for each costs 2 µs more. */
  hash(line: Buffer): string;
  contentsOf(lines: readonly Line[]): Contents;
  /** Bytes of what is stored of it. */
  lengthOf(line: Buffer): number;
  /** Writes what is stored of so many records, one a call, to where each is wanted. */
  writer(count: number): (record: Line, room: Buffer, at: number) => void;
  /** @throws VaultError when it was sealed with another key, for another record, or was changed */
  open(id: string, content: Buffer): Buffer;
};
export type CipherOptions = {
  /** 32 random bytes. */
  readonly key: Uint8Array;
  readonly environmentId: number;
  readonly streamId: number;
  /** False: contents are stored as JSON text. */
  readonly seals: boolean;
};

export const isPlain = (content: Buffer): boolean => content[0] === PLAIN;

export function createCipher(options: CipherOptions): Cipher {
  const { key, environmentId, streamId, seals } = options;
  const sealKey = Buffer.from(hkdfSync('sha256', key, '', 'seal', keyBytes));
  const room = Buffer.alloc(keyBytes + ROOM_BYTES);
  Buffer.from(hkdfSync('sha256', key, '', 'hash', keyBytes)).copy(room);
  const hashKey = room.subarray(0, keyBytes);
  // Authenticated with each: moved to another record, stream or environment it does not open. In one room: nobody keeps it.
  const place = Buffer.alloc(PLACE_BYTES);
  const prefix = place.write(`record:${environmentId}:${streamId}:`);
  const placeOf = (id: string) => place.subarray(0, prefix + place.write(id, prefix));
  const lengthOf = (line: Buffer) => (seals ? overheadBytes + line.length : line.length);
  const writer = (count: number) => {
    // Random nonces are safe to 2^32 records sealed with one key (NIST SP 800-38D §8.3), and each stream has its own.
    const nonces = seals ? randomBytes(count * nonceBytes) : Buffer.alloc(0);
    let nr = 0;
    return ({ id, line }: Line, room: Buffer, at: number) => {
      if (!seals) return void line.copy(room, at);
      const nonce = nonces.subarray(nr * nonceBytes, ++nr * nonceBytes);
      if (nonce.length < nonceBytes) throw new RangeError(`a nonce of its own was drawn for ${count} records`);
      const cipher = createCipheriv('aes-256-gcm', sealKey, nonce).setAAD(placeOf(id));
      room[at] = SEALED;
      nonce.copy(room, at + 1);
      cipher.update(line).copy(room, at + overheadBytes);
      cipher.final(); // of a stream cipher nothing is left to come
      cipher.getAuthTag().copy(room, at + nonceEnd);
    };
  };
  return {
    options,
    /** The key before the text, cut to half: without the other half nobody can go on from one hash to that of a longer text. */
    hash(line) {
      const keyed = line.length <= ROOM_BYTES ? room.subarray(0, keyBytes + line.copy(room, keyBytes)) : Buffer.concat([hashKey, line]);
      return hash('sha256', keyed, 'binary').slice(0, HASH_BYTES);
    },
    lengthOf,
    writer,
    contentsOf(lines) {
      const lengths = lines.map(({ line }) => lengthOf(line));
      const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + length, 0));
      const write = writer(lines.length);
      let start = 0;
      for (const record of lines) {
        write(record, bytes, start);
        start += lengthOf(record.line);
      }
      return { bytes, lengths };
    },
    open(id, content) {
      if (isPlain(content)) return content;
      if (content[0] !== SEALED || content.length < overheadBytes)
        throw new VaultError(`a record of stream ${streamId} is in a form that this version of Bowline does not read`);
      const decipher = createDecipheriv('aes-256-gcm', sealKey, content.subarray(1, nonceEnd), { authTagLength: 16 })
        .setAAD(placeOf(id))
        .setAuthTag(content.subarray(nonceEnd, overheadBytes));
      const line = decipher.update(content.subarray(overheadBytes));
      try {
        decipher.final();
      } catch {
        throw new VaultError(`a record of stream ${streamId} does not open: it was changed, or moved from another row`);
      }
      return line;
    },
  };
}
