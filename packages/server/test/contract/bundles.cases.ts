import type { bundles as contract } from '@bowline/api/function-bundle';
import type { Sent } from '@bowline/api/route';
import { flowOf } from '../functions.ts';
import type { Cases } from './case.ts';
import { deploying } from './deploying.ts';

type Bundle = Sent<typeof contract.deploy>['body'];

/** Replaces what earlier bundles deployed to the integration, which is nothing that other cases need. */
function bundle(name: string, integrationId = 'key'): Bundle {
  const uses = { usesRecords: false, usesOutbound: false, usesCheckpoints: false, usesMetadata: false, usesInvoke: false };
  return {
    reconciliationScope: { kind: 'integration', integrationId },
    functions: [
      {
        name,
        integrationId,
        description: 'Says what it is told',
        trigger: { kind: 'none' },
        requires: {},
        capabilities: uses,
        limits: {},
        input_schema_ref: null,
        output_schema_ref: null,
        model_schema_refs: [],
        metadata_schema_ref: null,
        checkpoint_schema_ref: null,
        json_schema: {},
        fileBody: flowOf({ type: 'action', name, exec: 'return input' }).fileBody,
      },
    ],
  };
}

const planned = {
  success: { query: {}, body: bundle('bundled') },
  unknown_provider_config: { query: {}, body: bundle('bundled', 'none') },
  invalid_request: { query: {}, body: bundle('echo') },
};

export const bundles: Cases<typeof contract> = {
  deploy: {
    ...planned,
    concurrent_deployment: async (world) => ({ query: {}, body: bundle('bundled'), afterwards: await deploying(world) }),
  },
  preview: planned,
};
