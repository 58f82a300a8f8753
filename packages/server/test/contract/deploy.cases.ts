import type { deploy as contract } from '@bowline/api/deploy';
import { flowOf } from '../functions.ts';
import type { Cases } from './case.ts';
import type { ContractWorld } from './world.ts';

const flow = (name: string, integration = 'key') => ({ ...flowOf({ type: 'action', name, integration }), type: 'action' as const });
const confirmation = { reconcile: false, debug: false, deployMode: 'single' as const };
const deployment = { ...confirmation, nangoYamlBody: '' };
const withoutSchema = { ...flow('unschemed'), models_json_schema: { definitions: {} } };

/** Holds the lock of a deployment of `dev`. @returns how to let it go */
async function deploying({ platform }: ContractWorld): Promise<() => Promise<void>> {
  const { environment } = await platform.scopeOf('dev');
  const client = await platform.database.pool.connect();
  await client.query('begin');
  await client.query('select pg_advisory_xact_lock($1::int, $2::int)', [0x6465_706c, environment.id]);
  return async () => {
    await client.query('rollback');
    client.release();
  };
}

export const deploy: Cases<typeof contract> = {
  confirm: {
    success: { query: {}, body: { ...confirmation, flowConfigs: [flow('planned')] } },
    unknown_provider_config: { query: {}, body: { ...confirmation, flowConfigs: [flow('planned', 'none')] } },
    deploy_missing_json_schema_model: { query: {}, body: { ...confirmation, flowConfigs: [withoutSchema] } },
  },
  deploy: {
    success: { query: {}, body: { ...deployment, flowConfigs: [flow('deployed')] } },
    unknown_provider_config: { query: {}, body: { ...deployment, flowConfigs: [flow('deployed', 'none')] } },
    deploy_missing_json_schema_model: { query: {}, body: { ...deployment, flowConfigs: [withoutSchema] } },
    concurrent_deployment: async (world) => ({
      query: {},
      body: { ...deployment, flowConfigs: [flow('deployed')] },
      afterwards: await deploying(world),
    }),
  },
  scripts: { success: { query: {} } },
};
