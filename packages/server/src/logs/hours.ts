/** How the last 24 hours went: operations that succeeded and failed, for each hour. */
import { sql } from 'kysely';
import { many } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { firstOperationId } from './operation-id.ts';

export type Hour = { at: string; success: number; failed: number };

const HOUR_MS = 3_600_000;

/** @returns 24 hours, oldest first, the running one last; an hour without operations has zeros */
export async function operationHours({ db, clock }: Pick<World, 'db' | 'clock'>, environmentId: number): Promise<Hour[]> {
  const last = Math.floor(clock.now().getTime() / HOUR_MS);
  const first = last - 23;
  const rows = await many<{ hour: number; success: number; failed: number }>(
    db,
    sql`select floor(extract(epoch from started_at) / 3600)::int as hour,
               count(*) filter (where state = 'success')::int as success,
               count(*) filter (where state in ('failed', 'timeout'))::int as failed
        from operations
        where environment_id = ${environmentId} and id >= ${firstOperationId(new Date(first * HOUR_MS))}
        group by 1`,
  );
  const counted = new Map(rows.map(({ hour, success, failed }) => [hour, { success, failed }]));
  return Array.from({ length: 24 }, (_, index) => {
    const counts = counted.get(first + index) ?? { success: 0, failed: 0 };
    return { at: new Date((first + index) * HOUR_MS).toISOString(), ...counts };
  });
}
