/**
 * Every way a customer or an end user steers where the platform sends a request, by the file that sends it. A new file that asks
 * `world.outbound` needs a line here (ssrf.test.ts compares); a door tries a URL and returns all that its caller may learn.
 */
import { sql } from 'kysely';
import { only } from '../../src/base/database.ts';
import { publishedKeys } from '../../src/webhooks-in/public-keys.ts';
import { deliver } from '../../src/webhooks-out/deliver.ts';
import { deploy } from '../functions.ts';
import type { Platform } from '../platform.ts';

export type Door = {
  readonly name: string;
  readonly sentBy: string;
  /** It sets something that all share. */
  readonly alone?: true;
  readonly open: (platform: Platform, url: string) => Promise<unknown>;
};

/** Providers whose addresses are what the end user typed, whole or as a host. */
export const catalogue: Readonly<Record<string, string>> = {
  'steered-key': `display_name: Steered
categories: [other]
docs: https://example.test
auth_mode: API_KEY
connection_config:
  address: { type: string, title: Address, description: Where }
credentials:
  apiKey: { type: string, title: Key, description: The key, secret: true }
proxy:
  base_url: \${connectionConfig.address}
  headers: { x-key: '\${apiKey}' }
  verification: { endpoints: [/verify] }
`,
  'steered-host': `display_name: Steered
categories: [other]
docs: https://example.test
auth_mode: API_KEY
connection_config:
  host: { type: string, title: Host, description: Where }
credentials:
  apiKey: { type: string, title: Key, description: The key, secret: true }
proxy:
  base_url: http://\${connectionConfig.host}
  headers: { x-key: '\${apiKey}' }
  verification: { endpoints: [/verify] }
`,
  'steered-token': `display_name: Steered
categories: [other]
docs: https://example.test
auth_mode: OAUTH2_CC
connection_config:
  address: { type: string, title: Address, description: Where }
token_url: \${connectionConfig.address}/token
`,
  'steered-steps': `display_name: Steered
categories: [other]
docs: https://example.test
auth_mode: TWO_STEP
connection_config:
  address: { type: string, title: Address, description: Where }
credentials:
  user: { type: string, title: User, description: The user }
token_url: \${connectionConfig.address}/token
token_params: { user: '\${credentials.user}' }
token_response: { token: access_token }
proxy:
  base_url: https://api.example.test
`,
  'steered-first': `display_name: Steered
categories: [other]
docs: https://example.test
auth_mode: OAUTH1
connection_config:
  address: { type: string, title: Address, description: Where }
request_url: \${connectionConfig.address}/request
authorization_url: https://login.example.test/authorize
token_url: \${connectionConfig.address}/token
signature_method: HMAC-SHA1
`,
  'steered-code': `display_name: Steered
categories: [other]
docs: https://example.test
auth_mode: OAUTH2
connection_config:
  address: { type: string, title: Address, description: Where }
authorization_url: https://login.example.test/authorize
token_url: \${connectionConfig.address}/token
`,
};

const exec = `const told = [];
const tries = [
  () => nango.uncontrolledFetch({ url: new URL(input.url) }).then((response) => response.text()),
  () => nango.uncontrolledFetch({ url: input.url, method: 'POST', body: 'x' }).then((response) => response.text()),
  () => nango.get({ endpoint: '/', baseUrlOverride: input.url, retries: 0 }).then((response) => response.data),
];
for (const one of tries) {
  try { told.push(await one()); } catch (error) { told.push(String(error)); }
}
return told;`;

/** What doors need to be there: a connection `c-1` of `key`, and an action that asks. */
export async function prepare(platform: Platform): Promise<void> {
  for (const name of [...Object.keys(catalogue), 'aws-sigv4', 'mcp-generic']) {
    const type = { 'steered-code': 'OAUTH2', 'steered-first': 'OAUTH1' }[name];
    const credentials = { type, client_id: 'c', client_secret: 'canary-client', scopes: 'read' };
    const answer = await platform.call('POST', '/integrations', {
      unique_key: name,
      provider: name,
      ...(type ? { credentials } : {}),
      ...(name === 'aws-sigv4'
        ? { integration_config: { service: 's3', stsMode: 'custom', stsEndpointUrl: 'https://sts.example.test/' } }
        : {}),
    });
    if (answer.status !== 200) throw new Error(`could not create ${name}: ${JSON.stringify(answer.body)}`);
  }
  await deploy(platform, [{ type: 'action', name: 'ask', exec }]);
}

const through = { 'provider-config-key': 'key', 'connection-id': 'c-1' };
/** A header holds neither line breaks nor other scripts; what cannot be sent is steered through the other doors. */
const inHeader = (url: string) => /^[\x21-\x7e]+$/.test(url);

async function connecting(
  { call }: Platform,
  integration: string,
  { route, params, body }: { route: string; params: object; body: object },
) {
  const session = await call('POST', '/connect/sessions', { end_user: { id: 'u-1' } });
  const query = new URLSearchParams({ connect_session_token: session.body.data.token });
  for (const [name, value] of Object.entries(params)) query.set(`params[${name}]`, value);
  return call('POST', `${route}/${integration}?${query}`, body);
}

export const doors: readonly Door[] = [
  {
    name: 'the base URL that a proxied call names',
    sentBy: 'proxy/send.ts',
    open: async ({ call }, url) =>
      inHeader(url) ? call('GET', '/proxy/', undefined, { ...through, 'base-url-override': url }) : undefined,
  },
  {
    name: 'the base URL of a custom integration',
    alone: true,
    sentBy: 'proxy/send.ts',
    open: async ({ call }, url) => {
      const set = await call('PATCH', '/integrations/key', { integration_config: { baseUrl: url } });
      return [set, await call('GET', '/proxy/', undefined, through), await call('POST', '/proxy/', {}, through)];
    },
  },
  {
    name: 'a function, by its own request and through the proxy',
    sentBy: 'runs/host-http.ts',
    open: ({ call }, url) => call('POST', '/action/trigger', { action_name: 'ask', input: { url } }, through),
  },
  {
    name: 'an address in the connection configuration, when the credentials are tried',
    sentBy: 'credentials/trial.ts',
    open: (platform, url) =>
      connecting(platform, 'steered-key', { route: '/api-auth/api-key', params: { address: url }, body: { apiKey: 'canary-key' } }),
  },
  {
    name: 'a host in the connection configuration, when the credentials are tried',
    sentBy: 'credentials/trial.ts',
    open: (platform, url) => {
      const host = url.replace(/^\s*https?:[\\/]*/i, '').replace(/\/$/, '');
      return connecting(platform, 'steered-host', { route: '/api-auth/api-key', params: { host }, body: { apiKey: 'canary-key' } });
    },
  },
  {
    name: 'the token endpoint of client credentials',
    sentBy: 'credentials/ask-provider.ts',
    open: (platform, url) =>
      connecting(platform, 'steered-token', {
        route: '/oauth2/auth',
        params: { address: url },
        body: { client_id: 'c', client_secret: 'canary-client' },
      }),
  },
  {
    name: 'where entered credentials are exchanged for a token',
    sentBy: 'credentials/ask-provider.ts',
    open: (platform, url) =>
      connecting(platform, 'steered-steps', { route: '/auth/two-step', params: { address: url }, body: { type: 'TWO_STEP', user: 'ann' } }),
  },
  {
    name: 'where OAuth 1 asks for its first token',
    sentBy: 'credentials/oauth1-token.ts',
    open: async ({ call }, url) => {
      const session = await call('POST', '/connect/sessions', { end_user: { id: 'u-1' } });
      const query = new URLSearchParams({ connect_session_token: session.body.data.token, 'params[address]': url });
      return call('GET', `/oauth/connect/steered-first?${query}`);
    },
  },
  {
    name: 'an MCP server that a person names, when it is asked who signs people in',
    sentBy: 'credentials/oauth-fetch.ts',
    open: async ({ call }, url) => {
      const session = await call('POST', '/connect/sessions', { end_user: { id: 'u-1' } });
      const address = url.replace(/^http:/i, 'https:');
      const query = new URLSearchParams({ connect_session_token: session.body.data.token, 'params[mcp_server_url]': address });
      return call('GET', `/oauth/connect/mcp-generic?${query}`);
    },
  },
  {
    name: "the developer's own service for roles of AWS",
    sentBy: 'credentials/aws-sts.ts',
    alone: true,
    open: async (platform, url) => {
      const set = await platform.call('PATCH', '/integrations/aws-sigv4', { integration_config: { stsEndpointUrl: url } });
      const body = { role_arn: 'arn:aws:iam::123456789012:role/r' };
      return [set, await connecting(platform, 'aws-sigv4', { route: '/auth/aws-sigv4', params: { region: 'us-east-1' }, body })];
    },
  },
  {
    name: 'the token endpoint of a refresh',
    sentBy: 'connections/refresh-ask.ts',
    open: async ({ call, world }, url) => {
      const connection_id = `r-${world.random.uuid()}`;
      const expires_at = new Date(Date.now() - 1_000).toISOString();
      await call('POST', '/connections', {
        provider_config_key: 'steered-code',
        connection_id,
        connection_config: { address: url },
        credentials: { type: 'OAUTH2', access_token: 'canary-a', refresh_token: 'canary-r', expires_at },
      });
      return call('GET', `/connections/${connection_id}?provider_config_key=steered-code`);
    },
  },
  {
    name: 'a webhook address',
    sentBy: 'webhooks-out/attempt.ts',
    open: async ({ world, scopeOf }, url) => {
      const { environment } = await scopeOf('dev');
      // As an address set in the settings, or a connection's own, becomes one.
      const { id } = await only<{ id: string }>(
        world.db,
        sql`with endpoint as (
              insert into webhook_endpoints (environment_id, kind, url) values (${environment.id}, 'setting', ${url.replaceAll('\0', '')})
              on conflict (environment_id, url) where kind = 'setting' do update set updated_at = now() returning id)
            insert into webhook_deliveries (environment_id, endpoint_id, type, url, body) select ${environment.id}, id, 'auth', '', '{}' from endpoint returning id`,
      );
      await deliver(world, id, new AbortController().signal);
      return only(
        world.db,
        sql`select state, last_status, last_error from webhook_deliveries where environment_id = ${environment.id} and id = ${id}`,
      );
    },
  },
  {
    name: 'the public keys of a provider of one’s own',
    sentBy: 'webhooks-in/public-keys.ts',
    open: ({ world }, url) => publishedKeys(world, url),
  },
];

/** Files that send requests to addresses nobody can steer, or that only hand on what another door was given. */
export const notSteered: Readonly<Record<string, string>> = {
  'vault/transit.ts': "the operator's key service",
  'credentials/api.ts': 'asks where proxied calls of the connection go, which has its doors',
  'credentials/github-app.ts': 'an address of the catalogue, in whose path a number is filled',
  'credentials/github-user.ts': 'an address of the catalogue',
  'credentials/quirks/onedrive.ts': 'one address, written there',
};
