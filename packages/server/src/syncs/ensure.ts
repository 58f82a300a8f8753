/** Every connection of an integration has each of its sync functions: rows are made where they are missing, and follow a deployment. */
import { sql } from 'kysely';
import { many, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { connectionsOf } from '../connections/find.ts';
import { listFunctions } from '../deployments/find.ts';
import type { DeployedFunction } from '../deployments/function.ts';
import { enqueue } from '../queue/enqueue.ts';
import { cancelRuns } from './cancel.ts';
import { DUE_CHANNEL } from './sync.ts';
import type { Removed } from './teardown.ts';

type InEnvironment = { readonly environment: { readonly id: number } };

/** Of one connection just made, or of all after a deployment. Safe to repeat. */
export async function ensureSyncs(
  world: Pick<World, 'db' | 'bus'>,
  scope: InEnvironment,
  which: { integrationId: number; connectionId?: number },
): Promise<void> {
  await transaction(world.db, async (tx) => {
    const functions = (await listFunctions({ db: tx }, scope, [which.integrationId])).filter(({ type }) => type === 'sync');
    const ids =
      which.connectionId === undefined
        ? (await connectionsOf({ db: tx }, scope, which.integrationId)).map(({ id }) => id)
        : [which.connectionId];
    for (const fn of functions) await ensureFunction(tx, scope, fn, ids);
    await removeOthers(
      { ...world, db: tx },
      scope,
      ids,
      functions.map(({ id }) => id),
    );
    await world.bus.publish(DUE_CHANNEL, {}, tx);
  });
}

/** A frequency the connection was given stays; a sync the user paused stays paused. */
async function ensureFunction(tx: Database, { environment }: InEnvironment, fn: DeployedFunction, connectionIds: number[]): Promise<void> {
  const { autoStart } = fn.config;
  const frequencyMs = fn.frequencyMs ?? 3_600_000;
  await run(
    tx,
    sql`insert into syncs (environment_id, connection_id, function_id, integration_id, name, paused, frequency_ms, next_run_at)
        select ${environment.id}, connection, ${fn.id}, ${fn.integrationId}, ${fn.name}, ${!autoStart}, ${frequencyMs}, now()
          from unnest(${connectionIds}::int[]) connection
        on conflict (connection_id, function_id, variant) where deleted_at is null do nothing`,
  );
  await run(
    tx,
    sql`update syncs set frequency_ms = ${frequencyMs}, next_run_at = least(next_run_at, now() + ${`${frequencyMs} milliseconds`}::interval)
         where environment_id = ${environment.id} and function_id = ${fn.id} and frequency_own is null and frequency_ms <> ${frequencyMs}
           and deleted_at is null`,
  );
}

/** Syncs whose function a deployment removed. */
async function removeOthers(
  world: Pick<World, 'db' | 'bus'>,
  { environment }: InEnvironment,
  connectionIds: number[],
  functionIds: number[],
): Promise<void> {
  const removed = await many<Removed>(
    world.db,
    sql`update syncs set deleted_at = now()
         where environment_id = ${environment.id} and connection_id = any(${connectionIds}::int[]) and deleted_at is null
           and not function_id = any(${functionIds}::int[])
        returning connection_id, function_id, name, variant, active_run`,
  );
  await cancelRuns(
    world,
    environment.id,
    removed.flatMap(({ activeRun }) => activeRun ?? []),
  );
  const jobs = removed.map((sync) => ({ task: 'sync-removed' as const, payload: { environmentId: environment.id, ...sync } }));
  await enqueue(world.db, jobs);
}
