import type { syncLimits as limitsContract } from '@bowline/api/sync-limits';
import type { syncs as contract } from '@bowline/api/syncs';
import { sql } from 'kysely';
import { run } from '../../src/base/database.ts';
import { importConnection } from '../connections/fixture.ts';
import { settled } from '../functions.ts';
import type { Cases } from './case.ts';
import type { ContractWorld } from './world.ts';

const here = { provider_config_key: 'key', connection_id: 'c-1' };
const noIntegration = { ...here, provider_config_key: 'none' };
const noConnection = { ...here, connection_id: 'none' };
const choice = { syncs: ['items'] };

const control: Cases<Pick<typeof contract, 'pause'>>['pause'] = {
  success: async (world) => ({ query: {}, body: { ...choice, ...here, connection_id: await synced(world) } }),
  unknown_provider_config: { query: {}, body: { ...choice, ...noIntegration } },
  unknown_connection: { query: {}, body: { ...choice, ...noConnection } },
  no_syncs_found: { query: {}, body: { ...here, syncs: ['nothing'] } },
};

/** A connection whose sync has run. */
async function synced({ platform, fresh }: ContractWorld): Promise<string> {
  const id = fresh('synced');
  await importConnection(platform, id);
  await settled(platform, id, 'items');
  return id;
}

async function variant({ platform, fresh }: ContractWorld): Promise<{ name: string; variant: string }> {
  const params = { name: 'items', variant: fresh('variant') };
  const { status } = await platform.call('POST', `/sync/items/variant/${params.variant}`, here);
  if (status !== 200) throw new Error('no variant was made');
  return params;
}

/** As many variants as a connection may have, paused, since a hundred runs would be of no use here. */
async function full(world: ContractWorld): Promise<string> {
  const id = await synced(world);
  await run(
    world.platform.world.db,
    sql`insert into syncs (environment_id, connection_id, function_id, integration_id, name, variant, paused, frequency_ms)
        select s.environment_id, s.connection_id, s.function_id, s.integration_id, s.name, 'v' || n, true, s.frequency_ms
          from syncs s join connections c on c.id = s.connection_id, generate_series(1, 100) n
         where c.connection_id = ${id} and s.variant = 'base'`,
  );
  return id;
}

/** A connection with deletions that wait, as a crawl leaves them that met nothing of a hundred. */
async function holding(world: ContractWorld): Promise<{ provider_config_key: string; connection_id: string; model: string }> {
  const id = await synced(world);
  const { db } = world.platform.world;
  await run(
    db,
    sql`insert into held_records (stream_id, external_id)
        select s.id, r.external_id from record_streams s join connections c on c.id = s.connection_id join records r on r.stream_id = s.id
         where c.connection_id = ${id} and s.model = 'Item' and s.variant = 'base'`,
  );
  await run(
    db,
    sql`update record_streams s set held_by = s.generation, held_at = now(), held_reason = 'many_records' from connections c
         where c.id = s.connection_id and c.connection_id = ${id}`,
  );
  return { provider_config_key: 'key', connection_id: id, model: 'Item' };
}

const deciding: Cases<Pick<typeof contract, 'approveDeletions'>>['approveDeletions'] = {
  success: async (world) => ({ query: {}, body: await holding(world) }),
  unknown_provider_config: { query: {}, body: { ...noIntegration, model: 'Item' } },
  unknown_connection: { query: {}, body: { ...noConnection, model: 'Item' } },
  not_found: { query: {}, body: { ...here, model: 'Item' } },
};

const onVariant = {
  unknown_provider_config: { params: { name: 'items', variant: 'a' }, query: {}, body: noIntegration },
  unknown_connection: { params: { name: 'items', variant: 'a' }, query: {}, body: noConnection },
  unknown_sync: { params: { name: 'nothing', variant: 'a' }, query: {}, body: here },
  invalid_variant: { params: { name: 'items', variant: 'Base' }, query: {}, body: here },
};

export const syncs: Cases<typeof contract> = {
  heldDeletions: {
    success: async (world) => {
      const { provider_config_key, connection_id } = await holding(world);
      return { query: { provider_config_key, connection_id } };
    },
    unknown_provider_config: { query: noIntegration },
    unknown_connection: { query: noConnection },
  },
  approveDeletions: deciding,
  discardDeletions: deciding,
  trigger: {
    success: { query: {}, headers: {}, body: { ...choice, ...here } },
    unknown_provider_config: { query: {}, headers: {}, body: { ...choice, ...noIntegration } },
    unknown_connection: { query: {}, headers: {}, body: { ...choice, ...noConnection } },
    no_syncs_found: { query: {}, headers: {}, body: { ...here, syncs: [{ name: 'items', variant: 'nothing' }] } },
    missing_provider_config_key: { query: {}, headers: {}, body: choice },
  },
  pause: control,
  start: control,
  status: {
    success: { query: { syncs: '*', ...here } },
    unknown_provider_config: { query: { syncs: '*', ...noIntegration } },
    unknown_connection: { query: { syncs: '*', ...noConnection } },
  },
  frequency: {
    success: { query: {}, body: { ...here, sync_name: 'items', frequency: 'every 2 hours' } },
    unknown_provider_config: { query: {}, body: { ...noIntegration, sync_name: 'items', frequency: null } },
    unknown_connection: { query: {}, body: { ...noConnection, sync_name: 'items', frequency: null } },
    unknown_sync: { query: {}, body: { ...here, sync_name: 'nothing', frequency: null } },
  },
  createVariant: {
    ...onVariant,
    success: ({ fresh }) => ({ params: { name: 'items', variant: fresh('variant') }, query: {}, body: here }),
    sync_variant_already_exists: async (world) => ({ params: await variant(world), query: {}, body: here }),
    resource_capped: async (world) => {
      const body = { ...here, connection_id: await full(world) };
      return { params: { name: 'items', variant: 'one-too-many' }, query: {}, body };
    },
  },
  deleteVariant: {
    ...onVariant,
    success: async (world) => ({ params: await variant(world), query: {}, body: here }),
    unknown_sync: { params: { name: 'items', variant: 'nothing' }, query: {}, body: here },
  },
};

export const syncLimits: Cases<typeof limitsContract> = {
  get: {
    success: { query: here },
    unknown_provider_config: { query: noIntegration },
    unknown_connection: { query: noConnection },
  },
  update: {
    success: { query: {}, body: { ...here, integration: { connection_runs_max: 900 }, connection: { runs_max: 900 } } },
    unknown_provider_config: { query: {}, body: { ...noIntegration, connection: { runs_max: 1 } } },
    unknown_connection: { query: {}, body: { ...noConnection, connection: { runs_max: 1 } } },
  },
};
