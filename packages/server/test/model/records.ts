/** The records of one stream, as a list in the order of their last change. */
import { GUARD, PAGE, type Rec, type StreamState } from './state.ts';

export type Item = { id: string; v: number };
type Counts = { added: number; updated: number; deleted: number; unchanged: number };
export const REFUSED = 'refused' as const;

const live = ({ records }: StreamState) => records.filter(({ deleted }) => !deleted);
const find = ({ records }: StreamState, id: string) => records.find((one) => one.id === id);

/** A run older than the newest that wrote is fenced out. `beside`: a writer that neither fences nor is fenced. */
export function enter(stream: StreamState, run: number, beside = false): boolean {
  stream.exists = true;
  if (beside) return true;
  if (run < stream.generation) return false;
  stream.generation = run;
  return true;
}

export function save(stream: StreamState, run: number, items: readonly Item[]): Counts {
  const first = items.filter(({ id }, index) => items.findIndex((one) => one.id === id) === index);
  const counts = { added: 0, updated: 0, deleted: 0, unchanged: 0 };
  for (const { id, v } of first) {
    const stored = find(stream, id);
    const isLive = stored && !stored.deleted;
    if (isLive && stored.v === v) {
      stored.pruned = false;
      counts.unchanged++;
      if (stream.tracking !== null) sight(stream, [id]);
    } else {
      put(stream, run, { id, v, rev: isLive ? stored.rev + 1 : 1, deleted: false });
      counts[isLive ? 'updated' : 'added']++;
    }
  }
  letGo(stream, first);
  return counts;
}

/** Partial records: unknown and deleted ones are not news. A pruned one becomes what the patch brings, which is, as nobody knows what it was. */
export function update(stream: StreamState, run: number, items: readonly Item[]): Counts {
  const last = new Map(items.filter(({ id }) => live(stream).some((one) => one.id === id)).map((item) => [item.id, item]));
  const counts = { added: 0, updated: 0, deleted: 0, unchanged: 0 };
  for (const { id, v } of last.values()) {
    const stored = find(stream, id);
    if (!stored || (stored.v === v && !stored.pruned)) counts.unchanged++;
    else {
      put(stream, run, { id, v, rev: stored.rev + 1, deleted: false });
      counts.updated++;
    }
  }
  letGo(stream, [...last.values()]);
  return counts;
}

/** In no order: two of them at once are one state. */
function sight(stream: StreamState, ids: readonly string[]): void {
  stream.met = [...new Set([...stream.met, ...ids])].sort();
}

/** They came and could not be saved. */
export function meet(stream: StreamState, ids: readonly string[]): void {
  if (stream.tracking !== null) sight(stream, ids);
  stream.held = stream.held.filter((id) => !ids.includes(id));
}

export function remove(stream: StreamState, run: number, ids: readonly string[]): Counts {
  const gone = [...new Set(ids)].flatMap((id) => live(stream).filter((one) => one.id === id));
  for (const one of gone) put(stream, run, { ...one, deleted: true });
  return { added: 0, updated: 0, deleted: gone.length, unchanged: ids.length - gone.length };
}

export function startTracking(stream: StreamState, run: number): void {
  if (stream.tracking !== null) return;
  stream.tracking = run;
  stream.met = [];
}

/** @returns the ids that were deleted, sorted; undefined when no crawl is under way */
export function endTracking(stream: StreamState, run: number): string[] | undefined {
  const { tracking, met } = stream;
  if (tracking === null) return undefined;
  const gone = live(stream).filter(({ id, generation }) => generation < tracking && !met.includes(id));
  const isHeld = gone.length >= GUARD.records && gone.length * 100 >= live(stream).length * GUARD.percent;
  forgetTracking(stream);
  if (isHeld) {
    stream.heldBy ??= run;
    stream.held = gone.map(({ id }) => id);
    return [];
  }
  dropHold(stream);
  for (const one of gone) put(stream, one.generation, { ...one, deleted: true }, one.generation);
  return gone.map(({ id }) => id).sort();
}

export function forgetTracking(stream: StreamState): void {
  stream.tracking = null;
  stream.met = [];
}

export function dropHold(stream: StreamState): void {
  stream.heldBy = null;
  stream.held = [];
}

export const waiting = (stream: StreamState) => live(stream).filter(({ id }) => stream.held.includes(id));

/** @returns how many were deleted */
export function approve(stream: StreamState): number {
  const gone = waiting(stream);
  for (const one of gone) put(stream, one.generation, { ...one, deleted: true }, one.generation);
  dropHold(stream);
  return gone.length;
}

export function empty(stream: StreamState): void {
  stream.records = [];
  forgetTracking(stream);
  dropHold(stream);
}

export function prune(stream: StreamState, until: number, limit: number): { count: number; has_more: boolean } {
  const old = stream.records.filter(({ seq, pruned }) => seq <= until && !pruned);
  const pruned = old.slice(0, limit);
  for (const one of pruned) one.pruned = true;
  return { count: pruned.length, has_more: old.length > pruned.length };
}

export type Shown = [id: string, action: string, v: number | null];

/** A page behind a position, and the position of its last record. */
export function page(stream: StreamState, after: number): { shown: Shown[]; position: number } {
  const found = stream.records.filter(({ seq }) => seq > after).slice(0, PAGE);
  return { shown: found.map(show), position: found.at(-1)?.seq ?? after };
}

export function show({ id, v, rev, deleted, pruned }: Rec): Shown {
  return [id, deleted ? 'DELETED' : rev === 1 ? 'ADDED' : 'UPDATED', pruned ? null : v];
}

/** Whatever changes goes to the end. */
function put(
  stream: StreamState,
  run: number,
  record: Pick<Rec, 'id' | 'v' | 'rev' | 'deleted'> & { pruned?: boolean },
  generation = Math.max(run, stream.generation),
): void {
  stream.records = stream.records.filter(({ id }) => id !== record.id);
  stream.records.push({ pruned: false, ...record, generation, seq: ++stream.seq });
}

function letGo(stream: StreamState, items: readonly Item[]): void {
  stream.held = stream.held.filter((id) => !items.some((one) => one.id === id));
}
