/** Finds where in a stream the changes since a moment begin, without an index on time: within a stream time never runs backwards as numbers rise. */
import { sql } from 'kysely';
import { one } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import { inOrder } from './stream.ts';

/** Bisects the numbers: some 20 to 40 index probes instead of reading all that is older. Undefined when nothing changed since. */
export async function firstChangedSince(db: Database, streamId: number, moment: Date): Promise<number | undefined> {
  const row = await one<{ seq: number }>(
    db,
    sql`with recursive
      range as (
        select (select seq from records where ${inOrder(streamId)} order by seq limit 1) as low,
          (select seq from records where ${inOrder(streamId)} order by seq desc limit 1) + 1 as high
      ),
      -- Everything before low is older than the moment, everything from high on is not.
      bisect(low, high) as (
        select low, high from range where low is not null
        union all
        select case when probe.is_older then probe.seq + 1 else low end, case when probe.is_older then high else middle end
        from (select low, high, (low + high) / 2 as middle from bisect where low < high) b
        cross join lateral (
          select seq, changed_at < ${moment}::timestamptz as is_older from records
          where ${inOrder(streamId)} and seq >= middle order by seq limit 1
        ) probe
      )
    select low as seq from bisect where low = high and low < (select high from range)`,
  );
  return row?.seq;
}
