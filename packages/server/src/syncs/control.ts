/** Control syncs: run now, pause, start again. Everything named is checked first, so a request does all or nothing. */
import { problem } from '@bowline/api/problem';
import { type RawBuilder, sql } from 'kysely';
import { many, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { connectionsOf, findConnection } from '../connections/find.ts';
import { publishLive } from '../http/live.ts';
import type { Scope } from '../http/scope.ts';
import { findIntegration } from '../integrations/find.ts';
import { checkpointKey, clearCheckpoint } from '../runs/checkpoint.ts';
import { cancelRuns } from './cancel.ts';
import { queueRuns } from './claim.ts';
import { resetRecords } from './crawl.ts';
import { listSyncs } from './find.ts';
import { nextSyncState, stateOfSync } from './state.ts';
import { columns, DUE_CHANNEL, type Sync } from './sync.ts';

type Needs = Pick<World, 'db' | 'bus'>;
export type SyncChoice = {
  providerConfigKey: string;
  /** All connections of the integration when absent. */
  connectionId?: string | undefined;
  /** All syncs when empty. */
  syncs: readonly { name: string; variant: string }[];
};

/** With the id its connection has on the wire. */
export type Chosen = Sync & { readonly connection: string };

/** @throws unknown_provider_config, unknown_connection, no_syncs_found */
export async function chooseSyncs(world: Needs, scope: Scope, choice: SyncChoice): Promise<Chosen[]> {
  const { providerConfigKey, connectionId } = choice;
  const connections =
    connectionId === undefined
      ? await connectionsOf(world, scope, (await findIntegration(world, scope, providerConfigKey)).id)
      : [await findConnection(world, scope, { connectionId, providerConfigKey })];
  const names = new Map(connections.map(({ id, connectionId }) => [id, connectionId]));
  const all = (await listSyncs(world.db, scope, [...names.keys()])).map((sync) => ({
    ...sync,
    connection: names.get(sync.connectionId) ?? '',
  }));
  if (choice.syncs.length === 0) return all;
  const matches = ({ name, variant }: Sync) => choice.syncs.some((wanted) => wanted.name === name && wanted.variant === variant);
  const missing = choice.syncs.find(({ name, variant }) => !all.some((sync) => sync.name === name && sync.variant === variant));
  if (missing)
    throw problem('no_syncs_found', {
      message: `There is no sync "${missing.name}"${missing.variant === 'base' ? '' : ` with variant "${missing.variant}"`} here`,
    });
  return all.filter(matches);
}

export type Trigger = {
  /** From the start: forget the checkpoint and the last sync date, cancel what runs. */
  reset: boolean;
  /** With `reset`: empty the records first, so that everything is added anew. */
  emptyCache: boolean;
};

/**
 * Runs these syncs as soon as there is room, before what comes due later, paused ones too; one that is running already is left to finish unless it is reset.
 * @returns ids of those that were started
 */
export async function triggerSyncs(
  world: Needs,
  scope: Scope,
  syncs: readonly Sync[],
  { reset, emptyCache }: Trigger,
): Promise<ReadonlySet<string>> {
  const started = await transaction(world.db, async (tx) => {
    // Those that run are left to finish, so their ends need not wait for this.
    const locked = await lock(tx, scope, syncs, reset ? sql`true` : sql`active_run is null`);
    if (reset)
      await cancelRuns(
        { ...world, db: tx },
        scope.environment.id,
        locked.flatMap(({ activeRun }) => activeRun ?? []),
      );
    const starting = locked.filter((sync) => nextSyncState[stateOfSync(sync)][reset ? 'reset' : 'trigger'] !== null);
    const runIds = await queueRuns(tx, starting);
    for (const [index, sync] of reset ? starting.entries() : [])
      await resetSync({ db: tx }, scope, { sync, runId: runIds[index] ?? 0, empty: emptyCache });
    await world.bus.publish(DUE_CHANNEL, {}, tx);
    return new Set(starting.map(({ id }) => id));
  });
  publishLive(world, scope.environment.id, 'syncs');
  return started;
}

function lock(tx: Database, { environment }: Scope, syncs: readonly Sync[], which: RawBuilder<unknown> = sql`true`): Promise<Sync[]> {
  return many<Sync>(
    tx,
    sql`select ${columns} from syncs where environment_id = ${environment.id} and id = any(${syncs.map(({ id }) => id)}::uuid[])
         and deleted_at is null and ${which} order by id for update`,
  );
}

type Reset = { sync: Sync; runId: number; empty: boolean };

async function resetSync(world: Pick<World, 'db'>, scope: Scope, { sync, ...reset }: Reset): Promise<void> {
  const { environment } = scope;
  await clearCheckpoint(
    world.db,
    { environmentId: environment.id, connectionId: sync.connectionId },
    checkpointKey('sync', sync.name, sync.variant),
  );
  await resetRecords(world, scope, sync, reset);
  await run(world.db, sql`update syncs set last_success_started_at = null where environment_id = ${environment.id} and id = ${sync.id}`);
}

/** Pausing cancels what runs; what it saved stays. */
export async function pauseSyncs(world: Needs, scope: Scope, syncs: readonly Sync[]): Promise<void> {
  await transaction(world.db, async (tx) => {
    const locked = await lock(tx, scope, syncs);
    await cancelRuns(
      { ...world, db: tx },
      scope.environment.id,
      locked.flatMap(({ activeRun }) => activeRun ?? []),
    );
    await run(
      tx,
      sql`update syncs set paused = true, active_run = null, triggered_at = null where environment_id = ${scope.environment.id} and id = any(${locked.map(({ id }) => id)}::uuid[])`,
    );
  });
  publishLive(world, scope.environment.id, 'syncs');
}

/** Back on schedule: a slot that passed meanwhile is due now. */
export async function startSyncs(world: Needs, scope: Scope, syncs: readonly Sync[]): Promise<void> {
  await run(
    world.db,
    sql`update syncs set paused = false, next_run_at = coalesce(next_run_at, now())
         where environment_id = ${scope.environment.id} and id = any(${syncs.map(({ id }) => id)}::uuid[]) and paused`,
  );
  await world.bus.publish(DUE_CHANNEL, {});
  publishLive(world, scope.environment.id, 'syncs');
}
