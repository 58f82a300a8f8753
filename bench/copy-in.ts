/** COPY … FROM STDIN of one buffer through pg, which knows the protocol but offers no call for it. */
import type { Connection, Submittable } from 'pg';

export class CopyIn implements Submittable {
  readonly #text: string;
  readonly #data: Buffer;
  readonly #done: (error?: Error) => void;
  constructor(text: string, data: Buffer, done: (error?: Error) => void) {
    this.#text = text;
    this.#data = data;
    this.#done = done;
  }
  submit(connection: Connection): void {
    connection.query(this.#text);
  }
  handleCopyInResponse(connection: Connection & { sendCopyFromChunk(chunk: Buffer): void; endCopyFrom(): void }): void {
    connection.sendCopyFromChunk(this.#data);
    connection.endCopyFrom();
  }
  handleCommandComplete(): void {}
  handleReadyForQuery(): void {
    this.#done();
  }
  handleError(error: Error): void {
    this.#done(error);
  }
}

/** A record as the store keeps it. */
export type Stored = { readonly id: string; readonly content: Buffer; readonly size: number; readonly hash: Buffer };

/** What `COPY … FROM STDIN (FORMAT binary)` takes into a table made `like records_0`: made beforehand, so that Postgres alone is measured. */
export function copyOf(rows: readonly Stored[], from: number): Buffer {
  const stamp = BigInt(Date.now() - Date.UTC(2000, 0, 1)) * 1000n;
  const pieces: Buffer[] = [Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)];
  for (const [nr, { id, content, size, hash }] of rows.entries()) {
    const numbers = [int4(1), int4(size), int8(BigInt(from + nr)), int8(1n), int8(stamp), int8(stamp), NULL, NULL, int4(1)];
    pieces.push(int2(12), ...numbers, ...[Buffer.from(id), hash, content].flatMap((bytes) => [raw4(bytes.length), bytes]));
  }
  return Buffer.concat([...pieces, int2(-1)]);
}
export const COPY = 'copy floor from stdin with (format binary)';
/** With the indexes of a partition. */
export const FLOOR = 'create table floor (like records_0 including all)';

const NULL = raw4(-1);
function int2(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}
function raw4(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
const int4 = (value: number) => Buffer.concat([raw4(4), raw4(value)]);
function int8(value: bigint): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeInt32BE(8);
  bytes.writeBigInt64BE(value, 4);
  return bytes;
}
