import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAddressGuard } from '../src/base/address.ts';
import { createOutbound, type Outbound, readText } from '../src/base/outbound.ts';
import { OutboundError } from '../src/base/outbound-error.ts';

type Seen = { method?: string; url?: string; headers: IncomingMessage['headers']; body: string };
const seen: Seen[] = [];
let connections = 0;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: await text(request) });
  const url = new URL(request.url ?? '/', 'http://x');
  const status = Number(url.searchParams.get('status'));
  const to = url.searchParams.get('to');
  if (url.pathname === '/loop') return response.writeHead(302, { location: '/loop' }).end();
  if (url.pathname === '/silent') return undefined;
  if (url.pathname === '/half') return response.writeHead(200, { 'content-length': '100' }).end('half', () => request.socket.destroy());
  if (url.pathname === '/stall') return response.writeHead(200).write('begin');
  if (to) return response.writeHead(status, { location: to }).end('moved');
  return response.writeHead(200, { 'content-type': 'text/plain' }).end('x'.repeat(Number(url.searchParams.get('bytes') ?? 2)));
}

const listen = (port: number, host = '127.0.0.1') =>
  new Promise<Server>((resolve, reject) => {
    const server = createServer((request, response) => void answer(request, response));
    server
      .on('connection', () => connections++)
      .on('error', reject)
      .listen(port, host, () => resolve(server));
  });

let servers: Server[] = [];
let guarded: Outbound;
let open: Outbound;

beforeAll(async () => {
  servers = [await listen(21301), await listen(21302), await listen(21303, '::1'), await listen(21304, '127.0.0.2')];
  guarded = createOutbound({ allow: [] });
  open = createOutbound({
    allow: ['127.0.0.1', 'one.test', 'two.test'],
    lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
  });
});
afterAll(async () => {
  await Promise.all([guarded.close(), open.close()]);
  for (const server of servers) server.closeAllConnections();
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
});

const failure = async (promise: Promise<unknown>): Promise<OutboundError> => {
  const error: unknown = await promise.then(
    () => new Error('it succeeded'),
    (error: unknown) => error,
  );
  if (error instanceof OutboundError) return error;
  throw error;
};

test('the servers these tests are kept from do answer', async () => {
  const reach = (host: string, port: number) =>
    new Promise((resolve, reject) => connect(port, host).on('connect', resolve).on('error', reject));
  await Promise.all([reach('127.0.0.1', 21301), reach('::1', 21303)]);
});

test.each([
  'http://127.0.0.1:21301/',
  'http://localhost:21301/',
  'http://LOCALHOST:21301/',
  'http://2130706433:21301/',
  'http://0x7f.1:21301/',
  'http://0177.0.0.1:21301/',
  'http://127.1:21301/',
  'http://0.0.0.0:21301/',
  'http://0:21301/',
  'http://[::1]:21303/',
  'http://[::ffff:127.0.0.1]:21301/',
  'http://[::ffff:7f00:1]:21301/',
  'http://[::127.0.0.1]:21301/',
  'http://[64:ff9b::7f00:1]:21301/',
  'http://①②⑦.0.0.1:21301/',
  'http://169.254.169.254/latest/meta-data',
  'http://[fd00:ec2::254]/',
  'http://100.100.100.200/',
  'http://10.0.0.1/',
  'http://172.31.0.1/',
  'http://192.168.1.1/',
  'http://168.63.129.16/',
  'https://127.0.0.1/',
])('%s is refused before any connection', async (url) => {
  const before = connections;
  expect((await failure(guarded.request(url))).code).toBe('blocked_host');
  expect(connections).toBe(before);
});

test.each([[['127.0.0.1']], [['::1']], [['::ffff:127.0.0.1']], [['8.8.8.8', '10.1.2.3']], [['169.254.169.254']]])(
  'a name that resolves to %j is refused, even when another answer is public',
  async (addresses) => {
    const outbound = createOutbound({
      allow: [],
      lookup: (_host, _options, done) =>
        done(
          null,
          addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        ),
    });
    const before = connections;
    const error = await failure(outbound.request('http://rebind.test:21301/?key=s3cret'));
    expect(error.code).toBe('blocked_host');
    expect(error.message).toContain('BOWLINE_OUTBOUND_ALLOW');
    expect(error.message).not.toContain('s3cret');
    expect(connections).toBe(before);
    await outbound.close();
  },
);

test('a name that was public a moment ago is looked at again for each connection', async () => {
  const answers = ['127.0.0.2', '127.0.0.1'];
  const outbound = createOutbound({
    allow: ['127.0.0.2/32'],
    lookup: (_host, _options, done) => done(null, [{ address: answers.shift() ?? '', family: 4 }]),
  });
  expect(await readText(await outbound.request('http://flip.test:21304/'))).toBe('xx');
  expect((await failure(outbound.request('http://flip.test:21301/'))).code).toBe('blocked_host');
  await outbound.close();
});

test.each([[302], [307]])('a %i redirect to a private address is refused', async (status) => {
  const outbound = createOutbound({
    allow: ['one.test'],
    lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
  });
  for (const to of ['http://127.0.0.1:21302/', 'http://two.test:21302/', 'http://2130706433:21302/']) {
    const before = seen.length;
    expect((await failure(outbound.request(`http://one.test:21301/?status=${status}&to=${encodeURIComponent(to)}`))).code).toBe(
      'blocked_host',
    );
    expect(seen.length).toBe(before + 1);
  }
  await outbound.close();
});

test.each([
  [['127.0.0.1'], 'http://127.0.0.1:21301/', true],
  [['127.0.0.1:21301'], 'http://127.0.0.1:21301/', true],
  [['127.0.0.1:21302'], 'http://127.0.0.1:21301/', false],
  [['127.0.0.0/8'], 'http://127.0.0.1:21301/', true],
  [['127.0.0.0/8'], 'http://localhost:21301/', true],
  [['localhost'], 'http://LOCALHOST:21301/', true],
  [['localhost:21301'], 'http://localhost:21301/', true],
  [['localhost'], 'http://127.0.0.1:21301/', false],
  [['::1', '::1/128'], 'http://[::1]:21303/', true],
  [['[::1]:21303'], 'http://[::1]:21303/', true],
])('with %j allowed, %s is reached: %s', async (allow, url, reached) => {
  const outbound = createOutbound({ allow, lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]) });
  const outcome = await outbound.request(url).then(
    async (response) => Boolean(await readText(response)),
    (error: OutboundError) => error.code,
  );
  expect(outcome).toBe(reached || 'blocked_host');
  await outbound.close();
});

test.each(['10.0.0.0/33', 'http://x', 'a b', '', '10.0.0.0/x', 'host/8', 'h:99999', '*', '*.internal', '10.0.*'])(
  'the allow entry %j is refused by name',
  (entry) => {
    expect(() => createAddressGuard([entry])).toThrow(/is not a host, host:port or network/);
  },
);

test.each(['8.8.8.8', '1.1.1.1', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808', '172.32.0.1', '100.128.0.1', '192.167.255.255'])(
  '%s is public',
  (address) => {
    expect(createAddressGuard([]).blocks(address)).toBe(false);
  },
);

test('path and query arrive byte for byte: lone %, dots, backslashes, quotes; what HTTP forbids is encoded', async () => {
  for (const path of ['/a%zz/100%', '/a/../b//c', '/a\\b', '/q?x=\'"<>`{}|^&y=%E0%A4', '?only=query']) {
    await readText(await open.request(`http://127.0.0.1:21301${path}`));
    expect(seen.at(-1)?.url).toBe(path.startsWith('?') ? `/${path}` : path);
  }
  await readText(await open.request('http://127.0.0.1:21301/sp ace/ü#fragment'));
  expect(seen.at(-1)?.url).toBe('/sp%20ace/%C3%BC');
});

test.each(['ftp://x.test/', 'file:///etc/passwd', 'x', '/a', 'http:///x', 'javascript:1', 'http://u:s3cret@one.test/'])(
  '%s is no usable URL',
  async (url) => {
    const error = await failure(open.request(url));
    expect(error.code).toBe('invalid_url');
    expect(error.message).not.toContain('s3cret');
  },
);

const headers = {
  authorization: 'Bearer s3cret',
  cookie: 'c=1',
  'x-api-key': 'k',
  accept: 'text/plain',
  'content-type': 'application/json',
};

test('a redirect within one origin keeps headers, another origin gets none that could be a credential', async () => {
  await readText(await open.request('http://one.test:21301/?status=302&to=/next', { headers }));
  expect(seen.at(-1)).toMatchObject({ url: '/next', headers: { authorization: 'Bearer s3cret', 'x-api-key': 'k' } });
  for (const to of ['http://two.test:21301/next', 'http://one.test:21302/next']) {
    const response = await open.request(`http://one.test:21301/?status=302&to=${to}`, { headers });
    await readText(response);
    expect(response.url).toBe(to);
    expect(seen.at(-1)?.headers).toMatchObject({ accept: 'text/plain' });
    for (const name of ['authorization', 'cookie', 'x-api-key']) expect(seen.at(-1)?.headers).not.toHaveProperty(name);
  }
  await readText(
    await open.request('http://one.test:21301/?status=302&to=http://two.test:21301/next', { headers, keepHeadersOnRedirect: true }),
  );
  expect(seen.at(-1)?.headers).toMatchObject({ authorization: 'Bearer s3cret' });
});

test.each([
  [301, 'POST', 'GET', ''],
  [302, 'POST', 'GET', ''],
  [303, 'POST', 'GET', ''],
  [303, 'PUT', 'GET', ''],
  [303, 'HEAD', 'HEAD', ''],
  [302, 'PUT', 'PUT', '{}'],
  [307, 'POST', 'POST', '{}'],
  [308, 'PATCH', 'PATCH', '{}'],
])('a %i turns %s into %s', async (status, method, then, body) => {
  const response = await open.request(`http://one.test:21301/?status=${status}&to=/next`, {
    method,
    headers,
    body: method === 'HEAD' ? null : '{}',
  });
  await readText(response);
  expect(seen.at(-1)).toMatchObject({ method: then, url: '/next', body });
  if (body === '') expect(seen.at(-1)?.headers).not.toHaveProperty('content-length');
});

test('redirects end: after five, at once when asked, and when a streamed body would be needed again', async () => {
  expect((await failure(open.request('http://one.test:21301/loop'))).code).toBe('too_many_redirects');
  for (const options of [{ redirectsMax: 0 }, { method: 'PUT', body: Readable.from(['a']) }]) {
    const response = await open.request('http://one.test:21301/?status=307&to=/next', options);
    expect(response.status).toBe(307);
    expect(await readText(response)).toBe('moved');
  }
});

test('a streamed body arrives whole and an answer beyond its limit fails', async () => {
  await readText(
    await open.request('http://one.test:21301/', { method: 'POST', body: Readable.from([Buffer.from('ab'), Buffer.from('cd')]) }),
  );
  expect(seen.at(-1)?.body).toBe('abcd');
  const response = await open.request('http://one.test:21301/?bytes=5000', { responseBytesMax: 4999 });
  await expect(text(response.body)).rejects.toMatchObject({ code: 'too_large' });
  expect((await failure(open.request('http://one.test:21301/?bytes=5000').then((whole) => readText(whole, 4999)))).code).toBe('too_large');
  expect(await readText(await open.request('http://one.test:21301/?bytes=5000', { responseBytesMax: 5000 }))).toHaveLength(5000);
});

test("each way to get no answer has its code, and the system's own beside it", async () => {
  const system = createOutbound({ allow: ['127.0.0.1'] });
  expect(await failure(system.request('http://127.0.0.1:21399/'))).toMatchObject({ code: 'connect', reason: 'ECONNREFUSED' });
  expect(await failure(system.request('http://nothing.invalid/'))).toMatchObject({ code: 'dns' });
  expect(await failure(system.request('http://127.0.0.1:21301/silent?k=s3cret', { headersTimeoutMs: 50 }))).toMatchObject({
    code: 'timeout',
    reason: 'UND_ERR_HEADERS_TIMEOUT',
  });
  expect(await failure(system.request('http://127.0.0.1:21301/silent', { signal: AbortSignal.timeout(50) }))).toMatchObject({
    code: 'timeout',
  });
  expect(await failure(system.request('http://127.0.0.1:21301/silent', { signal: AbortSignal.abort() }))).toMatchObject({
    code: 'aborted',
  });
  expect(await failure(system.request('http://127.0.0.1:21301/half').then((r) => readText(r)))).toMatchObject({ code: 'reset' });
  expect(await failure(system.request('http://127.0.0.1:21301/stall', { bodyIdleTimeoutMs: 50 }).then((r) => readText(r)))).toMatchObject({
    code: 'timeout',
  });
  expect(await failure(system.request('https://127.0.0.1:21301/'))).toMatchObject({ code: 'tls' });
  await system.close();
});

test('a body that nobody wants can be destroyed', async () => {
  const response = await open.request('http://one.test:21301/stall');
  response.body.destroy();
  await new Promise((resolve) => setImmediate(resolve));
  expect(response.body.destroyed).toBe(true);
});

test('connections are kept and used again', async () => {
  await readText(await open.request('http://one.test:21302/'));
  const before = connections;
  for (let count = 0; count < 20; count++) await readText(await open.request('http://one.test:21302/'));
  // The client may not yet see the first one as free when the second request comes.
  expect(connections - before).toBeLessThanOrEqual(1);
});
