import type { actions as contract } from '@bowline/api/actions';
import { sql } from 'kysely';
import { run } from '../../src/base/database.ts';
import { eventually } from '../platform.ts';
import type { Case, Cases } from './case.ts';
import {
  action,
  type Call,
  disabledAction,
  each,
  endings,
  type Failing,
  failingAction,
  failingCodes,
  type RunProblem,
} from './failing-actions.ts';
import type { ContractWorld } from './world.ts';

const headers = { 'connection-id': 'c-1', 'provider-config-key': 'key' };
const echo = { action_name: 'echo', input: { a: 1 } };

const trigger = ({ name, input, ...more }: Call) => ({
  query: {},
  headers,
  body: { action_name: name },
  ...(input === undefined ? {} : { text: `{"action_name":"${name}","input":${input}}` }),
  ...more,
});

/** Called for later, and ended. */
async function ended({ platform }: ContractWorld, name: string): Promise<string> {
  const { body } = await platform.call('POST', '/action/trigger', { action_name: name }, { ...headers, 'x-async': 'true' });
  await eventually(async () => (await platform.call('GET', body.statusUrl)).status !== 404, `${name} has ended`);
  return body.id;
}

const endedBy =
  (code: Failing): Case<typeof contract.result> =>
  async (world) => ({ params: { id: await ended(world, await failingAction(world, code)) } });

/** As the job leaves a run that ended so: what makes it end so is shown where the caller waits. */
const leftAs =
  (type: RunProblem): Case<typeof contract.result> =>
  async (world) => {
    const id = await ended(world, 'echo');
    await run(
      world.platform.world.db,
      sql`update runs set state = 'failed', output = null, error = ${JSON.stringify({ type, message: type })}::jsonb where public_id = ${id}`,
    );
    return { params: { id } };
  };

export const actions: Cases<typeof contract> = {
  trigger: {
    ...endings(trigger),
    success: { query: {}, headers, body: echo },
    accepted: { query: {}, headers: { ...headers, 'x-async': 'true' }, body: echo },
    unknown_provider_config: { query: {}, headers: { ...headers, 'provider-config-key': 'none' }, body: echo },
    unknown_connection: { query: {}, headers: { ...headers, 'connection-id': 'none' }, body: echo },
    not_found: trigger({ name: 'nothing' }),
    disabled_resource: async (world) => trigger({ name: await disabledAction(world) }),
  },
  result: {
    ...each(failingCodes, endedBy),
    invalid_action_input: leftAs('invalid_action_input'),
    execution_timeout: leftAs('execution_timeout'),
    script_aborted: leftAs('script_aborted'),
    function_runtime_other: leftAs('function_runtime_other'),
    success: async (world) => ({ params: { id: await ended(world, 'echo') } }),
    not_found: { params: { id: '00000000-0000-4000-8000-000000000000' } },
    action_pending: async (world) => {
      const { platform, upstream } = world;
      upstream.on('/never', () => {});
      const body = { action_name: await action(world, `await nango.get({ endpoint: '/never' })`) };
      const started = await platform.call('POST', '/action/trigger', body, { ...headers, 'x-async': 'true' });
      return { params: { id: started.body.id } };
    },
  },
};
