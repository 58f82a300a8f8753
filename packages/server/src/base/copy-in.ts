/**
 * Rows to Postgres in its binary form, by COPY: it writes those that have come while the next are made (decisions/041). Within a transaction too; all of them
 * are written or none.
 */
import { setImmediate } from 'node:timers/promises';
import { CompiledQuery } from 'kysely';
import type { Connection, Submittable } from 'pg';
import type { Database } from './database.ts';

/** Each the bytes of some rows: how many columns (2 bytes), and of each column its length (4) and its bytes. Made one after the other. */
export type Pieces = () => Iterable<Buffer>;

/** Flags, and the length of what may follow them, are nothing. */
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const END = Buffer.from([0xff, 0xff]);

/**
 * @param statement `copy … from stdin (format binary)`, in small letters
 * @throws what the making of a piece throws, and what Postgres says; in a transaction nothing more can be done after either
 */
export async function copyIn(db: Database, statement: string, pieces: Pieces): Promise<void> {
  await db.executeQuery(CompiledQuery.raw(statement, [pieces]));
}

type Query = (statement: Submittable) => unknown;
type Result = { readonly command: string; readonly rows: readonly never[] };

/** How a client takes such a statement, by the name that Kysely knows: the pool's connections do (`postgres.ts`). */
export function copying(query: Query, statement: string, pieces: Pieces): Promise<Result> {
  return new Promise((resolve, reject) => {
    query(new Copy(statement, { pieces, reject, resolve: () => resolve({ command: 'COPY', rows: [] }) }));
  });
}

type Copying = { readonly pieces: Pieces; readonly resolve: () => void; readonly reject: (error: unknown) => void };
type Wire = Connection & { sendCopyFromChunk(chunk: Buffer): void; endCopyFrom(): void; sendCopyFail(why: string): void };

class Copy implements Submittable {
  readonly text: string;
  readonly #copying: Copying;
  #failure: { readonly error: unknown } | undefined;
  constructor(text: string, copying: Copying) {
    this.text = text;
    this.#copying = copying;
  }
  submit(connection: { query(text: string): void }): void {
    connection.query(this.text);
  }
  handleCopyInResponse(connection: Wire): void {
    void this.#send(connection);
  }
  async #send(connection: Wire): Promise<void> {
    try {
      connection.sendCopyFromChunk(HEADER);
      for (const piece of this.#copying.pieces()) {
        if (this.#failure) return; // refused meanwhile: Postgres passes over the rest
        connection.sendCopyFromChunk(piece);
        await setImmediate(); // it goes out, and others have their turn
      }
      if (this.#failure) return;
      connection.sendCopyFromChunk(END);
      connection.endCopyFrom();
    } catch (error) {
      this.#failure ??= { error };
      connection.sendCopyFail('the rest could not be made');
    }
  }
  handleCommandComplete(): void {}
  handleReadyForQuery(): void {
    this.#copying.resolve();
  }
  handleError(error: unknown): void {
    this.#failure ??= { error };
    this.#copying.reject(this.#failure.error);
  }
}
