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
