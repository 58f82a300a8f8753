/** Find deployed functions and their code. */
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { many, one } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import type { DeployedFunction, FunctionType } from './function.ts';

type InEnvironment = { readonly environment: { readonly id: number } };
type Db = { readonly db: Database };

const columns = sql`id, environment_id, integration_id, type, name, event, version, enabled, source, config, frequency_ms, code_hash, deployed_at`;

/** @returns undefined when the integration has no such function */
export async function lookFunction(
  { db }: Db,
  { environment }: InEnvironment,
  which: { integrationId: number; type: FunctionType; name: string },
): Promise<DeployedFunction | undefined> {
  return one<DeployedFunction>(
    db,
    sql`select ${columns} from functions
         where environment_id = ${environment.id} and integration_id = ${which.integrationId}
           and type = ${which.type} and name = ${which.name} and deleted_at is null`,
  );
}

/** @throws not_found when it was removed */
export async function findFunction({ db }: Db, { environment }: InEnvironment, id: number): Promise<DeployedFunction> {
  const row = await one<DeployedFunction>(
    db,
    sql`select ${columns} from functions where environment_id = ${environment.id} and id = ${id} and deleted_at is null`,
  );
  if (!row) throw problem('not_found', { message: 'The function was removed by a later deployment' });
  return row;
}

/** The models of a function, removed or not. */
export async function lookModels({ db }: Db, { environment }: InEnvironment, id: number): Promise<string[]> {
  const row = await one<{ models: string[] }>(
    db,
    sql`select config -> 'models' as models from functions where environment_id = ${environment.id} and id = ${id}`,
  );
  return row?.models ?? [];
}

/** Those of some integrations, or of the whole environment; by type, name, event. */
export async function listFunctions(
  { db }: Db,
  { environment }: InEnvironment,
  integrationIds?: readonly number[],
): Promise<DeployedFunction[]> {
  const within = integrationIds ? sql`and integration_id = any(${[...integrationIds]}::int[])` : sql``;
  return many<DeployedFunction>(
    db,
    sql`select ${columns} from functions where environment_id = ${environment.id} and deleted_at is null ${within} order by type, name, event, id`,
  );
}

export async function countFunctions({ db }: Db, { environment }: InEnvironment): Promise<number> {
  const row = await one<{ count: number }>(
    db,
    sql`select count(*)::int as count from functions where environment_id = ${environment.id} and deleted_at is null`,
  );
  return row?.count ?? 0;
}

/** The bundled code (CommonJS) and the author's source text. */
export async function findCode({ db }: Db, { environment }: InEnvironment, fn: DeployedFunction): Promise<{ js: string; ts: string }> {
  const row = await one<{ js: string; ts: string }>(
    db,
    sql`select js, ts from function_code where environment_id = ${environment.id} and hash = ${fn.codeHash}`,
  );
  if (!row) throw new Error(`the code of function ${fn.id} is missing`);
  return row;
}
