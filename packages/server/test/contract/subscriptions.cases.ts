import type { subscriptions as contract } from '@bowline/api/subscriptions';
import { sql } from 'kysely';
import { one } from '../../src/base/database.ts';
import type { Cases } from './case.ts';
import type { ContractWorld } from './world.ts';

const unknown = { params: { id: '00000000-0000-4000-8000-000000000000' }, query: {} };

/** Of the connection `c-1`; nobody works on it, since no job was asked for. */
async function subscription({ platform }: ContractWorld) {
  const row = await one<{ id: string }>(
    platform.world.db,
    sql`insert into webhook_subscriptions (environment_id, integration_id, connection_id, target, events, next_at)
        select environment_id, integration_id, id, gen_random_uuid()::text, '{issues}', null from connections
         where connection_id = 'c-1' and deleted_at is null limit 1 returning id`,
  );
  return { params: { id: row?.id ?? '' }, query: {} };
}

export const subscriptions: Cases<typeof contract> = {
  list: {
    success: async (world) => {
      await subscription(world);
      return { query: { provider_config_key: 'key', connection_id: 'c-1' } };
    },
    unknown_provider_config: { query: { provider_config_key: 'nothing' } },
  },
  renew: { success: subscription, not_found: unknown },
};
