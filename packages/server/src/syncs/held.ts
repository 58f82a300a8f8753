/** Deletions of syncs that wait for a word: listed, approved, discarded, and told when a run is the first to hold them. */

import { problem } from '@bowline/api/problem';
import type { HeldDeletions } from '@bowline/api/syncs';
import { transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { refOf } from '../connections/connection.ts';
import { findWithIntegration } from '../connections/find.ts';
import type { Target } from '../connections/target.ts';
import { publish } from '../events/publish.ts';
import type { Scope } from '../http/scope.ts';
import { approveHeld, discardHeld, type Held, listHeld } from '../records/hold.ts';
import { lookStream, type Stream } from '../records/stream.ts';
import type { RunContext } from '../runs/context.ts';
import { lookRun } from '../runs/run.ts';
import { lookSync } from './find.ts';
import type { Sync } from './sync.ts';

export type HeldName = { connectionId: string; providerConfigKey: string; model: string; variant: string };
type Needs = Pick<World, 'db'>;

/** @throws unknown_connection, unknown_provider_config */
export async function listHeldDeletions(
  world: Needs,
  scope: Scope,
  name: Pick<HeldName, 'connectionId' | 'providerConfigKey'>,
): Promise<HeldDeletions[]> {
  const { connection } = await findWithIntegration(world, scope, name);
  const held = await listHeld(world.db, scope, [connection.id]);
  return held.map((one) => wireHeld(one, name));
}

/** Deletes them, and tells the app as if the sync had just done so. @throws not_found when nothing waits, unknown_connection, unknown_provider_config */
export async function approveDeletions(world: Needs, scope: Scope, name: HeldName): Promise<number> {
  const { target, stream, held } = await find(world, scope, name);
  const sync = await syncOf(world, scope, held);
  return transaction(world.db, async (tx) => {
    const deleted = await approveHeld({ db: tx }, scope, stream);
    if (deleted > 0 && sync) await publishDeleted(tx, scope, { target, sync, held, deleted });
    return deleted;
  });
}

/** Keeps the records. @throws not_found when nothing waits, unknown_connection, unknown_provider_config */
export async function discardDeletions(world: Needs, scope: Scope, name: HeldName): Promise<void> {
  const { stream } = await find(world, scope, name);
  await discardHeld(world, scope, stream);
}

/** In the transaction of the run's end: what this run was the first to hold, one event a model. */
export async function publishHeld(tx: Database, { scope, connection, runId, fn }: RunContext, sync: Sync): Promise<void> {
  const held = await listHeld(tx, scope, [connection.id]);
  for (const one of held) {
    if (one.runId !== runId || one.variant !== sync.variant || !fn.config.models.includes(one.model)) continue;
    await publish(tx, scope.environment.id, 'sync.deletions_held', {
      connection: refOf(connection),
      syncName: sync.name,
      syncVariant: sync.variant,
      model: one.model,
      count: one.count,
      of: one.live,
      reason: one.reason,
      heldAt: one.at.toISOString(),
    });
  }
}

async function find(world: Needs, scope: Scope, name: HeldName): Promise<{ target: Target; stream: Stream; held: Held }> {
  const { model, variant } = name;
  const target = await findWithIntegration(world, scope, name);
  const stream = await lookStream(world.db, scope, { connection: target.connection.id, model, variant });
  const held = (await listHeld(world.db, scope, [target.connection.id])).find((one) => one.model === model && one.variant === variant);
  if (stream && held) return { target, stream, held };
  throw problem('not_found', { message: `No deletions of the model "${model}" are waiting. A later run may have settled them` });
}

/** The sync whose run held them; undefined when it was removed. */
async function syncOf({ db }: Needs, scope: Scope, { runId }: Held): Promise<Sync | undefined> {
  const run = await lookRun(db, runId);
  return run?.syncId ? lookSync(db, scope, run.syncId) : undefined;
}

type Approved = { target: Target; sync: Sync; held: Held; deleted: number };

async function publishDeleted(tx: Database, scope: Scope, { target, sync, held, deleted }: Approved): Promise<void> {
  await publish(tx, scope.environment.id, 'sync.completed', {
    connection: refOf(target.connection),
    syncName: sync.name,
    syncVariant: sync.variant,
    model: held.model,
    syncType: 'INCREMENTAL',
    modifiedAfter: held.at.toISOString(),
    responseResults: { added: 0, updated: 0, deleted },
  });
}

export function wireHeld(
  { model, variant, count, live, reason, at, examples }: Held,
  { connectionId, providerConfigKey }: Pick<HeldName, 'connectionId' | 'providerConfigKey'>,
): HeldDeletions {
  return {
    connection_id: connectionId,
    provider_config_key: providerConfigKey,
    model,
    variant,
    count,
    of: live,
    reason,
    held_at: at.toISOString(),
    examples,
  };
}
