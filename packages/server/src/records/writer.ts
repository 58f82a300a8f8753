/** Who writes to a stream, and what became of it. */
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import type { RecordWorld } from './key.ts';
import type { LockedStream, Stream } from './stream.ts';

export type Writer = {
  readonly runId: number;
  /**
   * `alone` (default): one run of its sync at a time; a newer one fences older ones out.
   * `beside`: may write while the sync runs, as webhook handlers do; neither fences nor is fenced.
   */
  readonly writes?: 'alone' | 'beside';
  /** Leave records alone that others changed after this position of the stream (`position`). */
  readonly unlessChangedAfter?: number;
};

/** The run whose writes fence older ones out; undefined for a writer beside it. */
export function fenceOf({ runId, writes = 'alone' }: Writer): number | undefined {
  return writes === 'alone' ? runId : undefined;
}

/**
 * What goes on the rows: never older than the crawl under way, or its end would take a fresh record for one not seen.
 * Negative for a writer beside the sync, so that no run takes for its own what a webhook wrote, whichever of the two began first.
 */
export function generationOf({ runId, writes }: Writer, { generation }: LockedStream): number {
  return writes === 'beside' ? -Math.max(runId, generation) : Math.max(runId, generation);
}

export type Tally = {
  added: number;
  updated: number;
  deleted: number;
  /** Of `added`: were deleted before. */
  revived: number;
  /** Change of the live payloads' bytes. */
  bytes: number;
};
export const noChange = (): Tally => ({ added: 0, updated: 0, deleted: 0, revived: 0, bytes: 0 });

/** Notes a write on the stream and in the run's counts. `seq`: the last number handed out. */
export async function settle(tx: Database, stream: Stream, locked: LockedStream, writer: Writer, seq: number, tally: Tally): Promise<void> {
  const generation = Math.max(locked.generation, fenceOf(writer) ?? 0);
  const { added, updated, deleted, revived, bytes } = tally;
  if (seq === locked.seq && generation === locked.generation && bytes === 0) return;
  const changed = seq > locked.seq;
  const settled = sql`update record_streams set seq = ${seq}, generation = ${generation}, live = live + ${added - deleted},
    deleted = deleted + ${deleted - revived}, bytes = bytes + ${bytes}, changed_at = case when ${changed} then ${locked.at}::timestamptz else changed_at end
    where id = ${locked.id}`;
  if (!changed) return void (await run(tx, settled));
  await run(
    tx,
    sql`with settled as (${settled})
      insert into record_counts as c (run_id, model, added, updated, deleted) values (${writer.runId}, ${stream.model}, ${added}, ${updated}, ${deleted})
      on conflict (run_id, model) do update set
        added = c.added + excluded.added, updated = c.updated + excluded.updated, deleted = c.deleted + excluded.deleted`,
  );
}

/** With sealing switched off: what was just written is to be sealed once it is on again. */
export async function notePlain({ db, config }: RecordWorld, { id, plainAfter }: LockedStream): Promise<void> {
  if (!config.sealRecords && plainAfter !== '') await run(db, sql`update record_streams set plain_after = '' where id = ${id}`);
}
