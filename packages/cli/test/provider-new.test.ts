// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of providers
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadCatalogue } from '@bowline/providers/catalogue';
import { readDefinition, settleDefinition } from '@bowline/providers/own-definition';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { makeProject, runCli } from './project.ts';

const folder = fileURLToPath(new URL('documents', import.meta.url));
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

/** Runs the command on a document, and loads what it wrote as the platform does; alone, as the whole catalogue takes a while. */
const draft = async (name: string, text: string, flags: string[] = []) => {
  const root = makeProject({ [name]: text });
  const { exitCode, output, errors } = await runCli(root, ['provider', 'new', name, '--json', ...flags]);
  expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
  const answer = JSON.parse(output);
  const written = readFileSync(join(root, answer.file), 'utf8');
  expect(parse(written)).toEqual(answer.provider);
  // As the server judges it, whose gates are stricter.
  const read = readDefinition(written);
  expect('findings' in read ? read.findings : settleDefinition(read, { parent: undefined, http: true })).toHaveProperty('definition');
  const provider = loadCatalogue({ folder: join(root, 'providers') }).get(answer.name);
  return { provider, written, ...answer };
};

const document = (parts: object): string =>
  JSON.stringify({ openapi: '3.0.3', info: { title: 'Made up', version: '1' }, paths: {}, ...parts });
const scheme = (security: object, more: object = {}): string =>
  document({
    servers: [{ url: 'https://api.example.com' }],
    components: { securitySchemes: { it: security } },
    security: [{ it: [] }],
    ...more,
  });
const get = (parts: object = {}) => ({ get: { responses: { 200: { description: 'ok' } }, ...parts } });

describe('the draft of a document in a vendor’s habits', () => {
  it.each(readdirSync(folder))('%s is a valid provider with a modeline', async (name) => {
    const { provider, written } = await draft(name, read(name));
    expect(provider).toBeDefined();
    expect(written).toMatch(/^# yaml-language-server: \$schema=http:\/\/localhost:3003\/\S+\n# Drafted by/);
    expect(written).not.toContain('undefined');
  });

  it('stands beside the catalogue', async () => {
    const root = makeProject(Object.fromEntries(readdirSync(folder).map((name) => [name, read(name)])));
    for (const name of readdirSync(folder)) expect((await runCli(root, ['provider', 'new', name])).exitCode).toBe(0);
    const catalogue = loadCatalogue({ extra: join(root, 'providers') });
    for (const name of ['pet-shop', 'inventory', 'moneta', 'forge', 'helpdesk', 'machines', 'fastapi', 'github'])
      expect(catalogue.get(name)).toBeDefined();
  });

  it('version 2.0: takes the key that servers can use, https before http, and what protects the API from too many calls', async () => {
    const { provider, written, name } = await draft('petstore-2.json', read('petstore-2.json'));
    expect(name).toBe('pet-shop');
    expect(provider).toMatchObject({
      display_name: 'Pet Shop',
      auth_mode: 'API_KEY',
      proxy: {
        base_url: 'https://petshop.example/v2',
        headers: { api_key: '${apiKey}' },
        retry: { after: ['retry-after'] },
        paginate: { type: 'offset', offset_name_in_request: 'offset', limit_name_in_request: 'limit' },
        verification: { endpoints: ['/user'] },
      },
      docs: 'https://docs.petshop.example',
    });
    expect(written).toContain('#   shop_auth (OAuth 2 implicit flow)');
  });

  it('version 2.0 without a host: the integration asks where the API is, and the word before the key is read from the prose', async () => {
    const { provider, check } = await draft('relative-2.yaml', read('relative-2.yaml'));
    expect(provider).toMatchObject({
      integration_config: { baseUrl: { example: 'https://api.example.com/api/v1' } },
      proxy: {
        base_url: '${integrationConfig.baseUrl}',
        headers: { authorization: 'Token ${apiKey}' },
        verification: { endpoints: ['/me'] },
      },
    });
    expect(check.join('\n')).toContain('does not say at which host');
  });

  it('Stripe’s form: bearer before basic, and no pagination where the cursor is the last id', async () => {
    const { provider, written } = await draft('payments-3.json', read('payments-3.json'));
    expect(provider).toMatchObject({
      display_name: 'Moneta',
      auth_mode: 'API_KEY',
      proxy: {
        base_url: 'https://api.moneta.example',
        headers: { authorization: 'Bearer ${apiKey}' },
        verification: { endpoints: ['/v1/account'] },
      },
    });
    expect(provider?.proxy?.paginate).toBeUndefined();
    expect(written).toContain('#   basicAuth (user name and password)');
  });

  it('GitHub’s form: consent, scopes, link headers, and when to try again', async () => {
    const { provider } = await draft('forge-3.yaml', read('forge-3.yaml'));
    expect(provider).toMatchObject({
      display_name: 'Forge',
      auth_mode: 'OAUTH2',
      authorization_url: 'https://api.forge.example/login/oauth/authorize',
      token_url: 'https://forge.example/login/oauth/access_token',
      default_scopes: ['offline_access', 'user', 'repo'],
      available_scopes: ['user', 'repo', 'admin:org', 'offline_access'],
      proxy: {
        retry: { after: ['retry-after'], at: ['x-ratelimit-reset'], remaining: 'x-ratelimit-remaining' },
        paginate: { type: 'link', link_rel_in_response_header: 'next', limit_name_in_request: 'per_page' },
        verification: { endpoints: ['/user'] },
      },
    });
    expect(provider).not.toHaveProperty('refresh_url');
  });

  it('version 3.1: server variables become fields, two keys go together, a cursor is found behind allOf', async () => {
    const { provider, written } = await draft('helpdesk-3.1.yaml', read('helpdesk-3.1.yaml'));
    expect(provider).toMatchObject({
      display_name: 'Helpdesk',
      connection_config: {
        subdomain: {
          example: 'your-company',
          pattern: '^[A-Za-z0-9][A-Za-z0-9.-]*$',
          description: expect.stringContaining('before the region'),
        },
        region: { enum: ['eu', 'us'], default_value: 'eu' },
        port: { default_value: '443' },
        appKey: { secret: true },
      },
      proxy: {
        base_url: 'https://${connectionConfig.subdomain}.${connectionConfig.region}.helpdesk.example:${connectionConfig.port}/api/v2',
        headers: { 'x-account-key': '${apiKey}', 'helpdesk-version': '2026-05' },
        query: { app_key: '${connectionConfig.appKey}' },
        retry: { after: ['ratelimit-reset'] },
        paginate: {
          type: 'cursor',
          cursor_path_in_response: 'meta.next_cursor',
          cursor_name_in_request: 'cursor',
          limit_name_in_request: 'page_size',
          response_path: 'tickets',
        },
        verification: { endpoints: ['/whoami'] },
      },
    });
    expect(provider?.connection_config?.subdomain).not.toHaveProperty('default_value');
    expect(written).toContain('http://localhost:8080/api (for development)');
  });

  it('machines: client credentials with the scope of the verification, the live server, links in the body', async () => {
    const { provider } = await draft('machines-3.1.json', read('machines-3.1.json'));
    expect(provider).toMatchObject({
      auth_mode: 'OAUTH2_CC',
      token_url: 'https://login.machines.example/${connectionConfig.tenant}/token',
      token_params: { grant_type: 'client_credentials' },
      default_scopes: ['account.read'],
      proxy: {
        base_url: 'https://api.machines.example/v1',
        paginate: { type: 'link', link_path_in_response_body: '@odata.nextLink', limit_name_in_request: '$top', response_path: 'value' },
      },
    });
  });

  it('FastAPI’s form: the password grant, with a token URL relative to the API', async () => {
    const { provider } = await draft('fastapi-3.1.json', read('fastapi-3.1.json'));
    expect(provider).toMatchObject({
      auth_mode: 'TWO_STEP',
      token_url: '${integrationConfig.baseUrl}/token',
      proxy: {
        headers: { authorization: 'Bearer ${accessToken}' },
        paginate: { offset_start_value: 0, offset_calculation_method: 'per-page' },
      },
    });
  });
});

describe('the way in', () => {
  it.each<[string, object, object]>([
    [
      'a bearer token',
      { type: 'http', scheme: 'Bearer' },
      { auth_mode: 'API_KEY', proxy: { headers: { authorization: 'Bearer ${apiKey}' } } },
    ],
    [
      'another word',
      { type: 'http', scheme: 'GenieKey' },
      { auth_mode: 'API_KEY', proxy: { headers: { authorization: 'GenieKey ${apiKey}' } } },
    ],
    ['a key in the query', { type: 'apiKey', in: 'query', name: 'key' }, { auth_mode: 'API_KEY', proxy: { query: { key: '${apiKey}' } } }],
    ['a cookie', { type: 'apiKey', in: 'cookie', name: 'sid' }, { auth_mode: 'API_KEY', proxy: { headers: { cookie: 'sid=${apiKey}' } } }],
    ['user name and password', { type: 'http', scheme: 'basic' }, { auth_mode: 'BASIC' }],
    [
      'OpenID Connect',
      { type: 'openIdConnect', openIdConnectUrl: 'https://id.example.com/.well-known/openid-configuration' },
      { auth_mode: 'OAUTH2', token_url: '${integrationConfig.tokenUrl}', default_scopes: ['openid'] },
    ],
    ['a certificate', { type: 'mutualTLS' }, { auth_mode: 'NONE' }],
  ])('%s', async (_name, security, expected) => {
    const { provider } = await draft('api.json', scheme(security));
    expect(provider).toMatchObject(expected);
  });

  it('is chosen by --security, of several flows too, and a wrong name is answered with what there is', async () => {
    const text = read('machines-3.1.json');
    expect((await draft('api.json', text, ['--security', 'people'])).provider).toMatchObject({ auth_mode: 'OAUTH2' });
    expect((await draft('api.json', text, ['--security', 'machine.password'])).provider).toMatchObject({ auth_mode: 'TWO_STEP' });
    expect((await draft('api.json', text, ['--security', 'machine'])).provider).toMatchObject({ auth_mode: 'OAUTH2_CC' });
    const wrong = await runCli(makeProject({ 'api.json': text }), ['provider', 'new', 'api.json', '--security', 'nobody']);
    expect(wrong.exitCode).toBe(2);
    expect(wrong.errors).toContain('has no security scheme nobody. It has: machine.clientCredentials (OAuth 2 client credentials)');
  });

  it('that opens more of the API wins over the nicer one', async () => {
    const paths = Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`/t${n}`, get({ security: [{ key: [] }] })]));
    const flows = { authorizationCode: { authorizationUrl: 'https://a.example', tokenUrl: 'https://t.example', scopes: {} } };
    const components = { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Key' }, oauth: { type: 'oauth2', flows } } };
    const text = document({
      servers: [{ url: 'https://api.example.com' }],
      components,
      paths: { ...paths, '/x': get({ security: [{ oauth: [] }] }) },
    });
    expect((await draft('api.json', text)).provider).toMatchObject({ auth_mode: 'API_KEY' });
  });

  it('never lets the person who connects say which host receives the client secret', async () => {
    const flows = {
      authorizationCode: { authorizationUrl: 'https://{yourDomain}/authorize', tokenUrl: 'https://login.{yourDomain}/token', scopes: {} },
    };
    const { provider } = await draft(
      'api.json',
      scheme(
        { type: 'oauth2', flows },
        { servers: [{ url: 'https://{yourDomain}/api', variables: { yourDomain: { default: 'example.com' } } }] },
      ),
    );
    expect(provider).toMatchObject({
      authorization_url: 'https://${integrationConfig.yourDomain}/authorize',
      token_url: 'https://login.${integrationConfig.yourDomain}/token',
      proxy: { base_url: 'https://${integrationConfig.yourDomain}/api' },
    });
    expect(provider?.connection_config).toBeUndefined();
  });
});

describe('the verification', () => {
  const bearer = { type: 'http', scheme: 'bearer' };
  it.each<[string, object, string | undefined]>([
    ['is a request about the caller', { '/things': get(), '/v1/users/me': get() }, '/v1/users/me'],
    ['is none that everybody may make', { '/me': get({ security: [] }) }, undefined],
    ['is none where credentials are optional', { '/me': get({ security: [{ it: [] }, {}] }) }, undefined],
    ['is none that wants a parameter', { '/me': get({ parameters: [{ name: 'q', in: 'query', required: true }] }) }, undefined],
    ['is none that is served elsewhere', { '/me': get({ servers: [{ url: 'https://other.example' }] }) }, undefined],
    ['is none that only fails', { '/me': get({ responses: { 400: { description: 'no' } } }) }, undefined],
    ['is no POST', { '/me': { post: { responses: { 200: { description: 'ok' } } } } }, undefined],
  ])('%s', async (_name, paths, expected) => {
    const { provider } = await draft('api.json', scheme(bearer, { paths }));
    expect(provider?.proxy?.verification?.endpoints[0]).toBe(expected);
  });
});

describe('pagination', () => {
  const query = (name: string, type = 'integer', more: object = {}) => ({ name, in: 'query', schema: { type, ...more } });
  const answers = (properties: object) => ({
    200: { description: 'ok', content: { 'application/json': { schema: { type: 'object', properties } } } },
  });
  const items = { type: 'array', items: {} };
  const string = { type: 'string' };

  it.each<[string, object[], object, object | undefined]>([
    [
      'a page from 1',
      [query('page'), query('per_page')],
      { data: items },
      {
        type: 'offset',
        offset_name_in_request: 'page',
        offset_start_value: 1,
        offset_calculation_method: 'per-page',
        response_path: 'data',
      },
    ],
    ['a page from 0', [query('page', 'integer', { minimum: 0 })], { content: items }, { offset_start_value: 0 }],
    [
      'a token',
      [query('pageToken', 'string'), query('pageSize')],
      { nextPageToken: string, files: items },
      { type: 'cursor', cursor_path_in_response: 'nextPageToken', cursor_name_in_request: 'pageToken', limit_name_in_request: 'pageSize' },
    ],
    [
      'HubSpot’s after',
      [query('after', 'string'), query('limit')],
      { results: items, paging: { type: 'object', properties: { next: { type: 'object', properties: { after: string, link: string } } } } },
      { type: 'cursor', cursor_path_in_response: 'paging.next.after' },
    ],
    [
      'Airtable’s offset, a text',
      [query('offset', 'string'), query('pageSize')],
      { records: items, next_offset: string, pagination: { type: 'object', properties: { offset: string } } },
      { type: 'cursor', cursor_path_in_response: 'pagination.offset' },
    ],
    [
      'a link in the body',
      [query('page')],
      { next: { type: 'string', format: 'uri' }, results: items },
      { type: 'link', link_path_in_response_body: 'next', response_path: 'results' },
    ],
    [
      'JSON:API’s links',
      [query('page[number]'), query('page[size]')],
      { data: items, links: { type: 'object', properties: { next: string } } },
      { type: 'link', link_path_in_response_body: 'links.next', limit_name_in_request: 'page[size]' },
    ],
    ['start without a size, which may be a date', [query('start')], { data: items }, undefined],
    ['a cursor that no answer holds', [query('cursor', 'string')], { data: items }, undefined],
  ])('%s', async (_name, parameters, properties, expected) => {
    const { provider } = await draft('api.json', document({ paths: { '/things': get({ parameters, responses: answers(properties) }) } }));
    if (expected === undefined) expect(provider?.proxy?.paginate).toBeUndefined();
    else expect(provider?.proxy?.paginate).toMatchObject(expected);
  });

  it('is left out where requests do it in different ways', async () => {
    const paths = {
      '/a': get({ parameters: [query('page')], responses: answers({ data: items }) }),
      '/b': get({ parameters: [query('cursor', 'string')], responses: answers({ next_cursor: string }) }),
      '/c': get({ parameters: [query('offset'), query('limit')], responses: answers({ data: items }) }),
    };
    const { provider, written } = await draft('api.json', document({ paths }));
    expect(provider?.proxy?.paginate).toBeUndefined();
    expect(written).toContain('the 3 paged requests do it in different ways');
  });
});

describe('what an authorization server publishes of itself', () => {
  const metadata = {
    issuer: 'https://login.acme.example',
    authorization_endpoint: 'https://login.acme.example/authorize',
    token_endpoint: 'https://login.acme.example/token',
    scopes_supported: ['openid', 'email', 'offline_access', 'contacts'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    code_challenge_methods_supported: ['plain', 'S256'],
  };
  const { authorization_endpoint: _people, ...machines } = metadata;

  it.each<[string, object, object]>([
    [
      'signs people in',
      metadata,
      { auth_mode: 'OAUTH2', display_name: 'Acme', token_url: metadata.token_endpoint, default_scopes: ['openid', 'offline_access'] },
    ],
    ['wants the secret in a header', { ...metadata, token_endpoint_auth_methods_supported: undefined }, { authorization_method: 'header' }],
    [
      'knows clients without a secret',
      { ...metadata, token_endpoint_auth_methods_supported: ['none'] },
      { token_request_auth_method: 'none' },
    ],
    ['has no PKCE that is safe', { ...metadata, code_challenge_methods_supported: ['plain'] }, { disable_pkce: true }],
    [
      'names itself from another site',
      { ...metadata, authorization_response_iss_parameter_supported: true, issuer: 'https://id.acme.example' },
      { issuer: 'https://id.acme.example' },
    ],
    [
      'knows machines only',
      { ...machines, token_endpoint_auth_methods_supported: ['client_secret_basic'] },
      { auth_mode: 'OAUTH2_CC', token_request_auth_method: 'basic' },
    ],
  ])('%s', async (_name, parts, expected) => {
    const { provider, check } = await draft('openid-configuration', JSON.stringify(parts));
    expect(provider).toMatchObject({ ...expected, proxy: { base_url: '${integrationConfig.baseUrl}' } });
    expect(check.join('\n')).toContain('does not say where the API is');
  });

  it('and the author says where the API is', async () => {
    const { provider } = await draft('openid-configuration', JSON.stringify(metadata), ['--base-url', 'https://api.acme.example/v1/']);
    expect(provider).toMatchObject({ proxy: { base_url: 'https://api.acme.example/v1' } });
    for (const key of ['authorization_method', 'disable_pkce', 'integration_config', 'issuer']) expect(provider).not.toHaveProperty(key);
  });
});

describe('a document', () => {
  const serve = async (answer: (path: string) => { status?: number; headers?: Record<string, string>; text?: string }) => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      const { status = 200, headers = {}, text = '' } = answer(request.url ?? '');
      response.writeHead(status, headers).end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('no port');
    return { host: `http://127.0.0.1:${address.port}`, asked };
  };

  it('of an address: followed where it moved, its relative server resolved, its query kept to itself, and nothing else asked', async () => {
    const text = document({ servers: [{ url: '../v1' }], components: { schemas: { A: { $ref: 'other.json#/A' } } } });
    const { host, asked } = await serve((path) =>
      path.startsWith('/old') ? { status: 302, headers: { location: '/docs/openapi.json?key=s3cret' } } : { text },
    );
    const root = makeProject({});
    const { exitCode, output } = await runCli(root, ['provider', 'new', `${host}/old?key=s3cret`, '--out', '-']);
    expect(exitCode).toBe(0);
    expect(parse(output).proxy.base_url).toBe(`${host}/v1`);
    expect(output).toContain(`from ${host}/docs/openapi.json.`);
    expect(output).not.toContain('s3cret');
    expect(asked).toEqual(['/old?key=s3cret', '/docs/openapi.json?key=s3cret']);
  });

  it.each<[string, string, number, RegExp]>([
    [
      'broken YAML, with its place',
      'openapi: 3.0.0\ninfo:\n  title: Broken\npaths:\n  /a: { get: [\ncomponents: {}\n',
      1,
      /^api:6:1 - error: .+\nThe document is neither JSON nor YAML\.\n$/,
    ],
    ['broken JSON, with its place', '{\n  "openapi": "3.0.0"\n  "info": {}\n}\n', 1, /^api:3:\d+ - error: /],
    ['a web page', '<!doctype html><title>API</title>', 1, /It is a web page/],
    ['an empty file', '\n', 1, /It is empty/],
    ['a list', '[1]', 1, /holds no map/],
    ['something else', 'name: x\n', 1, /neither `openapi: 3\.x` nor `swagger: "2\.0"`/],
    ['AsyncAPI', 'asyncapi: 3.0.0\n', 1, /AsyncAPI/],
    ['a future version', 'openapi: 4.0.0\n', 1, /says version 4\.0\.0/],
  ])('that is %s is refused', async (_name, text, expected, message) => {
    const { exitCode, errors } = await runCli(makeProject({ api: text }), ['provider', 'new', 'api', '--name', 'x']);
    expect(exitCode).toBe(expected);
    expect(errors).toMatch(message);
  });

  it('that cannot be had is refused with what to do', async () => {
    const { host } = await serve(() => ({ status: 404 }));
    const missing = await runCli('.', ['provider', 'new', `${host}/x`]);
    expect(missing).toMatchObject({ exitCode: 1, errors: expect.stringContaining(`${host}/x answered 404`) });
    const nobody = await runCli('.', ['provider', 'new', 'http://127.0.0.1:1/x']);
    expect(nobody).toMatchObject({ exitCode: 1, errors: expect.stringContaining('Cannot read http://127.0.0.1:1/x') });
    const nofile = await runCli('.', ['provider', 'new', 'nothing.json']);
    expect(nofile).toMatchObject({ exitCode: 2, errors: expect.stringContaining('There is no file nothing.json') });
  });

  it('whose references go in circles, or nowhere, ends', async () => {
    const schemas = {
      A: { $ref: '#/components/schemas/B' },
      B: { $ref: '#/components/schemas/A' },
      C: { allOf: [{ $ref: '#/components/schemas/C' }] },
    };
    const answer = (name: string) => ({
      200: { description: 'ok', content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } } },
    });
    const parameters = [
      { name: 'page', in: 'query', schema: { type: 'integer' } },
      { $ref: '#/nowhere' },
      { $ref: '#/components/parameters/%zz' },
    ];
    const paths = Object.fromEntries(['A', 'C', 'D'].map((name) => [`/${name}`, get({ parameters, responses: answer(name) })]));
    expect((await draft('api.json', document({ components: { schemas }, paths }))).provider?.proxy?.paginate).toMatchObject({
      offset_name_in_request: 'page',
    });
  });

  it.each([['json'], ['yaml']])(
    'of 10 MB as %s is read',
    async (form) => {
      const paths = Array.from(
        { length: 16_000 },
        (_, n) => [`/things/${n}`, get({ summary: 's'.repeat(400), parameters: [{ $ref: '#/components/parameters/page' }] })] as const,
      );
      const parts = {
        paths: Object.fromEntries(paths),
        components: { parameters: { page: { name: 'page', in: 'query', schema: { type: 'integer' } } } },
      };
      const json = document(parts);
      const yaml = () =>
        `openapi: 3.0.3\ninfo: {title: Made up, version: "1"}\ncomponents: ${JSON.stringify(parts.components)}\npaths:\n${paths.map(([path]) => `  ${path}:\n    get:\n      summary: ${'s'.repeat(400)}\n      parameters:\n        - $ref: "#/components/parameters/page"\n      responses:\n        "200":\n          description: ok\n`).join('')}`;
      const text = form === 'json' ? json : yaml();
      expect(text.length).toBeGreaterThan(8_000_000);
      expect((await draft(`api.${form}`, text)).understood.document).toContain('16000 requests');
    },
    120_000,
  );
});

describe('bowline provider new', () => {
  it('says what it understood and what to check, and overwrites nothing unless told', async () => {
    const root = makeProject({ 'forge-3.yaml': read('forge-3.yaml') });
    const made = await runCli(root, ['provider', 'new', 'forge-3.yaml', '--name', 'forge-eu']);
    expect(made).toMatchObject({ exitCode: 0, errors: '' });
    for (const words of [
      '+ providers/forge-eu.yaml',
      'OAUTH2, from oauth',
      'GET /user',
      'to check:',
      'bowline provider check providers/forge-eu.yaml',
    ])
      expect(made.output).toContain(words);
    const again = await runCli(root, ['provider', 'new', 'forge-3.yaml', '--name', 'forge-eu']);
    expect(again).toMatchObject({ exitCode: 2, errors: expect.stringContaining('Overwrite it with --force') });
    expect((await runCli(root, ['provider', 'new', 'forge-3.yaml', '--name', 'forge-eu', '--force'])).exitCode).toBe(0);
  });

  it.each(['oauth2', 'oauth2-cc', 'api-key', 'basic', 'mcp'])('starts from --kind %s with a valid provider', async (kind) => {
    const root = makeProject({});
    const made = await runCli(root, ['provider', 'new', '--kind', kind, '--name', 'acme-erp']);
    expect(made).toMatchObject({ exitCode: 0, errors: '' });
    expect(loadCatalogue({ folder: join(root, 'providers') }).get('acme-erp')?.display_name).toBe('Acme erp');
  });

  it('takes the address of an MCP server', async () => {
    const root = makeProject({});
    const made = await runCli(root, ['provider', 'new', 'https://mcp.acme.example/mcp', '--kind', 'mcp', '--name', 'acme-mcp']);
    expect(made).toMatchObject({ exitCode: 0, errors: '' });
    expect(loadCatalogue({ extra: join(root, 'providers') }).get('acme-mcp')).toMatchObject({
      auth_mode: 'MCP_OAUTH2_GENERIC',
      connection_config: { mcp_server_url: { default_value: 'https://mcp.acme.example/mcp', hidden: true } },
    });
  });

  it('asks a person for kind and name', async () => {
    const root = makeProject({});
    const { exitCode, questions } = await runCli(root, ['provider', 'new'], { answers: ['basic', 'acme-erp'] });
    expect({ exitCode, questions: questions.length }).toEqual({ exitCode: 0, questions: 2 });
    expect(readdirSync(join(root, 'providers'))).toEqual(['acme-erp.yaml']);
  });

  it.each<[string[], RegExp]>([
    [[], /Name an OpenAPI document .* --kind oauth2\|/],
    [['--kind', 'basic'], /--name acme-erp/],
    [['--kind', 'magic', '--name', 'x'], /no kind magic/],
    [['--kind', 'basic', '--name', 'Acme ERP'], /"Acme ERP" cannot be a provider's name/],
    [['api.json', '--kind', 'basic'], /either a document or --kind/],
    [['api.json', '--base-url', 'api.example.com'], /is not an http\(s\) URL/],
  ])('ends wrong usage with 2: %j', async (words, message) => {
    const { exitCode, errors } = await runCli(makeProject({ 'api.json': document({}) }), ['provider', 'new', ...words]);
    expect(exitCode).toBe(2);
    expect(errors).toMatch(message);
  });
});
