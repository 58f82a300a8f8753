/** Find integrations. Another environment's integration is simply not there. */
import { problem } from '@bowline/api/problem';
import { type RawBuilder, sql } from 'kysely';
import { many, one } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import { gathered } from '../http/gather.ts';
import { nameOfOwn, type OwnId, wanted, wantedOwn } from '../http/wanted.ts';
import { ownDefinition } from '../providers/own.ts';
import type { Integration } from './integration.ts';

type InEnvironment = { readonly environment: { readonly id: number } };

/** Looked for only where the integration was made of one: the operator's app is for the operator's provider, and no definition may send its secret elsewhere. */
const own = ownDefinition(sql`integrations.environment_id`, sql`integrations.provider`);
const columns = sql`id, environment_id, unique_key, provider, case when is_own_provider then ${own} end as own_provider, display_name,
  forward_webhooks, forward_webhook_events, manages_subscriptions, accept_unverified_webhooks, webhook_secrets_sealed, credentials_sealed, custom,
  secrets_sealed, shared_app, created_at, updated_at`;

/** Of what is read of one: the row as it was written last, and what its own provider says. */
const version = sql`integrations.xmin::text || integrations.ctid::text || case when is_own_provider then md5(${own}::text) else '' end`;

/** As a part of a statement; null where it was deleted. */
export const versionOfIntegration = (environmentId: RawBuilder<unknown>, id: RawBuilder<unknown>) =>
  sql<string | null>`(select ${version} from integrations where environment_id = ${environmentId} and id = ${id} and deleted_at is null)`;

/** @throws unknown_provider_config */
export async function findIntegration({ db }: { db: Database }, { environment }: InEnvironment, uniqueKey: string): Promise<Integration> {
  const row = await lookGathered(db, { environmentId: environment.id, uniqueKey });
  if (!row) throw problem('unknown_provider_config', { message: `There is no integration "${uniqueKey}" in this environment` });
  return row;
}

type Name = { readonly environmentId: number; readonly uniqueKey: string };

/** Every call through the proxy asks (decisions/013). */
const lookGathered = gathered<Name, Integration>(
  (names) => sql<Integration & { place: number }>`select place::int, found.*
        from ${wanted(names, [
          ['environment_id', 'int', (name) => name.environmentId],
          ['unique_key', 'text', (name) => name.uniqueKey],
        ])},
             lateral (select ${columns}, ${version} as version from integrations
                       where environment_id = wanted.environment_id and unique_key = wanted.unique_key and deleted_at is null limit 1) as found`,
  ({ environmentId, uniqueKey }) => `${environmentId} ${uniqueKey}`,
);

/** For statements that know an integration by its key alone: they need not wait until it is found. */
export const integrationIdOf = (environmentId: unknown, uniqueKey: unknown) =>
  sql<number>`(select id from integrations where environment_id = ${environmentId} and unique_key = ${uniqueKey} and deleted_at is null)`;

/** By row id, for work that already belongs to the environment. */
export async function findIntegrationById({ db }: { db: Database }, { environment }: InEnvironment, id: number): Promise<Integration> {
  const row = await lookIntegrationById({ db }, { environment }, id);
  if (!row) throw problem('unknown_provider_config');
  return row;
}

/** The same where it may have been deleted meanwhile. */
export function lookIntegrationById(
  { db }: { db: Database },
  { environment }: InEnvironment,
  id: number,
): Promise<Integration | undefined> {
  return lookById(db, { environmentId: environment.id, id });
}

/** Also one that was deleted: what was asked of its provider is still to be taken back. */
export async function lookIntegrationEver(
  { db }: { db: Database },
  { environment }: InEnvironment,
  id: number,
): Promise<(Integration & { readonly deletedAt: Date | null }) | undefined> {
  return one(db, sql`select ${columns}, deleted_at from integrations where environment_id = ${environment.id} and id = ${id}`);
}

/** Every run asks. */
const lookById = gathered<OwnId, Integration>(
  (keys) => sql<Integration & { place: number }>`select place::int, found.* from ${wantedOwn(keys)},
        lateral (select ${columns}, ${version} as version from integrations
                  where integrations.environment_id = wanted.environment_id and integrations.id = wanted.id and deleted_at is null limit 1) found`,
  nameOfOwn,
);

export async function listIntegrations({ db }: { db: Database }, { environment }: InEnvironment): Promise<Integration[]> {
  return many<Integration>(
    db,
    sql`select ${columns} from integrations where environment_id = ${environment.id} and deleted_at is null order by created_at, id`,
  );
}

/** With those that were deleted since: histories name them. */
export async function everyIntegration(
  db: Database,
  { environment }: InEnvironment,
): Promise<Map<number, Pick<Integration, 'id' | 'uniqueKey'> & { deletedAt: Date | null }>> {
  const rows = await many<Pick<Integration, 'id' | 'uniqueKey'> & { deletedAt: Date | null }>(
    db,
    sql`select id, unique_key, deleted_at from integrations where environment_id = ${environment.id}`,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Those of some providers that the environment defines itself, by key. */
export async function integrationsOf(
  db: Database,
  { environment }: InEnvironment,
  providers: readonly string[],
): Promise<Pick<Integration, 'id' | 'provider' | 'uniqueKey'>[]> {
  return many(
    db,
    sql`select id, provider, unique_key from integrations
         where environment_id = ${environment.id} and provider = any(${[...providers]}::text[]) and is_own_provider and deleted_at is null
         order by unique_key`,
  );
}

export async function countIntegrations({ db }: { db: Database }, { environment }: InEnvironment): Promise<number> {
  const row = await one<{ count: number }>(
    db,
    sql`select count(*)::int as count from integrations where environment_id = ${environment.id} and deleted_at is null`,
  );
  return row?.count ?? 0;
}
