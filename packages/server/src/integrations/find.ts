/** Find integrations. Another environment's integration is simply not there. */
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { many, one } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import type { Integration } from './integration.ts';

type InEnvironment = { readonly environment: { readonly id: number } };

const columns = sql`id, environment_id, unique_key, provider, display_name, forward_webhooks, credentials_sealed, custom, created_at, updated_at`;

/** @throws unknown_provider_config */
export async function findIntegration({ db }: { db: Database }, { environment }: InEnvironment, uniqueKey: string): Promise<Integration> {
  const row = await one<Integration>(
    db,
    sql`select ${columns} from integrations where environment_id = ${environment.id} and unique_key = ${uniqueKey} and deleted_at is null`,
  );
  if (!row) throw problem('unknown_provider_config', { message: `There is no integration "${uniqueKey}" in this environment` });
  return row;
}

/** By row id, for work that already belongs to the environment. */
export async function findIntegrationById({ db }: { db: Database }, { environment }: InEnvironment, id: number): Promise<Integration> {
  const row = await one<Integration>(
    db,
    sql`select ${columns} from integrations where environment_id = ${environment.id} and id = ${id} and deleted_at is null`,
  );
  if (!row) throw problem('unknown_provider_config');
  return row;
}

export async function listIntegrations({ db }: { db: Database }, { environment }: InEnvironment): Promise<Integration[]> {
  return many<Integration>(
    db,
    sql`select ${columns} from integrations where environment_id = ${environment.id} and deleted_at is null order by created_at, id`,
  );
}

export async function countIntegrations({ db }: { db: Database }, { environment }: InEnvironment): Promise<number> {
  const row = await one<{ count: number }>(
    db,
    sql`select count(*)::int as count from integrations where environment_id = ${environment.id} and deleted_at is null`,
  );
  return row?.count ?? 0;
}
