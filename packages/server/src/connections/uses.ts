/** Which integrations use some providers, and how their connections were made. */
import { sql } from 'kysely';
import { many } from '../base/database.ts';
import { integrationsOf } from '../integrations/find.ts';
import type { UsesOf } from '../providers/uses.ts';

export const usesOf: UsesOf = async (db, scope, providers) => {
  const integrations = await integrationsOf(db, scope, providers);
  const rows = await many<{ integrationId: number; authModes: string[] }>(
    db,
    sql`select integration_id, array_agg(distinct auth_mode order by auth_mode) as auth_modes from connections
         where environment_id = ${scope.environment.id} and integration_id = any(${integrations.map(({ id }) => id)}::int[]) and deleted_at is null
         group by integration_id`,
  );
  const modes = new Map(rows.map(({ integrationId, authModes }) => [integrationId, authModes]));
  return integrations.map(({ id, provider, uniqueKey }) => ({ provider, uniqueKey, authModes: modes.get(id) ?? [] }));
};
