import type { captures as contract } from '@bowline/api/captures';
import { sql } from 'kysely';
import { run } from '../../src/base/database.ts';
import { eventually } from '../platform.ts';
import type { Cases } from './case.ts';
import type { ContractWorld } from './world.ts';

const never = { params: { id: '999999999' } };
const settings = { keep_days: 7, rules: [{ integration: null, function: 'echo', mode: 'all' as const, one_in: 1 }] };

/** Of a run of the action `echo`. */
async function capture({ platform }: ContractWorld) {
  const headers = { authorization: `Bearer ${platform.apiKey}`, 'provider-config-key': 'key', 'connection-id': 'c-1' };
  await platform.call('POST', '/action/trigger', { action_name: 'echo', input: {} }, headers);
  const id: string = await eventually(async () => {
    const { body } = await platform.call('GET', '/captures');
    return body.data.find((one: { function: string; state: string }) => one.function === 'echo' && one.state === 'whole')?.id;
  }, 'a run was captured');
  return { params: { id } };
}

/** Its code is no longer kept. */
async function codeless(world: ContractWorld) {
  const { params } = await capture(world);
  await run(world.platform.world.db, sql`update captures set code_hash = '\\x00' where id = ${params.id}::bigint`);
  return { params };
}

export const captures: Cases<typeof contract> = {
  list: {
    success: async (world) => ({ query: { run: (await capture(world)).params.id, limit: 2 } }),
    invalid_cursor: { query: { cursor: 'the newest' } },
  },
  get: { success: async (world) => ({ ...(await capture(world)), query: {} }), not_found: { ...never, query: {} } },
  code: {
    success: async (world) => ({ ...(await capture(world)), query: {} }),
    not_found: async (world) => ({ ...(await codeless(world)), query: {} }),
  },
  delete: { success: async (world) => ({ ...(await capture(world)), query: {} }), not_found: { ...never, query: {} } },
  settings: { success: { query: {} } },
  updateSettings: { success: { query: {}, body: settings } },
};
