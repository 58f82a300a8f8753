/** A version: what a function was when it was deployed. It is written once; numbers count on through a deletion, since history goes by name. */
import { sql } from 'kysely';
import { many, one, only } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import type { DeployedFunction, FunctionType } from './function.ts';

type InEnvironment = { readonly environment: { readonly id: number } };
/** Names a function whether it is there or not. */
export type FunctionName = { readonly integrationId: number; readonly type: FunctionType; readonly name: string };

export type FunctionVersion = FunctionName &
  Pick<DeployedFunction, 'event' | 'source' | 'config' | 'frequencyMs' | 'codeHash'> & {
    readonly id: number;
    /** From 1. Labels repeat where authors repeat them; numbers do not. */
    readonly number: number;
    readonly label: string;
    readonly deployment: number;
    readonly createdAt: Date;
  };

export const versionColumns = sql`v.id, v.integration_id, v.type, v.name, v.number, v.label, v.event, v.source, v.config, v.frequency_ms, v.code_hash,
  v.deployment, v.created_at`;

export const keyOf = ({ integrationId, type, name }: FunctionName): string => `${integrationId}/${type}/${name}`;

type NewVersion = Omit<FunctionVersion, 'id' | 'number' | 'createdAt'>;

/** Within `lockDeployments`, so that numbers count without gaps. */
export async function createVersion(
  tx: Database,
  { environment }: InEnvironment,
  wanted: NewVersion,
): Promise<{ id: number; number: number }> {
  const { integrationId, type, name } = wanted;
  return only<{ id: number; number: number }>(
    tx,
    sql`insert into function_versions
            (environment_id, integration_id, type, name, number, label, event, source, config, frequency_ms, code_hash, deployment)
        select ${environment.id}, ${integrationId}, ${type}, ${name}, coalesce(max(number), 0) + 1, ${wanted.label}, ${wanted.event}, ${wanted.source},
               ${JSON.stringify(wanted.config)}::jsonb, ${wanted.frequencyMs}, ${wanted.codeHash}, ${wanted.deployment}
          from function_versions
         where environment_id = ${environment.id} and integration_id = ${integrationId} and type = ${type} and name = ${name}
        returning id, number`,
  );
}

/** The one with the highest number, whether the function is still there or not. */
export async function lookNewest(db: Database, { environment }: InEnvironment, fn: FunctionName): Promise<FunctionVersion | undefined> {
  return one<FunctionVersion>(
    db,
    sql`select ${versionColumns} from function_versions v
         where environment_id = ${environment.id} and integration_id = ${fn.integrationId} and type = ${fn.type} and name = ${fn.name}
         order by number desc limit 1`,
  );
}

export async function lookVersion(
  db: Database,
  { environment }: InEnvironment,
  { number, ...fn }: FunctionName & { number: number },
): Promise<FunctionVersion | undefined> {
  return one<FunctionVersion>(
    db,
    sql`select ${versionColumns} from function_versions v
         where environment_id = ${environment.id} and integration_id = ${fn.integrationId} and type = ${fn.type} and name = ${fn.name}
           and number = ${number}`,
  );
}

/** Under this name there were functions of these types, whether they are still there or not; in the order of the list of functions. */
export async function typesEver(
  db: Database,
  { environment }: InEnvironment,
  { integrationId, name }: Omit<FunctionName, 'type'>,
): Promise<FunctionType[]> {
  const rows = await many<{ type: FunctionType }>(
    db,
    sql`select distinct type from function_versions
         where environment_id = ${environment.id} and integration_id = ${integrationId} and name = ${name} order by type`,
  );
  return rows.map(({ type }) => type);
}
