/** How many syncs of one connection run at once, for connections that were given a number of their own. */
import { sql } from 'kysely';
import { many, run } from '../base/database.ts';
import type { Database } from '../base/world.ts';

type InEnvironment = { readonly environment: { readonly id: number } };
type Given = { readonly connectionId: number; readonly runsMax: number };

/** Of those of these connections that have one, by connection. */
export async function connectionLimits(
  db: Database,
  { environment }: InEnvironment,
  connectionIds: readonly number[],
): Promise<Map<number, number>> {
  if (connectionIds.length === 0) return new Map();
  const rows = await many<Given>(
    db,
    sql`select connection_id, runs_max from connection_limits
         where environment_id = ${environment.id} and connection_id = any(${[...connectionIds]}::int[])`,
  );
  return new Map(rows.map(({ connectionId, runsMax }) => [connectionId, runsMax]));
}

/** @param runsMax null: as its integration says */
export async function setConnectionLimit(
  db: Database,
  { environment }: InEnvironment,
  { connectionId, runsMax }: { connectionId: number; runsMax: number | null },
): Promise<void> {
  if (runsMax === null) {
    await run(db, sql`delete from connection_limits where environment_id = ${environment.id} and connection_id = ${connectionId}`);
    return;
  }
  await run(
    db,
    sql`insert into connection_limits (connection_id, environment_id, runs_max) values (${connectionId}, ${environment.id}, ${runsMax})
        on conflict (connection_id) do update set runs_max = excluded.runs_max`,
  );
}
