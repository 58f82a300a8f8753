/** How much work the living processes take at once, and how long work waits: what the schedule fills, and what the metrics show. */
import { sql } from 'kysely';
import { only } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import type { TaskName } from './task.ts';

/** Jobs of this kind at once over all processes. A process that died counts until its peers notice, a second or two later. */
export async function countSlots(db: Database, task: TaskName): Promise<number> {
  const { slots } = await only<{ slots: number }>(
    db,
    sql`select coalesce(sum(concurrency), 0)::int as slots from instances where ${task} = any(tasks)`,
  );
  return slots;
}
