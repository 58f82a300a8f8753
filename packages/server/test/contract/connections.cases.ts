import type { connections as contract } from '@bowline/api/connections';
import { importConnection } from '../connections/fixture.ts';
import type { Cases } from './case.ts';
import { exhaustedConnection, refusedConnection, restingConnection } from './refreshing.ts';
import type { ContractWorld } from './world.ts';

const query = { provider_config_key: 'key' };
const metadata = { connection_id: 'c-1', provider_config_key: 'key', metadata: { a: 1 } };
const endUser = { id: 'u-1', email: 'ann@example.test', display_name: 'Ann' };

async function connection({ platform, fresh }: ContractWorld): Promise<string> {
  const id = fresh('connection');
  await importConnection(platform, id, { end_user: endUser, tags: { team: 'red' } });
  return id;
}

const list: Cases<Pick<typeof contract, 'list'>>['list'] = {
  success: async (world) => ({ query: { connectionId: await connection(world), tags: { team: 'red' }, limit: 3 } }),
};
const oauth = { provider_config_key: 'oauth' };
const get: Cases<Pick<typeof contract, 'get'>>['get'] = {
  success: async (world) => ({ params: { connectionId: await connection(world) }, query: { ...query, refresh_token: 'true' } }),
  unknown_provider_config: { params: { connectionId: 'c-1' }, query: { provider_config_key: 'none' } },
  unknown_connection: { params: { connectionId: 'none' }, query },
  refresh_token_external_error: async (world) => ({ params: { connectionId: await refusedConnection(world) }, query: oauth }),
  connection_refresh_backoff: async (world) => ({ params: { connectionId: await restingConnection(world) }, query: oauth }),
  connection_refresh_exhausted: async (world) => {
    const { id, at } = await exhaustedConnection(world);
    return { params: { connectionId: id }, query: oauth, at };
  },
  unknown_provider_template: { params: { connectionId: 'c-gone' }, query: { provider_config_key: 'gone' } },
};
const setMetadata: Cases<Pick<typeof contract, 'setMetadata'>>['setMetadata'] = {
  success: { query: {}, body: metadata },
  unknown_provider_config: { query: {}, body: { ...metadata, provider_config_key: 'none' } },
  unknown_connection: { query: {}, body: { ...metadata, connection_id: ['c-1', 'none'] } },
};
const remove: Cases<Pick<typeof contract, 'remove'>>['remove'] = {
  success: async (world) => ({ params: { connectionId: await connection(world) }, query }),
  unknown_provider_config: { params: { connectionId: 'c-1' }, query: { provider_config_key: 'none' } },
  unknown_connection: { params: { connectionId: 'none' }, query },
};

const ofOne = { params: { connectionId: 'c-1' }, query, headers: {}, body: { a: 1 } };
const setMetadataOfOne: Cases<Pick<typeof contract, 'setMetadataOfOneLegacy'>>['setMetadataOfOneLegacy'] = {
  success: { ...ofOne, query: {}, headers: { 'provider-config-key': 'key' } },
  unknown_provider_config: { ...ofOne, query: { provider_config_key: 'none' } },
  unknown_connection: { ...ofOne, params: { connectionId: 'none' } },
  missing_provider_config_key: { ...ofOne, query: {} },
};
const flat = (body: object) => ({ query: {}, body: { provider_config_key: 'oauth', no_expiration: true, ...body } });
const client = { oauth_client_id_override: 'c', oauth_client_secret_override: 's' };

export const connections: Cases<typeof contract> = {
  list,
  listLegacy: list,
  import: {
    success: ({ fresh }) => ({
      query: {},
      body: {
        provider_config_key: 'key',
        connection_id: fresh('imported'),
        credentials: { type: 'API_KEY', apiKey: 'k' },
        end_user: endUser,
        metadata: { a: 1 },
        tags: { team: 'red' },
      },
    }),
    unknown_provider_config: { query: {}, body: { provider_config_key: 'none', credentials: { type: 'NONE' } } },
    connection_test_failed: { query: {}, body: { provider_config_key: 'checked-key', credentials: { type: 'API_KEY', apiKey: 'wrong' } } },
    connection_validation_failed: async ({ picky }) => ({
      query: {},
      body: { provider_config_key: await picky('key'), credentials: { type: 'API_KEY', apiKey: 'k' } },
    }),
  },
  importLegacy: {
    success: ({ fresh }) => flat({ connection_id: fresh('imported'), access_token: 'a', refresh_token: 'r' }),
    missing_provider_config: flat({ provider_config_key: undefined }),
    unknown_provider_config: flat({ provider_config_key: 'none' }),
    unknown_provider_template: flat({ provider_config_key: 'gone' }),
    missing_access_token: flat({ access_token: '' }),
    missing_expires_at: flat({ access_token: 'a', no_expiration: false }),
    invalid_expires_at: flat({ access_token: 'a', expires_at: 'one day' }),
    missing_client_id: flat({ ...client, provider_config_key: 'cc', access_token: 'a', oauth_client_id_override: '' }),
    missing_client_secret: flat({ ...client, provider_config_key: 'cc', access_token: 'a', oauth_client_secret_override: '' }),
    missing_basic_username: flat({ provider_config_key: 'basic', password: 'p' }),
    missing_api_key: flat({ provider_config_key: 'key' }),
    missing_oauth_token: flat({ provider_config_key: 'oauth1', oauth_token_secret: 's' }),
    missing_oauth_token_secret: flat({ provider_config_key: 'oauth1', oauth_token: 't' }),
    missing_token_id: flat({ provider_config_key: 'tba', token_secret: 's' }),
    missing_token_secret: flat({ provider_config_key: 'tba', token_id: 't' }),
    missing_account_id: flat({ provider_config_key: 'tba', token_id: 't', token_secret: 's' }),
    missing_app_id: flat({ provider_config_key: 'app', installation_id: '1' }),
    missing_installation_id: flat({ provider_config_key: 'app', app_id: '1' }),
  },
  setMetadataOfOneLegacy: setMetadataOfOne,
  updateMetadataOfOneLegacy: setMetadataOfOne,
  setMetadata,
  setMetadataLegacy: setMetadata,
  updateMetadata: setMetadata,
  updateMetadataLegacy: setMetadata,
  get,
  getLegacy: get,
  update: {
    success: async (world) => ({ params: { connectionId: await connection(world) }, query, body: { tags: { team: 'blue' } } }),
    unknown_provider_config: { params: { connectionId: 'c-1' }, query: { provider_config_key: 'none' }, body: {} },
    unknown_connection: { params: { connectionId: 'none' }, query, body: {} },
  },
  remove,
  removeLegacy: remove,
};
