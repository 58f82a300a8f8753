/** Find deployed functions and their code. */
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { many, one } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import { gathered } from '../http/gather.ts';
import { nameOfOwn, type OwnId, wantedOwn } from '../http/wanted.ts';
import { integrationIdOf } from '../integrations/find.ts';
import type { DeployedFunction, FunctionType } from './function.ts';

type InEnvironment = { readonly environment: { readonly id: number } };
type Db = { readonly db: Database };

/** A function as it is: its row, and the version it points to. */
const columns = sql`f.id, f.environment_id, f.integration_id, f.type, f.name, f.enabled, f.deployed_at, f.version_id, v.number, v.label as version,
  v.event, v.source, v.config, v.frequency_ms, v.code_hash`;
const functions = sql`functions f join function_versions v on v.id = f.version_id`;

type FunctionName = { type: FunctionType; name: string } & ({ integrationId: number } | { providerConfigKey: string });

/** @returns undefined when the integration has no such function, or is not there */
export async function lookFunction({ db }: Db, { environment }: InEnvironment, which: FunctionName): Promise<DeployedFunction | undefined> {
  const integration = 'integrationId' in which ? sql`${which.integrationId}` : integrationIdOf(environment.id, which.providerConfigKey);
  return one<DeployedFunction>(
    db,
    sql`select ${columns} from ${functions}
         where f.environment_id = ${environment.id} and f.integration_id = ${integration}
           and f.type = ${which.type} and f.name = ${which.name} and f.deleted_at is null`,
  );
}

/** @throws not_found when it was removed */
export async function findFunction({ db }: Db, { environment }: InEnvironment, id: number): Promise<DeployedFunction> {
  const row = await lookGathered(db, { environmentId: environment.id, id });
  if (!row) throw problem('not_found', { message: 'The function was removed by a later deployment' });
  return row;
}

/** Every run asks. */
const lookGathered = gathered<OwnId, DeployedFunction>(
  (keys) => sql<DeployedFunction & { place: number }>`select place::int, found.* from ${wantedOwn(keys)},
        lateral (select ${columns} from ${functions}
                  where f.environment_id = wanted.environment_id and f.id = wanted.id and f.deleted_at is null limit 1) found`,
  nameOfOwn,
);

/** The models of a function, removed or not. */
export async function lookModels({ db }: Db, { environment }: InEnvironment, id: number): Promise<string[]> {
  const row = await one<{ models: string[] }>(
    db,
    sql`select v.config -> 'models' as models from ${functions} where f.environment_id = ${environment.id} and f.id = ${id}`,
  );
  return row?.models ?? [];
}

/** Those of some integrations, or of the whole environment; by type, name, event. */
export async function listFunctions(
  { db }: Db,
  { environment }: InEnvironment,
  integrationIds?: readonly number[],
): Promise<DeployedFunction[]> {
  const within = integrationIds ? sql`and f.integration_id = any(${[...integrationIds]}::int[])` : sql``;
  return many<DeployedFunction>(
    db,
    sql`select ${columns} from ${functions}
         where f.environment_id = ${environment.id} and f.deleted_at is null ${within} order by f.type, f.name, v.event, f.id`,
  );
}

export async function countFunctions({ db }: Db, { environment }: InEnvironment): Promise<number> {
  const row = await one<{ count: number }>(
    db,
    sql`select count(*)::int as count from functions where environment_id = ${environment.id} and deleted_at is null`,
  );
  return row?.count ?? 0;
}
