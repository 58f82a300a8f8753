import type { logs as contract } from '@bowline/api/logs';
import { eventually } from '../platform.ts';
import type { Cases } from './case.ts';
import type { ContractWorld } from './world.ts';

const never = '01900000-0000-7000-8000-000000000000';

/** A sync run that has ended, with messages. */
async function operation({ platform }: ContractWorld): Promise<string> {
  return eventually(async () => {
    const { body } = await platform.call('GET', '/logs/operations?type=sync&state=success');
    return body.operations[0]?.id;
  }, 'a sync is in the log');
}

export const logs: Cases<typeof contract> = {
  operations: {
    success: { query: { type: 'sync', limit: 2 } },
    invalid_cursor: { query: { cursor: 'nonsense' } },
  },
  operation: {
    success: async (world) => ({ params: { id: await operation(world) }, query: {} }),
    not_found: { params: { id: never }, query: {} },
  },
  messages: { success: async (world) => ({ query: { operation: await operation(world), after: '0' } }) },
};
