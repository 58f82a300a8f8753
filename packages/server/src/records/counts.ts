/** How many records there are, and how many one run changed. Kept by the writes themselves, so they are always exact and cost a look-up. */
import type { Counts } from '@bowline/api/syncs';
import { sql } from 'kysely';
import { many, run } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';

/** What a run has changed so far, by model; a model it did not change is absent. Whoever finishes a run twice reads the same. */
export async function countsOfRun(db: Database, runId: number): Promise<Record<string, Counts>> {
  const rows = await many(
    db,
    sql<Counts & { model: string }>`select model, added, updated, deleted from record_counts where run_id = ${runId}`,
  );
  return Object.fromEntries(rows.map(({ model, added, updated, deleted }) => [model, { added, updated, deleted }]));
}

export type StreamCount = {
  readonly model: string;
  readonly variant: string;
  /** Records that are not deleted. */
  readonly count: number;
  readonly bytes: number;
  readonly lastChangeAt: Date | null;
};

/** The streams of one connection (row id). */
export function countsOfConnection(db: Database, { environment }: Scope, connection: number): Promise<StreamCount[]> {
  return many(
    db,
    sql<StreamCount>`select model, variant, live as count, bytes, changed_at as last_change_at from record_streams
      where environment_id = ${environment.id} and connection_id = ${connection} order by model, variant`,
  );
}

/** Live records of the environment. */
export async function countOfEnvironment(db: Database, { environment }: Scope): Promise<number> {
  const [row] = await many(
    db,
    sql<{ count: number }>`select coalesce(sum(live), 0)::bigint as count from record_streams where environment_id = ${environment.id}`,
  );
  return row?.count ?? 0;
}

/** What several runs have changed, by run. */
export async function countsOfRuns(db: Database, runIds: readonly number[]): Promise<Map<number, Record<string, Counts>>> {
  const rows = await many(
    db,
    sql<Counts & { runId: number; model: string }>`select run_id, model, added, updated, deleted from record_counts
      where run_id = any(${[...runIds]}::bigint[])`,
  );
  const byRun = new Map<number, Record<string, Counts>>();
  for (const { runId, model, added, updated, deleted } of rows)
    byRun.set(runId, { ...byRun.get(runId), [model]: { added, updated, deleted } });
  return byRun;
}

/** The streams of several connections (row ids). */
export function countsOfConnections(
  db: Database,
  { environment }: Scope,
  connections: readonly number[],
): Promise<(StreamCount & { connectionId: number })[]> {
  return many(
    db,
    sql<StreamCount & { connectionId: number }>`select connection_id, model, variant, live as count, bytes, changed_at as last_change_at
      from record_streams where environment_id = ${environment.id} and connection_id = any(${[...connections]}::int[])`,
  );
}

/** Of runs that are forgotten. */
export async function forgetCounts(db: Database, runIds: readonly number[]): Promise<void> {
  await run(db, sql`delete from record_counts where run_id = any(${[...runIds]}::bigint[])`);
}
