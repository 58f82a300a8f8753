/** Read the history: deployments with what they changed, and the versions of a function. */
import type { DeploymentWithChanges, FunctionChange, FunctionVersion as WireVersion } from '@bowline/api/history';
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { many } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import type { NamedCaller, Scope } from '../http/scope.ts';
import { everyIntegration, findIntegration } from '../integrations/find.ts';
import { keptCode } from './code.ts';
import { type ChangeKind, type Deployment, deploymentColumns, lookDeployment, wireDeployment } from './deployment.ts';
import { lookFunction } from './find.ts';
import type { FunctionType } from './function.ts';
import { type FunctionName, type FunctionVersion, typesEver, versionColumns } from './version.ts';

type Page = { before?: number | undefined; limit: number };
/** The largest number there can be. */
const NEWEST = 2_147_483_647;

export async function listDeployments(
  { db }: Pick<World, 'db'>,
  scope: Scope,
  { before = NEWEST, limit }: Page,
): Promise<DeploymentWithChanges[]> {
  const { environment } = scope;
  const found = await many<Deployment>(
    db,
    sql`select ${deploymentColumns} from deployments d
         where d.environment_id = ${environment.id} and d.number < ${before} order by d.number desc limit ${limit}`,
  );
  return withChanges(db, scope, found);
}

/** @throws not_found */
export async function findDeployment({ db }: Pick<World, 'db'>, scope: Scope, number: number): Promise<DeploymentWithChanges> {
  const found = await lookDeployment(db, scope, number);
  const [whole] = found ? await withChanges(db, scope, [found]) : [];
  if (!whole)
    throw problem('not_found', { message: `This environment has no deployment ${number}; GET /deployments lists those there are` });
  return whole;
}

type Row = {
  deployment: number;
  change: ChangeKind;
  integrationId: number;
  type: FunctionType;
  name: string;
  number: number;
  label: string;
  wasNumber: number | null;
  wasLabel: string | null;
};

async function withChanges(db: Database, scope: Scope, deployments: readonly Deployment[]): Promise<DeploymentWithChanges[]> {
  const rows = await many<Row>(
    db,
    sql`select c.deployment, c.change, v.integration_id, v.type, v.name, v.number, v.label, w.number as was_number, w.label as was_label
          from deployment_changes c join function_versions v on v.id = c.version_id left join function_versions w on w.id = c.was_id
         where c.environment_id = ${scope.environment.id} and c.deployment = any(${deployments.map(({ number }) => number)}::int[])
         order by v.type, v.name`,
  );
  const integrations = await everyIntegration(db, scope);
  const changes = rows
    .map((row) => ({ deployment: row.deployment, change: wireRow(row, integrations.get(row.integrationId)?.uniqueKey ?? '') }))
    .toSorted((one, other) => one.change.integration.localeCompare(other.change.integration));
  return deployments.map((deployment) => ({
    ...wireDeployment(deployment),
    changes: changes.filter((one) => one.deployment === deployment.number).map(({ change }) => change),
  }));
}

function wireRow({ change, type, name, number, label, wasNumber, wasLabel }: Row, integration: string): FunctionChange {
  const version = { number, version: label };
  const was = wasNumber === null ? null : { number: wasNumber, version: wasLabel ?? '' };
  return { change, integration, name, type, ...(change === 'deleted' ? { from: version, to: null } : { from: was, to: version }) };
}

type Named = { uniqueKey: string; name: string; type?: FunctionType | undefined };

/** A function that is or was there. @throws unknown_provider_config, not_found, ambiguous_function */
export async function findFunctionEver(world: Pick<World, 'db'>, scope: Scope, { uniqueKey, name, type }: Named): Promise<FunctionName> {
  const integration = await findIntegration(world, scope, uniqueKey);
  const types = await typesEver(world.db, scope, { integrationId: integration.id, name });
  const [first, ...others] = types.filter((one) => type === undefined || one === type);
  if (!first) throw problem('not_found', { message: `The integration "${uniqueKey}" never had a ${type ?? 'function'} "${name}"` });
  if (others.length === 0) return { integrationId: integration.id, type: first, name };
  const matches = [first, ...others].map((one) => ({ type: one, name }));
  const message = `The integration "${uniqueKey}" has or had ${matches.length} functions "${name}"; say which by its type`;
  throw problem('ambiguous_function', { message, payload: { matches } });
}

/** @throws all of findFunctionEver */
export async function listVersions(
  world: Pick<World, 'db'>,
  scope: Scope,
  { before = NEWEST, limit, ...named }: Named & Page,
): Promise<WireVersion[]> {
  const fn = await findFunctionEver(world, scope, named);
  const { environment } = scope;
  const rows = await many<FunctionVersion & { deployedBy: NamedCaller | null }>(
    world.db,
    sql`select ${versionColumns}, d.deployed_by
          from function_versions v join deployments d on d.environment_id = v.environment_id and d.number = v.deployment
         where v.environment_id = ${environment.id} and v.integration_id = ${fn.integrationId} and v.type = ${fn.type} and v.name = ${fn.name}
           and v.number < ${before}
         order by v.number desc limit ${limit}`,
  );
  const current = await lookFunction(world, scope, fn);
  const kept = await keptCode(
    world.db,
    scope,
    rows.map(({ codeHash }) => codeHash),
  );
  return rows.map((row) => ({
    number: row.number,
    version: row.label,
    type: row.type,
    current: row.id === current?.versionId,
    source: row.source,
    deployment: row.deployment,
    deployed_by: row.deployedBy,
    created_at: row.createdAt.toISOString(),
    code_hash: row.codeHash.toString('hex').slice(0, 12),
    code_kept: kept.has(row.codeHash.toString('hex')),
    models: row.config.models,
    runs: row.type === 'sync' ? (row.config.runs ?? null) : null,
  }));
}
