import type { dryRuns as contract } from '@bowline/api/dry-runs';
import type { Cases } from './case.ts';
import { source } from './functions.cases.ts';

const body = { integration_id: 'key', connection_id: 'c-1', function_type: 'action', code: source } as const;
const unknown = { params: { id: '00000000-0000-4000-8000-000000000000' } };

export const dryRuns: Cases<typeof contract> = {
  start: {
    success: { query: {}, body },
    unknown_provider_config: { query: {}, body: { ...body, integration_id: 'none' } },
    unknown_connection: { query: {}, body: { ...body, connection_id: 'none' } },
  },
  get: {
    success: async ({ platform }) => {
      const started = await platform.call('POST', '/functions/dryruns', body);
      return { params: { id: started.body.id }, query: {} };
    },
    dryrun_not_found: { ...unknown, query: {} },
  },
  result: { forbidden: { ...unknown, query: {} } },
};
