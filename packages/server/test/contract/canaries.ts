/** Secrets planted wherever the platform keeps them, and the few answers whose purpose is to hand one to its owner. */
import { endpointMethods } from '@bowline/api/endpoints';
import { listEnvironments } from '../../src/environments/find.ts';
import { replaceVariables } from '../../src/environments/variables.ts';
import { findIntegration } from '../../src/integrations/find.ts';
import { ensureSyncs } from '../../src/syncs/ensure.ts';
import { createIntegrations } from '../connections/fixture.ts';
import { deploy, flowOf } from '../functions.ts';
import type { Platform } from '../platform.ts';
import { source } from './functions.cases.ts';
import type { Dictionary } from './requests.ts';
import type { Outgoing } from './send.ts';

/** Every planted secret starts so; what requests bring along under a secret's name starts with `canary-sent`. */
const CANARY = /canary-[a-z]+(?:-[a-z]+)?/g;

const imports = [
  ['c-1', 'key', { type: 'API_KEY', apiKey: 'canary-key' }],
  ['c-2', 'basic', { type: 'BASIC', username: 'ann', password: 'canary-password' }],
  ['c-1', 'oauth', { type: 'OAUTH2', access_token: 'canary-access', refresh_token: 'canary-refresh' }],
  ['c-open', 'open', { type: 'NONE' }],
] as const;

/** Makes what may have been deleted or changed whole again. @returns what requests are made of */
export async function plant(platform: Platform, upstream: string, accountKey: string): Promise<Dictionary> {
  const { call, world } = platform;
  await createIntegrations(platform, upstream).catch(() => {}); // those that are there already
  const client = { type: 'OAUTH2', client_id: 'client-1', client_secret: 'canary-client-secret', webhook_secret: 'canary-webhook-secret' };
  await call('PATCH', '/integrations/oauth', { credentials: client });
  for (const [connectionId, integration, credentials] of imports) {
    await call('POST', '/connections', { provider_config_key: integration, connection_id: connectionId, credentials });
  }
  const scope = await platform.scopeOf('dev');
  await replaceVariables(world, scope.environment.id, [{ name: 'TOKEN', value: 'canary-variable' }]);
  await deploy(platform, [
    { name: 'items', autoStart: false, more: { endpoints: [{ method: 'GET', path: '/items' }] } },
    {
      type: 'action',
      name: 'echo',
      exec: 'return input',
      more: { endpoints: endpointMethods.map((method) => ({ method, path: '/echo' })) },
    },
  ]);
  await deploy(platform, [{ type: 'action', name: 'spare' }], { source: 'standalone' });
  // What a job does after a deployment; here nothing runs beside the requests.
  const integration = await findIntegration(world, scope, 'key');
  await ensureSyncs(world, scope, { integrationId: integration.id });
  const asAccount = { authorization: `Bearer ${accountKey}` };
  for (const one of await listEnvironments(world, scope.environment.accountId)) {
    if (!['dev', 'prod'].includes(one.name)) await call('DELETE', `/environments/${one.id}`, undefined, asAccount);
  }
  const made = await call('POST', '/environments', { name: `planted-${world.random.uuid()}` }, asAccount);
  const environment = Number(made.body.data?.id);
  const key = await call('POST', '/environment/api-keys', { environment_id: environment, display_name: 'planted' }, asAccount);
  const session = await call('POST', '/connect/sessions', { end_user: { id: 'u-1' } });
  const body = { integration_id: 'key', connection_id: 'c-1', function_type: 'action', code: source };
  const deployment = await call('POST', '/functions/deployments', {
    ...body,
    connection_id: undefined,
    type: 'function',
    function_name: 'new-1',
  });
  const dryRun = await call('POST', '/functions/dryruns', body);
  const jobs = [deployment.body.id, dryRun.body.id];
  const account = { environmentId: environment, environment_id: environment, key_id: Number(key.body.data?.id) };
  return dictionary(upstream, { apiKey: platform.apiKey, accountKey, session: session.body.data.token }, { account, jobs });
}

function dictionary(
  upstream: string,
  tokens: Dictionary['tokens'],
  { account, jobs }: { account: object; jobs: readonly string[] },
): Dictionary {
  const { js } = flowOf({ type: 'action', name: 'echo', exec: 'return input' }).fileBody;
  const flags = ['refresh_token', 'force_refresh', 'include_creds', 'x-async', 'forward-headers-on-redirect', 'decompress'];
  const fields: Dictionary['fields'] = {
    ...same(flags, ['true', 'false']),
    refresh_github_app_jwt_token: ['false'],
    unique_key: ['new-1', 'new-2', 'new-3', 'key'],
    provider: ['unauthenticated', 'private-api-generic', 'github', 'none'],
    name: ['echo', 'echo', 'items', 'spare'],
    syncName: ['echo', 'items'],
    action_name: ['echo'],
    sync_name: ['items'],
    syncs: ['items', 'items', 'items::v1', '*'],
    allowed_integrations: ['key'],
    variant: ['base', 'v1', 'v2', 'v3'],
    model: ['Item'],
    cursor: [''],
    filter: ['added', 'updated,deleted'],
    frequency: ['every hour', 'every 30 seconds', null],
    runs: ['every hour'],
    js: [js],
    sdkVersion: ['0.71.10-zero'],
    include: ['webhook', 'credentials', 'webhook,credentials'],
    ...same(['integration_config', 'custom', 'overrides', 'integrations_config_defaults'], [{}]),
    scopes: ['read,write', ''],
    webhook_url_override: ['', 'https://example.test/hook'],
    path: ['ok', 'ok', 'ok?a=1&b=%2F', 'nothing', '/ok', 'echo', 'echo/', 'items', 'items?limit=1'],
    id: jobs,
    code: [source],
    function_name: ['new-1', 'new-2', 'echo'],
    template: ['template', 'other-template', 'twice'],
    ts: [source],
    invocation_type: ['wait', 'no_wait'],
    'base-url-override': [upstream, upstream, '', 'http://127.0.0.1:1'],
    retries: ['0', '1', ''],
    'retry-on': ['429', '500, 501'],
  };
  return { fields, scenes: scenes(account), tokens, secret: 'canary-sent' };
}

/** An integration, a connection of it, and credentials it takes. */
function scenes(account: object): Dictionary['scenes'] {
  const integration = ['provider_config_key', 'providerConfigKey', 'uniqueKey', 'integration_id', 'provider-config-key', 'integrationId'];
  const connection = ['connection_id', 'connectionId', 'connection-id'];
  const sent = { type: 'API_KEY', apiKey: 'canary-sent-key' };
  const usual = imports.slice(0, 1);
  return [
    ...imports,
    ...usual,
    ...usual,
    ['new-1', 'key', sent] as const,
    ['none', 'key', sent] as const,
    ['c-1', 'none', sent] as const,
  ].map(([connectionId, key, credentials]) => ({ ...same(integration, key), ...same(connection, connectionId), ...account, credentials }));
}

const same = <T>(names: readonly string[], value: T) => Object.fromEntries(names.map((name) => [name, value]));

/** What of the secrets an operation is there to tell. */
const purposes: Record<string, RegExp> = {
  'connections.get': /^canary-(key|password|access|sent)/,
  'connections.getLegacy': /^canary-(key|password|access|sent)/,
  'connections.import': /^canary-(key|password|access|sent)/,
  'connections.importLegacy': /^canary-sent/,
  'integrations.get': /^canary-(client-secret|webhook-secret|sent)/,
  'integrations.legacy': /^canary-(client-secret|webhook-secret|sent)/,
  'environment.variables': /^canary-variable/,
};

/** Secrets in the text that have no business there. */
export function leaks(text: string, tokens: readonly string[]): string[] {
  return [...(text.match(CANARY) ?? []), ...tokens.filter((token) => text.includes(token))];
}

/** Those in an answer of this operation to this request. */
export function leaksOf(operation: string, { path }: Outgoing, text: string, tokens: readonly string[]): string[] {
  const asksRefreshToken = /[?&]refresh_token=/.test(path);
  return leaks(text, tokens).filter(
    (secret) =>
      !purposes[operation]?.test(secret) && !(asksRefreshToken && operation.startsWith('connections.get') && secret === 'canary-refresh'),
  );
}
