/** The edge of the server: sizes, slow and broken requests, ids, CORS, unknown addresses, what a load balancer and a program without a key may ask. */
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { providerSchema } from '@bowline/providers/json-schema';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createServer } from '../../src/http/server.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { type Platform, startPlatform } from '../platform.ts';
import { exchange } from '../proxy/exchange.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';

let platform: Platform;
let upstream: Upstream;
let call: Platform['call'];

beforeAll(async () => {
  upstream = await startUpstream();
  platform = await startPlatform({
    worker: false,
    allow: [`127.0.0.1:${upstream.port}`],
    env: { NANGO_SERVER_PUBLIC_BODY_LIMIT: '64kb' },
  });
  call = platform.call;
  await createIntegrations(platform, upstream.url);
  await importConnection(platform, 'c-1');
});

const failure = (status: number, code: string) => ({ status, body: { error: { code } } });
const anonymous = (path: string, headers: Record<string, string> = {}) => fetch(platform.url + path, { headers });

/** Writes bytes, and reads until the server closes. */
function raw(url: string, bytes: string): Promise<{ status: number; headers: string; body: { error: Record<string, unknown> } }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let text = '';
    socket.setEncoding('latin1').on('data', (piece: string) => (text += piece));
    socket.on('error', reject);
    socket.on('close', () => {
      const [headers = '', body = ''] = text.split('\r\n\r\n');
      resolve({ status: Number(headers.split(' ')[1]), headers: headers.toLowerCase(), body: JSON.parse(body || '{"error":{}}') });
    });
  });
}

describe('sizes', () => {
  const body = (bytes: number) => JSON.stringify({ connection_id: 'c-1', provider_config_key: 'key', metadata: { a: 'x'.repeat(bytes) } });

  test('a body over the limit that was set is refused with 413, below it is taken', async () => {
    expect((await call('POST', '/connections/metadata', body(60_000))).status).toBe(201);
    expect(await call('POST', '/connections/metadata', body(70_000))).toMatchObject(failure(413, 'request_too_large'));
  });

  test('the same limit holds for a proxied body that is kept, and a streamed one has none', async () => {
    upstream.on('/take', (request, response) => json(response, { bytes: request.body.length }));
    const target = { 'connection-id': 'c-1', 'provider-config-key': 'key' };
    for (const bytes of [100_000, 2_000_000]) {
      const send = (headers: Record<string, string>) => call('POST', '/proxy/take', 'x'.repeat(bytes), { ...target, ...headers });
      expect(await send({ retries: '1' })).toMatchObject(failure(413, 'request_too_large'));
      expect(await send({})).toMatchObject({ status: 200, body: { bytes } });
    }
    // Without a length it is known only on the way.
    const chunked = exchange(platform, {
      method: 'POST',
      path: '/take',
      headers: { retries: '1' },
      body: Readable.from([Buffer.alloc(200_000)]),
    });
    expect((await chunked).status).toBe(413);
  });

  test('headers, or an address, over 128 KB are refused with 431, in the envelope, and the connection closes', async () => {
    for (const head of [
      `GET /integrations?a=${'x'.repeat(140_000)} HTTP/1.1`,
      `GET /integrations HTTP/1.1\r\nx-a: ${'x'.repeat(140_000)}`,
    ]) {
      const answer = await raw(platform.url, `${head}\r\nhost: x\r\n\r\n`);
      expect(answer).toMatchObject(failure(431, 'request_too_large'));
      expect(answer.headers).toContain('content-type: application/json');
      expect(answer.headers).toContain(`x-request-id: ${answer.body.error.request_id}`);
    }
  });

  test('as many ids of records as may be asked for, as long as they may be, each character encoded, fit into the address', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `&ids=${encodeURIComponent(`${index}/`.padEnd(256, '/'))}`).join('');
    expect(ids.length).toBeGreaterThan(75_000);
    const target = { 'connection-id': 'c-1', 'provider-config-key': 'key' };
    expect(await call('GET', `/records?model=Issue${ids}`, undefined, target)).toMatchObject({ status: 200, body: { records: [] } });
  });

  test('a key more than 100 times, or more than 1,000 keys, is refused instead of cut', async () => {
    const ids = (count: number) => `/records?model=Issue&${'ids=a&'.repeat(count)}`;
    const target = { 'connection-id': 'c-1', 'provider-config-key': 'key' };
    expect((await call('GET', ids(100), undefined, target)).status).toBe(200);
    expect(await call('GET', ids(101), undefined, target)).toMatchObject(failure(400, 'invalid_query_params'));
    const many = Array.from({ length: 1_001 }, (_, n) => `a${n}`).join('&');
    expect(await call('GET', `/connections?${many}`)).toMatchObject(failure(400, 'invalid_query_params'));
  });
});

describe('what is ambiguous or hostile', () => {
  test('a key twice where one value is expected is refused', async () => {
    expect(await call('GET', '/connections/c-1?provider_config_key=key&provider_config_key=basic')).toMatchObject(
      failure(400, 'invalid_query_params'),
    );
  });

  test.each(['__proto__[polluted]=1', 'constructor[prototype][polluted]=1', 'tags[__proto__][polluted]=1', 'tags[constructor]=1'])(
    'a query of %s pollutes nothing',
    async (query) => {
      expect([200, 400]).toContain((await call('GET', `/connections?${query}`)).status);
      expect(Object({}).polluted).toBeUndefined();
      expect(typeof Object({}).constructor).toBe('function');
    },
  );

  test.each(['GET', 'DELETE'])('a %s with any content type and no body is fine', async (method) => {
    const path = '/connections/nobody?provider_config_key=key';
    const plain = await call(method, path);
    expect((await call(method, path, undefined, { 'content-type': 'text/html' })).status).toBe(plain.status);
  });

  test('bad JSON is 400 and a bad type 415, also without a key', async () => {
    expect(await call('POST', '/connections', '{', { authorization: '' })).toMatchObject(failure(400, 'invalid_json'));
    expect(await call('POST', '/connections', 'x', { authorization: '', 'content-type': 'text/plain' })).toMatchObject(
      failure(415, 'invalid_content_type'),
    );
  });

  test.each(['GET / HTTP/9.9', 'nonsense', 'POST /connections HTTP/1.1\r\nhost: x\r\ncontent-length: abc'])(
    '%j is no HTTP, and is told so in the envelope',
    async (head) => {
      expect(await raw(platform.url, `${head}\r\n\r\n`)).toMatchObject(failure(400, 'malformed_request'));
    },
  );
});

describe('slow callers', async () => {
  const app = await createServer({ log: pino({ level: 'silent' }), uuid: randomUUID, secure: false, headersMs: 300, bodyMs: 300 });
  app.post('/', async () => ({}));
  await app.register(async (streams) => {
    streams.removeAllContentTypeParsers();
    streams.addContentTypeParser('*', (_request, _payload, done) => done(null));
    streams.post('/stream', { config: { streams: true } }, async (request) => {
      let bytes = 0;
      for await (const chunk of request.raw) bytes += chunk.length;
      return { bytes };
    });
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  afterAll(() => app.close());

  test('headers that never end are given up with 408', async () => {
    expect(await raw(url, 'GET / HTTP/1.1\r\nhost: x\r\nx-a: ')).toMatchObject(failure(408, 'request_timeout'));
  });

  test('a body that never ends is given up with 408, and the connection closes', async () => {
    const answer = await raw(url, 'POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{');
    expect(answer).toMatchObject(failure(408, 'request_timeout'));
    expect(answer.headers).toContain('connection: close');
  });

  test('a route that streams takes its body for as long as it comes', async () => {
    const slow = new ReadableStream({
      async start(controller) {
        for (let n = 0; n < 8; n++) {
          controller.enqueue(new Uint8Array(10));
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        controller.close();
      },
    });
    const answer = await fetch(`${url}/stream`, { method: 'POST', body: slow, duplex: 'half' } as RequestInit); // Node's fetch asks for `duplex`
    expect(await answer.json()).toEqual({ bytes: 80 });
  });
});

describe('request ids', () => {
  test('are in the header of every answer, and in the body of every refusal', async () => {
    upstream.on('/id', (_request, response) => json(response, {}));
    const target = { 'connection-id': 'c-1', 'provider-config-key': 'key' };
    const answers = await Promise.all([
      call('GET', '/integrations'),
      call('GET', '/nothing'),
      call('GET', '/connections/%zz?provider_config_key=key'),
      call('POST', '/connections', '{'),
      call('POST', '/connections', JSON.stringify('x'.repeat(70_000))),
      call('GET', '/integrations', undefined, { authorization: '' }),
      call('GET', '/proxy/id', undefined, { authorization: '' }),
      call('GET', '/proxy/id', undefined, target),
    ]);
    const ids = answers.map(({ headers }) => headers.get('x-request-id'));
    expect(new Set(ids).size).toBe(answers.length);
    for (const { status, body, headers } of answers) {
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      if (status >= 400) expect(body.error.request_id).toBe(headers.get('x-request-id'));
    }
  });

  test('of the caller are kept when they are harmless, else replaced', async () => {
    const idOf = async (given: string) => (await anonymous('/nothing', { 'x-request-id': given })).headers.get('x-request-id');
    expect(await idOf('edge-7f.3:a_B')).toBe('edge-7f.3:a_B');
    for (const given of ['', 'a b', '"x"', 'ä', 'x'.repeat(65), '<b>']) expect(await idOf(given)).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a provider’s own id passes, and ours stands beside it', async () => {
    upstream.on('/theirs', (_request, response) => {
      response.setHeader('x-request-id', 'theirs');
      json(response, {});
    });
    const { headers } = await call('GET', '/proxy/theirs', undefined, {
      'connection-id': 'c-1',
      'provider-config-key': 'key',
      'x-request-id': 'ours',
    });
    expect([headers.get('x-request-id'), headers.get('bowline-request-id')]).toEqual(['theirs', 'ours']);
  });

  test('a call through the proxy that failed is in the activity log with its id', async () => {
    upstream.on('/fails', (_request, response) => json(response, {}, 500));
    const target = { 'connection-id': 'c-1', 'provider-config-key': 'key', 'x-request-id': 'find-me' };
    expect((await call('GET', '/proxy/fails', undefined, target)).status).toBe(500);
    await platform.world.journal.flush();
    const { rows } = await platform.database.pool.query("select state from operations where meta ->> 'request_id' = 'find-me'");
    expect(rows).toEqual([{ state: 'failed' }]);
  });
});

describe('other origins', () => {
  const preflight = (path: string, wanted: string) =>
    fetch(platform.url + path, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST', 'access-control-request-headers': wanted },
    });
  const allowed = async (path: string, wanted: string) =>
    (await preflight(path, wanted)).headers.get('access-control-allow-headers')?.toLowerCase().split(', ');

  test('may send what the wire and the proxy read, and headers for the provider of any name', async () => {
    const wanted = 'nango-proxy-x-custom, bowline-proxy-accept,x-unknown, nango-proxy-bad name, Nango-Proxy-';
    const names = await allowed('/proxy/x', wanted);
    expect(names).toEqual(
      expect.arrayContaining([
        ...['authorization', 'content-type', 'retries', 'base-url-override', 'x-async', 'decompress', 'nango-is-sync', 'baggage'],
        ...['nango-proxy-x-custom', 'bowline-proxy-accept'],
      ]),
    );
    expect(names?.filter((name) => /unknown|bad|proxy-$/.test(name))).toEqual([]);
  });

  test('a preflight is 204 for 600 s, without a key, on any path, and has no body', async () => {
    for (const path of ['/records', '/proxy/a/b', '/nothing', '/connections/a/b']) {
      const answer = await preflight(path, 'authorization');
      expect(answer.status).toBe(204);
      expect(answer.headers.get('access-control-max-age')).toBe('600');
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
      expect(await answer.text()).toBe('');
    }
  });

  test('may read the limits, the id and the signature', async () => {
    const exposed = (await anonymous('/health')).headers.get('access-control-expose-headers');
    for (const name of [
      'X-RateLimit-Limit',
      'X-RateLimit-Remaining',
      'X-RateLimit-Reset',
      'X-Nango-Signature',
      'X-Request-Id',
      'Retry-After',
    ])
      expect(exposed).toContain(name);
  });
});

describe('browsers', () => {
  test('are told to take an answer for what it is, and HSTS only over https', async () => {
    const { headers } = await anonymous('/health');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(headers.get('referrer-policy')).toBe('strict-origin');
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get('strict-transport-security')).toBeNull();
    const secure = await createServer({ log: pino({ level: 'silent' }), uuid: randomUUID, secure: true });
    const answer = await secure.inject('/');
    expect(answer.headers['strict-transport-security']).toBe('max-age=5184000');
    await secure.close();
  });

  test.each(['/connections/a/b/c?x=1', '/records/x', '/Integrations/a/b', '/v1/anything', '/webhook/x', '/reference/nothing.js'])(
    'that open %s, below the API, get JSON',
    async (path) => {
      const answer = await anonymous(path, { accept: 'text/html' });
      expect(answer.headers.get('content-type')).toContain('application/json');
      expect(answer.status).toBeGreaterThanOrEqual(400);
    },
  );
});

describe('ids with slashes', () => {
  const ids = ['team/ada', '/starts', 'a/b/c d', 'metadata/x'];
  beforeAll(async () => {
    for (const id of ids) await importConnection(platform, id);
  });

  test.each(ids)('%j is found, changed and deleted, written as it is or encoded', async (id) => {
    for (const written of [encodeURI(id), encodeURIComponent(id)]) {
      const path = `/connections/${written}?provider_config_key=key`;
      expect(await call('GET', path)).toMatchObject({ status: 200, body: { connection_id: id } });
      expect(await call('PATCH', path, { tags: { a: 'b' } })).toMatchObject({ status: 200 });
      expect((await call('HEAD', path)).status).toBe(200);
    }
    const path = `/connections/${encodeURI(id)}?provider_config_key=key`;
    expect(await call('DELETE', path)).toMatchObject({ status: 200, body: { success: true } });
    expect(await call('GET', path)).toMatchObject(failure(404, 'not_found'));
  });

  test('the older singular path finds them too, and what is there already keeps its routes', async () => {
    await importConnection(platform, 'old/one');
    expect(await call('GET', '/connection/old/one?provider_config_key=key')).toMatchObject({ status: 200 });
    expect(
      await call('PATCH', '/connections/metadata', { connection_id: 'old/one', provider_config_key: 'key', metadata: {} }),
    ).toMatchObject({
      status: 200,
    });
  });
});

describe('without a key', () => {
  test('a load balancer learns whether to send requests', async () => {
    const answer = await anonymous('/ready');
    expect([answer.status, await answer.json()]).toMatchObject([200, { result: 'ok' }]);
  });

  test('an editor reads the schema of a provider’s file, once', async () => {
    const answer = await anonymous('/schemas/provider.json');
    expect([answer.status, await answer.json()]).toEqual([200, providerSchema()]);
    const again = await anonymous('/schemas/provider.json', { 'if-none-match': answer.headers.get('etag') ?? '' });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  test('a program reads the catalogue as it is, once', async () => {
    const answer = await anonymous('/providers.json');
    const catalogue = (await answer.json()) as Record<string, unknown>; // compared below
    expect(Object.keys(catalogue)).toEqual(platform.world.builtIns.list().map(({ name }) => name));
    expect(catalogue.github).toMatchObject({ display_name: 'GitHub', auth_mode: 'OAUTH2' });
    const etag = answer.headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/"[\w-]+"$/);
    const again = await anonymous('/providers.json', { 'if-none-match': etag });
    expect([again.status, await again.text()]).toEqual([304, '']);
    expect((await anonymous('/providers.json', { 'if-none-match': '"other"' })).status).toBe(200);
    expect(Number(answer.headers.get('x-ratelimit-limit'))).toBe(200);
    const openapi = await anonymous('/openapi.json');
    expect((await anonymous('/openapi.json', { 'if-none-match': openapi.headers.get('etag') ?? '' })).status).toBe(304);
  });

  test('but not without end: an address has 200 a minute', async () => {
    let status = 200;
    // A minute may end between two of them: 199 before and 200 after are fine.
    for (let n = 0; n < 400 && status === 200; n++)
      status = (await anonymous('/providers.json', { 'x-forwarded-for': '203.0.113.9' })).status;
    expect(status).toBe(429);
    expect((await anonymous('/providers.json', { 'x-forwarded-for': '203.0.113.10' })).status).toBe(200);
  });
});

test('a server that starts, stops or has no database is not ready, and alive all the same', async () => {
  const lonely = await startPlatform({ worker: false });
  expect((await fetch(`${lonely.url}/ready`)).status).toBe(200);
  await lonely.world.db.destroy();
  const answer = await fetch(`${lonely.url}/ready`);
  expect([answer.status, await answer.json()]).toEqual([503, { result: 'not ready' }]);
  expect((await fetch(`${lonely.url}/health`)).status).toBe(200);
});
