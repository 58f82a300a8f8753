/** The table of a sync's states, held against what the verbs do to a row in a real database. */
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { one, run } from '../../src/base/database.ts';
import type { Scope } from '../../src/http/scope.ts';
import { endRun } from '../../src/runs/run.ts';
import { claimDue } from '../../src/syncs/claim.ts';
import { pauseSyncs, startSyncs, triggerSyncs } from '../../src/syncs/control.ts';
import { lookSync } from '../../src/syncs/find.ts';
import { releaseSync } from '../../src/syncs/finish.ts';
import { removeSyncs } from '../../src/syncs/remove.ts';
import { nextSyncState, type SyncEvent, type SyncState, stateOfSync, syncEvents, syncStates } from '../../src/syncs/state.ts';
import type { Sync } from '../../src/syncs/sync.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deploy } from '../functions.ts';
import { type Platform, startPlatform } from '../platform.ts';

let platform: Platform;
let scope: Scope;
let id: string;

beforeAll(async () => {
  platform = await startPlatform({ worker: false });
  await createIntegrations(platform);
  await deploy(platform, [{ name: 'items' }]);
  await importConnection(platform, 'c-1');
  scope = await platform.scopeOf('dev');
  const row = await one<{ id: string }>(
    platform.world.db,
    sql`insert into syncs (environment_id, connection_id, function_id, integration_id, name, frequency_ms, next_run_at)
        select f.environment_id, c.id, f.id, f.integration_id, f.name, 3600000, now() from functions f, connections c where f.name = 'items' returning id`,
  );
  id = row?.id ?? '';
});

const look = async (): Promise<Sync | undefined> => lookSync(platform.world.db, scope, id);
const stateNow = async (): Promise<SyncState> => {
  const sync = await look();
  return sync ? stateOfSync(sync) : 'removed';
};
const current = async (): Promise<Sync[]> => [await look()].flatMap((sync) => sync ?? []);

/** What stands behind each event; a removed sync is found by nobody, as in the product. */
const verbs: Record<SyncEvent, () => Promise<unknown>> = {
  claim: async () => {
    await run(platform.world.db, sql`update syncs set next_run_at = now() where id = ${id}`);
    await claimDue(platform.world, 4);
  },
  trigger: async () => triggerSyncs(platform.world, scope, await current(), { reset: false, emptyCache: false }),
  reset: async () => triggerSyncs(platform.world, scope, await current(), { reset: true, emptyCache: false }),
  pause: async () => pauseSyncs(platform.world, scope, await current()),
  start: async () => startSyncs(platform.world, scope, await current()),
  end: async () => {
    const [sync] = await current();
    if (!sync || sync.triggeredAt !== null) return; // no job, so nobody to end it
    const ending = { id: sync.activeRun ?? 0, environmentId: scope.environment.id, syncId: id };
    await endRun(platform.world.db, ending, { event: 'succeed' });
    await releaseSync(platform.world.db, ending);
  },
  remove: async () => removeSyncs(platform.world, scope, await current()),
};
const ways: Record<SyncState, readonly SyncEvent[]> = {
  idle: [],
  waiting: ['trigger'],
  active: ['trigger', 'claim'],
  paused: ['pause'],
  pausedWaiting: ['pause', 'trigger'],
  pausedActive: ['pause', 'trigger', 'claim'],
  removed: ['remove'],
};

test.each(syncStates.flatMap((state) => syncEvents.map((event) => [state, event, nextSyncState[state][event] ?? state] as const)))(
  '%s: %s leads to %s',
  async (state, event, next) => {
    await run(platform.world.db, sql`update runs set state = 'cancelled'`);
    await run(
      platform.world.db,
      sql`update syncs set paused = false, active_run = null, triggered_at = null, deleted_at = null, next_run_at = 'infinity' where id = ${id}`,
    );
    for (const step of ways[state]) await verbs[step]();
    expect(await stateNow()).toBe(state);
    await verbs[event]();
    expect(await stateNow()).toBe(next);
  },
);
