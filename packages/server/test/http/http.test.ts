import { request } from 'node:http';
import { connect } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { type Platform, startPlatform } from '../platform.ts';

let platform: Platform;
let call: Platform['call'];

beforeAll(async () => {
  platform = await startPlatform({ worker: false });
  call = platform.call;
  await createIntegrations(platform);
  await importConnection(platform, 'c-1');
});

const failure = (status: number, code: string) => ({ status, body: { error: { code } } });
const metadata = { connection_id: 'c-1', provider_config_key: 'key', metadata: {} };

describe('validation', () => {
  test('answers the part that is wrong, every issue of it, and each path as texts', async () => {
    const { status, body } = await call('POST', '/connections', { provider_config_key: 7, credentials: { type: 'API_KEY' }, tags: [] });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'invalid_body', message: expect.stringContaining('provider_config_key') });
    expect(body.error.errors).toEqual(
      expect.arrayContaining([
        { code: 'invalid_type', message: expect.any(String), path: ['provider_config_key'] },
        { code: 'invalid_type', message: expect.any(String), path: ['credentials', 'apiKey'] },
        { code: 'invalid_type', message: expect.any(String), path: ['tags'] },
      ]),
    );
  });

  test('names unknown keys, of body and query', async () => {
    const body = await call('POST', '/connections/metadata', { ...metadata, one: 1, two: 2 });
    expect(body).toMatchObject(failure(400, 'invalid_body'));
    expect(body.body.error.errors).toEqual([{ code: 'unrecognized_keys', message: expect.stringMatching(/one.*two/), path: [] }]);
    const query = await call('POST', '/connections/metadata?x=1', metadata);
    expect(query).toMatchObject(failure(400, 'invalid_query_params'));
    expect(query.body.error.errors[0].code).toBe('unrecognized_keys');
  });

  test('a missing body is an invalid one', async () => {
    expect(await call('POST', '/connections/metadata')).toMatchObject(failure(400, 'invalid_body'));
    expect(await call('POST', '/connections/metadata', '', { 'content-type': 'application/json' })).toMatchObject(
      failure(400, 'invalid_body'),
    );
  });

  test.each(['null', '[]', '1', '"text"', 'true'])('a body of %s is an invalid one', async (body) => {
    expect(await call('POST', '/connections/metadata', body)).toMatchObject(failure(400, 'invalid_body'));
  });

  test.each(['{', '{"a":}', "{'a':1}", '{"a":1}x', '\u0000'])('%j is malformed JSON', async (body) => {
    expect(await call('POST', '/connections/metadata', body)).toMatchObject(failure(400, 'invalid_json'));
  });

  test('a body that would pollute prototypes does not', async () => {
    const body =
      '{"connection_id":"c-1","provider_config_key":"key","metadata":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}';
    const { status } = await call('POST', '/connections/metadata', body);
    expect([201, 400]).toContain(status);
    expect(Object(JSON.parse('{}')).polluted).toBeUndefined();
  });

  test.each(['"\\u0000"', '"\\ud800"', '{"\\u0000":1}'])('a value of %s, which the database cannot hold, is refused', async (value) => {
    const answer = await call(
      'POST',
      '/connections/metadata',
      `{"connection_id":"c-1","provider_config_key":"key","metadata":{"a":${value}}}`,
    );
    expect(answer).toMatchObject(failure(400, 'invalid_body'));
    expect(await call('GET', '/connections?connectionId=%00')).toMatchObject(failure(400, 'invalid_query_params'));
  });

  test('deep nesting in body and query is taken or refused, never a crash', async () => {
    const deep = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`;
    const { status } = await call(
      'POST',
      '/connections/metadata',
      `{"connection_id":"c-1","provider_config_key":"key","metadata":${deep}}`,
    );
    expect(status).toBeLessThan(500);
    expect((await call('GET', `/connections?tags${'[a]'.repeat(200)}=1`)).status).toBe(400);
    expect((await call('GET', `/connections?${'a=1&'.repeat(2000)}`)).status).toBe(400);
  });
});

describe('content types', () => {
  test.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'nonsense'])(
    'a body of %s is refused with 415',
    async (type) => {
      expect(await call('POST', '/connections/metadata', 'a=1', { 'content-type': type })).toMatchObject(
        failure(415, 'invalid_content_type'),
      );
    },
  );

  test('a charset is fine, and so is any type without a body', async () => {
    expect((await call('POST', '/connections/metadata', metadata, { 'content-type': 'application/json; charset=utf-8' })).status).toBe(201);
    expect((await call('GET', '/integrations', undefined, { 'content-type': 'text/plain' })).status).toBe(200);
    expect((await call('DELETE', '/connections/x?provider_config_key=key', undefined, { 'content-type': 'application/json' })).status).toBe(
      400,
    );
  });

  test('a body over 75 MB is refused with 413, before it is all sent', async () => {
    const { hostname, port } = new URL(platform.url);
    const status = await new Promise((resolve, reject) => {
      const outgoing = request(
        {
          hostname,
          port,
          method: 'POST',
          path: '/connections/metadata',
          headers: {
            authorization: `Bearer ${platform.apiKey}`,
            'content-type': 'application/json',
            'content-length': String(80 * 1024 * 1024),
          },
        },
        (response) => {
          resolve(response.statusCode);
          outgoing.destroy();
        },
      );
      outgoing.on('error', reject).write('{"a":"');
    });
    expect(status).toBe(413);
  });
});

describe('addresses', () => {
  test.each(['/connections/', '/CONNECTIONS', '/Connections/?limit=1', '/connection/'])('%s is found', async (path) => {
    expect((await call('GET', path)).status).toBe(200);
  });

  test('what stands in a path keeps its case', async () => {
    await importConnection(platform, 'MixedCase');
    expect((await call('GET', '/CONNECTIONS/MixedCase?provider_config_key=key')).status).toBe(200);
    expect(await call('GET', '/connections/mixedcase?provider_config_key=key')).toMatchObject(failure(404, 'not_found'));
  });

  test.each([
    ['GET', '/nothing'],
    ['POST', '/nothing'],
    ['DELETE', '/connections'],
    ['GET', '/proxyish/x'],
    ['GET', '/integrations/a/b'],
    ['GET', '/records/a'],
    ['PUT', '/connections/a/b'],
  ])('%s %s is a JSON 404', async (method, path) => {
    const answer = await call(method, path);
    expect(answer).toMatchObject(failure(404, 'not_found'));
    expect(answer.headers.get('content-type')).toContain('application/json');
  });

  test.each(['/connections/%', '/connections/%zz?provider_config_key=key', '/connections/%c3%28?provider_config_key=key'])(
    '%s, which cannot be decoded, is a client’s mistake',
    async (path) => {
      const { status, body } = await call('GET', path);
      expect(status).toBe(400);
      expect(body.error.code).toBe('invalid_uri_params');
    },
  );

  test('HEAD answers as GET does, without a body', async () => {
    expect(await call('HEAD', '/integrations')).toMatchObject({ status: 200, body: '' });
    expect(await call('HEAD', '/connections/nobody?provider_config_key=key')).toMatchObject({ status: 404, body: '' });
  });

  test('the health of the process needs no key', async () => {
    expect(await call('GET', '/health', undefined, { authorization: '' })).toMatchObject({ status: 200, body: { result: 'ok' } });
  });
});

describe('keys', () => {
  test.each([
    ['none', undefined, 'missing_auth_header'],
    ['an empty one', '', 'malformed_auth_header'],
    ['no UUID', 'Bearer x', 'invalid_secret_key_format'],
    ['an unknown one', 'Bearer 3f2504e0-4f89-41d3-9a0c-0305e82c3301', 'unknown_account'],
  ])('%s is 401', async (_what, authorization, code) => {
    const response = await fetch(`${platform.url}/integrations`, { headers: authorization === undefined ? {} : { authorization } });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code, message: expect.any(String) } });
  });

  test('one without the word Bearer works, as older clients send it', async () => {
    expect((await call('GET', '/integrations', undefined, { authorization: platform.apiKey })).status).toBe(200);
  });

  test('a right that is missing is named, before the body is looked at', async () => {
    const authorization = `Bearer ${await platform.keyOf('dev', ['environment:records:read'])}`;
    const answer = await call('POST', '/connections/metadata', { nonsense: 1 }, { authorization });
    expect(answer).toMatchObject(failure(403, 'forbidden'));
    expect(answer.body.error.message).toContain('environment:connections:update');
  });
});

describe('headers', () => {
  test('a preflight is answered on every path, without a key', async () => {
    for (const path of ['/connections', '/proxy/x', '/connect/session', '/nothing']) {
      const response = await fetch(platform.url + path, {
        method: 'OPTIONS',
        headers: {
          origin: 'https://app.example',
          'access-control-request-method': 'PATCH',
          'access-control-request-headers': 'authorization',
        },
      });
      expect({ path, status: response.status }).toEqual({ path, status: 204 });
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(response.headers.get('access-control-allow-methods')).toContain('PATCH');
      expect(response.headers.get('access-control-allow-headers')).toMatch(/authorization/i);
      expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });

  test('the dashboard’s own routes are not for other origins', async () => {
    const { headers } = await call('GET', '/api/session');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  test('every answer has an id of its own and says what it is', async () => {
    const answers = [await call('GET', '/integrations'), await call('GET', '/nothing'), await call('POST', '/connections/metadata', '{')];
    const ids = answers.map(({ headers }) => headers.get('x-request-id'));
    expect(new Set(ids).size).toBe(3);
    for (const { headers } of answers) {
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });
});

test('bytes that are no HTTP at all do not harm the server', async () => {
  const { hostname, port } = new URL(platform.url);
  for (const bytes of [
    '\u0016\u0003\u0001\u0002',
    'GET / HTTP/9.9\r\n\r\n',
    'GET /\r\n\r\n',
    'POST /connections HTTP/1.1\r\nhost: x\r\ncontent-length: abc\r\n\r\n',
  ]) {
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => socket.end(bytes));
      socket
        .on('close', () => resolve())
        .on('error', () => resolve())
        .resume();
    });
  }
  expect((await call('GET', '/health')).status).toBe(200);
});

test('a caller that goes away in the middle of its body harms nobody', async () => {
  const { hostname, port } = new URL(platform.url);
  await new Promise<void>((resolve) => {
    const head = `POST /connections/metadata HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${platform.apiKey}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"a`;
    const socket = connect(Number(port), hostname, () => socket.write(head, () => socket.destroy()));
    socket.on('close', () => resolve());
  });
  expect((await call('GET', '/health')).status).toBe(200);
});

/** What a schema alone does not say, or says of one field; what every route refuses is in contract/contract.test.ts. */
describe('a rule of one field', () => {
  const here = { 'connection-id': 'c-1', 'provider-config-key': 'key' };
  const elevenTags = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`t${index}`, 'x']));
  const session = (body: object) => ['POST', '/connect/sessions', { end_user: { id: '1' }, ...body }] as const;
  const trigger = (body: object) => ['POST', '/sync/trigger', { syncs: [], provider_config_key: 'key', ...body }] as const;
  const records = (query: string) => ['GET', `/records?model=Row&${query}`, undefined, here] as const;

  test.each([
    [
      'credentials of another kind',
      ['POST', '/connections', { provider_config_key: 'key', credentials: { type: 'NONE' } }],
      'invalid_body',
    ],
    ['an integration of an unknown provider', ['POST', '/integrations', { provider: 'none', unique_key: 'n' }], 'invalid_body'],
    ['an integration key that is taken', ['POST', '/integrations', { provider: 'unauthenticated', unique_key: 'key' }], 'invalid_body'],
    ['a connect session for nobody', ['POST', '/connect/sessions', {}], 'invalid_body'],
    ['a session for an unknown integration', session({ allowed_integrations: ['none'] }), 'invalid_body'],
    ['eleven tags', session({ tags: elevenTags }), 'invalid_body'],
    ['both old and new options of a trigger', trigger({ opts: {}, full_resync: true }), 'invalid_body'],
    ['emptying a cache without a reset', trigger({ opts: { emptyCache: true } }), 'invalid_body'],
    ['a limit beyond the largest', records('limit=10001'), 'invalid_query_params'],
    ['a time with an offset', records('modified_after=2026-01-01T00:00:00%2B02:00'), 'invalid_query_params'],
    ['an unknown filter', records('filter=moved'), 'invalid_query_params'],
    ['more than a hundred ids', records(Array.from({ length: 101 }, (_, index) => `ids=${index}`).join('&')), 'invalid_query_params'],
  ] as const)('refuses %s', async (_what, [method, path, body, headers], code) => {
    expect(await call(method, path, body, headers)).toMatchObject(failure(400, code));
  });
});
