/** How many syncs of an integration run at once: in all, and of one connection. */
import { sql } from 'kysely';
import { many, one, run } from '../base/database.ts';
import type { Database } from '../base/world.ts';

/** Null: what the server allows. */
export type IntegrationLimits = { readonly id: number; readonly runsMax: number | null; readonly connectionRunsMax: number | null };

type InEnvironment = { readonly environment: { readonly id: number } };

/** Of those that set any. */
export const limitsOfIntegrations = sql<IntegrationLimits>`
  select id, sync_runs_max as runs_max, connection_runs_max from integrations
   where (sync_runs_max is not null or connection_runs_max is not null) and deleted_at is null`;

export const listIntegrationLimits = (db: Database): Promise<IntegrationLimits[]> => many(db, limitsOfIntegrations);

/** Of an integration that is gone: nothing of its own. */
export async function integrationLimits(db: Database, { environment }: InEnvironment, id: number): Promise<Omit<IntegrationLimits, 'id'>> {
  const limits = await one<Omit<IntegrationLimits, 'id'>>(
    db,
    sql`select sync_runs_max as runs_max, connection_runs_max from integrations where environment_id = ${environment.id} and id = ${id}`,
  );
  return limits ?? { runsMax: null, connectionRunsMax: null };
}

/** What is undefined stays. */
export async function setIntegrationLimits(
  db: Database,
  { environment }: InEnvironment,
  { id, runsMax, connectionRunsMax }: { id: number; runsMax?: number | null | undefined; connectionRunsMax?: number | null | undefined },
): Promise<void> {
  await run(
    db,
    sql`update integrations
           set sync_runs_max = ${runsMax === undefined ? sql`sync_runs_max` : sql`${runsMax}::int`},
               connection_runs_max = ${connectionRunsMax === undefined ? sql`connection_runs_max` : sql`${connectionRunsMax}::int`}
         where environment_id = ${environment.id} and id = ${id} and deleted_at is null`,
  );
}
