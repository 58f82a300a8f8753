/** How runs of syncs are taken, the jobs of syncs, and what they do when others tell news. */
import type { Pool } from 'pg';
import type { World } from '../base/world.ts';
import { connectionsOf, findConnectionById } from '../connections/find.ts';
import { lookEnvironmentById } from '../environments/find.ts';
import type { Listener } from '../events/dispatch.ts';
import { internalScope } from '../http/scope.ts';
import { newOperationId } from '../logs/operation-id.ts';
import { startTaking, type Taking } from '../queue/take.ts';
import type { Handler } from '../queue/task.ts';
import { removeStreams } from '../records/empty.ts';
import { deleteCheckpoints } from '../runs/checkpoint.ts';
import type { RunWorld } from '../runs/context.ts';
import { freeRuns, handBackRun, leaseOf, takeRuns } from '../runs/take.ts';
import { setConnectionLimit } from './connection-limits.ts';
import { triggerSyncs } from './control.ts';
import { ensureSyncs } from './ensure.ts';
import { listSyncs } from './find.ts';
import { removeAllSyncs, removeSyncs } from './remove.ts';
import { retryJob } from './retry.ts';
import { runSync } from './run.ts';
import { tellRoom } from './schedule.ts';
import { READY_CHANNEL } from './sync.ts';
import { tearDown } from './teardown.ts';

type Needs = Pick<World, 'db' | 'bus'>;

/** @param pool where the lock is held that says that this process lives. @returns how to stop */
export async function takeSyncs(world: RunWorld, pool: Pool, onLost: () => void): Promise<() => Promise<void>> {
  const { db, bus, log, config } = world;
  const tell = tellRoom(world);
  const taking: Taking = await startTaking(
    { pool, log },
    {
      name: 'sync-run',
      take: (holder, room) => takeRuns(db, { holder, operationIds: Array.from({ length: room }, () => newOperationId(world)) }),
      free: (holder, inHand) => freeRuns(db, { holder, inHand }),
      carryOut: (run, signal, done) => runSync(world, run, { stopped: signal, done }).finally(tell),
      handBack: (run, error) => handBackRun(db, leaseOf(run), { failed: error !== undefined }),
    },
    { concurrency: config.syncConcurrency, onLost },
  );
  const unsubscribe = bus.subscribe(READY_CHANNEL, taking.look);
  return async () => {
    unsubscribe();
    await taking.stop();
  };
}

export const retrySyncJob = retryJob;

export const tearDownJob =
  (world: Needs): Handler<'sync-removed'> =>
  async ({ environmentId, ...removed }) => {
    const environment = await lookEnvironmentById(world, environmentId);
    if (environment) await tearDown(world, internalScope(environment), removed);
  };

/** A new connection starts its syncs by itself; one made anew keeps those it has. */
export const startSyncsOfConnection =
  (world: Needs): Listener<'connection.saved'> =>
  async (tx, { environmentId, payload }) => {
    const environment = await lookEnvironmentById({ db: tx }, environmentId);
    if (!environment) return; // deleted meanwhile
    const scope = { environment };
    const found = await findConnectionById({ db: tx }, scope, payload.connection.id).catch(() => undefined); // deleted meanwhile
    if (found) await ensureSyncs({ ...world, db: tx }, scope, { integrationId: found.integration.id, connectionId: found.connection.id });
  };

export const followDeployment =
  (world: Needs): Listener<'functions.deployed'> =>
  async (tx, { environmentId, payload }) => {
    const environment = await lookEnvironmentById({ db: tx }, environmentId);
    if (!environment) return; // deleted meanwhile
    const scope = { environment };
    for (const integrationId of payload.integrationIds) await ensureSyncs({ ...world, db: tx }, scope, { integrationId });
  };

/** Its syncs run once by themselves, so that what no webhook told of is not missing until their next time. */
export const catchUp =
  (world: Needs): Listener<'subscription.restored'> =>
  async (tx, { environmentId, payload }) => {
    const environment = await lookEnvironmentById({ db: tx }, environmentId);
    if (!environment) return; // deleted meanwhile
    const scope = internalScope(environment);
    const syncs = await listSyncs(tx, scope, [payload.connection.id]);
    const waiting = syncs.filter(({ paused }) => !paused);
    await triggerSyncs({ ...world, db: tx }, scope, waiting, { reset: false, emptyCache: false });
  };

/** Of an integration with many connections: so many at a time, since each names its syncs. */
const CATCHING_UP_MAX = 500;

/** The same for all connections of an integration: what was lost may have been anybody's. */
export const catchUpAll =
  (world: Needs): Listener<'subscription.all_restored'> =>
  async (tx, { environmentId, payload }) => {
    const environment = await lookEnvironmentById({ db: tx }, environmentId);
    if (!environment) return; // deleted meanwhile
    const scope = internalScope(environment);
    const ids = (await connectionsOf({ db: tx }, scope, payload.integrationId)).map(({ id }) => id);
    for (let at = 0; at < ids.length; at += CATCHING_UP_MAX) {
      const syncs = await listSyncs(tx, scope, ids.slice(at, at + CATCHING_UP_MAX));
      const waiting = syncs.filter(({ paused }) => !paused);
      await triggerSyncs({ ...world, db: tx }, scope, waiting, { reset: false, emptyCache: false });
    }
  };

/** Nothing of a deleted connection stays: its syncs stop, its checkpoints and records go. */
export const removeSyncsOfConnection =
  (world: Needs): Listener<'connection.deleted'> =>
  async (tx, { environmentId, payload }) => {
    const scope = { environment: { id: environmentId } };
    const { id } = payload.connection;
    await removeSyncs({ ...world, db: tx }, scope, await listSyncs(tx, scope, [id]));
    await deleteCheckpoints(tx, { environmentId, connectionId: id });
    await removeStreams({ db: tx }, id);
    await setConnectionLimit(tx, scope, { connectionId: id, runsMax: null });
  };

/** At once, so that nothing more starts; what the syncs saved goes with their connections. */
export const removeSyncsOfEnvironment =
  (world: Needs): Listener<'environment.deleted'> =>
  (tx, { environmentId }) =>
    removeAllSyncs({ ...world, db: tx }, environmentId);
