/** Deploy functions: all of them or none, one deployment of an environment at a time. Running work keeps the code it started with. */
import { hash } from 'node:crypto';
import type { Deployment } from '@bowline/api/deploy';
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { one, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { publish } from '../events/publish.ts';
import type { Scope } from '../http/scope.ts';
import type { DeployedFunction } from './function.ts';
import { type Incoming, type Plan, planDeployment } from './plan.ts';

/** A deployment, from wherever: functions of the catalogue come from ourselves. */
export type Wanted = Omit<Deployment, 'source' | 'nangoYamlBody'> & { source: DeployedFunction['source'] };
export type Deployed = { name: string; version: string; providerConfigKey: string; type: string; models: string[] };

/** Any number that is ours alone among advisory locks; with the environment's id it names the lock. */
const DEPLOY_LOCK = 0x6465_706c;

/** @throws concurrent_deployment, and all of planDeployment */
export async function deployFunctions(world: Pick<World, 'db'>, scope: Scope, deployment: Wanted): Promise<Deployed[]> {
  return lockDeployments(world, scope, async (tx) => applyPlan(tx, scope, await planDeployment({ db: tx }, scope, deployment), deployment));
}

/** One at a time in an environment, until the transaction ends. @throws concurrent_deployment */
export async function lockDeployments<T>({ db }: Pick<World, 'db'>, scope: Scope, work: (tx: Database) => Promise<T>): Promise<T> {
  return transaction(db, async (tx) => {
    const lock = await one<{ free: boolean }>(
      tx,
      sql`select pg_try_advisory_xact_lock(${DEPLOY_LOCK}::int, ${scope.environment.id}::int) as free`,
    );
    if (!lock?.free) throw problem('concurrent_deployment');
    return work(tx);
  });
}

type How = Pick<Wanted, 'source' | 'reconcile'>;

/** Within `lockDeployments`. */
export async function applyPlan(tx: Database, scope: Scope, plan: Plan, { source, reconcile }: How): Promise<Deployed[]> {
  const deployed: Deployed[] = [];
  for (const { incoming, existing } of plan.changes) deployed.push(await store(tx, scope, incoming, existing, source));
  for (const { fn } of reconcile ? plan.deletions : []) {
    await run(tx, sql`update functions set deleted_at = now() where environment_id = ${scope.environment.id} and id = ${fn.id}`);
  }
  const touched = [...plan.changes.map(({ incoming }) => incoming.integration.id), ...plan.deletions.map(({ fn }) => fn.integrationId)];
  if (touched.length > 0) await publish(tx, scope.environment.id, 'functions.deployed', { integrationIds: [...new Set(touched)] });
  return deployed;
}

async function store(
  tx: Database,
  { environment }: Scope,
  incoming: Incoming,
  existing: DeployedFunction | undefined,
  source: DeployedFunction['source'],
): Promise<Deployed> {
  const { integration, code, config } = incoming;
  // The whole artefact is the content address: a changed source text with the same bundle is a new version too.
  const codeHash = Buffer.from(hash('sha256', `${code.js.length}:${code.js}${code.ts}`, 'hex'), 'hex');
  const version = nextVersion(incoming.version, existing, codeHash);
  await run(
    tx,
    sql`insert into function_code (environment_id, hash, js, ts) values (${environment.id}, ${codeHash}, ${code.js}, ${code.ts})
        on conflict do nothing`,
  );
  await run(
    tx,
    sql`insert into functions (environment_id, integration_id, type, name, event, version, source, config, frequency_ms, code_hash)
        values (${environment.id}, ${integration.id}, ${incoming.type}, ${incoming.name}, ${incoming.event}, ${version}, ${source},
                ${JSON.stringify(config)}::jsonb, ${incoming.frequencyMs}, ${codeHash})
        on conflict (integration_id, type, name) where deleted_at is null do update
           set event = excluded.event, version = excluded.version, source = excluded.source, config = excluded.config,
               frequency_ms = excluded.frequency_ms, code_hash = excluded.code_hash, deployed_at = now()`,
  );
  return { name: incoming.name, version, providerConfigKey: integration.uniqueKey, type: incoming.type, models: config.models };
}

/** An explicit version wins; unchanged code keeps its version; else the last number of the previous one is raised. */
export function nextVersion(
  explicit: string,
  existing: Pick<DeployedFunction, 'version' | 'codeHash'> | undefined,
  codeHash: Buffer,
): string {
  if (explicit !== '') return explicit;
  if (!existing) return '1';
  if (existing.codeHash.equals(codeHash)) return existing.version;
  const [whole, head = '', last = ''] = /^(.*?)(\d+)$/.exec(existing.version) ?? [];
  return whole === undefined ? '1' : `${head}${Number(last) + 1}`;
}
