/** What each scope opens, route by route: the contract is the table, so a route added to it is tested without being named here. */
import { endpointRoute } from '@bowline/api/endpoints';
import { proxyRoute } from '@bowline/api/proxy';
import type { Route } from '@bowline/api/route';
import { publicRoutes, routes } from '@bowline/api/routes';
import { accountScopes, granted, scopes } from '@bowline/api/scopes';
import { beforeAll, describe, expect, test } from 'vitest';
import { listApiKeys } from '../src/environments/api-key.ts';
import { createApiKey } from '../src/environments/create-api-key.ts';
import { deleteApiKey } from '../src/environments/delete-api-key.ts';
import { createIntegrations, importConnection, oauthCredentials } from './connections/fixture.ts';
import { type Answer, type Platform, startPlatform } from './platform.ts';

type Guarded = Pick<Route, 'method' | 'path' | 'caller' | 'scope'>;
const everyRoute: { id: string; route: Guarded }[] = [
  ...Object.entries(publicRoutes).flatMap(([resource, byName]) =>
    Object.entries<Route>(byName).map(([name, route]) => ({ id: `${resource}.${name}`, route })),
  ),
  { id: 'proxy', route: { method: 'POST', path: '/proxy/x', caller: 'apiKey', scope: proxyRoute.scope } },
  { id: 'endpoints', route: { method: 'POST', path: '/v1/x', caller: 'apiKey', scope: endpointRoute.scope } },
];
const guarded = everyRoute.flatMap(({ id, route }) => (route.scope ? [{ id, route, needed: route.scope }] : []));
const ofEnvironments = everyRoute.filter(({ route }) => route.caller === 'apiKey' || route.caller === 'connectSessionOrApiKey');
const ofAccounts = everyRoute.filter(({ route }) => route.caller === 'accountKey');

let platform: Platform;
let accountId: number;
beforeAll(async () => {
  platform = await startPlatform({ worker: false });
  accountId = (await platform.scopeOf('dev')).environment.accountId;
  await createIntegrations(platform);
  await importConnection(platform, 'c-1');
  await importConnection(platform, 'o-1', oauthCredentials('t', 3_600_000));
});

/** Nothing in the path exists, so whoever may call changes nothing. */
function request({ method, path }: Guarded, authorization: string): Promise<Answer> {
  return platform.call(method, path.replace(/:\w+/g, '999999'), method === 'GET' ? undefined : {}, { authorization });
}

/** With a key that has exactly these grants, deleted afterwards: an environment has at most 50. */
async function as<T>(caller: Route['caller'], grants: readonly string[], work: (authorization: string) => Promise<T>): Promise<T> {
  const holder = caller === 'accountKey' ? { accountId } : await platform.scopeOf('dev');
  const key = await createApiKey(platform.world, holder, { displayName: platform.world.random.uuid(), scopes: grants });
  try {
    return await work(`Bearer ${key.secret}`);
  } finally {
    await deleteApiKey(platform.world, holder, key.id);
  }
}

test('every scope of the wire exists', () => {
  const environment = `integrations:list integrations:list_credentials integrations:list_functions integrations:read
    integrations:read_credentials integrations:create integrations:update integrations:delete connections:list
    connections:list_credentials connections:read connections:read_credentials connections:create connections:update connections:delete
    connect_sessions:write syncs:read syncs:execute syncs:update syncs:variant:create syncs:variant:delete functions:list functions:read
    functions:delete functions:compile functions:dryrun functions:invocations deploy records:read records:write logs:read captures:read captures:write
    actions:execute proxy variables:read webhook_signing_key:rotate mcp providers:read providers:write webhooks:listen
    webhooks:read webhooks:write events:read`;
  expect([...scopes].sort()).toEqual(
    environment
      .split(/\s+/)
      .map((name) => `environment:${name}`)
      .sort(),
  );
  const account = ['create', 'delete', 'set_production', 'api_keys:create', 'api_keys:delete'];
  expect([...accountScopes].sort()).toEqual(account.map((name) => `account:environments:${name}`).sort());
});

test.each([
  [['environment:*'], 'environment:records:read', true],
  [['environment:records:*'], 'environment:records:read', true],
  [['environment:syncs:*'], 'environment:syncs:variant:create', true],
  [['environment:syncs:variant:*'], 'environment:syncs:update', false],
  [['environment:records:read'], 'environment:records:read', true],
  [['environment:records'], 'environment:records:read', false],
  [['environment:records*'], 'environment:records:read', false],
  [['environment:record:*'], 'environment:records:read', false],
  [['*'], 'environment:records:read', false],
  [['environment:*'], 'account:environments:create', false],
  [['account:*'], 'account:environments:api_keys:delete', true],
  [['account:environments:*'], 'account:environments:set_production', true],
  [['account:*'], 'environment:proxy', false],
  [[], 'environment:proxy', false],
] as const)('%j for %s: %s', (grants, needed, is) => {
  expect(granted(grants, needed)).toBe(is);
});

test('a route without a scope is one that needs no key, or nothing but some key', () => {
  const open = everyRoute.filter(
    ({ route }) => !route.scope && !['connectSession', 'connectSessionOrExpired', 'connectSessionInQuery'].includes(route.caller),
  );
  expect(open.map(({ id }) => id)).toEqual([
    'providers.list',
    'providers.get',
    'integrations.clientMetadata',
    'connect.telemetry',
    'deploy.internal',
    'deploy.telemetry',
    'deployments.templates',
    'deployments.result',
    'dryRuns.result',
    'environment.current',
    'environment.health',
    'environment.processes',
    'environment.queue',
    'environment.ready',
  ]);
});

describe.each(guarded)('$id', ({ route, needed }) => {
  const others = (route.caller === 'accountKey' ? accountScopes : scopes).filter((scope) => !needed.includes(scope));

  test('refuses a key that has every scope but those it needs, and names them', async () => {
    const { status, body } = await as(route.caller, others, (key) => request(route, key));
    expect([status, body.error.code]).toEqual([403, 'forbidden']);
    for (const scope of needed) expect(body.error.message).toContain(scope);
  });

  test.each(needed)('lets a key in that has %s alone', async (scope) => {
    const { status, body } = await as(route.caller, [scope], (key) => request(route, key));
    expect([401, 403]).not.toContain(status);
    expect(body?.error?.code).not.toBe('forbidden');
  });
});

describe('a key of the other kind', () => {
  test.each(ofEnvironments)('an account key is refused by $id', async ({ route }) => {
    const { status, body } = await as('accountKey', ['account:*'], (key) => request(route, key));
    expect([status, body.error.code]).toEqual([403, 'forbidden']);
    expect(body.error.message).toContain('account key');
  });

  test.each(ofAccounts)("an environment's key is refused by $id", async ({ route }) => {
    const { status, body } = await as('apiKey', ['environment:*'], (key) => request(route, key));
    expect([status, body.error.code]).toEqual([403, 'forbidden']);
    expect(body.error.message).toContain(route.scope?.[0]);
  });

  test.each(Object.entries<Route>(routes.dashboard).filter(([, { caller }]) => caller === 'member'))(
    'no key opens dashboard.%s',
    async (_name, route) => {
      for (const caller of ['apiKey', 'accountKey'] as const) {
        const grants = [caller === 'apiKey' ? 'environment:*' : 'account:*'];
        expect(await as(caller, grants, (key) => request(route, key))).toMatchObject({
          status: 401,
          body: { error: { code: 'signed_out' } },
        });
      }
    },
  );

  test('a key is made with scopes of its own kind only', async () => {
    const dev = await platform.scopeOf('dev');
    const wrong = [
      [dev, 'account:*'],
      [dev, 'account:environments:create'],
      [{ accountId }, 'environment:*'],
      [{ accountId }, 'environment:proxy'],
      [dev, '*'],
    ] as const;
    for (const [holder, scope] of wrong) {
      await expect(createApiKey(platform.world, holder, { displayName: 'wrong', scopes: [scope] })).rejects.toMatchObject({
        code: 'invalid_body',
      });
    }
    expect((await listApiKeys(platform.world, dev)).map(({ displayName }) => displayName)).not.toContain('wrong');
  });
});

describe('without the right to credentials', () => {
  const connection = '/connections/o-1?provider_config_key=oauth';

  test('a connection is answered without them, and no refresh may be asked for', async () => {
    await as('apiKey', ['environment:connections:read'], async (authorization) => {
      expect(await platform.call('GET', connection, undefined, { authorization })).toMatchObject({
        status: 200,
        body: { credentials: {} },
      });
      for (const flag of ['refresh_token', 'force_refresh', 'refresh_github_app_jwt_token']) {
        const { status, body } = await platform.call('GET', `${connection}&${flag}=true`, undefined, { authorization });
        expect([flag, status, body.error.code]).toEqual([flag, 403, 'forbidden']);
        expect(body.error.message).toContain('environment:connections:read_credentials');
        expect((await platform.call('GET', `${connection}&${flag}=false`, undefined, { authorization })).status).toBe(200);
      }
    });
    const { body } = await as('apiKey', ['environment:connections:read_credentials'], (authorization) =>
      platform.call('GET', connection, undefined, { authorization }),
    );
    expect(body.credentials.access_token).toBe('t');
  });

  test('an integration is answered without them, whatever is included', async () => {
    const path = '/integrations/oauth?include=credentials';
    const { status, body } = await as('apiKey', ['environment:integrations:read'], (authorization) =>
      platform.call('GET', path, undefined, { authorization }),
    );
    expect(status).toBe(200);
    expect(body.data).not.toHaveProperty('credentials');
    const seen = await as('apiKey', ['environment:integrations:read_credentials'], (authorization) =>
      platform.call('GET', path, undefined, { authorization }),
    );
    expect(seen.body.data.credentials.client_secret).toBe('s3cret');
  });

  test('the older form of an integration holds none either', async () => {
    const path = '/config/oauth?include_creds=true';
    const { body } = await as('apiKey', ['environment:integrations:read'], (authorization) =>
      platform.call('GET', path, undefined, { authorization }),
    );
    expect(JSON.stringify(body)).not.toContain('s3cret');
    const seen = await as('apiKey', ['environment:integrations:read_credentials'], (authorization) =>
      platform.call('GET', path, undefined, { authorization }),
    );
    expect(JSON.stringify(seen.body)).toContain('s3cret');
  });

  test.each(['connections', 'integrations'])('a list of %s holds no credentials for anybody', async (what) => {
    for (const scope of ['list', 'list_credentials']) {
      const { status, body } = await as('apiKey', [`environment:${what}:${scope}`], (authorization) =>
        platform.call('GET', `/${what}`, undefined, { authorization }),
      );
      expect(status).toBe(200);
      expect(JSON.stringify(body)).not.toMatch(/"credentials"|s3cret|key of c-1/);
    }
  });
});

describe('the order of checks on an account route', () => {
  const environments = (body: unknown, headers: Record<string, string>) => platform.call('POST', '/environments', body, headers);
  const unknown = { authorization: 'Bearer 3f2504e0-4f89-41d3-9a0c-0305e82c3301' };

  test('a malformed body and a wrong content type come before the key', async () => {
    expect(await environments('{', unknown)).toMatchObject({ status: 400, body: { error: { code: 'invalid_json' } } });
    expect(await environments('a', { ...unknown, 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
  });

  test('an unknown key comes before the scope, and the scope before the body', async () => {
    expect(await environments({ nonsense: 1 }, unknown)).toMatchObject({
      status: 401,
      body: { error: { code: 'unknown_account', payload: {} } },
    });
    await as('accountKey', ['account:environments:delete'], async (authorization) => {
      expect(await environments({ nonsense: 1 }, { authorization })).toMatchObject({ status: 403 });
    });
  });
});
