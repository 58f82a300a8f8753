/**
 * Deletions that are held back: a crawl that ends by itself may still not have seen everything, when its provider answers with too little or a
 * failed request was passed over. What would be deleted then is listed and stays, until a later crawl or a person decides.
 */
import { sql } from 'kysely';
import { many, only, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import type { DeletionGuard } from '../environments/deletion-guard.ts';
import type { Scope } from '../http/scope.ts';
import { changeStored, lockStream, type Stream } from './stream.ts';
import { keepVersions } from './versions.ts';
import { noChange, settle } from './writer.ts';

export type HoldReason = 'many_records' | 'failed_requests';

/** Whether deletions wait, and why. Pure. @param live before anything is deleted */
export function reasonToHold(
  { gone, live, isFlawed }: { gone: number; live: number; isFlawed: boolean },
  { percent, records }: DeletionGuard,
): HoldReason | undefined {
  if (percent === null || gone === 0) return undefined;
  if (isFlawed) return 'failed_requests';
  return gone >= records && gone * 100 >= live * percent ? 'many_records' : undefined;
}

/** Within the crawl's transaction: these records wait, and what waited before does no longer. `gone`: selects their ids as `id`. */
export async function hold(
  tx: Database,
  streamId: number,
  { gone, runId, reason }: { gone: ReturnType<typeof sql>; runId: number; reason: HoldReason },
): Promise<void> {
  await run(tx, sql`delete from held_records where stream_id = ${streamId}`);
  await run(tx, sql`insert into held_records (stream_id, external_id) select ${streamId}, id from (${gone}) found`);
  await run(
    tx,
    sql`update record_streams set held_by = coalesce(held_by, ${runId}), held_at = coalesce(held_at, now()), held_reason = ${reason}
         where id = ${streamId}`,
  );
}

/** Nothing waits any more. */
export async function dropHold(tx: Database, streamId: number): Promise<void> {
  await run(tx, sql`delete from held_records where stream_id = ${streamId}`);
  await run(
    tx,
    sql`update record_streams set held_by = null, held_at = null, held_reason = null where id = ${streamId} and held_by is not null`,
  );
}

/** These were met after all. */
export async function letGo(tx: Database, streamId: number, ids: readonly string[]): Promise<void> {
  await run(tx, sql`delete from held_records where stream_id = ${streamId} and external_id = any(${ids}::text[])`);
}

export type Held = {
  readonly connectionId: number;
  readonly model: string;
  readonly variant: string;
  /** How many wait, of how many there are. */
  readonly count: number;
  readonly live: number;
  readonly reason: HoldReason;
  /** The run whose crawl found them first. */
  readonly runId: number;
  readonly at: Date;
  /** Up to ten ids. */
  readonly examples: string[];
};

/** What waits in these connections (row ids). */
export function listHeld(db: Database, { environment }: Pick<Scope, 'environment'>, connections: readonly number[]): Promise<Held[]> {
  return many(
    db,
    sql<Held>`select s.connection_id, s.model, s.variant, held.count, s.live, s.held_reason as reason, s.held_by as run_id, s.held_at as at, held.examples
      from record_streams s
      cross join lateral (
        select count(*)::int as count, coalesce((array_agg(h.external_id order by h.external_id))[:10], '{}') as examples
          from held_records h where h.stream_id = s.id
           -- A look-up for each, whatever the statistics say: a join could be planned as a scan.
           and (select r.deleted_at is null from records r where r.stream_id = s.id and r.external_id = h.external_id)
      ) held
      where s.environment_id = ${environment.id} and s.connection_id = any(${[...connections]}::int[]) and s.held_by is not null and held.count > 0
      order by s.connection_id, s.model, s.variant`,
  );
}

/** Deletes what waits. @returns how many; 0 when nothing did, so doing it twice is no news */
export async function approveHeld({ db }: Pick<World, 'db'>, scope: Scope, stream: Stream): Promise<number> {
  return transaction(db, async (tx) => {
    const locked = await lockStream(tx, scope, stream);
    if (locked.heldBy === null) return 0;
    const waiting = sql`held_records h cross join lateral (
      select * from records where stream_id = ${stream.id} and external_id = h.external_id and deleted_at is null offset 0) r
      where h.stream_id = ${stream.id}`;
    await keepVersions(tx, locked, sql`(select r.* from ${waiting}) found`);
    const numbered = sql`(select r.stream_id, r.external_id, size, hash, ${locked.seq}::bigint + row_number() over (order by r.seq) as seq, created_at, changed_at from ${waiting}) found`;
    const set = sql`deleted_at = ${locked.at}::timestamptz, changed_at = ${locked.at}::timestamptz, seq = excluded.seq`;
    const { count, bytes } = await only<{ count: number; bytes: number }>(
      tx,
      sql`with deleted as (${changeStored(numbered, set)})
        select count(*)::int as count, coalesce(sum(size), 0)::bigint as bytes from deleted`,
    );
    await dropHold(tx, stream.id);
    await settle(tx, stream, locked, { runId: locked.heldBy, writes: 'beside' }, locked.seq + count, {
      ...noChange(),
      deleted: count,
      bytes: -bytes,
    });
    return count;
  });
}

/** Keeps what waits. The next crawl that does not meet it holds it again. */
export async function discardHeld({ db }: Pick<World, 'db'>, scope: Scope, stream: Stream): Promise<void> {
  await transaction(db, async (tx) => {
    await lockStream(tx, scope, stream);
    await dropHold(tx, stream.id);
  });
}
