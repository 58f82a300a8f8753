/** Runs that are their own jobs, those of syncs: made ready, taken by a process, given back. Which process has one says its row (`queue/take.ts`). */
import { sql } from 'kysely';
import { many, prepared, run } from '../base/database.ts';
import { transition } from '../base/states.ts';
import type { Database } from '../base/world.ts';
import { isInstance } from '../queue/slots.ts';
import { columns, type Lease, nextState, type Run } from './run.ts';

const { from, to } = transition(nextState, 'start');
const isOpen = sql`state in ('queued', 'running')`;

export const leaseOf = ({ id, environmentId, attempts }: Run): Lease => ({ id, environmentId, attempt: attempts });

/** Any process may take these now, which waited for room; those first that were made ready first. */
export async function makeReady(db: Database, ids: readonly number[]): Promise<void> {
  if (ids.length > 0) await run(db, prepared(sql`update runs set ready_at = now() where id = any(${[...ids]}::bigint[])`));
}

type Taking = { readonly holder: number; readonly operationIds: readonly string[] };

/**
 * Starts as many runs as there are numbers of operations: each counts an attempt, which takes the run from whoever had it. One that was begun before
 * keeps its number. Whose row is held, by a write of the process that had it, is left for the next time. Of all environments: each run names its own.
 */
export async function takeRuns(db: Database, { holder, operationIds }: Taking): Promise<Run[]> {
  return many(
    db,
    prepared(sql<Run>`
      with ready as materialized (
        select id as run, ready_at as since from runs where ready_at <= now() and ${isOpen}
         order by ready_at, id limit cardinality(${[...operationIds]}::text[]) for update skip locked),
      placed as (select run, row_number() over (order by since, run) as place from ready)
      update runs set state = ${to}, attempts = attempts + 1, started_at = coalesce(started_at, now()), ready_at = 'infinity', holder = ${holder},
                      operation_id = coalesce(operation_id, (${[...operationIds]}::text[])[place])
        from placed where id = run and state = any(${from}::text[])
      returning ${columns}`),
  );
}

/** What nobody has any more is ready again: that of holders who are gone, and of this one's all but those it knows of. */
export async function freeRuns(db: Database, { holder, inHand }: { holder: number; inHand: readonly Pick<Run, 'id'>[] }): Promise<number> {
  return run(
    db,
    prepared(sql`
      update runs set ready_at = now(), holder = null where id in (
        select id from runs
         where ready_at = 'infinity' and ${isOpen}
           and case when holder = ${holder} then id <> all(${inHand.map(({ id }) => id)}::bigint[]) else not ${isInstance(sql`holder`)} end
           for update skip locked)`),
  );
}

/** Between two tries 2^n seconds: a database that is away keeps itself from being asked, and one that is back is to be used. */
const PATIENCE_MAX = 5;

/** Only while it is the caller's. @param failed the platform did, and another try waits longer each time */
export async function handBackRun(db: Database, { id, environmentId, attempt }: Lease, { failed }: { failed: boolean }): Promise<void> {
  await run(
    db,
    sql`update runs set holder = null, failures = failures + ${failed ? 1 : 0}, ready_at = now() + interval '1 second' *
               case when ${failed} then power(2, least(failures + 1, ${PATIENCE_MAX})) else 1 end
         where environment_id = ${environmentId} and id = ${id} and attempts = ${attempt} and ${isOpen}`,
  );
}
