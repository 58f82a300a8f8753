/** What a chunk of records would change, compared with what is stored: which of them to write, which not, and the tally of it. */
import type { Database } from '../base/world.ts';
import type { Cipher, Line } from './cipher.ts';
import { rowsOf } from './incoming.ts';
import { isHashOf } from './older-hash.ts';
import { findStored, LOOKED_AT_MAX, lookAt, type Row, type Stored } from './rows.ts';
import type { LockedStream } from './stream.ts';
import { noChange, type Tally, type Writer } from './writer.ts';

export type Comparison = {
  /** New or different, in their order. */
  readonly changed: readonly Changed[];
  /** Same content as before, but pruned or not sealed yet: to be written, which is no news. */
  readonly silent: readonly Silent[];
  /** Ids of all that are no news. */
  readonly unwritten: readonly string[];
  readonly tally: Tally;
};
export type Changed = { readonly row: Row; readonly isStored: boolean };
type Silent = { readonly row: Row; readonly seq: number };
type Found = { readonly [K in keyof Omit<Comparison, 'tally'>]: Comparison[K][number][] } & { readonly tally: Tally };
type Comparing = Writer & { readonly lines: readonly Line[]; readonly cipher: Cipher };

/** Holds for as long as the stream is at the version of this state. While Postgres looks, the records are hashed. */
export async function compare(tx: Database, stream: LockedStream, { lines, cipher, ...writer }: Comparing): Promise<Comparison> {
  const found: Found = { changed: [], silent: [], unwritten: [], tally: noChange() };
  for (let start = 0; start < lines.length; start += LOOKED_AT_MAX) {
    const chunk = lines.slice(start, start + LOOKED_AT_MAX);
    const ids = chunk.map(({ id }) => id);
    const looking = stream.isEmpty ? Promise.resolve(undefined) : lookAt(tx, stream.id, ids);
    const [look, rows] = await meanwhile(looking, () => rowsOf(chunk, cipher));
    const looks = rows.map(({ hash }, index) => look?.(hash, index) ?? 'none');
    const stored = await findStored(
      tx,
      stream.id,
      ids.filter((_, index) => looks[index] === 'other'),
    );
    for (const [index, row] of rows.entries()) {
      if (looks[index] === 'same') found.unwritten.push(row.id);
      else sort(row, (looks[index] === 'other' && stored.get(row.id)) || null, { found, cipher, ...writer });
    }
  }
  return found;
}

type Sorting = Writer & { readonly found: Found; readonly cipher: Cipher };

function sort(row: Row, stored: Stored | null, { found, cipher, runId, unlessChangedAfter }: Sorting): void {
  const { changed, silent, unwritten, tally } = found;
  if (stored && stored.generation !== runId && stored.seq > (unlessChangedAfter ?? Number.POSITIVE_INFINITY))
    return void unwritten.push(row.id);
  const before = stored?.isDeleted ? null : stored;
  tally.bytes += row.line.length - (before?.size ?? 0);
  if (before && (before.isPruned || before.isPlain) && isHashOf(before.hash, row, cipher)) {
    silent.push({ row, seq: before.seq });
    return void unwritten.push(row.id);
  }
  changed.push({ row, isStored: stored !== null });
  if (before) tally.updated++;
  else tally.added++;
  if (stored?.isDeleted) tally.revived++;
}

/** Does `work` once the statement is on its way. Fails when either does, and not before both are done. */
export async function meanwhile<A, B>(statement: Promise<A>, work: () => B): Promise<[A, B]> {
  const sent = new Promise<void>((resolve) => setImmediate(resolve));
  const [answer, done] = await Promise.allSettled([statement, sent.then(work)]);
  if (answer.status === 'rejected') throw answer.reason;
  if (done.status === 'rejected') throw done.reason;
  return [answer.value, done.value];
}
