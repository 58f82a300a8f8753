/**
 * Rows in Postgres' binary form, by COPY: contents come as the bytes they are and not in hex, which takes three times the processor time, and each row is
 * handed on while Postgres still sends the next. A COPY takes no parameters, so a statement for it holds numbers alone.
 */
import type { RawBuilder } from 'kysely';
import type { Submittable } from 'pg';
import type { Database } from './database.ts';
import { poolOf } from './postgres.ts';

/** The columns of a row: null, or bytes that are valid only while it is handed over. */
export type BinaryRow = readonly (Buffer | null)[];

const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
/** Flags and the length of what may follow them, which is nothing. */
const HEADER_BYTES = HEADER.length + 8;

/** False within a transaction, and for a database that is not a pool's own. */
export const canCopy = (db: Database): boolean => poolOf(db) !== undefined;

/** @param statement a select with numbers in its text (`sql.lit`) and no parameters. @param take called for each row, in order; what it throws is thrown here, after the last row */
export async function copyOut(db: Database, statement: RawBuilder<unknown>, take: (row: BinaryRow) => void): Promise<void> {
  const { sql, parameters } = statement.compile(db);
  if (parameters.length > 0) throw new Error('COPY takes no parameters');
  const client = await poolOf(db)?.connect();
  if (!client) throw new Error('COPY needs a connection of its own');
  let failed: unknown;
  try {
    await new Promise<void>((resolve, reject) =>
      client.query(new Copy(`copy (${sql}) to stdout (format binary)`, { take, resolve, reject })),
    );
  } catch (error) {
    failed = error;
    throw error;
  } finally {
    client.release(failed instanceof Error && !('code' in failed) ? failed : undefined); // without a code of Postgres the connection is at fault
  }
}

type Copying = { readonly take: (row: BinaryRow) => void; readonly resolve: () => void; readonly reject: (error: unknown) => void };

class Copy implements Submittable {
  readonly text: string;
  readonly #copying: Copying;
  #begun = false;
  #failure: { readonly error: unknown } | undefined;
  constructor(text: string, copying: Copying) {
    this.text = text;
    this.#copying = copying;
  }
  submit(connection: { query(text: string): void }): void {
    connection.query(this.text);
  }
  /** One for each row; before the first, or with it, the header, and after the last an end of two bytes. */
  handleCopyData({ chunk }: { chunk: Buffer }): void {
    if (this.#failure) return;
    try {
      const start = this.#begun ? 0 : HEADER_BYTES;
      this.#begun = true;
      if (chunk.length > start + 2) this.#copying.take(columnsOf(chunk, start));
    } catch (error) {
      this.#failure = { error }; // the rest must be read all the same before the connection is of use again
    }
  }
  handleCommandComplete(): void {}
  handleReadyForQuery(): void {
    if (this.#failure) this.#copying.reject(this.#failure.error);
    else this.#copying.resolve();
  }
  handleError(error: unknown): void {
    this.#copying.reject(error);
  }
}

function columnsOf(chunk: Buffer, start: number): BinaryRow {
  const columns: (Buffer | null)[] = [];
  let at = start + 2;
  for (let left = chunk.readInt16BE(start); left > 0; left--) {
    const length = chunk.readInt32BE(at);
    at += 4;
    columns.push(length < 0 ? null : chunk.subarray(at, at + length));
    at += Math.max(length, 0);
  }
  return columns;
}

/** An int8. @throws RangeError beyond what a number holds exactly */
export function int8Of(bytes: Buffer): number {
  const value = bytes.readInt32BE(0) * 2 ** 32 + bytes.readUInt32BE(4);
  if (!Number.isSafeInteger(value)) throw new RangeError('an int8 does not fit a number');
  return value;
}
