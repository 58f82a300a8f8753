/**
 * Saves a chunk of records in one transaction: what is new or changed is written and numbered, what is unchanged is not touched.
 * Two records of one id in a chunk: the first is saved, the other reported back. A chunk is saved whole or not at all.
 */
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { canonical } from '../base/canonical.ts';
import { run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { contentHash } from './content-hash.ts';
import { letGo } from './hold.ts';
import { type Difference, findDifferences, ROWS_MAX, type Row, upsert } from './rows.ts';
import { type LockedStream, lockStream, type Stream } from './stream.ts';
import { fenceOf, generationOf, noChange, settle, type Tally, type Writer } from './writer.ts';

export type SaveInput = Writer & {
  readonly stream: Stream;
  readonly ids: readonly string[];
  /** For each id its record as canonical JSON (`canonical`) with that id, a string, in `id`. */
  readonly lines: readonly (string | Buffer)[];
};
export type Saved = {
  readonly added: number;
  readonly updated: number;
  readonly unchanged: number;
  /** Ids that came more than once in the chunk; their later records were dropped. */
  readonly duplicates: readonly string[];
};

/** @throws SupersededError when a newer run took over; Problem `invalid_sync_record` when an id or a line cannot be stored */
export async function saveRecords({ db }: Pick<World, 'db'>, scope: Scope, input: SaveInput): Promise<Saved> {
  const { rows, duplicates } = rowsOf(input);
  if (rows.length === 0) return { added: 0, updated: 0, unchanged: 0, duplicates };
  try {
    const tally = await transaction(db, (tx) => save(tx, scope, input, rows));
    const { added, updated } = tally;
    return { added, updated, unchanged: rows.length - added - updated, duplicates };
  } catch (error) {
    throw unstorable(error) ?? error;
  }
}

async function save(tx: Database, scope: Scope, input: SaveInput, rows: readonly Row[]): Promise<Tally> {
  const { stream } = input;
  const locked = await lockStream(tx, scope, stream, fenceOf(input));
  const tally = noChange();
  const generation = generationOf(input, locked);
  let seq = locked.seq;
  for (let start = 0; start < rows.length; start += ROWS_MAX) {
    const chunk = rows.slice(start, start + ROWS_MAX);
    const differences = locked.isEmpty ? chunk.map(isNew) : await findDifferences(tx, stream.id, chunk);
    const { changed, pruned } = sort(chunk, differences, input, tally);
    for (const row of pruned) await restore(tx, stream.id, row);
    if (changed.length > 0) await upsert(tx, stream.id, changed, { generation, at: locked.at, seq });
    seq += changed.length;
    if (locked.heldBy !== null)
      await letGo(
        tx,
        stream.id,
        chunk.map(({ id }) => id),
      );
    if (locked.trackingSince !== null && changed.length < chunk.length) await noteSightings(tx, locked, chunk, changed);
  }
  await settle(tx, stream, locked, input, seq, tally);
  return tally;
}

const isNew = (_row: Row, index: number): Difference => ({ index, stored: null });

/** What to write, with the tally of it; `pruned`: same content as before its payload was emptied, which is no news. */
function sort(
  chunk: readonly Row[],
  differences: readonly Difference[],
  input: SaveInput,
  tally: Tally,
): { changed: Row[]; pruned: Row[] } {
  const changed: Row[] = [];
  const pruned: Row[] = [];
  for (const { index, stored } of differences) {
    const row = chunk[index];
    if (!row) continue;
    if (stored && stored.generation !== input.runId && stored.seq > (input.unlessChangedAfter ?? Number.POSITIVE_INFINITY)) continue;
    tally.bytes += row.size - (stored && !stored.isDeleted ? stored.size : 0);
    if (stored?.isPruned && stored.isSame && !stored.isDeleted) {
      pruned.push(row);
      continue;
    }
    changed.push(row);
    if (stored && !stored.isDeleted) tally.updated++;
    else tally.added++;
    if (stored?.isDeleted) tally.revived++;
  }
  return { changed, pruned };
}

async function restore(tx: Database, streamId: number, { id, line, size }: Row): Promise<void> {
  await run(
    tx,
    sql`update records set payload = ${line}, size = ${size}, pruned_at = null where stream_id = ${streamId} and external_id = ${id}`,
  );
}

async function noteSightings(tx: Database, { id }: LockedStream, chunk: readonly Row[], changed: readonly Row[]): Promise<void> {
  const written = new Set(changed);
  const seen = chunk.filter((row) => !written.has(row)).map((row) => row.id);
  await run(tx, sql`insert into record_sightings (stream_id, external_ids) values (${id}, ${seen}::text[])`);
}

/** Longest id the store takes, as in the specification. */
const ID_LENGTH_MAX = 255;
const BRACE = '{'.charCodeAt(0);

function rowsOf({ ids, lines }: SaveInput): { rows: Row[]; duplicates: string[] } {
  const rows = new Map<string, Row>();
  const duplicates: string[] = [];
  for (const [index, given] of ids.entries()) {
    const id = given.replaceAll('\0', '');
    const line = clean(lines[index] ?? '');
    if (id === '' || id.length > ID_LENGTH_MAX)
      throw invalid(`The id of a record must have 1 to ${ID_LENGTH_MAX} characters, one has ${id.length}`);
    if (line.length <= '{}'.length || (typeof line === 'string' ? line.charCodeAt(0) : line[0]) !== BRACE)
      throw invalid(`Record "${id}" is not an object with an id`);
    if (rows.has(id)) duplicates.push(id);
    else rows.set(id, { id, line, size: Buffer.byteLength(line), hash: contentHash(line) });
  }
  return { rows: [...rows.values()], duplicates };
}

/** NUL characters, which consumers' databases refuse, and metadata read back from us are dropped. Both are rare: records are not parsed to look for them. */
function clean(line: string | Buffer): string | Buffer {
  if (!line.includes('\\u0000') && !line.includes('"_nango_metadata"')) return line;
  try {
    const { _nango_metadata: _, ...record } = JSON.parse(line.toString());
    return canonical(record);
  } catch {
    throw invalid('A record is not valid JSON');
  }
}

function invalid(message: string) {
  return problem('invalid_sync_record', { message: `${message}. Nothing of this chunk was saved.` });
}

/** Postgres checks that a line is JSON (22P02) and UTF-8 (22021). */
function unstorable(error: unknown): Error | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === '22P02' || code === '22021' ? invalid('A record is not valid JSON') : undefined;
}
