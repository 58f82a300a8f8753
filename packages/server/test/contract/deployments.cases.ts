import type { deployments as contract } from '@bowline/api/deployments';
import type { Cases } from './case.ts';
import { deploying } from './deploying.ts';
import { source } from './functions.cases.ts';
import type { ContractWorld } from './world.ts';

const ofSource = { type: 'function', integration_id: 'key', function_type: 'action', code: source } as const;
const ofTemplate = { type: 'template', integration_id: 'key', template: 'template' } as const;
const unknown = { params: { id: '00000000-0000-4000-8000-000000000000' } };

async function started({ platform, fresh }: ContractWorld): Promise<string> {
  const { status, body } = await platform.call('POST', '/functions/deployments', { ...ofSource, function_name: fresh('deployed') });
  if (status !== 202) throw new Error(`the deployment did not start: ${JSON.stringify(body)}`);
  return body.id;
}

export const deployments: Cases<typeof contract> = {
  templates: { success: { params: { provider: 'private-api-generic' }, query: {} } },
  start: {
    success: ({ fresh }) => ({ query: {}, body: { ...ofSource, function_name: fresh('deployed') } }),
    unknown_provider_config: { query: {}, body: { ...ofTemplate, integration_id: 'none' } },
    template_not_found: { query: {}, body: { ...ofTemplate, template: 'nothing' } },
    template_already_deployed: async ({ platform }) => {
      await platform.call('POST', '/functions/deployments', ofTemplate);
      return { query: {}, body: ofTemplate };
    },
    ambiguous_function: { query: {}, body: { ...ofTemplate, template: 'twice' } },
    invalid_request: { query: {}, body: { ...ofSource, function_name: 'echo' } },
    concurrent_deployment: async (world) => ({
      query: {},
      body: { ...ofTemplate, template: 'other-template' },
      afterwards: await deploying(world),
    }),
  },
  get: {
    success: async (world) => ({ params: { id: await started(world) }, query: {} }),
    deployment_not_found: { ...unknown, query: {} },
  },
  result: { forbidden: { ...unknown, query: {} } },
};
