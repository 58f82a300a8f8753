/** How many syncs of an integration run at once: in all, and of one connection. */
import { sql } from 'kysely';
import { many } from '../base/database.ts';
import type { Database } from '../base/world.ts';

/** Null: what the server allows. */
export type IntegrationLimits = { readonly id: number; readonly runsMax: number | null; readonly connectionRunsMax: number | null };

/** Of those that set any. */
export function listIntegrationLimits(db: Database): Promise<IntegrationLimits[]> {
  return many<IntegrationLimits>(
    db,
    sql`select id, sync_runs_max as runs_max, connection_runs_max from integrations
         where (sync_runs_max is not null or connection_runs_max is not null) and deleted_at is null`,
  );
}
