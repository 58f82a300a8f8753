import type { history as contract } from '@bowline/api/history';
import { sql } from 'kysely';
import { run } from '../../src/base/database.ts';
import { deploy } from '../functions.ts';
import type { Cases } from './case.ts';
import { deploying } from './deploying.ts';
import type { ContractWorld } from './world.ts';

const never = { params: { number: 999_999 } };
const none = { params: { uniqueKey: 'none', name: 'echo' } };
const nothing = { params: { uniqueKey: 'key', name: 'nothing' } };
const toFirst = { query: {}, body: { version: 1 } };

/** @returns the deployment of now: those before may be of integrations that are no more */
async function newest({ platform, fresh }: ContractWorld): Promise<number> {
  await deploy(platform, [{ name: fresh('newest'), type: 'action' }]);
  return (await platform.call('GET', '/deployments?limit=1')).body.data[0].number;
}

/** An action of two versions, of which the second runs. */
async function twice({ platform, fresh }: ContractWorld) {
  const name = fresh('twice-deployed');
  for (const exec of ['1', '2']) await deploy(platform, [{ name, type: 'action', exec }]);
  return { params: { uniqueKey: 'key', name } };
}

async function ambiguous({ platform, fresh }: ContractWorld) {
  const name = fresh('of-two-types');
  for (const type of ['sync', 'action'] as const) await deploy(platform, [{ name, type, autoStart: false }]);
  return { params: { uniqueKey: 'key', name } };
}

/** Its first version has no code any more. */
async function codeless(world: ContractWorld) {
  const { params } = await twice(world);
  await run(
    world.platform.world.db,
    sql`delete from function_code where hash in (select code_hash from function_versions where name = ${params.name} and number = 1)`,
  );
  return { params };
}

/** A deployment of an integration that is no more. */
async function ofGone({ platform, fresh }: ContractWorld) {
  const integration = fresh('deleted');
  await platform.call('POST', '/integrations', { unique_key: integration, provider: 'unauthenticated' });
  await deploy(platform, [{ name: 'gone', type: 'action', integration }]);
  const number = (await platform.call('GET', '/deployments?limit=1')).body.data[0].number;
  await platform.call('DELETE', `/integrations/${integration}`);
  return { params: { number } };
}

const oneFunction = {
  success: async (world: ContractWorld) => ({ ...(await twice(world)), ...toFirst }),
  unknown_provider_config: { ...none, ...toFirst },
  not_found: { ...nothing, ...toFirst },
  ambiguous_function: async (world: ContractWorld) => ({ ...(await ambiguous(world)), ...toFirst }),
  rollback_impossible: async (world: ContractWorld) => ({ ...(await codeless(world)), ...toFirst }),
};

export const history: Cases<typeof contract> = {
  deployments: { success: { query: {} } },
  deployment: {
    success: async (world) => ({ params: { number: await newest(world) }, query: {} }),
    not_found: { ...never, query: {} },
  },
  previewRollBack: {
    success: async (world) => ({ params: { number: await newest(world) }, query: {} }),
    not_found: { ...never, query: {} },
    rollback_impossible: async (world) => ({ ...(await ofGone(world)), query: {} }),
  },
  rollBack: {
    success: async (world) => ({ params: { number: await newest(world) }, query: {} }),
    not_found: { ...never, query: {} },
    rollback_impossible: async (world) => ({ ...(await ofGone(world)), query: {} }),
    concurrent_deployment: async (world) => ({
      params: { number: await newest(world) },
      query: {},
      afterwards: await deploying(world),
    }),
  },
  versions: {
    success: { params: { uniqueKey: 'key', name: 'echo' }, query: {} },
    unknown_provider_config: { ...none, query: {} },
    not_found: { ...nothing, query: {} },
    ambiguous_function: async (world) => ({ ...(await ambiguous(world)), query: {} }),
  },
  previewRollBackFunction: oneFunction,
  rollBackFunction: {
    ...oneFunction,
    concurrent_deployment: async (world) => ({ ...(await twice(world)), ...toFirst, afterwards: await deploying(world) }),
  },
};
