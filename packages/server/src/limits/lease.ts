/** Points leased from a row that all processes share, and from the memory of this one; and the sweep of minutes that are over. */
import { sql } from 'kysely';
import { only, run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { RateLimitOptions } from './rate-limit.ts';

/** Counted over all processes. The row may say more than the limit: what is beyond it was given to nobody. */
export function leaseShared({ db }: Pick<World, 'db'>, limit: number): RateLimitOptions['lease'] {
  return async (countedAs, startedAt, points) => {
    const row = await only<{ taken: string }>(
      db,
      sql`insert into rate_windows (counted_as, started_at, taken) values (${countedAs}, ${startedAt}, ${points})
          on conflict (counted_as, started_at) do update set taken = rate_windows.taken + excluded.taken
          returning taken`,
    );
    const taken = Number(row.taken);
    return { got: Math.max(0, Math.min(points, limit - (taken - points))), taken };
  };
}

/** Counted in this process alone: for callers who prove nothing, whose every new name would otherwise write a row. */
export function leaseOwn(limit: number): RateLimitOptions['lease'] {
  return async () => ({ got: limit, taken: limit });
}

/** Ten minutes, should clocks differ. */
export async function sweepRateWindows({ db, clock }: Pick<World, 'db' | 'clock'>): Promise<void> {
  await run(db, sql`delete from rate_windows where started_at < ${new Date(clock.now().getTime() - 600_000)}`);
}
