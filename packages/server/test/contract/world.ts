/** The platform that the cases of the contract share, with what most of them need: integrations, a connection, functions, an upstream. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { afterAll } from 'vitest';
import { lookFirstMember } from '../../src/accounts/member.ts';
import { startSession } from '../../src/accounts/session.ts';
import { createApp } from '../../src/app.ts';
import { run } from '../../src/base/database.ts';
import { createLog } from '../../src/base/log.ts';
import { replaceVariables } from '../../src/environments/variables.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deploy, deployOnEvents, settled } from '../functions.ts';
import { githubApp } from '../github-app.ts';
import { type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';
import { writeTemplates } from './templates.ts';

export type ContractWorld = {
  readonly platform: Platform;
  readonly upstream: Upstream;
  /** A name nobody has yet. */
  fresh(kind: string): string;
  /** An integration like this one, with a validation function that refuses every connection. @returns its key */
  picky(integration: string): Promise<string>;
  /** The token of a new connect session. */
  session(more?: object): Promise<string>;
  /** Another server in the same process, on the same state, that differs from the platform in these parts of its World. */
  beside(parts: Partial<Platform['world']>): Promise<string>;
  /** A server that allows one request a minute. */
  readonly strict: string;
  /** Keys that may do one thing each, by what it is: an environment has 50 keys at most. */
  readonly poorKeys: ReadonlyMap<string, string>;
  /** Of the account, with every right. */
  readonly accountKey: string;
  /** The cookie of a signed-in member. */
  readonly memberCookie: string;
  /** Lines of the server's own log, at level trace. */
  readonly log: readonly string[];
};

/** Integrations: those of `createIntegrations`; `cc-open`, and `cc` that is refused; those of `ownProviders`; `oauth1`, `aws`, and `aws-refused`; and `gone`, whose provider is no more. */
/** Integrations: those of `createIntegrations`; `app`, a GitHub App; `mcp`; `outbound`, which is installed from its vendor's pages; `cc-open`, and `cc` that is refused; those of `ownProviders`; and `gone`, whose provider is no more. */
export async function createContractWorld(): Promise<ContractWorld> {
  const upstream = await startUpstream();
  upstream.on('/refuse', (_request, response) => json(response, { error: 'invalid_client' }, 401));
  upstream.on('/grant', (_request, response) => json(response, { access_token: 'granted', expires_in: 3600 }));
  upstream.on('/session', (_request, response) => json(response, { sessionId: 'session-1', organizationId: '008', userId: '006' }));
  upstream.on('/broken', (_request, response) => response.destroy());
  upstream.on('/sts', (_request, response) => json(response, { accessKeyId: 'AKIA', secretAccessKey: 's', sessionToken: 't' }));
  upstream.on('/caller', (_request, response) => response.end('<Arn>arn:aws:sts::123456789012:assumed-role/app/bowline</Arn>'));
  upstream.on('/ok', (_request, response) => json(response, { ok: true }));
  const log: string[] = [];
  const platform = await startPlatform({
    allow: [`127.0.0.1:${upstream.port}`],
    providers: catalogue(upstream.url),
    env: { BOWLINE_SHARED_APPS: sharedApps() },
    templatesPath: writeTemplates(),
    log: createLog('trace', { write: (line) => void log.push(line) }),
  });
  await prepare(platform, upstream);
  const beside: FastifyInstance[] = [];
  afterAll(async () => {
    for (const app of beside) {
      app.server.closeAllConnections();
      await app.close();
    }
  });
  const serveBeside: ContractWorld['beside'] = async (parts) => {
    const app = await createApp({ ...platform.world, ...parts });
    beside.push(app);
    return app.listen({ port: 0, host: '127.0.0.1' });
  };
  let count = 0;
  const member = await lookFirstMember(platform.world);
  const picky = async (integration: string) => {
    const key = `picky-${++count}`;
    await run(
      platform.world.db,
      sql`insert into integrations (environment_id, unique_key, provider, custom)
          select environment_id, ${key}, provider, custom from integrations where unique_key = ${integration} and deleted_at is null`,
    );
    const exec = `throw new ActionError({ message: 'nobody may connect' })`;
    await deployOnEvents(platform, [{ name: 'refuse', event: 'validate-connection', integration: key, exec }]);
    return key;
  };
  return {
    platform,
    upstream,
    fresh: (kind) => `${kind}-${++count}`,
    picky,
    session: (more) => newSession(platform, more),
    beside: serveBeside,
    strict: await serveBeside({ config: { ...platform.world.config, rateLimitPerMinute: 1 } }),
    poorKeys: new Map([
      ['environment:mcp', await platform.keyOf('dev', ['environment:mcp'])],
      ['environment:logs:read', await platform.keyOf('dev', ['environment:logs:read'])],
      ['account:environments:set_production', await platform.accountKeyOf(['account:environments:set_production'])],
    ]),
    accountKey: await platform.accountKeyOf(),
    memberCookie: `bowline_session=${await startSession(platform.world, member?.id ?? 0)}`,
    log,
  };
}

const field = '{ type: string, title: Field, description: Field, secret: true }';

/** What a file needs besides, by mode. The token of the exchanging modes comes from `/grant` and `/session`. */
const modes = {
  API_KEY: () => `credentials: { apiKey: ${field} }\n`,
  BASIC: () => '',
  NONE: () => '',
  TWO_STEP: (token: string) =>
    `token_url: ${token}\ntoken_response: { token: access_token }\ntoken_params: { key: '\${credentials.key}' }\ncredentials: { key: ${field} }\n`,
  JWT: () =>
    `signature: { protocol: HMAC, hmac_secret_encoding: utf8 }\ntoken: { expires_in_ms: 60000, signing_key: '\${credentials.key}' }\ncredentials: { key: ${field} }\n`,
  SIGNATURE: () => 'signature: { protocol: WSSE }\ntoken: { expires_in_ms: 60000 }\n',
  TBA: () => '',
  OAUTH2_CC: (token: string) => `token_url: ${token}\n`,
  BILL: (token: string) => `token_url: ${token}\n`,
};

/** By name: the mode, where its token comes from, and whether it tests what it is given by asking `/refuse`. */
const ownProviders: readonly [name: string, mode: keyof typeof modes, token: string, checked: boolean][] = [
  ['checked-key', 'API_KEY', '', true],
  ['checked-basic', 'BASIC', '', true],
  ['checked-open', 'NONE', '', true],
  ['two-step', 'TWO_STEP', '/grant', false],
  ['checked-two-step', 'TWO_STEP', '/grant', true],
  ['refused-two-step', 'TWO_STEP', '/refuse', false],
  ['broken-two-step', 'TWO_STEP', '/broken', false],
  ['jwt', 'JWT', '', false],
  ['checked-jwt', 'JWT', '', true],
  ['signature', 'SIGNATURE', '', false],
  ['checked-signature', 'SIGNATURE', '', true],
  ['bare-cc', 'OAUTH2_CC', '/grant', false],
  ['tba', 'TBA', '', false],
  ['checked-tba', 'TBA', '', true],
  ['own-bill', 'BILL', '/session', false],
  ['checked-bill', 'BILL', '/session', true],
];

function catalogue(api: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'bowline-catalogue-'));
  const oauth1 = join(folder, 'oauth1.yaml');
  writeFileSync(oauth1, oauth1Of(api));
  const written = ownProviders.map(([name, mode, token, checked]) => {
    const path = join(folder, `${name}.yaml`);
    const proxy = `proxy:\n  base_url: ${api}\n${checked ? '  verification: { endpoints: [/refuse] }\n' : ''}`;
    const head = `display_name: ${name}\ncategories: [other]\ndocs: https://example.test\nauth_mode: ${mode}\n`;
    writeFileSync(path, head + modes[mode](api + token) + proxy);
    return path;
  });
  return [...written, oauth1];
}

const oauth1Of = (api: string) =>
  `display_name: OAuth 1\ncategories: [other]\ndocs: https://example.test\nauth_mode: OAUTH1\nrequest_url: ${api}/refuse\nauthorization_url: ${api}/ok\ntoken_url: ${api}/refuse\nsignature_method: RSA-SHA1\nproxy: { base_url: ${api} }\n`;

/** The operator's own app of github. */
export function sharedApps(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'bowline-apps-')), 'apps.json');
  writeFileSync(path, JSON.stringify({ github: { client_id: 'shared', client_secret: 'of the operator', scopes: 'repo' } }));
  return path;
}

async function prepare(platform: Platform, upstream: Upstream): Promise<void> {
  await createIntegrations(platform, upstream.url);
  const more = [
    { unique_key: 'cc', provider: 'oauth2-cc-generic', integration_config: { tokenUrl: `${upstream.url}/refuse`, baseUrl: upstream.url } },
    {
      unique_key: 'cc-open',
      provider: 'oauth2-cc-generic',
      integration_config: { tokenUrl: `${upstream.url}/grant`, baseUrl: upstream.url },
    },
    ...ownProviders.map(([provider]) => ({ unique_key: provider, provider })),
    { unique_key: 'oauth1', provider: 'oauth1', credentials: { type: 'OAUTH1', client_id: 'consumer', client_secret: 'no private key' } },
    ...[
      ['aws', 'sts'],
      ['aws-refused', 'refuse'],
    ].map(([unique_key, path]) => ({
      unique_key,
      provider: 'aws-sigv4',
      integration_config: {
        service: 's3',
        defaultRegion: 'eu-central-1',
        stsMode: 'custom',
        stsEndpointUrl: `${upstream.url}/${path}`,
        stsAuthType: 'none',
        awsStsUrl: `${upstream.url}/caller`,
      },
    })),
    { unique_key: 'mcp', provider: 'mcp-generic' },
    { unique_key: 'outbound-bare', provider: 'sentry-oauth', credentials: { type: 'OAUTH2', client_id: 'c', client_secret: 's' } },
    { unique_key: 'outbound', provider: 'sentry-oauth', credentials: { type: 'OAUTH2', client_id: 'c', client_secret: 's' } },
    { unique_key: 'app', provider: 'github-app', credentials: githubApp },
    { unique_key: 'gone', provider: 'unauthenticated' },
  ];
  for (const body of more) {
    const { status, body: answer } = await platform.call('POST', '/integrations', body);
    if (status !== 200) throw new Error(`could not create ${body.unique_key}: ${JSON.stringify(answer)}`);
  }
  await importConnection(platform, 'c-1');
  await importConnection(platform, 'c-pending', { connection_config: { pending: true } });
  await importConnection(platform, 'c-open', { provider_config_key: 'open', credentials: { type: 'NONE' } });
  await importConnection(platform, 'c-oauth1', {
    provider_config_key: 'oauth1',
    credentials: { type: 'OAUTH1', oauth_token: 't', oauth_token_secret: 's' },
  });
  await importConnection(platform, 'c-gone', { provider_config_key: 'gone', credentials: { type: 'NONE' } });
  // As after a start without the file the provider came from.
  // As when the operator took back the app it shared.
  await run(platform.world.db, sql`update integrations set credentials_sealed = null where unique_key = 'outbound-bare'`);
  await run(platform.world.db, sql`update integrations set provider = 'no-longer-there' where unique_key = 'gone'`);
  const rules = [{ integration: null, function: 'echo', mode: 'all' }];
  await platform.call('PUT', '/capture-settings', { rules });
  const { environment } = await platform.scopeOf('dev');
  await replaceVariables(platform.world, environment.id, [{ name: 'REGION', value: 'eu' }]);
  await deploy(platform, [
    {
      name: 'items',
      more: { endpoints: [{ method: 'GET', path: '/items' }] },
      exec: `await nango.batchSave([{ id: '1', name: 'one' }, { id: '2', name: 'two' }], 'Item')`,
    },
    { type: 'action', name: 'echo', exec: 'return input', more: { endpoints: [{ method: 'POST', path: '/echo' }] } },
  ]);
  await settled(platform, 'c-1', 'items');
}

async function newSession({ call }: Platform, more: object = {}): Promise<string> {
  const answer = await call('POST', '/connect/sessions', { end_user: { id: 'u-1' }, ...more });
  if (answer.status !== 201) throw new Error(`could not make a session: ${JSON.stringify(answer.body)}`);
  return answer.body.data.token;
}
