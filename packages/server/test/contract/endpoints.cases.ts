import type { AllCases } from './case.ts';
import { type Call, disabledAction, endings } from './failing-actions.ts';

const headers = { 'connection-id': 'c-1', 'provider-config-key': 'key' };
const below = '/echo';

const call = ({ name, input, ...more }: Call) => ({ headers, below: `/${name}`, ...(input === undefined ? {} : { text: input }), ...more });

export const endpoints: AllCases['endpoints'] = {
  call: {
    ...endings(call),
    success: { headers, below },
    accepted: { headers: { ...headers, 'x-async': 'true' }, below },
    unknown_provider_config: { headers: { ...headers, 'provider-config-key': 'none' }, below },
    unknown_connection: { headers: { ...headers, 'connection-id': 'none' }, below },
    not_found: { headers, below: '/nothing' },
    disabled_resource: async (world) => call({ name: await disabledAction(world) }),
    invalid_uri_params: { headers, below: '/%' },
    invalid_query_params: { headers, method: 'GET', below: '/items?limit=many' },
    invalid_cursor: { headers, method: 'GET', below: '/items?cursor=none' },
  },
};
