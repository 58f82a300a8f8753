/**
 * Saves a chunk of records in one transaction: what is new or changed is written and numbered, what is unchanged is not touched.
 * Two records of one id in a chunk: the first is saved, the other reported back. A chunk is saved whole or not at all.
 */
import { sql } from 'kysely';
import { run, transaction } from '../base/database.ts';
import type { Scope } from '../http/scope.ts';
import type { Cipher, Line } from './cipher.ts';
import { type Changed, type Comparison, compare, meanwhile } from './compare.ts';
import { letGo } from './hold.ts';
import { checkJson, type Incoming, linesOf } from './incoming.ts';
import { insertRows } from './insert.ts';
import { lockedCipher, type RecordWorld } from './key.ts';
import { type Row, restore, type Sealed, sealRows, upsert, WRITTEN_MAX } from './rows.ts';
import { byIds, glanceAt, type LockedStream, lockStream, type Stream } from './stream.ts';
import { sight } from './track-deletes.ts';
import { keepVersions } from './versions.ts';
import { fenceOf, generationOf, notePlain, settle, type Tally, type Writer } from './writer.ts';

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
  const { added, updated } = await transaction(world.db, (tx) => save({ ...world, db: tx }, scope, { ...input, lines }));
  return { added, updated, unchanged: lines.length - added - updated, duplicates };
}

type Input = Omit<SaveInput, 'lines'> & { readonly lines: readonly Line[] };

/** Compared before the stream is locked, and again only when it was written to meanwhile: most batches change nothing, and lock nothing. */
async function save(world: RecordWorld, scope: Scope, input: Input): Promise<Tally> {
  const { db: tx } = world;
  const { stream } = input;
  const seen = await glanceAt(tx, scope, stream, fenceOf(input));
  const early = seen.keySealed ? await compareWith(world, scope, input, seen) : undefined;
  if (early && isNoNews(early, seen, input)) return early.tally;
  const [locked] = await meanwhile(lockStream(tx, scope, stream, fenceOf(input)), () => early?.parts[0]?.sealed());
  const found = early && seen.version === locked.version ? early : await compareWith(world, scope, input, locked);
  const seq = await write(world, locked, found, input);
  if (locked.heldBy !== null) await letGo(tx, stream.id, idsOf(input.lines));
  await sight(tx, locked, found.unwritten);
  await settle(tx, stream, locked, input, seq, found.tally);
  return found.tally;
}

type Compared = Omit<Comparison, 'changed'> & {
  /** None is stored yet. */
  readonly fresh: readonly Row[];
  /** Of changed ones, or of both. */
  readonly parts: readonly Part[];
  readonly cipher: Cipher;
};

async function compareWith(world: RecordWorld, scope: Scope, input: Input, state: LockedStream): Promise<Compared> {
  const cipher = await lockedCipher(world, scope, input.stream, state);
  const { changed, ...found } = await compare(world.db, state, { ...input, cipher });
  if (!changed.some(({ isStored }) => isStored)) return { ...found, fresh: changed.map(({ row }) => row), parts: [], cipher };
  const parts: Part[] = [];
  for (let start = 0; start < changed.length; start += WRITTEN_MAX) parts.push(partOf(changed.slice(start, start + WRITTEN_MAX), cipher));
  return { ...found, fresh: [], parts, cipher };
}

/** Nor does the stream have to know that this run was here. */
function isNoNews({ fresh, parts, silent }: Compared, { generation, trackingSince, heldBy }: LockedStream, input: Input): boolean {
  return (
    fresh.length + parts.length + silent.length === 0 && trackingSince === null && heldBy === null && (fenceOf(input) ?? 0) <= generation
  );
}

type Part = {
  readonly ids: readonly string[];
  /** Once. @throws Problem `invalid_sync_record` */
  sealed(): Sealed;
};

function partOf(changed: readonly Changed[], cipher: Cipher): Part {
  const rows = changed.map(({ row }) => row);
  let sealed: Sealed | undefined;
  const seal = () => {
    checkJson(rows);
    return sealRows(rows, cipher);
  };
  return { ids: idsOf(rows), sealed: () => (sealed ??= seal()) };
}

/** While Postgres writes some, the next are sealed. @returns the last number handed out */
async function write(world: RecordWorld, locked: LockedStream, { fresh, parts, silent, cipher }: Compared, input: Input): Promise<number> {
  const { db: tx } = world;
  const stamp = { generation: generationOf(input, locked), at: locked.at };
  if (silent.length > 0) await restoreSilently(world, locked, { cipher, silent });
  if (fresh.length > 0) await insertRows(tx, { streamId: locked.id, cipher }, fresh, { ...stamp, seq: locked.seq });
  let seq = locked.seq + fresh.length;
  for (const [index, { ids, sealed }] of parts.entries()) {
    await keepVersions(tx, locked, byIds(locked.id, ids));
    await meanwhile(upsert(tx, locked.id, sealed(), { ...stamp, seq }), () => parts[index + 1]?.sealed());
    seq += ids.length;
  }
  if (fresh.length + parts.length + silent.length > 0) await notePlain(world, locked);
  return seq;
}

/** A pruned one is whole again where it stands, so what is pruned ends before it. */
async function restoreSilently({ db }: RecordWorld, locked: LockedStream, { cipher, silent }: Pick<Compared, 'cipher' | 'silent'>) {
  const rows = silent.map(({ row }) => row);
  for (let start = 0; start < rows.length; start += WRITTEN_MAX)
    await restore(db, locked.id, sealRows(rows.slice(start, start + WRITTEN_MAX), cipher));
  const first = Math.min(...silent.map(({ seq }) => seq));
  if (first <= locked.prunedTo)
    await run(db, sql`update record_streams set pruned_to = least(pruned_to, ${first - 1}::bigint) where id = ${locked.id}`);
}

const idsOf = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);
