/** A deployment: when functions of an environment changed, by whom, and how. All that changes them is one: rollbacks and deletions, too. */
import type { Deployment as Wire } from '@bowline/api/history';
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { one, only, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import type { NamedCaller, Scope } from '../http/scope.ts';

export type Deployment = {
  readonly number: number;
  readonly kind: Wire['kind'];
  readonly deployedBy: NamedCaller | null;
  readonly target: number | null;
  readonly operationId: string | null;
  readonly unchanged: number;
  readonly createdAt: Date;
};
export type ChangeKind = 'created' | 'updated' | 'deleted' | 'rolled_back' | 'restored';
export type RecordedChange = { readonly versionId: number; readonly change: ChangeKind; readonly wasId: number | null };

/** Any number that is ours alone among advisory locks; with the environment's id it names the lock. */
const DEPLOY_LOCK = 0x6465_706c;

/** One at a time in an environment, until the transaction ends. @throws concurrent_deployment */
export async function lockDeployments<T>({ db }: Pick<World, 'db'>, scope: Scope, work: (tx: Database) => Promise<T>): Promise<T> {
  const locked = await tryLockDeployments(db, scope.environment.id, async (tx) => ({ done: await work(tx) }));
  if (!locked) throw problem('concurrent_deployment');
  return locked.done;
}

/** @returns undefined, and nothing is done, while another deployment is under way */
export function tryLockDeployments<T>(db: Database, environmentId: number, work: (tx: Database) => Promise<T>): Promise<T | undefined> {
  return transaction(db, async (tx) => {
    const lock = await one<{ free: boolean }>(
      tx,
      sql`select pg_try_advisory_xact_lock(${DEPLOY_LOCK}::int, ${environmentId}::int) as free`,
    );
    return lock?.free ? work(tx) : undefined;
  });
}

export type NewDeployment = {
  kind: 'deploy' | 'rollback' | 'delete';
  target?: number | undefined;
  operationId?: string | undefined;
  unchanged?: number;
};

/** Within `lockDeployments`. @returns its number */
export async function createDeployment(tx: Database, { environment, caller }: Scope, wanted: NewDeployment): Promise<number> {
  const { kind, target = null, operationId = null, unchanged = 0 } = wanted;
  const { number } = await only<{ number: number }>(
    tx,
    sql`insert into deployments (environment_id, number, kind, deployed_by, target, operation_id, unchanged)
        select ${environment.id}, coalesce(max(number), 0) + 1, ${kind}, ${caller ? JSON.stringify(caller) : null}::jsonb, ${target},
               ${operationId}, ${unchanged}
          from deployments where environment_id = ${environment.id}
        returning number`,
  );
  return number;
}

export async function recordChanges(
  tx: Database,
  { environment }: Scope,
  deployment: number,
  changes: readonly RecordedChange[],
): Promise<void> {
  if (changes.length === 0) return;
  await run(
    tx,
    sql`insert into deployment_changes (environment_id, deployment, version_id, change, was_id)
        select ${environment.id}, ${deployment}, version_id, change, was_id
          from unnest(${changes.map(({ versionId }) => versionId)}::bigint[], ${changes.map(({ change }) => change)}::text[],
                      ${changes.map(({ wasId }) => wasId)}::bigint[]) given(version_id, change, was_id)`,
  );
}

export const deploymentColumns = sql`d.number, d.kind, d.deployed_by, d.target, d.operation_id, d.unchanged, d.created_at`;

export async function lookDeployment(db: Database, { environment }: Scope, number: number): Promise<Deployment | undefined> {
  return one<Deployment>(
    db,
    sql`select ${deploymentColumns} from deployments d where d.environment_id = ${environment.id} and d.number = ${number}`,
  );
}

export const wireDeployment = ({ number, kind, deployedBy, target, operationId, unchanged, createdAt }: Deployment): Wire => ({
  number,
  kind,
  deployed_by: deployedBy,
  target,
  operation_id: operationId,
  unchanged,
  created_at: createdAt.toISOString(),
});
