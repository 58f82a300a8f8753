/** How much work the living processes take at once, and how long work waits: what the schedule fills, and what the metrics show. */
import { type RawBuilder, sql } from 'kysely';
import { many, only } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import type { WorkName } from './task.ts';

/** Work of this kind at once over all processes. A process that died counts until its peers notice, a second or two later. */
export const slotsOf = (work: WorkName) =>
  sql<{ slots: number }>`select coalesce(sum(concurrency), 0)::int as slots from instances where ${work} = any(tasks)`;

export const countSlots = async (db: Database, work: WorkName): Promise<number> => (await only(db, slotsOf(work))).slots;

/** As a condition: whether the instance of this id is there. The row of a dead one is gone a second or two later. */
export const isInstance = (id: RawBuilder<unknown>) => sql`exists (select from instances where instances.id = ${id})`;

export type WaitingJobs = { readonly task: string; readonly count: number; readonly since: Date };

/** Jobs that are due and that no worker has taken, by kind; `since` of the one that waits longest. */
export function waitingJobs(db: Database): Promise<WaitingJobs[]> {
  return many<WaitingJobs>(
    db,
    sql`select task_identifier as task, count(*)::int as count, min(run_at) as since from graphile_worker.jobs
         where locked_at is null and run_at <= now() and attempts < max_attempts group by 1`,
  );
}
