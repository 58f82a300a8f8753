/** Variants: further copies of a sync for one connection, each with its own schedule, checkpoint and records. */
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { one } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { findWithIntegration } from '../connections/find.ts';
import { lookFunction } from '../deployments/find.ts';
import type { Scope } from '../http/scope.ts';
import { listSyncs } from './find.ts';
import { removeSyncs } from './remove.ts';
import { DUE_CHANNEL } from './sync.ts';

type Needs = Pick<World, 'db' | 'bus'>;
type Which = { providerConfigKey: string; connectionId: string; name: string; variant: string };
/** Besides the base variant. */
const VARIANTS_MAX = 100;

/** @throws invalid_variant, unknown_connection, unknown_sync, resource_capped, sync_variant_already_exists */
export async function createVariant(world: Needs, scope: Scope, which: Which): Promise<{ id: string; name: string; variant: string }> {
  checkName(which.variant);
  const { connection, integration } = await findWithIntegration(world, scope, which);
  const fn = await lookFunction(world, scope, { integrationId: integration.id, type: 'sync', name: which.name });
  if (!fn) throw problem('unknown_sync', { message: `There is no sync "${which.name}" in this integration` });
  const existing = (await listSyncs(world.db, scope, [connection.id])).filter(({ name }) => name === which.name);
  if (existing.length > VARIANTS_MAX)
    throw problem('resource_capped', { message: `A sync has at most ${VARIANTS_MAX} variants on one connection` });
  const row = await one<{ id: string }>(
    world.db,
    sql`insert into syncs (environment_id, connection_id, function_id, integration_id, name, variant, paused, frequency_ms, next_run_at)
        values (${scope.environment.id}, ${connection.id}, ${fn.id}, ${integration.id}, ${fn.name}, ${which.variant}, false, ${fn.frequencyMs ?? 3_600_000}, now())
        on conflict (connection_id, function_id, variant) where deleted_at is null do nothing
        returning id`,
  );
  if (!row) throw problem('sync_variant_already_exists', { message: `The sync "${which.name}" already has a variant "${which.variant}"` });
  await world.bus.publish(DUE_CHANNEL, {});
  return { id: row.id, name: which.name, variant: which.variant };
}

/** @throws invalid_variant, unknown_connection, unknown_sync */
export async function deleteVariant(world: Needs, scope: Scope, which: Which): Promise<void> {
  checkName(which.variant);
  const { connection } = await findWithIntegration(world, scope, which);
  const sync = (await listSyncs(world.db, scope, [connection.id])).find(
    ({ name, variant }) => name === which.name && variant === which.variant,
  );
  if (!sync) throw problem('unknown_sync', { message: `The sync "${which.name}" has no variant "${which.variant}"` });
  await removeSyncs(world, scope, [sync]);
}

function checkName(variant: string): void {
  if (variant.toLowerCase() === 'base') throw problem('invalid_variant');
}
