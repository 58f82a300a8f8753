/** Find connections. Another environment's connection is simply not there. */
import type { JsonObject } from '@bowline/api/fields';
import { problem } from '@bowline/api/problem';
import { type RawBuilder, sql } from 'kysely';
import { both, many, one } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import { gathered } from '../http/gather.ts';
import { nameOfOwn, type OwnId, wanted, wantedOwn } from '../http/wanted.ts';
import { findIntegration, findIntegrationById, integrationIdOf, versionOfIntegration } from '../integrations/find.ts';
import type { Integration } from '../integrations/integration.ts';
import type { Connection } from './connection.ts';
import type { Target } from './target.ts';

type Db = { readonly db: Database };
type InEnvironment = { readonly environment: { readonly id: number } };
export type ConnectionName = { readonly connectionId: string; readonly providerConfigKey: string };
type Row = Omit<Connection, 'providerConfigKey'>;

export const columns = sql`id, environment_id, integration_id, connection_id, provider, auth_mode, credentials_sealed, expires_at, connection_config,
  metadata, tags, end_user, webhook_url_override, errors, last_fetched_at, refresh_fence, refresh_leased_until, refresh_retry_at, refreshed_at,
  refresh_failed_at, refresh_failed_days, refresh_error, created_at, updated_at`;

/** The row as it was written last: a lock leaves it alone. */
const version = sql`connections.xmin::text || connections.ctid::text`;

/** Of a connection and its integration, as a part of a statement: whoever has read both needs not read them again while it is the same. Null where either was deleted. */
export const versionOfTarget = (environmentId: RawBuilder<unknown>, id: RawBuilder<unknown>) =>
  sql<string | null>`(select ${version} || ' ' || ${versionOfIntegration(environmentId, sql`connections.integration_id`)} from connections
     where environment_id = ${environmentId} and id = ${id} and deleted_at is null)`;

/** The same of what was read. */
export const versionRead = ({ connection, integration }: Target) => `${connection.version} ${integration.version}`;

/** @throws unknown_provider_config, unknown_connection */
export async function findConnection(world: Db, scope: InEnvironment, name: ConnectionName): Promise<Connection> {
  const { connection } = await findWithIntegration(world, scope, name);
  return connection;
}

/** The connection and the integration it goes through. @throws unknown_provider_config, unknown_connection */
export async function findWithIntegration(
  world: Db,
  scope: InEnvironment,
  name: ConnectionName,
): Promise<{ connection: Connection; integration: Integration }> {
  const [integration, row] = await both(
    world.db,
    () => findIntegration(world, scope, name.providerConfigKey),
    () => lookRow(world, scope, name),
  );
  const connection = connectionOf(row, integration);
  if (!connection) {
    throw problem('unknown_connection', {
      message: `The integration "${name.providerConfigKey}" has no connection "${name.connectionId}"`,
    });
  }
  return { connection, integration };
}

export async function lookConnection(
  world: Db,
  scope: InEnvironment,
  integration: Integration,
  connectionId: string,
): Promise<Connection | undefined> {
  return connectionOf(await lookRow(world, scope, { providerConfigKey: integration.uniqueKey, connectionId }), integration);
}

type RowName = ConnectionName & { readonly environmentId: number };

function lookRow(
  { db }: Db,
  { environment }: InEnvironment,
  { providerConfigKey, connectionId }: ConnectionName,
): Promise<Row | undefined> {
  return lookGathered(db, { environmentId: environment.id, providerConfigKey, connectionId });
}

/** Every call through the proxy asks (decisions/013). */
const lookGathered = gathered<RowName, Row>(
  (names) => sql<Row & { place: number }>`select place::int, found.*
        from ${wanted(names, [
          ['environment_id', 'int', (name) => name.environmentId],
          ['unique_key', 'text', (name) => name.providerConfigKey],
          ['connection_id', 'text', (name) => name.connectionId],
        ])},
             lateral (select ${columns}, ${version} as version from connections
                       where environment_id = wanted.environment_id
                         and integration_id = ${integrationIdOf(sql`wanted.environment_id`, sql`wanted.unique_key`)}
                         and connection_id = wanted.connection_id and deleted_at is null limit 1) as found`,
  (name) => JSON.stringify([name.environmentId, name.providerConfigKey, name.connectionId]),
);

/** Integration and connection are asked for side by side: one deleted in between, and made anew by the same key, is another. */
function connectionOf(row: Row | undefined, { id, uniqueKey }: Integration): Connection | undefined {
  return row?.integrationId === id ? { ...row, providerConfigKey: uniqueKey } : undefined;
}

/** By row id, for work that already belongs to the environment. @throws unknown_connection when it was deleted */
export async function findConnectionById(
  world: Db,
  scope: InEnvironment,
  id: number,
): Promise<{ connection: Connection; integration: Integration }> {
  const found = await lookConnectionById(world, scope, id);
  if (!found) throw problem('unknown_connection');
  return found;
}

/** The same where it may have been deleted meanwhile. */
export async function lookConnectionById(
  world: Db,
  scope: InEnvironment,
  id: number,
): Promise<{ connection: Connection; integration: Integration } | undefined> {
  const row = await lookById(world.db, { environmentId: scope.environment.id, id });
  if (!row) return undefined;
  const integration = await findIntegrationById(world, scope, row.integrationId);
  return { connection: { ...row, providerConfigKey: integration.uniqueKey }, integration };
}

/** Every run asks. */
const lookById = gathered<OwnId, Row>(
  (keys) => sql<Row & { place: number }>`select place::int, found.* from ${wantedOwn(keys)},
        lateral (select ${columns}, ${version} as version from connections
                  where connections.environment_id = wanted.environment_id and connections.id = wanted.id and deleted_at is null limit 1) found`,
  nameOfOwn,
);

/** The id of the connection to an account at the provider, the oldest where there are several. */
export async function lookConnectionOfAccount(
  { db }: Db,
  { environmentId, id }: Integration,
  account: string,
): Promise<string | undefined> {
  const row = await one<{ connectionId: string }>(
    db,
    sql`select connection_id from connections
         where environment_id = ${environmentId} and integration_id = ${id} and account_id = ${account} and deleted_at is null
         order by id limit 1`,
  );
  return row?.connectionId;
}

/** Row ids of an integration's connections. */
export async function connectionsOf(
  { db }: Db,
  { environment }: InEnvironment,
  integrationId: number,
): Promise<{ id: number; connectionId: string }[]> {
  return many<{ id: number; connectionId: string }>(
    db,
    sql`select id, connection_id from connections
         where environment_id = ${environment.id} and integration_id = ${integrationId} and deleted_at is null order by id`,
  );
}

type LockedConnection = { readonly id: number; readonly integrationId: number; readonly metadata: JsonObject | null };

/** One that is connected, or all of an integration: in one order, so that two who do this at once wait for each other and both see the metadata that is there now. */
export function lockConnected(
  tx: Database,
  { environment }: InEnvironment,
  which: { readonly integration: number } | { readonly connection: number },
): Promise<LockedConnection[]> {
  const these = 'connection' in which ? sql`id = ${which.connection}` : sql`integration_id = ${which.integration}`;
  return many<LockedConnection>(
    tx,
    sql`select id, integration_id, metadata from connections
         where environment_id = ${environment.id} and ${these} and deleted_at is null and connection_config ->> 'pending' is distinct from 'true'
         order by id for no key update`,
  );
}

/** The connection ids of rows, also of those that were deleted. */
export async function connectionNames(db: Database, { environment }: InEnvironment, ids: readonly number[]): Promise<Map<number, string>> {
  const rows = await many<{ id: number; connectionId: string }>(
    db,
    sql`select id, connection_id from connections where environment_id = ${environment.id} and id = any(${[...ids]}::int[])`,
  );
  return new Map(rows.map(({ id, connectionId }) => [id, connectionId]));
}

/** Names the account at the provider that a connection is of; null where nobody told. */
export async function accountOf({ db }: Db, { environment }: InEnvironment, { id }: Connection): Promise<string | null> {
  const row = await one<{ account: string | null }>(
    db,
    sql`select account_id as account from connections where environment_id = ${environment.id} and id = ${id} and deleted_at is null`,
  );
  return row?.account ?? null;
}

/** Where webhooks about these connections go instead of the environment's address; those that have no address of their own are left out. */
export async function ownWebhookUrls(db: Database, environmentId: number, ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  if (ids.length === 0) return new Map();
  const rows = await many<{ id: number; url: string }>(
    db,
    sql`select id, trim(webhook_url_override) as url from connections
         where environment_id = ${environmentId} and id = any(${[...ids]}::int[]) and trim(webhook_url_override) <> ''`,
  );
  return new Map(rows.map(({ id, url }) => [id, url]));
}

/** As a condition of a larger statement. */
export const hasOwnWebhookUrl = (environmentId: RawBuilder<unknown>, id: RawBuilder<unknown>) =>
  sql`exists (select from connections where environment_id = ${environmentId} and id = ${id} and trim(webhook_url_override) <> '')`;

export async function countConnections({ db }: Db, { environment }: InEnvironment): Promise<{ all: number; failing: number }> {
  const row = await one<{ all: number; failing: number }>(
    db,
    sql`select count(*)::int as "all", (count(*) filter (where errors <> '[]'))::int as failing
          from connections where environment_id = ${environment.id} and deleted_at is null`,
  );
  return row ?? { all: 0, failing: 0 };
}

/** How many connections each integration has, by its id; those without any are left out. */
export async function countByIntegration({ db }: Db, { environment }: InEnvironment): Promise<Map<number, number>> {
  const rows = await many<{ integrationId: number; count: number }>(
    db,
    sql`select integration_id, count(*)::int as count from connections
         where environment_id = ${environment.id} and deleted_at is null group by integration_id`,
  );
  return new Map(rows.map(({ integrationId, count }) => [integrationId, count]));
}

/** What connections are called, by their row ids; those that were deleted are left out. */
export async function namesOf({ db }: Db, { environment }: InEnvironment, ids: readonly number[]): Promise<Map<number, string>> {
  if (ids.length === 0) return new Map();
  const rows = await many<{ id: number; connectionId: string }>(
    db,
    sql`select id, connection_id from connections
         where environment_id = ${environment.id} and id = any(${[...ids]}::int[]) and deleted_at is null`,
  );
  return new Map(rows.map(({ id, connectionId }) => [id, connectionId]));
}
