/**
 * Saves a chunk of records in one transaction: what is new or changed is written and numbered, what is unchanged is not touched.
 * Two records of one id in a chunk: the first is saved, the other reported back. A chunk is saved whole or not at all.
 */
import { sql } from 'kysely';
import { run, transaction } from '../base/database.ts';
import type { Scope } from '../http/scope.ts';
import type { Cipher, Line } from './cipher.ts';
import { letGo } from './hold.ts';
import { checkJson, type Incoming, linesOf, rowsOf } from './incoming.ts';
import { lockedCipher, lookCipher, type RecordWorld } from './key.ts';
import { isHashOf } from './older-hash.ts';
import { type Difference, findDifferences, ROWS_MAX, type Row, restore, upsert } from './rows.ts';
import { byIds, type LockedStream, lockStream, type Stream } from './stream.ts';
import { keepVersions } from './versions.ts';
import { fenceOf, generationOf, noChange, notePlain, settle, type Tally, type Writer } from './writer.ts';

export type SaveInput = Writer & Incoming & { readonly stream: Stream };
export type Saved = {
  readonly added: number;
  readonly updated: number;
  readonly unchanged: number;
  /** Ids that came more than once in the chunk; their later records were dropped. */
  readonly duplicates: readonly string[];
};

/** @throws SupersededError when a newer run took over; Problem `invalid_sync_record` when an id or a line cannot be stored */
export async function saveRecords(world: RecordWorld, scope: Scope, input: SaveInput): Promise<Saved> {
  const { lines, duplicates } = linesOf(input);
  if (lines.length === 0) return { added: 0, updated: 0, unchanged: 0, duplicates };
  // Hashed before the stream is locked: meanwhile another chunk of it is being written.
  const cipher = await lookCipher(world, scope, input.stream);
  const hashed = cipher && { cipher, rows: rowsOf(lines, cipher) };
  const { added, updated } = await transaction(world.db, (tx) => save({ ...world, db: tx }, scope, { ...input, hashed, unhashed: lines }));
  return { added, updated, unchanged: lines.length - added - updated, duplicates };
}

type Prepared = SaveInput & { readonly hashed: { cipher: Cipher; rows: Row[] } | undefined; readonly unhashed: readonly Line[] };

async function save(world: RecordWorld, scope: Scope, input: Prepared): Promise<Tally> {
  const { db: tx } = world;
  const { stream, hashed } = input;
  const locked = await lockStream(tx, scope, stream, fenceOf(input));
  const cipher = await lockedCipher(world, scope, stream, locked);
  const rows = hashed?.cipher === cipher ? hashed.rows : rowsOf(input.unhashed, cipher);
  const tally = noChange();
  const generation = generationOf(input, locked);
  let seq = locked.seq;
  for (let start = 0; start < rows.length; start += ROWS_MAX) {
    const chunk = rows.slice(start, start + ROWS_MAX);
    const differences = locked.isEmpty ? chunk.map(isNew) : await findDifferences(tx, stream.id, chunk);
    const { changed, silent } = sort(chunk, differences, { ...input, cipher, tally });
    checkJson(changed);
    if (silent.length > 0) await restoreSilently(world, locked, { cipher, silent });
    // Whoever writes holds the lock, so what was not stored a moment ago is not stored now.
    const fresh = differences.every(({ stored }) => stored === null);
    if (changed.length > 0 && !fresh) await keepVersions(tx, locked, byIds(stream.id, idsOf(changed)));
    if (changed.length > 0) await upsert(tx, { streamId: stream.id, cipher, fresh }, changed, { generation, at: locked.at, seq });
    if (changed.length + silent.length > 0) await notePlain(world, locked);
    seq += changed.length;
    if (locked.heldBy !== null) await letGo(tx, stream.id, idsOf(chunk));
    if (locked.trackingSince !== null && changed.length < chunk.length) await noteSightings(tx, locked, chunk, changed);
  }
  await settle(tx, stream, locked, input, seq, tally);
  return tally;
}

/** A pruned one is whole again where it stands, so what is pruned ends before it. */
async function restoreSilently({ db }: RecordWorld, locked: LockedStream, { cipher, silent }: { cipher: Cipher; silent: Silent[] }) {
  await restore(
    db,
    { streamId: locked.id, cipher },
    silent.map(({ row }) => row),
  );
  const first = Math.min(...silent.map(({ seq }) => seq));
  if (first <= locked.prunedTo)
    await run(db, sql`update record_streams set pruned_to = least(pruned_to, ${first - 1}::bigint) where id = ${locked.id}`);
}
type Silent = { readonly row: Row; readonly seq: number };

const idsOf = (rows: readonly Row[]) => rows.map(({ id }) => id);
const isNew = (_row: Row, index: number): Difference => ({ index, stored: null });

type Sorting = SaveInput & { readonly cipher: Cipher; readonly tally: Tally };

/** What to write, with the tally of it. `silent`: same content as before, but pruned or not sealed yet, which is no news. */
function sort(chunk: readonly Row[], differences: readonly Difference[], { runId, unlessChangedAfter, cipher, tally }: Sorting) {
  const changed: Row[] = [];
  const silent: Silent[] = [];
  for (const { index, stored } of differences) {
    const row = chunk[index];
    if (!row) continue;
    if (stored && stored.generation !== runId && stored.seq > (unlessChangedAfter ?? Number.POSITIVE_INFINITY)) continue;
    tally.bytes += row.line.length - (stored && !stored.isDeleted ? stored.size : 0);
    if (stored && !stored.isDeleted && (stored.isPruned || stored.isPlain) && isHashOf(stored.hash, row, cipher)) {
      silent.push({ row, seq: stored.seq });
      continue;
    }
    changed.push(row);
    if (stored && !stored.isDeleted) tally.updated++;
    else tally.added++;
    if (stored?.isDeleted) tally.revived++;
  }
  return { changed, silent };
}

async function noteSightings(tx: RecordWorld['db'], { id }: LockedStream, chunk: readonly Row[], changed: readonly Row[]): Promise<void> {
  const written = new Set(changed);
  const seen = chunk.filter((row) => !written.has(row)).map((row) => row.id);
  await run(tx, sql`insert into record_sightings (stream_id, external_ids) values (${id}, ${seen}::text[])`);
}
