/** Find the connections that a provider's webhook names, by whatever the provider knows them by. Values are compared as texts. */
import { sql } from 'kysely';
import { many } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import type { Integration } from '../integrations/integration.ts';

export type NamedConnection = { readonly id: number; readonly connectionId: string };

/** One webhook starts no more than so many runs of a function. */
const CONNECTIONS_MAX = 1_000;

/** @param is `id`, `account`, `config.x` or `metadata.x`; a list in metadata may hold the value */
export function connectionsNamed(
  db: Database,
  { id, environmentId }: Pick<Integration, 'id' | 'environmentId'>,
  { is, values }: { readonly is: string; readonly values: readonly string[] },
): Promise<NamedConnection[]> {
  return many(
    db,
    sql`select id, connection_id from connections
         where environment_id = ${environmentId} and integration_id = ${id} and deleted_at is null and ${holds(is, values)}
         order by id limit ${CONNECTIONS_MAX}`,
  );
}

/** Of an event that is for all. */
export function everyConnection(
  db: Database,
  { id, environmentId }: Pick<Integration, 'id' | 'environmentId'>,
): Promise<NamedConnection[]> {
  return many(
    db,
    sql`select id, connection_id from connections where environment_id = ${environmentId} and integration_id = ${id} and deleted_at is null
         order by id limit ${CONNECTIONS_MAX}`,
  );
}

function holds(is: string, values: readonly string[]) {
  if (is === 'id') return sql`connection_id = any(${[...values]}::text[])`;
  if (is === 'account') return sql`account_id = any(${[...values]}::text[])`;
  const [, where, key = ''] = /^(config|metadata)\.(.*)$/s.exec(is) ?? [];
  const wanted = values
    .flatMap((value) => forms(value).flatMap((form) => [{ [key]: form }, { [key]: [form] }]))
    .map((one) => JSON.stringify(one));
  if (where === 'config') return sql`connection_config @> any(${wanted}::jsonb[])`;
  return sql`metadata is not null and metadata @> any(${wanted}::jsonb[])`;
}

/** Stored as a number or as its text: HubSpot's portal is either, by who made the connection. */
const forms = (value: string): (string | number)[] => (/^(?:0|[1-9]\d{0,14})$/.test(value) ? [value, Number(value)] : [value]);
