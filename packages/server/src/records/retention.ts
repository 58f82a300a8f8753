/**
 * Records that have had their time: what one holds goes when it has not changed for so long, all of a stream when its sync has not run for so long.
 * Some at a time, each batch a transaction that holds the stream's lock for some 20 ms; killed anywhere, it goes on with what is left.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Config } from '../base/config.ts';
import { many, one, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { dropHold } from './hold.ts';
import { firstChangedSince } from './modified-after.ts';
import { pruneUntil } from './prune.ts';
import { type InEnvironment, lockStream, type Stream } from './stream.ts';

export type Retaining = Pick<World, 'db' | 'clock'> & { readonly config: Pick<Config, 'pruneAfterDays' | 'deleteAfterDays'> };

const BATCH = 500;
const DAY_MS = 86_400_000;

type Due = Stream & { readonly environmentId: number; readonly usedAt: Date };

/** @returns whether a stream was due */
export async function retainSome({ db, clock, config }: Retaining): Promise<boolean> {
  const now = clock.now();
  // Of all environments: each stream names its own.
  const stream = await one<Due>(
    db,
    sql`select id, connection_id, model, variant, key_sealed, environment_id, greatest(visited_at, changed_at) as used_at from record_streams
         where look_at <= ${now} order by look_at limit 1`,
  );
  if (!stream) return false;
  const before = (days: number) => (days === 0 ? undefined : new Date(now.getTime() - days * DAY_MS));
  const [pruneBefore, deleteBefore] = [before(config.pruneAfterDays), before(config.deleteAfterDays)];
  await transaction(db, async (tx) => {
    const scope = { environment: { id: stream.environmentId } };
    const isUnused = deleteBefore !== undefined && stream.usedAt < deleteBefore;
    const isMore = isUnused
      ? await removeSome(tx, scope, { stream, deleteBefore })
      : pruneBefore !== undefined && (await pruneSome(tx, scope, { stream, pruneBefore }));
    // Within a day of streams that were looked at together: spread, so that they do not stay together.
    const next = isMore ? now : new Date(now.getTime() + DAY_MS * (0.5 + (stream.id % 997) / 1994));
    await run(tx, sql`update record_streams set look_at = ${next} where id = ${stream.id} and environment_id = ${stream.environmentId}`);
  });
  return true;
}

/** @returns whether there are more */
async function pruneSome(tx: Database, scope: InEnvironment, { stream, pruneBefore }: { stream: Stream; pruneBefore: Date }) {
  const locked = await lockStream(tx, scope, stream);
  const first = await firstChangedSince(tx, stream.id, pruneBefore);
  return (await pruneUntil(tx, locked, { until: first === undefined ? locked.seq : first - 1, limit: BATCH })).hasMore;
}

/** A run that ended since the stream was found keeps it. @returns whether there are more */
async function removeSome(tx: Database, scope: InEnvironment, { stream, deleteBefore }: { stream: Stream; deleteBefore: Date }) {
  const locked = await lockStream(tx, scope, stream);
  if (locked.usedAt >= deleteBefore) return true; // looked at once more
  const gone = await many<{ live: number; size: number }>(
    tx,
    sql`with batch as (select ctid as place from records where stream_id = ${stream.id} limit ${BATCH})
        delete from records r using batch where r.stream_id = ${stream.id} and r.ctid = batch.place returning (deleted_at is null)::int as live, size`,
  );
  const live = gone.reduce((sum, row) => sum + row.live, 0);
  const bytes = gone.reduce((sum, row) => sum + row.live * row.size, 0);
  await run(
    tx,
    sql`update record_streams set live = live - ${live}, deleted = deleted - ${gone.length - live}, bytes = bytes - ${bytes}
         where id = ${stream.id} and environment_id = ${scope.environment.id}`,
  );
  await dropHold(tx, stream.id);
  if (gone.length === BATCH) return true;
  await run(tx, sql`delete from record_versions where stream_id = ${stream.id}`);
  return false;
}

type Visit = { connection: number; models: readonly string[]; variant: string };

/** A run of these models of a connection (row id) has ended. Written once a day at most. */
export async function noteVisit(db: Database, scope: InEnvironment, visit: Visit): Promise<void> {
  const { connection, models, variant } = visit;
  const one = sql`(select ${scope.environment.id}::int, ${connection}::int, ${[...models]}::text[], ${variant}::text)
                  as ended(environment_id, connection_id, models, variant)`;
  await run(db, visiting(one));
}

/** The same of many, as a part of a larger statement. @param ended its `environment_id`, `connection_id`, `models` and `variant` */
export const visiting = (ended: RawBuilder<unknown>) => sql`
  update record_streams set visited_at = now() from ${ended}
   where record_streams.environment_id = ended.environment_id and record_streams.connection_id = ended.connection_id and model = any(models)
     and record_streams.variant = ended.variant and visited_at < now() - interval '1 day'`;
