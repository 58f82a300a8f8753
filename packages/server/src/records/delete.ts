/** Marks records as deleted; their payloads stay readable. Ids that are unknown or already deleted are ignored, so doing it twice is no news. */
import { sql } from 'kysely';
import { many, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { byIds, changeStored, lockStream, type Stream } from './stream.ts';
import { keepVersions } from './versions.ts';
import { fenceOf, generationOf, noChange, settle, type Writer } from './writer.ts';

export type DeleteInput = Writer & {
  readonly stream: Stream;
  /** At most 1,000 a call. */
  readonly ids: readonly string[];
  /** When it happened upstream. Default: now. */
  readonly deletedAt?: Date;
};

/** @returns ids that were deleted by this call. @throws SupersededError when a newer run took over */
export async function deleteRecords({ db }: Pick<World, 'db'>, scope: Scope, input: DeleteInput): Promise<string[]> {
  const { stream, ids, runId, unlessChangedAfter, deletedAt = null } = input;
  return transaction(db, async (tx) => {
    const locked = await lockStream(tx, scope, stream, fenceOf(input));
    const unlessChanged = unlessChangedAfter === undefined ? sql`` : sql`and (seq <= ${unlessChangedAfter} or generation = ${runId})`;
    const rows = sql`${byIds(stream.id, ids)} where deleted_at is null ${unlessChanged}`;
    await keepVersions(tx, locked, rows);
    // Numbered by place in the list: gaps do no harm.
    const set = sql`deleted_at = coalesce(${deletedAt}::timestamptz, ${locked.at}::timestamptz), changed_at = ${locked.at}::timestamptz,
      seq = ${locked.seq}::bigint + array_position(${ids}::text[], records.external_id), generation = ${generationOf(input, locked)}`;
    const gone = await many(tx, changeStored(rows, set));
    const bytes = -gone.reduce((sum, { size }) => sum + size, 0);
    const seq = locked.seq + (gone.length > 0 ? ids.length : 0);
    await settle(tx, stream, locked, input, seq, { ...noChange(), deleted: gone.length, bytes });
    return gone.map(({ id }) => id);
  });
}
