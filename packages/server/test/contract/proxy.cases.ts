import { importConnection, oauthCredentials } from '../connections/fixture.ts';
import type { AllCases } from './case.ts';
import { exhaustedConnection, refusedConnection, restingConnection } from './refreshing.ts';

const headers = { 'connection-id': 'c-1', 'provider-config-key': 'key' };
const below = '/ok';
const oauth = (id: string) => ({ ...headers, 'connection-id': id, 'provider-config-key': 'oauth' });

export const proxy: AllCases['proxy'] = {
  call: {
    success: { headers, below },
    request_too_large: { headers: { ...headers, retries: 1 }, below, method: 'POST', announcedBytes: 80 * 1024 * 1024 },
    invalid_uri_params: { headers, below: '/%' },
    invalid_content_type: { headers: { ...headers, ...{ 'content-type': '/' } }, below, method: 'POST' },
    unknown_provider_config: { headers: { ...headers, 'provider-config-key': 'none' }, below },
    unknown_connection: { headers: { ...headers, 'connection-id': 'none' }, below },
    unknown_provider_template: { headers: { 'connection-id': 'c-gone', 'provider-config-key': 'gone' }, below },
    missing_api_url: { headers: { 'connection-id': 'c-open', 'provider-config-key': 'open' }, below },
    // Its consumer secret is no private key, and the provider wants RSA signatures.
    invalid_credentials: { headers: { 'connection-id': 'c-oauth1', 'provider-config-key': 'oauth1' }, below },
    connection_pending: { headers: { ...headers, 'connection-id': 'c-pending' }, below },
    base_url_override_not_allowed: { headers: { ...headers, 'base-url-override': 'http://127.0.0.1:1' }, below },
    upstream_unreachable: ({ upstream }) => {
      upstream.on('/reset', (_request, response) => response.destroy());
      return { headers, below: '/reset' };
    },
    upstream_timeout: async ({ platform, upstream, beside }) => {
      upstream.on('/silent', () => {});
      const { outbound } = platform.world;
      const impatient: typeof outbound = {
        ...outbound,
        request: (url, given) => outbound.request(url, { ...given, headersTimeoutMs: 300 }),
      };
      return { headers, below: '/silent', at: await beside({ outbound: impatient }) };
    },
    provider_rate_limited: async ({ platform, upstream, fresh }) => {
      const id = fresh('limited');
      upstream.on('/limited', (_request, response) => response.writeHead(429, { 'retry-after': '60' }).end());
      await importConnection(platform, id, oauthCredentials(`token of ${id}`, 3_600_000));
      const call = { headers: oauth(id), below: '/limited' };
      await platform.call('GET', '/proxy/limited', undefined, oauth(id));
      return call;
    },
    refresh_token_external_error: async (world) => ({ headers: oauth(await refusedConnection(world)), below }),
    connection_refresh_backoff: async (world) => ({ headers: oauth(await restingConnection(world)), below }),
    connection_refresh_exhausted: async (world) => {
      const { id, at } = await exhaustedConnection(world);
      return { headers: oauth(id), below, at };
    },
  },
};
