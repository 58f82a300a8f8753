/**
 * Deploy functions: all of them or none, one deployment of an environment at a time. Running work keeps the code it started with. What is there
 * just so is left alone; of what changes, the version that was there stays in the history.
 */
import type { Deployment } from '@bowline/api/deploy';
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { publish } from '../events/publish.ts';
import type { Scope } from '../http/scope.ts';
import { storeCode } from './code.ts';
import { createDeployment, lockDeployments, type RecordedChange, recordChanges } from './deployment.ts';
import type { DeployedFunction } from './function.ts';
import { type Change, type Plan, planDeployment } from './plan.ts';
import { createVersion, type FunctionVersion, lookNewest } from './version.ts';

/** A deployment, from wherever: functions of the catalogue come from ourselves. */
export type Wanted = Omit<Deployment, 'source' | 'nangoYamlBody'> & { source: DeployedFunction['source'] };
export type Deployed = {
  name: string;
  version: string;
  providerConfigKey: string;
  type: string;
  models: string[];
  change: 'created' | 'updated' | 'unchanged';
};
/** `deployment`: undefined when there was nothing at all to deploy or to delete. */
export type Outcome = { deployment: number | undefined; functions: Deployed[] };

/** @param operationId its entry in the activity log. @throws concurrent_deployment, and all of planDeployment */
export async function deployFunctions(
  world: Pick<World, 'db'>,
  scope: Scope,
  { operationId, ...deployment }: Wanted & { operationId?: string },
): Promise<Outcome> {
  return lockDeployments(world, scope, async (tx) =>
    applyPlan(tx, scope, await planDeployment({ db: tx }, scope, deployment), { ...deployment, operationId }),
  );
}

type How = Pick<Wanted, 'source' | 'reconcile'> & { operationId?: string | undefined };

/** Within `lockDeployments`. */
export async function applyPlan(tx: Database, scope: Scope, plan: Plan, { source, reconcile, operationId }: How): Promise<Outcome> {
  const deletions = reconcile ? plan.deletions : [];
  const unchanged = plan.unchanged.map(({ existing, incoming }) => told(incoming, existing?.version ?? '', 'unchanged'));
  if (plan.changes.length + deletions.length + unchanged.length === 0) return { deployment: undefined, functions: [] };
  const deployment = await createDeployment(tx, scope, { kind: 'deploy', operationId, unchanged: unchanged.length });
  const recorded: RecordedChange[] = [];
  const deployed: Deployed[] = [];
  for (const change of plan.changes) {
    const { id, label } = await store(tx, scope, change, { source, deployment });
    const what = change.existing ? 'updated' : 'created';
    recorded.push({ versionId: id, change: what, wasId: change.existing?.versionId ?? null });
    deployed.push(told(change.incoming, label, what));
  }
  for (const { fn } of deletions) {
    await run(tx, sql`update functions set deleted_at = now() where environment_id = ${scope.environment.id} and id = ${fn.id}`);
    recorded.push({ versionId: fn.versionId, change: 'deleted', wasId: null });
  }
  await recordChanges(tx, scope, deployment, recorded);
  const touched = [...plan.changes.map(({ incoming }) => incoming.integration.id), ...deletions.map(({ fn }) => fn.integrationId)];
  if (touched.length > 0) await publish(tx, scope.environment.id, 'functions.deployed', { integrationIds: [...new Set(touched)] });
  return { deployment, functions: [...deployed, ...unchanged] };
}

const told = ({ name, type, integration, config }: Change['incoming'], version: string, change: Deployed['change']): Deployed => ({
  name,
  version,
  providerConfigKey: integration.uniqueKey,
  type,
  models: config.models,
  change,
});

async function store(
  tx: Database,
  scope: Scope,
  { incoming, existing }: Change,
  { source, deployment }: { source: DeployedFunction['source']; deployment: number },
): Promise<{ id: number; label: string }> {
  const { integration, type, name, event, config, frequencyMs } = incoming;
  const fn = { integrationId: integration.id, type, name };
  const codeHash = await storeCode(tx, scope, incoming.code);
  const newest = await lookNewest(tx, scope, fn);
  const label = nextLabel(incoming.version, { existing, newest, codeHash });
  const version = await createVersion(tx, scope, { ...fn, label, event, source, config, frequencyMs, codeHash, deployment });
  await run(
    tx,
    sql`insert into functions (environment_id, integration_id, type, name, version_id)
        values (${scope.environment.id}, ${integration.id}, ${type}, ${name}, ${version.id})
        on conflict (integration_id, type, name) where deleted_at is null do update set version_id = excluded.version_id, deployed_at = now()`,
  );
  return { id: version.id, label };
}

type Before = {
  existing: Pick<DeployedFunction, 'version' | 'codeHash'> | undefined;
  /** After a rollback or a deletion it is not the one that is there. */
  newest: Pick<FunctionVersion, 'label' | 'codeHash'> | undefined;
  codeHash: Buffer;
};

/** An explicit label wins; unchanged code keeps its label; else the last number of the newest one is raised. Pure. */
export function nextLabel(explicit: string, { existing, newest, codeHash }: Before): string {
  if (explicit !== '') return explicit;
  if (existing?.codeHash.equals(codeHash)) return existing.version;
  if (!newest) return '1';
  if (!existing && newest.codeHash.equals(codeHash)) return newest.label;
  const [whole, head = '', last = ''] = /^(.*?)(\d+)$/.exec(newest.label) ?? [];
  return whole === undefined ? '1' : `${head}${Number(last) + 1}`;
}
