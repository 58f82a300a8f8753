/**
 * Rows in Postgres' binary form, by COPY: contents come as the bytes they are and not in hex, which takes three times the processor time, and each row is
 * handed on while Postgres still sends the next. A COPY takes no parameters, so a statement for it holds numbers alone.
 */
import type { RawBuilder } from 'kysely';
import { Client, type ClientBase, type Submittable } from 'pg';
import type { Database } from './database.ts';
import { clientConfig, type PostgresTarget, poolOf } from './postgres.ts';

/** Columns by their place, from 0. The same object is filled with each row, so that a row makes no garbage: it is valid only while it is handed over. */
export type BinaryRow = {
  isNull(column: number): boolean;
  text(column: number): string;
  int4(column: number): number;
  /** @throws RangeError beyond what a number holds exactly */
  int8(column: number): number;
  /** A view, which is overwritten. */
  bytes(column: number): Buffer;
};

const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
/** Flags and the length of what may follow them, which is nothing. */
const HEADER_BYTES = HEADER.length + 8;

/** False within a transaction, and for a database that is not a pool's own. */
export const canCopy = (db: Database): boolean => poolOf(db) !== undefined;

/** With these off rows are read in the order of an index, whatever the statistics say: where they were missing, each page of a stream sorted all of it. */
export const OUT_OF_ORDER = ['enable_sort', 'enable_bitmapscan', 'enable_seqscan'];
/** Sent with the statement, and gone with it: a message of several statements is one transaction. */
const IN_ORDER = OUT_OF_ORDER.map((setting) => `set local ${setting} = off`).join('; ');

/**
 * @param statement a select with numbers in its text (`sql.lit`), no parameters, in the order of an index
 * @param take called for each row, in order; what it throws is thrown here, after the last row
 */
export async function copyOut(db: Database, statement: RawBuilder<unknown>, take: (row: BinaryRow) => void): Promise<void> {
  const text = textOf(db, statement);
  const client = await poolOf(db)?.connect();
  if (!client) throw new Error('COPY needs a connection of its own');
  let isDone = false;
  try {
    await copyThrough(client, text, take);
    isDone = true;
  } finally {
    client.release(!isDone); // one that was told to end is not closed yet, and would be the next one's
  }
}

/** For another thread (`openCopying`). @throws Error when it has parameters */
export function textOf(db: Database, statement: RawBuilder<unknown>): string {
  const { sql, parameters } = statement.compile(db);
  if (parameters.length > 0) throw new Error('COPY takes no parameters');
  return sql;
}

export type Copying = { copyOut(statement: string, take: (row: BinaryRow) => void): Promise<void> };

/** A connection for nothing else, made when it is first needed, and anew after it broke. One statement at a time. */
export function openCopying(target: PostgresTarget): Copying {
  let connected: Promise<Client> | undefined;
  const connect = async () => {
    const client = new Client(clientConfig(target));
    client.on('error', () => {}); // the next statement finds it broken
    await client.connect();
    return client;
  };
  return {
    async copyOut(statement, take) {
      connected ??= connect();
      try {
        await copyThrough(await connected, statement, take);
      } catch (error) {
        const client = await connected.catch(() => undefined);
        connected = undefined;
        await client?.end().catch(() => {});
        throw error;
      }
    },
  };
}

const copyThrough = (client: ClientBase, statement: string, take: (row: BinaryRow) => void) =>
  new Promise<void>((resolve, reject) => {
    client.query(new Copy(`${IN_ORDER}; copy (${statement}) to stdout (format binary)`, { take, resolve, reject }));
  });

type Reading = { readonly take: (row: BinaryRow) => void; readonly resolve: () => void; readonly reject: (error: unknown) => void };

class Copy implements Submittable {
  readonly text: string;
  readonly #copying: Reading;
  readonly #row = createRow();
  #begun = false;
  #failure: { readonly error: unknown } | undefined;
  constructor(text: string, copying: Reading) {
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
      if (chunk.length > start + 2) this.#copying.take(this.#row.fill(chunk, start));
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

function createRow(): BinaryRow & { fill(chunk: Buffer, start: number): BinaryRow } {
  let bytes: Buffer = Buffer.alloc(0);
  /** Where each column begins and ends; one that is null ends before it begins. */
  const starts: number[] = [];
  const ends: number[] = [];
  const at = (column: number) => starts[column] ?? bytes.length;
  const end = (column: number) => ends[column] ?? bytes.length;
  const row = {
    fill(chunk: Buffer, start: number) {
      bytes = chunk;
      let position = start + 2;
      const count = chunk.readInt16BE(start);
      for (let column = 0; column < count; column++) {
        const length = chunk.readInt32BE(position);
        starts[column] = position + 4;
        ends[column] = position + 4 + length;
        position += 4 + Math.max(length, 0);
      }
      return row;
    },
    isNull: (column: number) => end(column) < at(column),
    text: (column: number) => bytes.toString('utf8', at(column), end(column)),
    int4: (column: number) => bytes.readInt32BE(at(column)),
    int8(column: number) {
      const value = bytes.readInt32BE(at(column)) * 2 ** 32 + bytes.readUInt32BE(at(column) + 4);
      if (!Number.isSafeInteger(value)) throw new RangeError('an int8 does not fit a number');
      return value;
    },
    bytes: (column: number) => bytes.subarray(at(column), end(column)),
  };
  return row;
}
