// biome-ignore-all lint/suspicious/noTemplateCurlyInString: catalogue templates are what is tested here
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { modes } from '../src/credentials/modes.ts';
import { integrationOf, providerOf, testWorld } from './credentials-world.ts';

type Reply = { status?: number; type?: string; body: string };
let reply: Reply = { body: '' };
let asked: { url: string; headers: IncomingMessage['headers']; body: string };
const server = createServer(async (request, response) => {
  asked = { url: request.url ?? '', headers: request.headers, body: await text(request) };
  response.writeHead(reply.status ?? 200, { 'content-type': reply.type ?? 'application/json' }).end(reply.body);
});
const world = testWorld(['127.0.0.1:21330']);
const base = 'http://127.0.0.1:21330';
const now = new Date('2026-03-01T00:00:00.000Z');

beforeAll(() => new Promise<void>((resolve) => server.listen(21330, '127.0.0.1', resolve)));
afterAll(async () => {
  await world.outbound.close();
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  world.time.now = now;
});

const plain = { auth_mode: 'OAUTH2', authorization_url: `${base}/authorize`, token_url: `${base}/token` };
const finish = (
  definition: Record<string, unknown> = {},
  query: Record<string, string> = { code: 'c-1' },
  connectionConfig = {},
  override = {},
) =>
  modes.OAUTH2.finish(world, {
    integration: integrationOf(providerOf({ ...plain, ...definition })),
    connectionConfig,
    override,
    answer: { kind: 'callback', query, redirectUri: 'https://b.test/cb', kept: { codeVerifier: 'v-1' } },
  });
const refresh = (definition: Record<string, unknown> = {}, stored: Record<string, unknown> = {}, connectionConfig = {}) =>
  modes.OAUTH2.refresh(world, {
    integration: integrationOf(providerOf({ ...plain, ...definition })),
    connectionConfig,
    credentials: { type: 'OAUTH2', access_token: 'old', refresh_token: 'r-old', raw: {}, ...stored },
  });
const json = (body: unknown, over: Partial<Reply> = {}): Reply => ({ body: JSON.stringify(body), ...over });

test.each<[string, Reply, Record<string, unknown>, Record<string, unknown>]>([
  [
    'conforming',
    json({ access_token: 'a', token_type: 'Bearer', expires_in: 3600, refresh_token: 'r' }),
    {},
    { access_token: 'a', refresh_token: 'r', expires_at: '2026-03-01T01:00:00.000Z' },
  ],
  [
    'form encoded',
    { body: 'access_token=a%2Bb&scope=x&token_type=bearer', type: 'application/x-www-form-urlencoded' },
    {},
    { access_token: 'a+b' },
  ],
  [
    'form encoded as text',
    { body: 'access_token=a&expires_in=60\n', type: 'text/plain' },
    {},
    { access_token: 'a', expires_at: '2026-03-01T00:01:00.000Z' },
  ],
  ['JSON as text/html', json({ access_token: 'a' }, { type: 'text/html' }), {}, { access_token: 'a' }],
  ['status 201', json({ access_token: 'a' }, { status: 201 }), {}, { access_token: 'a' }],
  ['expires_in as text', json({ access_token: 'a', expires_in: '3600' }), {}, { expires_at: '2026-03-01T01:00:00.000Z' }],
  ['expires_in zero means never', json({ access_token: 'a', expires_in: 0 }), {}, { expires_at: undefined }],
  ['expires_at in seconds', json({ access_token: 'a', expires_at: 1772326800 }), {}, { expires_at: '2026-03-01T01:00:00.000Z' }],
  [
    'expires_at in milliseconds as text',
    json({ access_token: 'a', expires_at: '1772326800000' }),
    {},
    { expires_at: '2026-03-01T01:00:00.000Z' },
  ],
  [
    'expires_at as a date',
    json({ access_token: 'a', expires_at: '2026-03-01T02:00:00+01:00' }),
    {},
    { expires_at: '2026-03-01T01:00:00.000Z' },
  ],
  [
    'expires_at that is no date',
    json({ access_token: 'a', expires_at: 'soon', expires_in: 60 }),
    {},
    { expires_at: '2026-03-01T00:01:00.000Z' },
  ],
  ['refresh_token null', json({ access_token: 'a', refresh_token: null }), {}, { refresh_token: undefined }],
  [
    'nested in data',
    json({ code: 0, data: { access_token: 'a', refresh_token: 'r', expires_in: 60 } }),
    {},
    { access_token: 'a', refresh_token: 'r', expires_at: '2026-03-01T00:01:00.000Z' },
  ],
  [
    'at an alternate path, an object',
    json({ ok: true, authed_user: { access_token: 'u', refresh_token: 'ur' } }),
    { alternate_access_token_response_path: 'authed_user' },
    { access_token: 'u', refresh_token: 'ur' },
  ],
  [
    'at an alternate path, a text',
    json({ result: { key: 'k' }, expires_in: 60 }),
    { alternate_access_token_response_path: 'result.key' },
    { access_token: 'k', expires_at: '2026-03-01T00:01:00.000Z' },
  ],
  ['an empty error beside a token', json({ access_token: 'a', error: '' }), {}, { access_token: 'a' }],
])('a token answer is understood: %s', async (_, given, definition, expected) => {
  reply = given;
  const { credentials } = await finish(definition);
  for (const [key, value] of Object.entries(expected)) expect(credentials[key as keyof typeof credentials]).toBe(value);
});

test.each<[string, Reply, Record<string, unknown>]>([
  [
    'an error with 200',
    json({ error: 'bad_verification_code', error_description: 'Expired.' }),
    { code: 'token_err', kind: 'revoked', providerError: 'bad_verification_code' },
  ],
  ['ok false with 200', json({ ok: false, error: 'invalid_client_id' }), { code: 'token_err', kind: 'misconfigured' }],
  [
    'a form-encoded error',
    { body: 'error=incorrect_client_credentials&error_description=x', type: 'text/plain' },
    { code: 'token_err', kind: 'misconfigured' },
  ],
  ['an error object', json({ error: { type: 'invalid_grant', message: 'gone' } }, { status: 400 }), { code: 'token_err', kind: 'revoked' }],
  ['429', { status: 429, body: 'slow down' }, { code: 'token_err', kind: 'transient', status: 429 }],
  ['503 with HTML', { status: 503, body: '<html>a=b</html>', type: 'text/html' }, { code: 'token_err', kind: 'provider_down' }],
  ['404', { status: 404, body: '' }, { code: 'token_err', kind: 'misconfigured' }],
  ['a page with 200', { body: '<html>login=please</html>', type: 'text/html' }, { code: 'unable_to_parse_token_response' }],
  ['JSON without a token', json({ hello: 1 }), { code: 'unable_to_parse_token_response' }],
  ['a token of the wrong type', json({ access_token: { no: 1 } }), { code: 'unable_to_parse_token_response' }],
  ['an array', json([1]), { code: 'unable_to_parse_token_response' }],
])('a refusal is sorted: %s', async (_, given, expected) => {
  reply = given;
  await expect(finish()).rejects.toMatchObject(expected);
});

test('a token endpoint that does not answer is the provider being down, a private one is refused', async () => {
  const dead = testWorld(['127.0.0.1']);
  const integration = integrationOf(providerOf({ ...plain, token_url: 'http://127.0.0.1:21339/token' }));
  const access = {
    integration,
    connectionConfig: {},
    credentials: { type: 'OAUTH2', access_token: 'a', refresh_token: 'r', raw: {} },
  } as const;
  await expect(modes.OAUTH2.refresh(dead, access)).rejects.toMatchObject({ kind: 'provider_down', providerError: 'ECONNREFUSED' });
  await expect(modes.OAUTH2.refresh(world, access)).rejects.toMatchObject({ kind: 'misconfigured', providerError: 'blocked_host' });
  await dead.outbound.close();
});

test("the request holds what RFC 6749 and 7636 ask for, in the body, and the provider's own parameters", async () => {
  reply = json({ access_token: 'a' });
  await finish({ token_params: { audience: 'x' }, token_headers: { 'X-Client': '${clientId}' } });
  expect(Object.fromEntries(new URLSearchParams(asked.body))).toEqual({
    grant_type: 'authorization_code',
    audience: 'x',
    code: 'c-1',
    redirect_uri: 'https://b.test/cb',
    code_verifier: 'v-1',
    client_id: 'client-1',
    client_secret: 's3cret',
  });
  expect(asked.headers).toMatchObject({
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
    'x-client': 'client-1',
  });
  expect(asked.headers).not.toHaveProperty('authorization');
  await finish({ token_url: `${base}/token?key=a%20b`, body_format: 'json', authorization_method: 'header' });
  expect(asked.url).toBe('/token?key=a%20b');
  expect(JSON.parse(asked.body)).toEqual({
    grant_type: 'authorization_code',
    code: 'c-1',
    redirect_uri: 'https://b.test/cb',
    code_verifier: 'v-1',
  });
  expect(asked.headers.authorization).toBe(`Basic ${Buffer.from('client-1:s3cret').toString('base64')}`);
  await finish({ token_request_auth_method: 'basic' });
  expect(asked.headers.authorization).toBe(`Basic ${Buffer.from('client-1:s3cret').toString('base64')}`);
  expect(asked.body).toContain('client_secret=s3cret');
});

test('a refresh keeps the old refresh token when none comes, never repeats the code grant, and re-reads metadata', async () => {
  reply = json({ access_token: 'new', expires_in: 60, instance: 'i-2' });
  const renewed = await refresh(
    {
      token_params: { grant_type: 'authorization_code', audience: 'x' },
      refresh_url: `${base}/refresh`,
      token_response_metadata: ['instance'],
    },
    {},
    { instance: 'i-1', kept: 1 },
  );
  expect(asked.url).toBe('/refresh');
  expect(Object.fromEntries(new URLSearchParams(asked.body))).toEqual({
    grant_type: 'refresh_token',
    audience: 'x',
    refresh_token: 'r-old',
    client_id: 'client-1',
    client_secret: 's3cret',
  });
  expect(renewed).toEqual({
    credentials: {
      type: 'OAUTH2',
      access_token: 'new',
      refresh_token: 'r-old',
      expires_at: '2026-03-01T00:01:00.000Z',
      raw: { access_token: 'new', expires_in: 60, instance: 'i-2' },
    },
    connectionConfig: { instance: 'i-2', kept: 1 },
  });
});

test('a refresh keeps a second token the provider nested in its first answer', async () => {
  reply = json({ ok: true, access_token: 'new', refresh_token: 'r-new' });
  const { credentials } = await refresh({}, { raw: { access_token: 'old', authed_user: { access_token: 'u' } } });
  expect(credentials).toMatchObject({ refresh_token: 'r-new', raw: { access_token: 'new', authed_user: { access_token: 'u' } } });
});

test('refresh parameters are filled from the connection', async () => {
  reply = json({ access_token: 'new' });
  await refresh(
    {
      refresh_params: { tenant: '${connectionConfig.tenant}' },
      connection_config: { tenant: { type: 'string', title: 'T', description: '' } },
    },
    {},
    { tenant: '${clientSecret}' },
  );
  expect(new URLSearchParams(asked.body).get('tenant')).toBe('${clientSecret}');
});

test('what the provider tells is kept, what the person said wins unless empty, and a given refresh token replaces the granted one', async () => {
  reply = json({ access_token: 'a', refresh_token: 'granted', team: { id: 'T1' }, host: 'told', live: true, secret: {} });
  const definition = { token_response_metadata: ['team.id', 'host', 'live', 'secret', 'none'], redirect_uri_metadata: ['shop'] };
  const granted = await finish(definition, { code: 'c', shop: 's-1', other: 'o' }, { host: 'mine', shop: '' }, { refreshToken: 'given' });
  expect(granted.connectionConfig).toEqual({ 'team.id': 'T1', host: 'mine', live: true, shop: 's-1' });
  expect(granted.credentials).toMatchObject({ refresh_token: 'given', raw: { refresh_token: 'given' } });
});

test('a callback without a code tells what the provider said', async () => {
  await expect(finish({}, { error: 'access_denied', error_description: 'User said no' })).rejects.toMatchObject({
    code: 'callback_err',
    kind: 'revoked',
    message: expect.stringContaining('User said no'),
  });
  await expect(finish({}, {})).rejects.toMatchObject({ code: 'callback_err' });
  reply = json({ access_token: 'a' });
  await finish({ authorization_code_param_in_callback: 'spapi_oauth_code' }, { spapi_oauth_code: 'z' });
  expect(asked.body).toContain('code=z');
});

const start = async (definition: Record<string, unknown>, input: Record<string, unknown> = {}, scopes: string[] = []) => {
  const integration = integrationOf(providerOf({ ...plain, ...definition }), { scopes });
  const started = await modes.OAUTH2.start(world, {
    integration,
    connectionConfig: {},
    redirectUri: 'https://b.test/cb?a=1',
    state: 's&t',
    ...input,
  });
  if (started.kind !== 'redirect') throw new Error('expected a redirect');
  return { ...started, url: new URL(started.url) };
};

test('the authorize URL holds code, client, redirect, scopes, state and an S256 challenge, and the caller may add and take away', async () => {
  const { url, kept } = await start(
    { authorization_params: { prompt: 'consent', access_type: 'offline' }, authorization_url: `${base}/authorize?keep=1` },
    { authorizationParams: { prompt: 'undefined', login_hint: 'a b', state: 'evil', redirect_uri: 'https://evil.test' } },
    ['a', 'b:c'],
  );
  expect(kept.codeVerifier).toMatch(/^[\w-]{43}$/);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    keep: '1',
    response_type: 'code',
    client_id: 'client-1',
    redirect_uri: 'https://b.test/cb?a=1',
    scope: 'a b:c',
    state: 's&t',
    access_type: 'offline',
    login_hint: 'a b',
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
  });
});

test('scopes are joined as the provider wants and PKCE is left out where it must be', async () => {
  const { url, kept } = await start({ scope_separator: ',', disable_pkce: true }, { scopes: ['x', 'y'] }, ['a']);
  expect([url.searchParams.get('scope'), url.searchParams.has('code_challenge'), kept]).toEqual(['x,y', false, {}]);
});

test('a fragment, replacements, empty and raw parameters are written as the provider needs them', async () => {
  expect(
    (await start({ authorization_url_fragment: '/oauth', authorization_url_replacements: { client_id: 'app$&id' } })).url.href,
  ).toMatch(/^http:\/\/127\.0\.0\.1:21330\/authorize#\/oauth\?response_type=code&app\$&id=client-1/);
  expect((await start({ authorization_params: { x: '' }, authorization_url_skip_empty: true })).url.searchParams.has('x')).toBe(false);
  expect((await start({ authorization_url_skip_encode: ['scopes'], scope_separator: '+' }, {}, ['a:b', 'c'])).url.href).toContain(
    '&scope=a:b+c',
  );
});

test('a missing value stops the start with its name; an optional one is left out', async () => {
  const field = { type: 'string', title: 'T', description: '' };
  const definition = (optional: boolean) => ({
    connection_config: { t: { ...field, optional } },
    authorization_params: { tenant: '${connectionConfig.t}' },
  });
  await expect(start(definition(false))).rejects.toThrow(/tenant has no value for connectionConfig\.t/);
  expect((await start(definition(true))).url.searchParams.has('tenant')).toBe(false);
  await expect(start({ ...definition(true), authorization_url: 'https://${connectionConfig.t}.x.test/' })).rejects.toThrow(
    /authorization URL cannot be built/,
  );
  await expect(
    modes.OAUTH2.start(world, {
      integration: integrationOf(providerOf(plain), { clientSecret: null }),
      connectionConfig: {},
      redirectUri: 'x',
      state: 's',
    }),
  ).rejects.toThrow(/no client id or client secret/);
});
