/** List connections, newest first, filtered as the caller asks. */
import { sql } from 'kysely';
import { many } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { listIntegrations } from '../integrations/find.ts';
import type { Connection } from './connection.ts';
import { columns } from './find.ts';

export type ConnectionFilter = {
  connectionId?: string | undefined;
  search?: string | undefined;
  endUserId?: string | undefined;
  endUserOrganizationId?: string | undefined;
  integrationId?: string[] | undefined;
  tags?: Record<string, string> | undefined;
  limit?: number | undefined;
  page: number;
};

/** Without a limit: older clients do not page. */
const UNLIMITED = 10_000;

export async function listConnections(world: Pick<World, 'db'>, scope: Scope, filter: ConnectionFilter): Promise<Connection[]> {
  const integrations = await listIntegrations(world, scope);
  const keys = new Map(integrations.map(({ id, uniqueKey }) => [id, uniqueKey]));
  const wanted =
    filter.integrationId && integrations.filter(({ uniqueKey }) => filter.integrationId?.includes(uniqueKey)).map(({ id }) => id);
  const limit = filter.limit ?? UNLIMITED;
  const rows = await many<Omit<Connection, 'providerConfigKey'>>(
    world.db,
    sql`select ${columns} from connections
         where environment_id = ${scope.environment.id} and deleted_at is null ${conditions(filter, wanted)}
         order by created_at desc, id desc limit ${limit} offset ${limit * filter.page}`,
  );
  return rows.map((row) => ({ ...row, providerConfigKey: keys.get(row.integrationId) ?? '' }));
}

function conditions(filter: ConnectionFilter, integrationIds: number[] | undefined) {
  const like = filter.search && `%${filter.search.replace(/[\\%_]/g, '\\$&')}%`;
  const all = [
    integrationIds && sql`and integration_id = any(${integrationIds}::int[])`,
    filter.connectionId && sql`and connection_id = ${filter.connectionId}`,
    filter.endUserId && sql`and end_user ->> 'id' = ${filter.endUserId}`,
    filter.endUserOrganizationId && sql`and end_user -> 'organization' ->> 'id' = ${filter.endUserOrganizationId}`,
    filter.tags && sql`and tags @> ${JSON.stringify(filter.tags)}::jsonb`,
    like && sql`and (connection_id ilike ${like} or end_user ->> 'display_name' ilike ${like} or end_user ->> 'email' ilike ${like})`,
  ];
  return sql.join(
    all.filter((one) => one !== undefined && one !== ''),
    sql` `,
  );
}
