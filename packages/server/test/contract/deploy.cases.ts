import type { deploy as contract } from '@bowline/api/deploy';
import { flowOf } from '../functions.ts';
import type { Cases } from './case.ts';
import { deploying } from './deploying.ts';

const flow = (name: string, integration = 'key') => ({ ...flowOf({ type: 'action', name, integration }), type: 'action' as const });
const confirmation = { reconcile: false, debug: false, deployMode: 'single' as const };
const deployment = { ...confirmation, nangoYamlBody: '' };
const withoutSchema = { ...flow('unschemed'), models_json_schema: { definitions: {} } };

const tooOld = { headers: { 'user-agent': 'nango-cli/0.39.24' } };

export const deploy: Cases<typeof contract> = {
  confirm: {
    success: { query: {}, body: { ...confirmation, flowConfigs: [flow('planned')] } },
    unknown_provider_config: { query: {}, body: { ...confirmation, flowConfigs: [flow('planned', 'none')] } },
    deploy_missing_json_schema_model: { query: {}, body: { ...confirmation, flowConfigs: [withoutSchema] } },
    invalid_cli_version: { query: {}, body: { ...confirmation, flowConfigs: [] }, ...tooOld },
  },
  deploy: {
    success: { query: {}, body: { ...deployment, flowConfigs: [flow('deployed')] } },
    unknown_provider_config: { query: {}, body: { ...deployment, flowConfigs: [flow('deployed', 'none')] } },
    deploy_missing_json_schema_model: { query: {}, body: { ...deployment, flowConfigs: [withoutSchema] } },
    invalid_cli_version: { query: {}, body: { ...deployment, flowConfigs: [] }, ...tooOld },
    concurrent_deployment: async (world) => ({
      query: {},
      body: { ...deployment, flowConfigs: [flow('deployed')] },
      afterwards: await deploying(world),
    }),
  },
  internal: { forbidden: {} },
  telemetry: { success: { query: {}, body: { deviceId: '3f2504e0-4f89-41d3-9a0c-0305e82c3301', event: 'deploy' } } },
};
