/**
 * Go back: one function to an earlier version, or all of them to how they were after a deployment. Nothing is made anew: functions point to
 * versions that are there, so what comes back is what was. Planned and done by the same code, and a deployment of its own in the history.
 */
import type { FunctionChange, Rollback } from '@bowline/api/history';
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { many, run } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { publish } from '../events/publish.ts';
import type { Scope } from '../http/scope.ts';
import { everyIntegration } from '../integrations/find.ts';
import { keptCode } from './code.ts';
import { createDeployment, lockDeployments, lookDeployment, type RecordedChange, recordChanges } from './deployment.ts';
import { listFunctions, lookFunction } from './find.ts';
import type { DeployedFunction } from './function.ts';
import { findFunctionEver } from './history.ts';
import { inActivityLog } from './logged.ts';
import { type FunctionVersion, keyOf, lookVersion, versionColumns } from './version.ts';

/** One function: what is there, and what is to be there. */
type Step = { readonly integration: string } & (
  | { readonly change: 'rolled_back'; readonly from: DeployedFunction; readonly to: FunctionVersion }
  | { readonly change: 'restored'; readonly from: undefined; readonly to: FunctionVersion }
  | { readonly change: 'deleted'; readonly from: DeployedFunction; readonly to: undefined }
);
type RollbackPlan = { readonly steps: readonly Step[]; readonly unchanged: number; readonly deletedModels: readonly string[] };
type Target =
  | { readonly deployment: number }
  | { readonly uniqueKey: string; readonly name: string; readonly type?: DeployedFunction['type'] | undefined; readonly version: number };

/** @throws what the plan throws */
export async function previewRollback(world: Pick<World, 'db'>, scope: Scope, target: Target): Promise<Rollback> {
  return wire(await plan(world, scope, target), null);
}

/** @throws concurrent_deployment, and what the plan throws */
export function rollBack(world: World, scope: Scope, target: Target): Promise<Rollback> {
  const isWhole = 'deployment' in target;
  return inActivityLog(world, scope, {
    title: isWhole ? `Roll back to deployment ${target.deployment}` : `Roll back ${target.name} of ${target.uniqueKey}`,
    work: (operationId) =>
      lockDeployments(world, scope, async (tx) => {
        const planned = await plan({ db: tx }, scope, target);
        if (planned.steps.length === 0) return { deployment: undefined, done: wire(planned, null) };
        const { unchanged } = planned;
        const how = { kind: 'rollback', operationId, unchanged, ...(isWhole ? { target: target.deployment } : {}) } as const;
        const deployment = await createDeployment(tx, scope, how);
        await apply(tx, scope, deployment, planned.steps);
        return { deployment, done: wire(planned, deployment) };
      }),
    lines: ({ changes }) => changes.map(lineOf),
  });
}

const lineOf = ({ integration, type, name, change, from, to }: FunctionChange) =>
  `${integration}: ${type} ${name}, ${change === 'rolled_back' ? `from version ${from?.version} to ${to?.version}` : change === 'restored' ? `restored, version ${to?.version}` : 'deleted'}`;

/** @throws unknown_provider_config, not_found, ambiguous_function, rollback_impossible */
function plan(world: Pick<World, 'db'>, scope: Scope, target: Target): Promise<RollbackPlan> {
  return 'deployment' in target ? planWhole(world, scope, target.deployment) : planOne(world, scope, target);
}

async function planOne(
  world: Pick<World, 'db'>,
  scope: Scope,
  target: Exclude<Target, { readonly deployment: number }>,
): Promise<RollbackPlan> {
  const fn = await findFunctionEver(world, scope, target);
  const to = await lookVersion(world.db, scope, { ...fn, number: target.version });
  if (!to) throw problem('not_found', { message: `The ${fn.type} "${fn.name}" has no version with the number ${target.version}` });
  const from = await lookFunction(world, scope, fn);
  if (from?.versionId === to.id) return { steps: [], unchanged: 1, deletedModels: [] };
  const step: Step = { integration: target.uniqueKey, ...towards(from, to) };
  await checkCode(world.db, scope, [step], `Version ${target.version} cannot be brought back`);
  const others = (await listFunctions(world, scope)).filter(({ id }) => id !== from?.id);
  return { steps: [step], unchanged: 0, deletedModels: lostModels([step], others) };
}

async function planWhole(world: Pick<World, 'db'>, scope: Scope, number: number): Promise<RollbackPlan> {
  const deployment = await lookDeployment(world.db, scope, number);
  if (!deployment)
    throw problem('not_found', { message: `This environment has no deployment ${number}; GET /deployments lists those there are` });
  const integrations = await everyIntegration(world.db, scope);
  const living = ({ integrationId }: { integrationId: number }) => integrations.get(integrationId)?.deletedAt === null;
  // An integration that was deleted before had no functions any more, though nothing says so of each.
  const wanted = (await stateAfter(world.db, scope, number)).filter(
    ({ integrationId }) => (integrations.get(integrationId)?.deletedAt ?? deployment.createdAt) >= deployment.createdAt,
  );
  const key = (integrationId: number) => integrations.get(integrationId)?.uniqueKey ?? '';
  const gone = wanted.filter((version) => !living(version));
  if (gone.length > 0) {
    const what = [...new Set(gone.map(({ integrationId }) => integrationId))].map((id) => {
      const functions = gone.filter(({ integrationId }) => integrationId === id).map(titleOf);
      return `the integration "${key(id)}" was deleted since (${functions.join(', ')})`;
    });
    throw impossible(`Deployment ${number} cannot be brought back: ${what.join('; ')}`);
  }
  const current = (await listFunctions(world, scope)).filter(living);
  const there = new Map(current.map((fn) => [keyOf(fn), fn]));
  const moved = wanted.filter((version) => there.get(keyOf(version))?.versionId !== version.id);
  const kept = new Set(wanted.map(keyOf));
  const steps = [
    ...moved.map((to): Step => ({ integration: key(to.integrationId), ...towards(there.get(keyOf(to)), to) })),
    ...current
      .filter((fn) => !kept.has(keyOf(fn)))
      .map((from): Step => ({ integration: key(from.integrationId), change: 'deleted', from, to: undefined })),
  ];
  await checkCode(world.db, scope, steps, `Deployment ${number} cannot be brought back`);
  return { steps, unchanged: wanted.length - moved.length, deletedModels: lostModels(steps, wanted) };
}

const towards = (from: DeployedFunction | undefined, to: FunctionVersion) =>
  from ? ({ change: 'rolled_back', from, to } as const) : ({ change: 'restored', from, to } as const);

/** Each function's last change until then; of those that were not deleted by it. */
async function stateAfter(db: Database, { environment }: Scope, deployment: number): Promise<FunctionVersion[]> {
  const rows = await many<FunctionVersion & { change: string }>(
    db,
    sql`select distinct on (v.integration_id, v.type, v.name) c.change, ${versionColumns}
          from deployment_changes c join function_versions v on v.id = c.version_id
         where c.environment_id = ${environment.id} and c.deployment <= ${deployment}
         order by v.integration_id, v.type, v.name, c.deployment desc`,
  );
  return rows.filter(({ change }) => change !== 'deleted');
}

/** @throws rollback_impossible */
async function checkCode(db: Database, scope: Scope, steps: readonly Step[], what: string): Promise<void> {
  const needed = steps.flatMap(({ to }) => to ?? []);
  const kept = await keptCode(
    db,
    scope,
    needed.map(({ codeHash }) => codeHash),
  );
  const lost = needed.filter(({ codeHash }) => !kept.has(codeHash.toString('hex')));
  if (lost.length > 0) throw impossible(`${what}: the code of ${lost.map(titleOf).join(', ')} is no longer kept`);
}

const titleOf = ({ type, name }: FunctionVersion) => `${type} ${name}`;
const impossible = (message: string) =>
  problem('rollback_impossible', { message: `${message}. Roll back single functions instead, or deploy again from your repository` });

/** Of syncs that go or keep less. */
function lostModels(steps: readonly Step[], others: readonly Pick<FunctionVersion, 'type' | 'config'>[]): string[] {
  const modelsOf = (fn: Pick<FunctionVersion, 'type' | 'config'> | undefined) => (fn?.type === 'sync' ? fn.config.models : []);
  const kept = new Set([...steps.flatMap(({ to }) => modelsOf(to)), ...others.flatMap(modelsOf)]);
  return [...new Set(steps.flatMap(({ from }) => modelsOf(from)))].filter((model) => !kept.has(model));
}

async function apply(tx: Database, scope: Scope, deployment: number, steps: readonly Step[]): Promise<void> {
  for (const step of steps) await applyStep(tx, scope, step);
  await recordChanges(
    tx,
    scope,
    deployment,
    steps.map(({ change, from, to }): RecordedChange => {
      if (!to) return { change, versionId: from.versionId, wasId: null };
      return { change, versionId: to.id, wasId: from?.versionId ?? null };
    }),
  );
  const integrationIds = [...new Set(steps.map(({ from, to }) => (to ?? from).integrationId))];
  await publish(tx, scope.environment.id, 'functions.deployed', { integrationIds });
}

async function applyStep(tx: Database, { environment }: Scope, { change, from, to }: Step): Promise<void> {
  if (change === 'deleted') {
    await run(tx, sql`update functions set deleted_at = now() where environment_id = ${environment.id} and id = ${from.id}`);
  } else if (change === 'rolled_back') {
    await run(
      tx,
      sql`update functions set version_id = ${to.id}, deployed_at = now() where environment_id = ${environment.id} and id = ${from.id}`,
    );
  } else {
    await run(
      tx,
      sql`insert into functions (environment_id, integration_id, type, name, version_id)
          values (${environment.id}, ${to.integrationId}, ${to.type}, ${to.name}, ${to.id})`,
    );
  }
}

function wire({ steps, unchanged, deletedModels }: RollbackPlan, deployment: number | null): Rollback {
  const changes = steps.map(({ change, integration, from, to }): FunctionChange => {
    const { name, type } = to ?? from;
    return {
      change,
      integration,
      name,
      type,
      from: from ? { number: from.number, version: from.version } : null,
      to: to ? { number: to.number, version: to.label } : null,
    };
  });
  const place = ({ integration, type, name }: FunctionChange) => `${integration}\n${type}\n${name}`;
  const sorted = changes.toSorted((one, other) => place(one).localeCompare(place(other)));
  return { deployment, changes: sorted, unchanged, deletedModels: [...deletedModels] };
}
