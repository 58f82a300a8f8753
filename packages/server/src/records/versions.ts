/**
 * Earlier versions of records, for models whose environment wants them: what a change replaces is copied, sealed as it lies, in the transaction of
 * that change. A stream without a history pays for a column of a row that is read anyway.
 */
import { sql } from 'kysely';
import { many, run } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import type { LockedStream } from './stream.ts';

/**
 * @param rows to select from: the rows that are about to be changed, and no others, since a row that stays would lie in both tables.
 * Before the change, under the stream's lock.
 */
export async function keepVersions(tx: Database, { at, historySince }: LockedStream, rows: ReturnType<typeof sql>): Promise<void> {
  if (historySince === null) return;
  await run(
    tx,
    sql`insert into record_versions (stream_id, external_id, seq, rev, created_at, changed_at, replaced_at, deleted_at, pruned_at, content)
        select stream_id, external_id, seq, rev, created_at, changed_at, ${at}::timestamptz, deleted_at, pruned_at, content
          from ${rows}`,
  );
}

/** How many a turn of the sweep removes of a stream at most. */
const SWEPT_MAX = 5_000;

/** Of all environments: versions that were replaced longer ago than their model keeps them. @returns whether there may be more */
export async function sweepVersions(db: Database): Promise<boolean> {
  const streams = await many<{ id: number; before: Date }>(
    db,
    // From one stream that has versions to the next: two probes each, however many versions there are.
    sql`with recursive held(id) as (
          select min(stream_id) from record_versions
          union all
          select (select min(stream_id) from record_versions where stream_id > held.id) from held where held.id is not null
        )
        select s.id, now() - coalesce(r.keep_days, 0) * interval '1 day' as before
          from held join record_streams s on s.id = held.id
          left join record_history_rules r on r.environment_id = s.environment_id and r.model = s.model`,
  );
  let more = false;
  for (const { id, before } of streams) {
    const swept = await run(
      db,
      sql`delete from record_versions where (stream_id, external_id, seq) in (
            select stream_id, external_id, seq from record_versions where stream_id = ${id} and replaced_at <= ${before}
             order by replaced_at limit ${SWEPT_MAX})`,
    );
    more ||= swept === SWEPT_MAX;
  }
  return more;
}
