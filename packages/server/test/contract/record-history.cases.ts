import type { recordHistory as contract } from '@bowline/api/record-history';
import type { Cases } from './case.ts';

const headers = { 'connection-id': 'c-1', 'provider-config-key': 'key' };
const query = { model: 'Item', id: '1' };

export const recordHistory: Cases<typeof contract> = {
  versions: {
    success: { headers, query },
    unknown_provider_config: { headers: { ...headers, 'provider-config-key': 'none' }, query },
    unknown_connection: { headers: { ...headers, 'connection-id': 'none' }, query },
    invalid_cursor: { headers, query: { ...query, cursor: 'bm9uZQ==' } },
  },
  settings: { success: { query: {} } },
  updateSettings: { success: { query: {}, body: { models: [{ model: 'Kept', keep_days: 30 }] } } },
};
