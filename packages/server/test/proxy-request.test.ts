// biome-ignore-all lint/suspicious/noTemplateCurlyInString: catalogue templates are what is tested here
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import type { Access } from '../src/credentials/access.ts';
import { authorize } from '../src/credentials/authorize.ts';
import type { Credentials } from '../src/credentials/credentials.ts';
import { verify } from '../src/credentials/verify.ts';
import { answerHeaders, buildRequest, type ProxyCall } from '../src/proxy/request.ts';
import { catalogue, integrationOf, providerOf, testWorld } from './credentials-world.ts';

const key = { type: 'API_KEY', apiKey: 's3cret' } as const;
const field = { type: 'string', title: 'T', description: '' };
const definition = (proxy: Record<string, unknown>) => ({
  auth_mode: 'API_KEY',
  credentials: { apiKey: field },
  connection_config: { sub: field, version: { ...field, optional: true } },
  proxy: { base_url: 'https://api.test', ...proxy },
});
const access = (proxy: Record<string, unknown> = {}, over: Partial<Access> = {}): Access => ({
  integration: integrationOf(providerOf(definition(proxy))),
  connectionConfig: {},
  credentials: key,
  ...over,
});
const build = (path: string, to: Access = access(), over: Partial<ProxyCall> = {}) => {
  const built = buildRequest({ method: 'GET', path, headers: {}, ...over }, to);
  return built.ok ? built.request : built;
};
const urlOf = (path: string, to?: Access, over?: Partial<ProxyCall>) => {
  const built = build(path, to, over);
  return 'url' in built ? built.url : built.code;
};

test.each([
  ['/user', 'https://api.test/user'],
  ['user', 'https://api.test/user'],
  ['//user//a', 'https://api.test/user//a'],
  ['', 'https://api.test'],
  ['?a=1', 'https://api.test?a=1'],
  ['/100%', 'https://api.test/100%'],
  ['/a%zz%2F/b?x=%&y=%E0', 'https://api.test/a%zz%2F/b?x=%&y=%E0'],
  [
    '/${apiKey}?k=${credentials.apiKey}&v=${connectionConfig.sub}',
    'https://api.test/${apiKey}?k=${credentials.apiKey}&v=${connectionConfig.sub}',
  ],
  ['/q?a=1&a=2&b[]=x+y', 'https://api.test/q?a=1&a=2&b[]=x+y'],
  ['/https://api.test/user?x=1', 'https://api.test/user?x=1'],
  ['https://api.test/user', 'https://api.test/user'],
  ['https://API.test/user', 'https://api.test/user'],
  ['https://api.test', 'https://api.test'],
  ['https://api.test?x=1', 'https://api.test?x=1'],
  ['https://api.test.evil.test/x', 'missing_api_url'],
  ['https://api.test@evil.test/x', 'missing_api_url'],
  ['https://evil.test/', 'missing_api_url'],
  ['/files/https://api.test/x', 'https://api.test/files/https://api.test/x'],
])('the path %s goes to %s', (path, url) => {
  expect(urlOf(path)).toBe(url);
});

test("the base is the override, else the integration's, else the provider's filled template", () => {
  const templated = access({ base_url: 'https://${connectionConfig.sub}.test/v1/' }, { connectionConfig: { sub: 'acme' } });
  expect(urlOf('/a', templated)).toBe('https://acme.test/v1/a');
  expect(urlOf('/v1/a', templated)).toBe('https://acme.test/v1/v1/a');
  expect(urlOf('https://acme.test/v1/a', templated)).toBe('https://acme.test/v1/a');
  expect(urlOf('/a', templated, { baseUrlOverride: 'http://other.test:8080/base/' })).toBe('http://other.test:8080/base/a');
  expect(urlOf('/a', templated, { baseUrlOverride: '' })).toBe('https://acme.test/v1/a');
  const generic = catalogue.get('private-api-generic');
  if (!generic) throw new Error('missing');
  expect(urlOf('/a', { ...access(), integration: integrationOf(generic, { custom: { baseUrl: 'https://own.test' } }) })).toBe(
    'https://own.test/a',
  );
});

test.each([
  [{}, {}, /no value for connectionConfig\.sub/],
  [{ connectionConfig: { sub: 'evil.test/?' } }, {}, /do not make a valid/],
  [{}, { baseUrlOverride: 'https://${apiKey}.evil.test' }, /absolute http\(s\) URL/],
  [{}, { baseUrlOverride: 'file:///etc' }, /absolute http\(s\) URL/],
  [{}, { baseUrlOverride: 'https://u:p@x.test' }, /without credentials/],
])('a base URL that cannot be used is a problem: %j %j', (over, call, message) => {
  const built = build('/a', access({ base_url: 'https://${connectionConfig.sub}.test' }, over), call);
  expect(built).toMatchObject({ ok: false, code: 'missing_api_url', message: expect.stringMatching(message) });
  expect(JSON.stringify(built)).not.toContain('s3cret');
});

test('an override never makes a template of itself', () => {
  const built = build('/a', access(), { baseUrlOverride: 'https://x.test/${apiKey}' });
  expect(JSON.stringify(built)).not.toContain('s3cret');
});

test('a provider without a base URL needs an override', () => {
  const none = catalogue.get('unauthenticated');
  if (!none) throw new Error('missing');
  const open = { integration: integrationOf(none), connectionConfig: {}, credentials: {} };
  expect(build('/a', open)).toMatchObject({ code: 'missing_api_url', message: expect.stringContaining('Base-Url-Override') });
  expect(urlOf('/a', open, { baseUrlOverride: 'https://x.test' })).toBe('https://x.test/a');
});

test("the provider's query parameters replace the caller's of the same name and touch no other byte", () => {
  const to = access({ query: { api_key: '${apiKey}', v: '${connectionConfig.version}', 'a b': 'c&d' } });
  expect(urlOf('/x?q=%zz&api%5Fkey=mine&z', to)).toBe('https://api.test/x?q=%zz&z&api_key=s3cret&a%20b=c%26d');
  expect(urlOf('/x', to)).toBe('https://api.test/x?api_key=s3cret&a%20b=c%26d');
});

test("only prefixed headers are sent, never hop-by-hop ones, and the caller's win except over the provider's user agent", () => {
  const to = access({
    headers: {
      authorization: 'Bearer ${apiKey}',
      accept: 'application/json',
      'x-version': '${connectionConfig.version}',
      'x-default': '${connectionConfig.version} || 2022',
      'user-agent': 'Vendor',
    },
  });
  const built = build('/x', to, {
    headers: {
      authorization: 'Bearer environment-key',
      cookie: 'c',
      'connection-id': 'c',
      retries: '3',
      'x-anything': '1',
      'nango-proxy-accept': 'text/csv',
      'bowline-proxy-x-mine': 'y',
      'nango-proxy-user-agent': 'Mine',
      'nango-proxy-host': 'evil',
      'nango-proxy-transfer-encoding': 'chunked',
      'nango-proxy-connection': 'close, X-Hop',
      'nango-proxy-x-hop': '1',
      'nango-proxy-content-length': '5',
      'nango-proxy-x-list': ['a', 'b'],
      'nango-proxy-': 'x',
    },
  });
  expect('headers' in built && built.headers).toEqual({
    authorization: 'Bearer s3cret',
    accept: 'text/csv',
    'x-default': '2022',
    'user-agent': 'Vendor',
    'x-mine': 'y',
    'x-list': ['a', 'b'],
  });
});

test.each([
  ['POST', { 'content-type': 'application/json' }, 'application/json'],
  ['POST', { 'content-type': 'application/json', 'nango-proxy-content-type': 'text/xml' }, 'text/xml'],
  [
    'POST',
    { 'content-type': 'multipart/form-data; boundary=b', 'nango-proxy-content-type': 'multipart/form-data' },
    'multipart/form-data; boundary=b',
  ],
  ['POST', {}, undefined],
  ['GET', { 'content-type': 'application/json' }, undefined],
])('a %s with %j sends content type %s', (method, headers, type) => {
  const built = build('/x', access(), { method, headers });
  expect('headers' in built && built.headers['content-type']).toBe(type);
});

test('each kind of credentials authenticates the request', () => {
  const to = (name: string, credentials: Credentials): Access => {
    const provider = catalogue.get(name);
    if (!provider) throw new Error(`${name} is missing`);
    return { integration: integrationOf(provider), connectionConfig: {}, credentials };
  };
  expect(authorize(to('github', { type: 'OAUTH2', access_token: 'a', raw: {} })).headers.authorization).toBe('Bearer a');
  expect(authorize(to('github-pat', key)).headers.authorization).toBe('Bearer s3cret');
  expect(authorize(to('stripe-api-key', { type: 'BASIC', username: 'rk', password: '' })).headers).toEqual({
    authorization: `Basic ${Buffer.from('rk:').toString('base64')}`,
  });
});

test('body additions are filled deeply and unresolved ones dropped', () => {
  expect(authorize(access({ body: { key: '${apiKey}', acct: { id: '${connectionConfig.sub}', v: 1 } } })).body).toEqual({
    key: 's3cret',
    acct: { v: 1 },
  });
});

test('one random value serves all headers of a request', () => {
  const { headers } = authorize(access({ headers: { 'x-a': '${random}', 'x-b': '${random}-${now}' } }), { now: new Date(0), random: 'r' });
  expect(headers).toEqual({ 'x-a': 'r', 'x-b': 'r-1970-01-01T00:00:00.000Z' });
});

test('an answer keeps every header but those of its connection', () => {
  const given = {
    'content-type': 'a',
    'content-length': '3',
    'set-cookie': ['a', 'b'],
    link: '<x>',
    connection: 'x-hop, close',
    'x-hop': '1',
    'transfer-encoding': 'chunked',
    'keep-alive': 't',
    'access-control-allow-origin': '*',
    etag: undefined,
  };
  expect(answerHeaders(given)).toEqual({ 'content-type': 'a', 'content-length': '3', 'set-cookie': ['a', 'b'], link: '<x>' });
});

test("credentials are verified with the provider's own request, and a provider without one accepts", async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    response.writeHead(request.headers.authorization === 'Bearer s3cret' && request.url?.startsWith('/second') ? 200 : 401).end('x');
  });
  await new Promise<void>((resolve) => server.listen(21340, '127.0.0.1', resolve));
  const world = testWorld(['127.0.0.1']);
  const proxy = {
    base_url: 'http://127.0.0.1:21340',
    headers: { authorization: 'Bearer ${apiKey}' },
    query: { q: '${apiKey}' },
    verification: { endpoints: ['/first/${connectionConfig.sub}', '/second?a=1'] },
  };
  expect(await verify(world, access(proxy, { connectionConfig: { sub: 'a/b' } }))).toEqual({ ok: true, tested: true });
  expect(asked).toEqual(['GET /first/a%2Fb?q=s3cret Bearer s3cret', 'GET /second?a=1&q=s3cret Bearer s3cret']);
  expect(await verify(world, access(proxy, { credentials: { ...key, apiKey: 'no' } }))).toEqual({
    ok: false,
    status: 401,
    message: expect.stringContaining('401'),
  });
  expect(await verify(testWorld([]), access(proxy))).toMatchObject({
    ok: false,
    message: expect.stringContaining('BOWLINE_OUTBOUND_ALLOW'),
  });
  expect(await verify(world, access())).toEqual({ ok: true, tested: false });
  await world.outbound.close();
  server.closeAllConnections();
  server.close();
});
