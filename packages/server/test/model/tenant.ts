/** What one sequence works on: two connections with their syncs, the ids that the database gave, and what the processes have in hand. */

import type { SandboxJob, SandboxOutcome } from '@bowline/sandbox/pool';
import { type RawBuilder, sql } from 'kysely';
import { type Database, run } from '../../src/base/database.ts';
import type { Connection } from '../../src/connections/connection.ts';
import { findConnection } from '../../src/connections/find.ts';
import { newOperationId } from '../../src/logs/operation-id.ts';
import { lookRun, type Run, startRun } from '../../src/runs/run.ts';
import { ensureSyncs } from '../../src/syncs/ensure.ts';
import { listSyncs } from '../../src/syncs/find.ts';
import type { Sync } from '../../src/syncs/sync.ts';
import { createVariant } from '../../src/syncs/variant.ts';
import { importConnection } from '../connections/fixture.ts';
import type { Lane } from './lane.ts';
import type { Snapshot } from './snapshot.ts';
import { SYNCS } from './state.ts';

/** Runs of syncs are their own, by the name of `run 7`. */
export type Job = { id: string; payload: { runId?: number; id?: number; deliveryId?: string } };
/** `over`: the handler's end. `lost`: its process was given up, and goes on. */
export type Hand = { hid: number; job: Job; lost: boolean; over: Promise<unknown> } & (
  | { kind: 'run'; sync: number; onCall: SandboxJob['onCall']; end: (outcome: SandboxOutcome) => void }
  | { kind: 'attempt'; answer: (status: number) => void }
);

export type Tenant = {
  readonly lane: Lane;
  readonly startedAt: Date;
  readonly connections: readonly Connection[];
  readonly syncs: readonly Sync[];
  readonly hands: Map<number, Hand>;
  readonly cursors: (string | undefined)[];
  nextHand: number;
  /** Whether this step has several operations. */
  isTogether: boolean;
  /** What operations of this step take that only one can: jobs, readers, the ends of functions. */
  readonly taken: Set<string>;
  /** As of the last step. */
  snapshot: Snapshot | undefined;
};

let tenants = 0;

export async function createTenant(lane: Lane): Promise<Tenant> {
  const { world, scope, platform } = lane;
  await lane.reset();
  await lane.setUrl(true);
  await forgetOthers(lane);
  const names = [`m-${++tenants}-0`, `m-${tenants}-1`];
  for (const name of names) await importConnection(platform, name);
  const connections = await Promise.all(
    names.map((connectionId) => findConnection(world, scope, { connectionId, providerConfigKey: 'key' })),
  );
  const [first, second] = connections;
  if (!first || !second) throw new Error('two were imported');
  for (const { id, integrationId } of [first, second]) await ensureSyncs(world, scope, { integrationId, connectionId: id });
  await createVariant(world, scope, { providerConfigKey: 'key', connectionId: first.connectionId, name: 'plain', variant: 'v' });
  const all = await listSyncs(world.db, scope, [first.id, second.id]);
  const syncs = SYNCS.flatMap((wanted) =>
    all.filter(
      (one) => one.connectionId === connections[wanted.connection]?.id && one.name === wanted.name && one.variant === wanted.variant,
    ),
  );
  await run(world.db, sql`delete from graphile_worker._private_jobs`); // the news of the connections
  await run(world.db, sql`delete from events`);
  return {
    lane,
    startedAt: new Date(),
    connections,
    syncs,
    hands: new Map(),
    cursors: SYNCS.map(() => undefined),
    nextHand: 1,
    isTogether: false,
    taken: new Set(),

    snapshot: undefined,
  };
}

/** Of sequences before, in the same database. */
async function forgetOthers({ world }: Lane): Promise<void> {
  await run(world.db, sql`delete from webhook_deliveries`);
  await run(world.db, sql`delete from webhook_endpoints`);
  await run(world.db, sql`update syncs set deleted_at = now() where deleted_at is null`);
}

/** @returns whether no other operation of this step has it */
export function claims({ taken }: Tenant, what: string): boolean {
  if (taken.has(what)) return false;
  taken.add(what);
  return true;
}

/** As a run is taken. @returns nothing when it is over */
export async function takeRun({ lane: { world } }: Tenant, id: number): Promise<Run | undefined> {
  const run = await lookRun(world.db, id);
  const lease = run && (await startRun(world.db, run, run.operationId ?? newOperationId(world)));
  if (!lease) return undefined;
  await mark(world.db, id, sql`'infinity'`);
  return { ...run, attempts: lease.attempt };
}

const mark = (db: Database, id: number, at: RawBuilder<unknown>) => run(db, sql`update runs set ready_at = ${at} where id = ${id}`);

/** As the engine does when it gives a job to a worker: one with the same key is then another job. */
export async function lockJob({ lane }: Tenant, { id, payload }: Job): Promise<void> {
  if (payload.deliveryId !== undefined) return; // held by whoever attempts it
  await run(lane.world.db, sql`update graphile_worker._private_jobs set locked_at = now(), locked_by = 'model' where id = ${id}::bigint`);
}

export async function freeJob({ lane }: Tenant, { id, payload }: Job): Promise<void> {
  if (payload.runId !== undefined) return void (await mark(lane.world.db, payload.runId, sql`now()`));
  if (payload.deliveryId !== undefined)
    return void (await run(lane.world.db, sql`update webhook_deliveries set held_by = null where id = ${payload.deliveryId}::uuid`));
  await run(lane.world.db, sql`update graphile_worker._private_jobs set locked_at = null, locked_by = null where id = ${id}::bigint`);
}

export async function completeJob({ lane }: Tenant, { id, payload }: Job): Promise<void> {
  if (payload.deliveryId !== undefined) return;
  await run(lane.world.db, sql`delete from graphile_worker._private_jobs where id = ${id}::bigint`);
}
