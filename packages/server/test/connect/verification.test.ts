/** Credentials are tried before they are stored: by status where that tells, in the vendor's own way where it does not. */
import { beforeAll, describe, expect, test } from 'vitest';
import { json, type Received } from '../upstream.ts';
import { formOf, jsonOf, startVendors, type Vendors } from './vendors.ts';

let vendors: Vendors;
const names = ['apollo', 'azure-devops', 'bitdefender', 'expensify', 'lastpass', 'skio', 'snipe-it'];
beforeAll(async () => {
  const field = '{ type: string, title: Key, description: Key, secret: true }';
  vendors = await startVendors({
    ...Object.fromEntries(names.map((name) => [name, `extends: ${name}\nproxy: { base_url: API/${name} }\n`])),
    templated: `display_name: Templated
categories: [other]
docs: https://example.test
auth_mode: TWO_STEP
token_url: API/templated/token
token_response: { token: access_token }
credentials: { key: ${field} }
proxy:
  base_url: API/templated
  body: { key: '\${credentials.key}' }
  verification:
    method: POST
    endpoints: [/no, '/check/\${credentials.key}']
    headers: { x-again: 'again \${accessToken}' }
    data: { test: true }
`,
  });
});

const basic = (value: string) => `Basic ${Buffer.from(value).toString('base64')}`;
const page = '<!DOCTYPE html><html><body>Sign in</body></html>';
type Case = {
  readonly name: string;
  readonly body: object;
  readonly params?: Record<string, string>;
  readonly path: string;
  /** Whether the vendor would take this request. */
  readonly takes: (request: Received) => boolean;
  readonly right: unknown;
  /** What the vendor answers instead. */
  readonly wrong: { status: number; body: unknown };
  readonly says: string;
};

const cases: Case[] = [
  {
    name: 'apollo',
    body: { apiKey: 'right-key' },
    path: '/v1/auth/health',
    takes: ({ headers }) => headers['x-api-key'] === 'right-key',
    right: { healthy: true, is_logged_in: true },
    wrong: { status: 200, body: { healthy: true, is_logged_in: false } },
    says: 'it does not know this API key',
  },
  {
    name: 'azure-devops',
    body: { username: '', password: 'right-key' },
    params: { organizationUrl: 'dev.azure.com/contoso' },
    path: '/_apis/projects',
    takes: ({ headers, url }) => headers.authorization === basic(':right-key') && url.includes('api-version='),
    right: { count: 0, value: [] },
    wrong: { status: 203, body: page },
    says: 'it does not know this personal access token',
  },
  {
    name: 'bitdefender',
    body: { username: 'right-key', password: '' },
    params: { ACCESS_URL: 'https://cloud.gravityzone.bitdefender.com/api' },
    path: '/v1.0/jsonrpc/general',
    takes: (request) => request.headers.authorization === basic('right-key:') && jsonOf(request).method === 'getApiKeyDetails',
    right: { id: 'verification', jsonrpc: '2.0', result: { enabledApis: [] } },
    wrong: {
      status: 200,
      body: { jsonrpc: '2.0', error: { code: -32000, message: 'Server error', data: { details: 'Invalid API key' } } },
    },
    says: 'Invalid API key',
  },
  {
    name: 'expensify',
    body: { username: 'partner', password: 'right-key' },
    path: '/ExpensifyIntegrations',
    takes: (request) => {
      const job = JSON.parse(formOf(request).requestJobDescription ?? '{}');
      return job.credentials.partnerUserID === 'partner' && job.credentials.partnerUserSecret === 'right-key';
    },
    right: { policyList: [], responseCode: 200 },
    wrong: { status: 200, body: { responseMessage: 'Authentication error', responseCode: 500 } },
    says: 'Authentication error',
  },
  {
    name: 'lastpass',
    body: { username: '12345', password: 'right-key' },
    path: '/enterpriseapi.php',
    takes: (request) => {
      const { cid, provhash, cmd } = jsonOf(request);
      return cid === '12345' && provhash === 'right-key' && cmd === 'getuserdata';
    },
    right: { total: 0, count: 0, Users: {} },
    wrong: { status: 200, body: { status: 'FAIL', errors: ['Authorization Error'] } },
    says: 'Authorization Error',
  },
  {
    name: 'skio',
    body: { apiKey: 'right-key' },
    path: '/v1/graphql',
    takes: (request) => request.headers.authorization === 'API right-key' && jsonOf(request).query.includes('Orders'),
    right: { data: { Orders: [] } },
    wrong: { status: 200, body: { errors: [{ message: 'Could not verify the key' }] } },
    says: 'Could not verify the key',
  },
  {
    name: 'snipe-it',
    body: { apiKey: 'right-key' },
    params: { hostname: 'x.snipe-it.test' },
    path: '/v1/users',
    takes: ({ headers }) => headers.authorization === 'Bearer right-key' && headers.accept === 'application/json',
    right: { total: 0, rows: [] },
    wrong: { status: 200, body: page },
    says: 'it does not know this API token',
  },
];

describe.each(cases)('$name', ({ name, body, params = {}, path, takes, right, wrong, says }) => {
  const submit = async (given: object) => {
    const session = await vendors.platform.call('POST', '/connect/sessions', { end_user: { id: 'u-1' } });
    const query = new URLSearchParams({ connect_session_token: session.body.data.token });
    for (const [key, value] of Object.entries(params)) query.set(`params[${key}]`, value);
    const door = 'apiKey' in given ? 'api-key' : 'basic';
    return vendors.platform.call('POST', `/api-auth/${door}/${name}?${query}`, given);
  };
  beforeAll(() => {
    vendors.upstream.on(`/${name}${path}`, (request, response) => {
      if (takes(request)) return json(response, right);
      const text = typeof wrong.body === 'string' ? wrong.body : JSON.stringify(wrong.body);
      response.writeHead(wrong.status, { 'content-type': typeof wrong.body === 'string' ? 'text/html' : 'application/json' }).end(text);
    });
  });

  test('takes what its vendor takes', async () => {
    expect(await submit(body)).toMatchObject({ status: 200 });
  });

  test('refuses what its vendor refuses with an answer of success, in the vendor’s words', async () => {
    const answer = await submit(JSON.parse(JSON.stringify(body).replace('right-key', 'wrong-key')));
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'connection_test_failed' } } });
    expect(answer.body.error.message).toContain(says);
    expect(answer.body.error.message).not.toContain('wrong-key');
  });
});

test('a request of the catalogue is filled in, path, headers and body, and the first one that is taken settles it', async () => {
  const { upstream } = vendors;
  upstream.on('/templated/token', (_request, response) => json(response, { access_token: 'token-1' }));
  upstream.on('/templated/no', (_request, response) => json(response, {}, 404));
  upstream.on('/templated/check/k%2F1', (request, response) => {
    expect(jsonOf(request)).toEqual({ test: true, key: 'k/1' });
    const { authorization, 'x-again': again } = request.headers;
    json(response, {}, authorization === 'Bearer token-1' && again === 'again token-1' ? 200 : 401);
  });
  expect((await vendors.connect('TWO_STEP', 'templated', { key: 'k/1' })).status).toBe(200);
  upstream.on('/templated/check/k%2F1', (_request, response) => json(response, {}, 403));
  const refused = await vendors.connect('TWO_STEP', 'templated', { key: 'k/1' });
  expect(refused).toMatchObject({ status: 400, body: { error: { code: 'connection_test_failed' } } });
  expect(refused.body.error.message).toContain('status 403');
});
