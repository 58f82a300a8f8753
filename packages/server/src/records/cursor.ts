/** Cursors: opaque text to clients, a position in the stream to us. Customers keep them for months, so a form once issued is read for ever. */
import { problem } from '@bowline/api/problem';
import type { Database } from '../base/world.ts';
import { firstChangedSince } from './modified-after.ts';

export function cursorOf(seq: number): string {
  return btoa(`1:${seq}`);
}

/** Ours, or one kept from the system that we replace, which names a moment and a row that is not here. */
type Place = { readonly seq: number } | { readonly since: Date };

/** @throws Problem `invalid_cursor` */
export function placeOf(cursor: string): Place {
  const text = Buffer.from(cursor, 'base64').toString('latin1');
  const seq = Number(/^1:(\d{1,16})$/.exec(text)?.[1]);
  if (Number.isSafeInteger(seq)) return { seq };
  const since = momentOf(text);
  if (since) return { since };
  throw problem('invalid_cursor', { message: 'This is not a cursor we issued: send one from "next_cursor" or from a record, unchanged' });
}

/**
 * The number behind which to read on. After a migration everything was saved anew, later than any old cursor: its holder meets all of it,
 * which is at least once, as promised.
 * @throws Problem `invalid_cursor`
 */
export async function positionOf(db: Database, streamId: number, cursor: string): Promise<number> {
  const place = placeOf(cursor);
  if ('seq' in place) return place.seq;
  const first = await firstChangedSince(db, streamId, place.since);
  return first === undefined ? Number.MAX_SAFE_INTEGER : first - 1;
}

const MOMENT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d(?::?\d\d)?)?(?=\D|$)/;

function momentOf(text: string): Date | undefined {
  const [, day, time, zone = 'Z'] = MOMENT.exec(text) ?? [];
  if (day === undefined) return undefined;
  const moment = new Date(`${day}T${time}${/^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone}`);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}
