/**
 * Takes the jobs of dead processes back, so that the living run them within seconds instead of the engine's four hours.
 * Dead is a process whose advisory lock can be taken: Postgres frees it the moment the process' connection ends, kill -9 included.
 */
import type { ClientBase } from 'pg';

/** First half of the lock's key, the instance's id is the second; the bytes of "inst". */
export const INSTANCE_LOCKS = 0x696e7374;

/** @returns ids of the instances that were dead. Runs on the caller's own lock connection, hence `ownId`: its own lock it could always take. */
export async function reap(client: ClientBase, ownId: number): Promise<number[]> {
  if ((await findDead(client, ownId)).length === 0) return []; // the usual case: one statement
  await client.query('begin');
  try {
    // Locked until the commit, so of several reapers one acts.
    const dead = await findDead(client, ownId);
    await freeJobs(
      client,
      dead.flatMap(({ pool_id }) => pool_id ?? []),
    );
    await client.query('delete from instances where id = any($1::int[])', [dead.map(({ id }) => id)]);
    await client.query('commit');
    return dead.map(({ id }) => id);
  } catch (error) {
    await client.query('rollback').catch(() => {}); // the first error says more
    throw error;
  }
}

/**
 * A process that lives and does nothing (a frozen machine, a stopped container, an event loop that spins) keeps its lock. Its heartbeat is a
 * statement on the connection that holds it, and Postgres knows when the last one was. Ending that connection frees the lock, and tells the process when it wakes up.
 */
export async function endSilent(client: ClientBase, silentMs: number): Promise<number> {
  const { rows } = await client.query(
    `select pg_terminate_backend(held.pid) from pg_locks held join pg_stat_activity activity on activity.pid = held.pid
      where held.locktype = 'advisory' and held.classid = $1 and held.granted and held.pid <> pg_backend_pid()
        and held.database = (select oid from pg_database where datname = current_database())
        and activity.state_change < clock_timestamp() - $2 * interval '1 millisecond'`,
    [INSTANCE_LOCKS, silentMs],
  );
  return rows.length;
}

async function findDead(client: ClientBase, ownId: number): Promise<{ id: number; pool_id: string | null }[]> {
  const { rows } = await client.query<{ id: number; pool_id: string | null }>(
    'select id, pool_id from instances where id <> $1 and pg_try_advisory_xact_lock($2, id)',
    [ownId, INSTANCE_LOCKS],
  );
  return rows;
}

/**
 * A job gets back the attempt that was cut short: dying is not failing. Left counted, a job that saw five processes die waits 148 s (e^5) after the
 * first failure of its own.
 */
export async function freeJobs(client: ClientBase, poolIds: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ id: number }>('select id from graphile_worker.jobs where locked_by = any($1::text[])', [poolIds]);
  const ids = rows.map(({ id }) => id);
  await client.query('select graphile_worker.force_unlock_workers($1::text[])', [poolIds]);
  await client.query(
    `select graphile_worker.reschedule_jobs(array[id], attempts => greatest(attempts - 1, 0)) from graphile_worker.jobs where id = any($1::bigint[])`,
    [ids],
  );
}
