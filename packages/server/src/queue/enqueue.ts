/**
 * Puts jobs into the queue, in the caller's transaction: they run if and only if it commits.
 * A job with a `key` replaces the one waiting under the same key, so asking twice runs once.
 */
import { type RawBuilder, sql } from 'kysely';
import { run } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import type { TaskName, Tasks } from './task.ts';

export type Job<T extends TaskName = TaskName> = {
  [K in T]: {
    readonly task: K;
    readonly payload: Tasks[K];
    /** Not before. Default: now. */
    readonly runAt?: Date;
    /** Lower runs first. Default 0. */
    readonly priority?: number;
    /** Default 25, spread over some days (the engine waits e^attempt seconds, at most 6 hours). */
    readonly maxAttempts?: number;
    /** Unique among waiting jobs; the later one replaces the earlier. Within one call keys must differ. */
    readonly key?: string;
    /** Jobs of one queue run one after the other, in the order of their priority, then of being put in. */
    readonly queue?: string;
  };
}[T];

/**
 * As a part of a larger statement, which must read it: a job for each row of `payloads`, whose column `payload` is json.
 * @param queue the one that each goes to; may ask the row
 */
export const enqueuing = (
  task: TaskName,
  payloads: RawBuilder<unknown>,
  { queue = sql`null`, priority = 0 }: { queue?: RawBuilder<unknown>; priority?: number } = {},
) => sql`
  select from (
    select array_agg(json_populate_record(null::graphile_worker.job_spec, json_build_object(
             'identifier', ${task}::text, 'payload', payload, 'queue_name', ${queue}, 'priority', ${priority}::int))) as specs
      from (${payloads}) wanted having count(*) > 0
  ) given cross join lateral graphile_worker.add_jobs(given.specs)`;

export async function enqueue(db: Database, jobs: Job | readonly Job[]): Promise<void> {
  const specs = [jobs].flat().map(({ task, payload, runAt, priority, maxAttempts, key, queue }) => ({
    identifier: task,
    payload,
    run_at: runAt,
    priority,
    max_attempts: maxAttempts,
    job_key: key,
    queue_name: queue,
  }));
  if (specs.length === 0) return;
  await run(
    db,
    sql`select from graphile_worker.add_jobs(array(
      select spec from json_populate_recordset(null::graphile_worker.job_spec, ${JSON.stringify(specs)}::json) spec
    ))`,
  );
}
