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
import { type Difference, findDifferences, ROWS_MAX, type Row, restore, type Sealed, sealRows, upsert } from './rows.ts';
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
  const cipher = await lookCipher(world, scope, input.stream);
  const hashed = cipher && hashedOf(lines, cipher);
  hashed?.rowsAt(0); // before the stream is locked: meanwhile another chunk of it is being written
  const { added, updated } = await transaction(world.db, (tx) => save({ ...world, db: tx }, scope, { ...input, hashed, lines }));
  return { added, updated, unchanged: lines.length - added - updated, duplicates };
}

type Hashed = { readonly cipher: Cipher; rowsAt(start: number): readonly Row[] };
type Prepared = Omit<SaveInput, 'lines'> & { readonly lines: readonly Line[]; readonly hashed: Hashed | undefined };

/** Each part is hashed once, when it is first asked for. */
function hashedOf(lines: readonly Line[], cipher: Cipher): Hashed {
  const parts = new Map<number, readonly Row[]>();
  return {
    cipher,
    rowsAt(start) {
      const rows = parts.get(start) ?? rowsOf(lines.slice(start, start + ROWS_MAX), cipher);
      parts.set(start, rows);
      return rows;
    },
  };
}

/** While Postgres looks for one part, or writes it, the next is hashed or sealed. */
async function save(world: RecordWorld, scope: Scope, input: Prepared): Promise<Tally> {
  const { db: tx } = world;
  const { stream, lines } = input;
  const locked = await lockStream(tx, scope, stream, fenceOf(input));
  const cipher = await lockedCipher(world, scope, stream, locked);
  const { rowsAt } = input.hashed?.cipher === cipher ? input.hashed : hashedOf(lines, cipher);
  const tally = noChange();
  const seen: string[] = [];
  let seq = locked.seq;
  const compare = async (start: number): Promise<() => Part> => {
    const rows = rowsAt(start);
    const finding = locked.isEmpty ? Promise.resolve(rows.map(isNew)) : findDifferences(tx, stream.id, rows);
    const [differences] = await meanwhile(finding, () => rowsAt(start + ROWS_MAX));
    return () => partOf(rows, differences, { ...input, cipher, tally });
  };
  let part = (await compare(0))();
  for (let start = ROWS_MAX; ; start += ROWS_MAX) {
    const next = start < lines.length ? await compare(start) : undefined;
    const writing = writePart(world, locked, part, { ...input, cipher, seq });
    seq += part.changed.length;
    if (locked.trackingSince !== null) seen.push(...part.unwritten);
    const [, following] = await meanwhile(writing, () => next?.());
    if (!following) break;
    part = following;
  }
  if (seen.length > 0) await run(tx, sql`insert into record_sightings (stream_id, external_ids) values (${stream.id}, ${seen}::text[])`);
  await settle(tx, stream, locked, input, seq, tally);
  return tally;
}

/** Does `work` once the statement is on its way. Fails when either does, and not before both are done. */
async function meanwhile<A, B>(statement: Promise<A>, work: () => B): Promise<[A, B]> {
  const sent = new Promise<void>((resolve) => setImmediate(resolve));
  const [answer, done] = await Promise.allSettled([statement, sent.then(work)]);
  if (answer.status === 'rejected') throw answer.reason;
  if (done.status === 'rejected') throw done.reason;
  return [answer.value, done.value];
}

type Part = {
  readonly ids: readonly string[];
  /** Those that are stored as they are. */
  readonly unwritten: readonly string[];
  readonly changed: readonly Row[];
  readonly sealed: Sealed;
  readonly silent: readonly Silent[];
  /** None of them was stored. */
  readonly fresh: boolean;
};

/** @throws Problem `invalid_sync_record` */
function partOf(chunk: readonly Row[], differences: readonly Difference[], sorting: Sorting): Part {
  const { changed, silent } = sort(chunk, differences, sorting);
  checkJson(changed);
  const written = new Set(changed);
  return {
    ids: idsOf(chunk),
    unwritten: idsOf(chunk.filter((row) => !written.has(row))),
    changed,
    sealed: sealRows(changed, sorting.cipher),
    silent,
    fresh: differences.every(({ stored }) => stored === null),
  };
}

type Writing = Writer & { readonly cipher: Cipher; readonly seq: number };

async function writePart(world: RecordWorld, locked: LockedStream, part: Part, { cipher, seq, ...input }: Writing): Promise<void> {
  const { db: tx } = world;
  const { ids, changed, sealed, silent, fresh } = part;
  if (silent.length > 0) await restoreSilently(world, locked, { cipher, silent });
  // Whoever writes holds the lock, so what was not stored a moment ago is not stored now.
  if (changed.length > 0 && !fresh) await keepVersions(tx, locked, byIds(locked.id, sealed.ids));
  const stamp = { generation: generationOf(input, locked), at: locked.at, seq };
  if (changed.length > 0) await upsert(tx, { streamId: locked.id, fresh }, sealed, stamp);
  if (changed.length + silent.length > 0) await notePlain(world, locked);
  if (locked.heldBy !== null) await letGo(tx, locked.id, ids);
}

/** A pruned one is whole again where it stands, so what is pruned ends before it. */
async function restoreSilently({ db }: RecordWorld, locked: LockedStream, { cipher, silent }: Restoring) {
  const rows = silent.map(({ row }) => row);
  await restore(db, locked.id, sealRows(rows, cipher));
  const first = Math.min(...silent.map(({ seq }) => seq));
  if (first <= locked.prunedTo)
    await run(db, sql`update record_streams set pruned_to = least(pruned_to, ${first - 1}::bigint) where id = ${locked.id}`);
}
type Restoring = { readonly cipher: Cipher; readonly silent: readonly Silent[] };
type Silent = { readonly row: Row; readonly seq: number };

const idsOf = (rows: readonly Row[]) => rows.map(({ id }) => id);
const isNew = (_row: Row, index: number): Difference => ({ index, stored: null });

type Sorting = Writer & { readonly cipher: Cipher; readonly tally: Tally };

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
