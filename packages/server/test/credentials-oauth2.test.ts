// biome-ignore-all lint/suspicious/noTemplateCurlyInString: catalogue templates are what is tested here
import type { Server } from 'node:http';
import { createEmulator } from 'emulate';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Started } from '../src/credentials/auth-mode.ts';
import { CredentialsError } from '../src/credentials/failure.ts';
import { modes } from '../src/credentials/modes.ts';
import { consent } from './connect/oidc.ts';
import { catalogue, integrationOf, providerOf, testWorld } from './credentials-world.ts';

const issuer = 'http://127.0.0.1:21320';
const redirectUri = 'http://127.0.0.1:21329/oauth/callback';
const oddSecret = 'a+b c:d/&=%~';
const world = testWorld(['127.0.0.1', 'localhost']);
let server: Server;
let emulator: Awaited<ReturnType<typeof createEmulator>>;

beforeAll(async () => {
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'post',
        client_secret: 's3cret',
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'client_secret_post',
        grant_types: ['authorization_code', 'refresh_token'],
      },
      {
        client_id: 'basic',
        client_secret: oddSecret,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'client_secret_basic',
        grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      },
    ],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true }, clientCredentials: { enabled: true }, revocation: { enabled: true } },
    scopes: ['openid', 'offline_access', 'read'],
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    ttl: { AccessToken: 1200, ClientCredentials: 700 },
    cookies: { keys: ['k'] },
  });
  server = provider.listen(21320, '127.0.0.1');
  emulator = await createEmulator({
    service: 'github',
    port: 21321,
    seed: {
      github: {
        users: [{ login: 'octocat', name: 'The Octocat', email: 'octocat@github.test' }],
        oauth_apps: [{ client_id: 'client-1', client_secret: 's3cret', name: 'Bowline', redirect_uris: [redirectUri] }],
      },
    },
  });
});
afterAll(async () => {
  await emulator.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await world.outbound.close();
});

function redirected(started: Started) {
  if (started.kind !== 'redirect') throw new Error('expected to be sent to the provider');
  return started;
}

const problem = async (promise: Promise<unknown>): Promise<CredentialsError> => {
  const error: unknown = await promise.then(
    () => new Error('it succeeded'),
    (error: unknown) => error,
  );
  if (error instanceof CredentialsError) return error;
  throw error;
};

const oidc = (over: Record<string, unknown> = {}) =>
  providerOf({
    auth_mode: 'OAUTH2',
    authorization_url: '${connectionConfig.issuer}/auth',
    token_url: `${issuer}/token`,
    connection_config: { issuer: { type: 'string', title: 'Issuer', description: '' } },
    authorization_params: { prompt: 'consent' },
    ...over,
  });
const connectionConfig = { issuer };

async function connected(clientId: string, clientSecret: string, over: Record<string, unknown> = {}) {
  const integration = integrationOf(oidc(over), { clientId, clientSecret, scopes: ['openid', 'offline_access', 'read'] });
  const started = redirected(await modes.OAUTH2.start(world, { integration, connectionConfig, redirectUri, state: 'st-1' }));
  const query = await consent(started.url);
  expect(query.state).toBe('st-1');
  const answer = { kind: 'callback', query, redirectUri, kept: started.kept } as const;
  return { integration, started, answer, granted: await modes.OAUTH2.finish(world, { integration, connectionConfig, answer }) };
}

test.each([
  ['post', 's3cret', {}],
  ['basic', oddSecret, { authorization_method: 'header' }],
])(
  'the code flow with PKCE ends in tokens a real OpenID provider accepts, and a refresh rotates them (client %s)',
  async (id, secret, over) => {
    const { integration, granted } = await connected(id, secret, { ...over, token_response_metadata: ['scope'] });
    const { credentials } = granted;
    if (credentials.type !== 'OAUTH2') throw new Error('not OAuth 2');
    expect(credentials.refresh_token).toBeTruthy();
    expect(Date.parse(credentials.expires_at ?? '') - world.time.now.getTime()).toBe(1200_000);
    expect(granted.connectionConfig).toEqual({ issuer, scope: 'openid offline_access read' });
    const me = await world.outbound.request(`${issuer}/me`, {
      headers: { ...modes.OAUTH2.apply({ integration, connectionConfig, credentials }).headers },
    });
    expect(me.status).toBe(200);
    me.body.destroy();

    const renewed = await modes.OAUTH2.refresh(world, { integration, connectionConfig, credentials });
    if (renewed.credentials.type !== 'OAUTH2') throw new Error('not OAuth 2');
    expect(renewed.credentials.access_token).not.toBe(credentials.access_token);
    expect(renewed.credentials.refresh_token).not.toBe(credentials.refresh_token);
    expect(renewed.credentials.raw.refresh_token).toBe(renewed.credentials.refresh_token);

    const reused = await problem(modes.OAUTH2.refresh(world, { integration, connectionConfig, credentials }));
    expect(reused).toMatchObject({ code: 'token_err', kind: 'revoked', providerError: 'invalid_grant', status: 400 });
    expect(reused.message).not.toContain(credentials.refresh_token);
  },
);

test('a code works once, and only with the verifier it was asked for with', async () => {
  const { integration, started, answer } = await connected('post', 's3cret');
  expect(await problem(modes.OAUTH2.finish(world, { integration, connectionConfig, answer }))).toMatchObject({
    kind: 'revoked',
    providerError: 'invalid_grant',
  });
  const query = await consent(started.url);
  const wrong = { ...answer, query, kept: { codeVerifier: 'x'.repeat(43) } };
  expect(await problem(modes.OAUTH2.finish(world, { integration, connectionConfig, answer: wrong }))).toMatchObject({
    providerError: 'invalid_grant',
  });
});

test("a wrong client secret is the developer's to mend, and a connection may bring its own client", async () => {
  const { integration, started, answer } = await connected('post', 's3cret');
  const wrong = { ...integration, clientSecret: 'wrong-s3cret' };
  const fresh = async () => ({ ...answer, query: await consent(started.url) });
  const error = await problem(modes.OAUTH2.finish(world, { integration: wrong, connectionConfig, answer: await fresh() }));
  expect(error).toMatchObject({ kind: 'misconfigured', providerError: 'invalid_client', status: 401 });
  expect(error.message).not.toContain('s3cret');
  const override = { clientId: 'post', clientSecret: 's3cret' };
  const { credentials } = await modes.OAUTH2.finish(world, { integration: wrong, connectionConfig, answer: await fresh(), override });
  expect(credentials).toMatchObject({ config_override: { client_id: 'post', client_secret: 's3cret' } });
  const renewed = await modes.OAUTH2.refresh(world, { integration: wrong, connectionConfig, credentials });
  expect(renewed.credentials).toMatchObject({ config_override: { client_id: 'post', client_secret: 's3cret' } });
});

test('client credentials are granted and granted again by a real OpenID provider', async () => {
  const provider = providerOf({ auth_mode: 'OAUTH2_CC', token_url: `${issuer}/token`, token_request_auth_method: 'basic' });
  const integration = integrationOf(provider, { clientId: null, clientSecret: null });
  const answer = (client_secret: string) => ({ kind: 'form', values: { client_id: 'basic', client_secret } }) as const;
  // This way sends the pair raw, so the secret must arrive as the provider will decode it.
  const secret = encodeURIComponent(oddSecret);
  const { credentials } = await modes.OAUTH2_CC.finish(world, { integration, connectionConfig: {}, answer: answer(secret) });
  if (credentials.type !== 'OAUTH2_CC') throw new Error('not client credentials');
  expect(Date.parse(credentials.expires_at ?? '') - world.time.now.getTime()).toBe(700_000);
  const again = await modes.OAUTH2_CC.refresh(world, { integration, connectionConfig: {}, credentials });
  expect(again.credentials).toMatchObject({ client_id: 'basic', client_secret: secret });
  expect(again.credentials).not.toMatchObject({ token: credentials.token });
  expect(await problem(modes.OAUTH2_CC.finish(world, { integration, connectionConfig: {}, answer: answer('no') }))).toMatchObject({
    kind: 'misconfigured',
    providerError: 'invalid_client',
  });
  expect(await problem(modes.OAUTH2_CC.finish(world, { integration, connectionConfig: {}, answer: answer('') }))).toMatchObject({
    code: 'missing_client_secret',
  });
});

test("the catalogue's GitHub works against the GitHub emulator: consent, code, token, API call, and errors sent with status 200", async () => {
  const builtIn = catalogue.get('github');
  if (builtIn?.auth_mode !== 'OAUTH2') throw new Error('github is missing');
  const swap = (url: string) => url.replace('https://github.com', emulator.url);
  const integration = integrationOf(
    { ...builtIn, authorization_url: swap(builtIn.authorization_url), token_url: swap(builtIn.token_url) },
    { scopes: ['repo', 'user'] },
  );
  const started = redirected(await modes.OAUTH2.start(world, { integration, connectionConfig: {}, redirectUri, state: 'st/+ate' }));
  expect(await (await fetch(started.url)).text()).toContain('octocat');
  const consented = await fetch(`${emulator.url}/login/oauth/callback`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ login: 'octocat', redirect_uri: redirectUri, scope: 'repo user', state: 'st/+ate', client_id: 'client-1' }),
  });
  const query = Object.fromEntries(new URL(consented.headers.get('location') ?? '').searchParams);
  expect(query.state).toBe('st/+ate');
  const answer = { kind: 'callback', query, redirectUri, kept: started.kept } as const;
  const { credentials } = await modes.OAUTH2.finish(world, { integration, connectionConfig: {}, answer });
  expect(credentials).toMatchObject({ type: 'OAUTH2', access_token: expect.stringMatching(/^gho_/), raw: { token_type: 'bearer' } });
  expect(credentials).not.toHaveProperty('expires_at');
  const { headers } = modes.OAUTH2.apply({ integration, connectionConfig: {}, credentials });
  const user = await world.outbound.request(`${emulator.url}/user`, { headers: { ...headers } });
  expect(await user.body.toArray().then((chunks) => JSON.parse(Buffer.concat(chunks).toString()))).toMatchObject({ login: 'octocat' });

  expect(await problem(modes.OAUTH2.finish(world, { integration, connectionConfig: {}, answer }))).toMatchObject({
    code: 'token_err',
    kind: 'revoked',
    providerError: 'bad_verification_code',
    status: 200,
  });
  const wrong = { ...integration, clientSecret: 'no' };
  expect(await problem(modes.OAUTH2.finish(world, { integration: wrong, connectionConfig: {}, answer }))).toMatchObject({
    kind: 'misconfigured',
    providerError: 'incorrect_client_credentials',
  });
  expect(await problem(modes.OAUTH2.refresh(world, { integration, connectionConfig: {}, credentials }))).toMatchObject({
    code: 'missing_refresh_token',
    kind: 'revoked',
  });
});
