/** Cursors: opaque text to clients, a position in the stream to us. Customers keep them for months, so a form once issued is read for ever. */
import { problem } from '@bowline/api/problem';

export function cursorOf(seq: number): string {
  return btoa(`1:${seq}`);
}

/** @throws Problem `invalid_cursor` */
export function positionOf(cursor: string): number {
  const text = Buffer.from(cursor, 'base64').toString('latin1');
  const seq = Number(/^1:(\d{1,16})$/.exec(text)?.[1]);
  if (Number.isSafeInteger(seq)) return seq;
  throw problem('invalid_cursor', { message: 'This is not a cursor we issued: send one from "next_cursor" or from a record, unchanged' });
}
