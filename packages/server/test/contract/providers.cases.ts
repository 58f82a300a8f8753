import type { providers as contract, customProviders as own } from '@bowline/api/providers';
import type { Cases } from './case.ts';
import type { ContractWorld } from './world.ts';

export const providers: Cases<typeof contract> = {
  list: { success: { query: { search: 'git' } } },
  get: {
    success: { params: { provider: 'github' }, query: {} },
    unknown_provider_template: { params: { provider: 'nobody' }, query: {} },
  },
};

const yaml = 'extends: unauthenticated\ndisplay_name: Our own # a name people see\n';

async function saved({ platform, fresh }: ContractWorld): Promise<string> {
  const name = fresh('own');
  await platform.call('PUT', `/providers/${name}`, { yaml });
  return name;
}

export const customProviders: Cases<typeof own> = {
  save: {
    success: ({ fresh }) => ({ params: { provider: fresh('own') }, query: { dry_run: 'true' }, body: { yaml } }),
    conflict: { params: { provider: 'github' }, query: {}, body: { yaml } },
    resource_capped: async ({ platform, fresh }) => {
      const authorization = `Bearer ${await platform.keyOf('prod')}`;
      for (let n = 0; n < 200; n++) await platform.call('PUT', `/providers/capped-${n}`, { yaml }, { authorization });
      return { params: { provider: fresh('own') }, query: {}, body: { yaml }, token: authorization.slice('Bearer '.length) };
    },
  },
  source: {
    success: async (world) => ({ params: { provider: await saved(world) }, query: {} }),
    unknown_provider_template: { params: { provider: 'github' }, query: {} },
  },
  remove: {
    success: async (world) => ({ params: { provider: await saved(world) }, query: {} }),
    unknown_provider_template: { params: { provider: 'nobody' }, query: {} },
    conflict: async (world) => {
      const provider = await saved(world);
      await world.platform.call('POST', '/integrations', { unique_key: world.fresh('integration'), provider });
      return { params: { provider }, query: {} };
    },
  },
};
