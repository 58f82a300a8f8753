import type { AllCases } from './case.ts';

const headers = { 'connection-id': 'c-1', 'provider-config-key': 'key' };
const body = { jsonrpc: '2.0', id: 1, method: 'tools/list' } as const;

export const mcp: AllCases['mcp'] = {
  call: {
    success: { headers, body },
    accepted: { headers, body: { jsonrpc: '2.0', method: 'notifications/initialized' } },
    unknown_provider_config: { headers: { ...headers, 'provider-config-key': 'none' }, body },
    unknown_connection: { headers: { ...headers, 'connection-id': 'none' }, body },
  },
};
