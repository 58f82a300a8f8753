import type { records as contract } from '@bowline/api/records';
import { recordsOf } from '../functions.ts';
import type { Cases } from './case.ts';

const headers = { 'connection-id': 'c-1', 'provider-config-key': 'key' };
const noIntegration = { ...headers, 'provider-config-key': 'none' };
const noConnection = { ...headers, 'connection-id': 'none' };
const query = { model: 'Item' };
const body = { model: 'Item', until_cursor: 'nonsense' };

export const records: Cases<typeof contract> = {
  list: {
    success: { query: { ...query, limit: 1 }, headers },
    unknown_provider_config: { query, headers: noIntegration },
    unknown_connection: { query, headers: noConnection },
    invalid_cursor: { query: { ...query, cursor: 'nonsense' }, headers },
    history_not_kept: { query: { ...query, as_of: '2026-01-01T00:00:00Z' }, headers },
  },
  prune: {
    success: async ({ platform }) => {
      const [first] = await recordsOf(platform, 'c-1');
      return { query: {}, headers, body: { ...body, until_cursor: first._nango_metadata.cursor } };
    },
    unknown_provider_config: { query: {}, headers: noIntegration, body },
    unknown_connection: { query: {}, headers: noConnection, body },
    invalid_cursor: { query: {}, headers, body },
  },
};
