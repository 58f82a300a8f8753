/**
 * Reads records in the order of their last change, as JSON text: stored payloads are spliced into the answer without being parsed.
 * Each change moves its record to the end and numbers commit in order, so reading on from a cursor meets every change after it.
 */
import type { Change } from '@bowline/api/records';
import { type RawBuilder, sql } from 'kysely';
import { many } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import { CURSOR_SQL, cursorOf, positionOf } from './cursor.ts';
import { firstChangedSince } from './modified-after.ts';
import type { Stream } from './stream.ts';

export type ListOptions = {
  readonly cursor?: string | undefined;
  /** Inclusive. */
  readonly modifiedAfter?: Date | undefined;
  /** Records whose last change is one of these. Default: all. */
  readonly filter?: readonly Change[] | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly limit?: number;
};
export type Page = {
  /** JSON text of each record with its `_nango_metadata`. */
  readonly records: readonly string[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
};

/** @param stream undefined when nothing was ever saved: an empty page. @throws Problem `invalid_cursor` */
export async function listRecords(db: Database, stream: Stream | undefined, options: ListOptions): Promise<Page> {
  const { cursor, limit = 100 } = options;
  const after = cursor === undefined ? undefined : positionOf(cursor);
  if (!stream) return { records: [], nextCursor: null };
  const conditions = await where(db, stream, options, after);
  const rows = await many(
    db,
    sql<{
      head: string;
      seq: number;
    }>`select ${RECORD} as head, seq from records where ${sql.join(conditions, sql` and `)} order by seq limit ${limit + 1}`,
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { records: page.map(({ head }) => head), nextCursor: last && rows.length > limit ? cursorOf(last.seq) : null };
}

/** What a page is on the wire. */
export function pageText({ records, nextCursor }: Page): string {
  return `{"records":[${records.join(',')}],"next_cursor":${JSON.stringify(nextCursor)}}`;
}

async function where(db: Database, stream: Stream, options: ListOptions, after: number | undefined): Promise<RawBuilder<unknown>[]> {
  const conditions = [sql`stream_id = ${stream.id}`];
  if (after !== undefined) conditions.push(sql`seq > ${after}`);
  if (options.modifiedAfter) {
    const from = await firstChangedSince(db, stream.id, options.modifiedAfter);
    conditions.push(from === undefined ? sql`false` : sql`seq >= ${from}`);
  }
  if (options.ids) conditions.push(sql`external_id = any(${options.ids}::text[])`);
  if (options.filter)
    conditions.push(
      sql`(${sql.join(
        options.filter.map((change) => LAST_CHANGE[change]),
        sql` or `,
      )})`,
    );
  return conditions;
}

const LAST_CHANGE: Record<Change, RawBuilder<unknown>> = {
  added: sql`(deleted_at is null and rev = 1)`,
  updated: sql`(deleted_at is null and rev > 1)`,
  deleted: sql`deleted_at is not null`,
};

const iso = (column: string) => `'"' || to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00"'`;

/**
 * One record as JSON text. The metadata goes in front: cutting the payload's first byte is cheap, finding its last character is not.
 * A payload that has the key itself would win over ours in a parser; `canonical` records come without it.
 */
const RECORD = sql.raw(`
  '{"_nango_metadata":{"first_seen_at":' || ${iso('created_at')} || ',"last_modified_at":' || ${iso('updated_at')} ||
  ',"last_action":' || case when deleted_at is not null then '"DELETED"' when rev = 1 then '"ADDED"' else '"UPDATED"' end ||
  ',"deleted_at":' || coalesce(${iso('deleted_at')}, 'null') || ',"pruned_at":' || coalesce(${iso('pruned_at')}, 'null') ||
  ',"cursor":"' || ${CURSOR_SQL} || '"},' || coalesce(substr(payload::text, 2), '"id":' || to_json(external_id)::text || '}')`);
