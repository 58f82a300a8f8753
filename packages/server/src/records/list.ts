/**
 * Reads records in the order of their last change, as JSON text: what they hold is opened and spliced into the answer without being parsed.
 * Each change moves its record to the end and numbers commit in order, so reading on from a cursor meets every change after it.
 */
import type { Change } from '@bowline/api/records';
import { type RawBuilder, sql } from 'kysely';
import { canCopy, copyOut, textOf } from '../base/copy-out.ts';
import { many } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import type { Cipher } from './cipher.ts';
import { placeOf, positionOf } from './cursor.ts';
import { lookCipher, type RecordWorld } from './key.ts';
import { firstChangedSince } from './modified-after.ts';
import { askPage, collectPage, HERE_MAX } from './page.ts';
import { BINARY_COLUMNS, COLUMNS, emptyPage, type Page, type Row, rowOf } from './splice.ts';
import { byIds, type Stream } from './stream.ts';

export type ListOptions = {
  readonly cursor?: string | undefined;
  /** Inclusive. */
  readonly modifiedAfter?: Date | undefined;
  /** Records whose last change is one of these. Default: all. */
  readonly filter?: readonly Change[] | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly limit?: number;
};

/** `stream`: undefined when nothing was ever saved: an empty page. @throws Problem `invalid_cursor` */
export async function listRecords(world: RecordWorld, scope: Scope, { stream, ...options }: ListInput): Promise<Page> {
  const { cursor, ids, limit = 100 } = options;
  if (cursor !== undefined) placeOf(cursor); // refused even where nothing was saved yet
  if (!stream) return emptyPage();
  const conditions = await where(world.db, stream, options);
  const select = (columns: RawBuilder<unknown>) =>
    // Those of ids are put in order afterwards.
    sql<Row>`select ${columns} from ${ids ? byIds(stream.id, ids) : sql`records`} where ${conditions} order by seq limit ${sql.lit(limit + 1)}`;
  const cipher = await lookCipher(world, scope, stream);
  if (cipher && !ids && canCopy(world.db)) return readCopied(world, select(BINARY_COLUMNS), { cipher, limit });
  // Without plug-ins: no column needs renaming, and that costs a third of the time here.
  const rows = await many(world.db.withoutPlugins(), select(COLUMNS));
  // The first records, and the key that came with them, may have come since it was looked for.
  const page = collectPage(cipher ?? (await lookCipher(world, scope, stream)), limit);
  for (const row of rows) page.take(row);
  return page.end();
}

async function readCopied(
  { db, pageThreads }: RecordWorld,
  rows: RawBuilder<Row>,
  { cipher, limit }: { cipher: Cipher; limit: number },
): Promise<Page> {
  if (pageThreads && limit > HERE_MAX) return askPage(pageThreads, { statement: textOf(db, rows), cipher: cipher.options, limit });
  const page = collectPage(cipher, limit);
  await copyOut(db, rows, (row) => page.take(rowOf(row)));
  return page.end();
}

export type ListInput = ListOptions & { readonly stream: Stream | undefined };

/** With numbers in its text, as COPY needs it. */
async function where(db: Database, { id }: Stream, { ids, cursor, modifiedAfter, filter }: ListOptions): Promise<RawBuilder<unknown>> {
  const conditions = [ids ? sql`true` : sql`stream_id = ${sql.lit(id)} and stream_id + 0 = ${sql.lit(id)}`];
  if (cursor !== undefined) conditions.push(sql`seq > ${sql.lit(await positionOf(db, id, cursor))}`);
  if (modifiedAfter) {
    const from = await firstChangedSince(db, id, modifiedAfter);
    conditions.push(from === undefined ? sql`false` : sql`seq >= ${sql.lit(from)}`);
  }
  const changes = filter?.map((change) => LAST_CHANGE[change]);
  if (changes) conditions.push(sql`(${sql.join(changes, sql` or `)})`);
  return sql.join(conditions, sql` and `);
}

const LAST_CHANGE: Record<Change, RawBuilder<unknown>> = {
  added: sql`(deleted_at is null and rev = 1)`,
  updated: sql`(deleted_at is null and rev > 1)`,
  deleted: sql`deleted_at is not null`,
};
