import { sql } from 'kysely';
import { only, run } from '../../src/base/database.ts';
import type { AllCases } from './case.ts';
import type { ContractWorld } from './world.ts';

const never = { params: { id: '3f2504e0-4f89-41d3-9a0c-0305e82c3310' }, query: {} };
const url = 'https://203.0.114.7/hooks';
const made = async ({ platform }: ContractWorld) => {
  const { body } = await platform.call('POST', '/webhooks/endpoints', { url, enabled: false });
  return { params: { id: body.data.id as string }, query: {} }; // as the contract has it
};

/** One that is over. */
const delivery = async (world: ContractWorld) => {
  const { params } = await made(world);
  const { environment } = await world.platform.scopeOf('dev');
  const { id } = await only<{ id: string }>(
    world.platform.world.db,
    sql`insert into webhook_deliveries (environment_id, endpoint_id, name, type, url, body, state)
        values (${environment.id}, ${params.id}::uuid, 'sync.failed', 'sync', '', '{}', 'failed') returning id`,
  );
  return { params: { id }, query: {} };
};

/** The environment has as many as it may. */
const full = async ({ platform }: ContractWorld) => {
  const { environment } = await platform.scopeOf('dev');
  const { db } = platform.world;
  await run(
    db,
    sql`insert into webhook_endpoints (environment_id, kind, url, secret_sealed, description, is_enabled)
        select ${environment.id}::int, 'own', 'https://example.com', ''::bytea, 'one of many', false from generate_series(1, 100)`,
  );
  const afterwards = () =>
    run(db, sql`delete from webhook_endpoints where environment_id = ${environment.id} and description = 'one of many'`);
  return { query: {}, body: { url }, afterwards: async () => void (await afterwards()) };
};

export const webhookEndpoints: AllCases['webhookEndpoints'] = {
  list: { success: { query: {} } },
  create: { success: { query: {}, body: { url, events: ['sync.*'], integrations: ['key'], ordered: true } }, conflict: full },
  get: { success: made, not_found: never },
  update: {
    success: async (world) => ({ ...(await made(world)), body: { description: 'Another', enabled: false } }),
    not_found: { ...never, body: {} },
  },
  remove: { success: made, not_found: never },
  secret: { success: made, not_found: never },
  rotateSecret: { success: made, not_found: never },
  resume: { success: made, not_found: never },
  test: { success: made, not_found: never },
};

export const webhookDeliveries: AllCases['webhookDeliveries'] = {
  list: {
    success: async (world) => (await delivery(world)) && { query: { state: 'failed' as const, limit: 1 } },
    invalid_cursor: { query: { cursor: 'x' } },
  },
  count: { success: async (world) => (await delivery(world)) && { query: { state: 'failed' as const } } },
  get: { success: delivery, not_found: never },
  redeliver: { success: delivery, not_found: never },
  redeliverMany: {
    success: async (world) => ({ query: {}, body: { ids: [(await delivery(world)).params.id] } }),
    invalid_cursor: { query: {}, body: { cursor: 'x' } },
  },
};

export const events: AllCases['events'] = {
  list: { success: { query: { types: ['connection.*'], signed: 'true' as const }, headers: {} } },
};
