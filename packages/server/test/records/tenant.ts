import { sql } from 'kysely';
import { only } from '../../src/base/database.ts';
import type { Database } from '../../src/base/world.ts';
import { internalScope, type Scope } from '../../src/http/scope.ts';

export type Tenant = {
  readonly scope: Scope;
  readonly connection: number;
  readonly connectionId: string;
  readonly providerConfigKey: string;
};

let tenants = 0;

/** An environment with one integration and one connection, each of its own. */
export async function createTenant(db: Database): Promise<Tenant> {
  const n = ++tenants;
  const account = await only<{ id: number }>(db, sql`insert into accounts (name) values ('acme') returning id`);
  const environment = await only<{ id: number; uuid: string; name: string }>(
    db,
    sql`insert into environments (account_id, name) values (${account.id}, 'dev') returning id, uuid, name`,
  );
  const integration = await only<{ id: number }>(
    db,
    sql`insert into integrations (environment_id, unique_key, provider) values (${environment.id}, 'crm', 'github') returning id`,
  );
  const connectionId = `c-${n}`;
  const connection = await only<{ id: number }>(
    db,
    sql`insert into connections (environment_id, integration_id, connection_id, provider, auth_mode, credentials_sealed)
      values (${environment.id}, ${integration.id}, ${connectionId}, 'github', 'OAUTH2', '') returning id`,
  );
  return {
    scope: internalScope({ ...environment, accountId: account.id }),
    connection: connection.id,
    connectionId,
    providerConfigKey: 'crm',
  };
}
