/** Empties the contents of the oldest records, up to and including a cursor. Ids, times, last action and cursor stay, so readers notice nothing but that. */
import { sql } from 'kysely';
import { only, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { placeOf, positionOf } from './cursor.ts';
import { changeStored, inOrder, type LockedStream, lockStream, type Stream } from './stream.ts';

export type PruneOptions = { readonly untilCursor: string; readonly limit?: number };

/** @throws Problem `invalid_cursor` */
export async function pruneRecords(
  { db }: Pick<World, 'db'>,
  scope: Scope,
  stream: Stream | undefined,
  { untilCursor, limit = 1_000 }: PruneOptions,
): Promise<{ count: number; has_more: boolean }> {
  placeOf(untilCursor); // refused even where nothing was saved yet
  if (!stream) return { count: 0, has_more: false };
  return transaction(db, async (tx) => {
    const locked = await lockStream(tx, scope, stream);
    const until = await positionOf(tx, stream.id, untilCursor);
    await run(
      tx,
      sql`update record_versions set content = null, pruned_at = now() where stream_id = ${stream.id} and seq <= ${until} and pruned_at is null`,
    );
    const { count, hasMore } = await pruneUntil(tx, locked, { until, limit });
    return { count, has_more: hasMore };
  });
}

/** Within the transaction that locked the stream. `until`: a number, inclusive. */
export async function pruneUntil(
  tx: Database,
  { id, prunedTo }: LockedStream,
  { until, limit }: { until: number; limit: number },
): Promise<{ count: number; hasMore: boolean }> {
  const { count, bytes, last } = await only<{ count: number; bytes: number; last: number }>(
    tx,
    sql`with oldest as materialized (
        select stream_id, external_id, size, hash, seq, created_at, changed_at, deleted_at from records
        where ${inOrder(id)} and seq > ${prunedTo} and seq <= ${until} and pruned_at is null order by seq limit ${limit}
      ), pruned as (${changeStored(sql`oldest`, sql`content = null, size = 0, pruned_at = now()`)})
      select count(*)::int as count, coalesce(sum(size) filter (where deleted_at is null), 0)::bigint as bytes,
             greatest(max(seq), ${prunedTo})::bigint as last from oldest`,
  );
  if (count > 0) await run(tx, sql`update record_streams set bytes = bytes - ${bytes}, pruned_to = ${last} where id = ${id}`);
  const { hasMore } = await only<{ hasMore: boolean }>(
    tx,
    sql`select exists (select from records where ${inOrder(id)} and seq > ${last} and seq <= ${until} and pruned_at is null) as has_more`,
  );
  return { count, hasMore };
}
