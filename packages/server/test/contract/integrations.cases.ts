import type { integrations as contract } from '@bowline/api/integrations';
import { deploy } from '../functions.ts';
import type { Cases } from './case.ts';
import type { ContractWorld } from './world.ts';

async function integration({ platform, fresh }: ContractWorld): Promise<string> {
  const key = fresh('integration');
  await platform.call('POST', '/integrations', { unique_key: key, provider: 'unauthenticated' });
  return key;
}

const unknown = { params: { uniqueKey: 'none' }, query: {} };

export const integrations: Cases<typeof contract> = {
  list: { success: { query: {} } },
  create: {
    success: ({ fresh }) => ({ query: {}, body: { unique_key: fresh('integration'), provider: 'unauthenticated', display_name: 'Mine' } }),
  },
  quickstart: {
    success: ({ fresh }) => ({ query: {}, body: { unique_key: fresh('integration'), provider: 'github' } }),
  },
  get: {
    success: { params: { uniqueKey: 'oauth' }, query: { include: ['webhook', 'credentials'] } },
    unknown_provider_config: unknown,
  },
  update: {
    success: async (world) => ({ params: { uniqueKey: await integration(world) }, query: {}, body: { display_name: 'Renamed' } }),
    unknown_provider_config: { ...unknown, body: { display_name: 'Renamed' } },
  },
  remove: {
    success: async (world) => ({ params: { uniqueKey: await integration(world) }, query: {} }),
    unknown_provider_config: unknown,
  },
  functions: {
    success: { params: { uniqueKey: 'key' }, query: { limit: 5 } },
    unknown_provider_config: unknown,
  },
  functionCode: {
    success: { params: { uniqueKey: 'key', name: 'echo' }, query: { type: 'action' } },
    unknown_provider_config: { params: { uniqueKey: 'none', name: 'echo' }, query: {} },
    not_found: { params: { uniqueKey: 'key', name: 'nothing' }, query: {} },
    ambiguous_function: async ({ platform, fresh }) => {
      const name = fresh('shared');
      await deploy(platform, [
        { type: 'action', name },
        { name, autoStart: false },
      ]);
      return { params: { uniqueKey: 'key', name }, query: {} };
    },
  },
  clientMetadata: {
    success: async ({ platform, beside }) => ({
      params: { environmentUuid: (await platform.scopeOf('dev')).environment.uuid, providerConfigKey: 'mcp' },
      query: {},
      at: await beside({ config: { ...platform.world.config, publicUrl: 'https://bowline.example.com' } }),
    }),
    unknown_environment: {
      params: { environmentUuid: '3f2504e0-4f89-41d3-9a0c-0305e82c3301', providerConfigKey: 'mcp' },
      query: {},
    },
    unknown_provider_config: async ({ platform }) => ({
      params: { environmentUuid: (await platform.scopeOf('dev')).environment.uuid, providerConfigKey: 'key' },
      query: {},
    }),
  },
  legacy: {
    success: { params: { providerConfigKey: 'oauth' }, query: { include_creds: 'true' } },
    unknown_provider_config: { params: { providerConfigKey: 'none' }, query: {} },
    unknown_provider_template: { params: { providerConfigKey: 'gone' }, query: { include_creds: 'true' } },
  },
};
