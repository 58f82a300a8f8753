/**
 * Full crawls: what is stored but was not met between start and end is gone upstream.
 * A crawl may span runs: one that was cut short goes on under the start that it had, so what its first part met counts as met.
 */
import { sql } from 'kysely';
import { many, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { lockStream, type Stream } from './stream.ts';
import { fenceOf, noChange, settle, type Writer } from './writer.ts';

export type TrackInput = Writer & { readonly stream: Stream };

/** Starts a crawl unless one is under way. @throws SupersededError when a newer run took over */
export async function startTracking({ db }: Pick<World, 'db'>, scope: Scope, input: TrackInput): Promise<void> {
  await transaction(db, async (tx) => {
    const locked = await lockStream(tx, scope, input.stream, fenceOf(input));
    if (locked.trackingSince === null) {
      await run(tx, sql`update record_streams set tracking_since = ${input.runId} where id = ${locked.id}`);
      await run(tx, sql`delete from record_sightings where stream_id = ${locked.id}`);
    }
    await settle(tx, input.stream, locked, input, locked.seq, noChange());
  });
}

/**
 * Ends the crawl: deletes what was not met.
 * @returns ids deleted, or undefined when no crawl is under way. @throws SupersededError when a newer run took over
 */
export async function endTracking({ db }: Pick<World, 'db'>, scope: Scope, input: TrackInput): Promise<string[] | undefined> {
  const { stream } = input;
  return transaction(db, async (tx) => {
    const locked = await lockStream(tx, scope, stream, fenceOf(input));
    if (locked.trackingSince === null) return undefined;
    const gone = await many<{ id: string; size: number }>(
      tx,
      sql`with met as materialized (select unnest(external_ids) as id from record_sightings where stream_id = ${stream.id}),
        gone as (
          select r.ctid as place, row_number() over (order by r.seq) as nr from records r
          where r.stream_id = ${stream.id} and r.deleted_at is null and r.generation < ${locked.trackingSince}
            and not exists (select from met where met.id = r.external_id)
        )
        update records r set deleted_at = ${locked.at}::timestamptz, updated_at = ${locked.at}::timestamptz, seq = ${locked.seq}::bigint + gone.nr
        from gone where r.ctid = gone.place
        returning r.external_id as id, r.size`,
    );
    await stopTracking(tx, stream.id);
    const bytes = -gone.reduce((sum, { size }) => sum + size, 0);
    await settle(tx, stream, locked, input, locked.seq + gone.length, { ...noChange(), deleted: gone.length, bytes });
    return gone.map(({ id }) => id);
  });
}

/** Forgets a crawl under way, for a sync that starts over. */
export async function forgetTracking({ db }: Pick<World, 'db'>, scope: Scope, stream: Stream): Promise<void> {
  await transaction(db, async (tx) => {
    await lockStream(tx, scope, stream);
    await stopTracking(tx, stream.id);
  });
}

async function stopTracking(tx: Database, streamId: number): Promise<void> {
  await run(tx, sql`update record_streams set tracking_since = null where id = ${streamId}`);
  await run(tx, sql`delete from record_sightings where stream_id = ${streamId}`);
}
