import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createOutbound, type Outbound, readText } from '../src/base/outbound.ts';
import { OutboundError } from '../src/base/outbound-error.ts';
import { createAuthority } from './certificates.ts';

type Authority = Awaited<ReturnType<typeof createAuthority>>;
let ours: Authority;
let foreign: Authority;
let outbound: Outbound;
const servers: Server[] = [];
/** Handshakes that a server saw through. */
let handshakes = 0;
/** Every name a client showed, in order; none is ''. */
const shown: string[] = [];

/** Answers with the name on the client's certificate. @returns its port */
async function listen(identity: { cert: string; key: string }, options: object = {}): Promise<number> {
  const server = createServer({ ...identity, ...options }, (request, response) => {
    const socket = request.socket;
    const name = socket instanceof TLSSocket ? (socket.getPeerCertificate().subject?.CN ?? '') : 'not TLS';
    shown.push(String(name));
    const to = new URL(request.url ?? '/', 'https://x').searchParams.get('to');
    if (to) response.writeHead(307, { location: to }).end();
    else response.end(String(name));
  });
  server.on('secureConnection', () => handshakes++);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // listening on TCP, so it has an address of that kind
  return (server.address() as AddressInfo).port;
}

const mutual = () => ({ requestCert: true, rejectUnauthorized: true, ca: ours.cert });
const get = async (url: string, options: Parameters<Outbound['request']>[1] = {}) => readText(await outbound.request(url, options));
const failure = async (promise: Promise<unknown>): Promise<OutboundError> => {
  const error: unknown = await promise.then(
    () => new Error('it succeeded'),
    (error: unknown) => error,
  );
  if (error instanceof OutboundError) return error;
  throw error;
};

let strict: number;
let open: number;
let impostor: number;

beforeAll(async () => {
  [ours, foreign] = await Promise.all([createAuthority('ours'), createAuthority('foreign')]);
  outbound = createOutbound({ allow: ['127.0.0.1', 'localhost'], authorities: ours.cert });
  [strict, open, impostor] = await Promise.all([
    listen(await ours.server(), mutual()),
    listen(await ours.server(), { requestCert: true, rejectUnauthorized: false }),
    listen(await foreign.server(), { requestCert: true, rejectUnauthorized: false }),
  ]);
});
afterAll(async () => {
  await outbound.close();
  for (const server of servers) server.closeAllConnections();
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
});

test('a server that asks for a certificate gets it, by name and by address', async () => {
  const certificate = await ours.client('bowline');
  expect(await get(`https://127.0.0.1:${strict}/`, { certificate })).toBe('bowline');
  expect(await get(`https://localhost:${strict}/`, { certificate })).toBe('bowline');
});

test('without a certificate, or with one of another authority, that server refuses', async () => {
  const before = shown.length;
  expect(['tls', 'reset']).toContain((await failure(get(`https://127.0.0.1:${strict}/`))).code);
  const certificate = await foreign.client('bowline');
  expect(['tls', 'reset']).toContain((await failure(get(`https://127.0.0.1:${strict}/`, { certificate }))).code);
  expect(shown).toHaveLength(before);
});

test('a server whose authority is not trusted is refused, with a certificate and without', async () => {
  const before = shown.length;
  for (const options of [{}, { certificate: await ours.client('bowline') }])
    expect((await failure(get(`https://127.0.0.1:${impostor}/`, options))).code).toBe('tls');
  expect(shown).toHaveLength(before);
});

test('a certificate for another name does not make a server trusted', async () => {
  const names = createOutbound({
    allow: ['elsewhere.test'],
    authorities: ours.cert,
    lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
  });
  const error = await failure(names.request(`https://elsewhere.test:${open}/`, { certificate: await ours.client('bowline') }));
  expect(error).toMatchObject({ code: 'tls', reason: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  await names.close();
});

test('NODE_TLS_REJECT_UNAUTHORIZED=0 does not switch the verification off', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  try {
    const fresh = createOutbound({ allow: ['127.0.0.1'] });
    for (const options of [{}, { certificate: await ours.client('bowline') }])
      expect((await failure(fresh.request(`https://127.0.0.1:${impostor}/`, options))).code).toBe('tls');
    await fresh.close();
  } finally {
    vi.unstubAllEnvs();
  }
});

test('a private address is refused before any handshake, certificate or not', async () => {
  const guarded = createOutbound({ allow: [], authorities: ours.cert });
  const before = handshakes;
  const certificate = await ours.client('bowline');
  for (const host of ['127.0.0.1', 'localhost', '2130706433', '[::ffff:127.0.0.1]'])
    expect((await failure(guarded.request(`https://${host}:${open}/`, { certificate }))).code).toBe('blocked_host');
  expect(handshakes).toBe(before);
  await guarded.close();
});

test('callers with different certificates never share a connection, those with one do', async () => {
  const [ann, bob] = await Promise.all([ours.client('ann'), ours.client('bob')]);
  const before = handshakes;
  for (let round = 0; round < 5; round++) {
    expect(await get(`https://127.0.0.1:${open}/`, { certificate: ann })).toBe('ann');
    expect(await get(`https://127.0.0.1:${open}/`, { certificate: bob })).toBe('bob');
    expect(await get(`https://127.0.0.1:${open}/`)).toBe('');
  }
  // The client may not yet see a connection as free when its next request comes.
  expect(handshakes - before).toBeLessThanOrEqual(6);
});

test('a redirect shows the certificate to the same origin alone', async () => {
  const certificate = await ours.client('bowline');
  shown.length = 0;
  expect(await get(`https://127.0.0.1:${open}/?to=/again`, { certificate })).toBe('bowline');
  expect(await get(`https://127.0.0.1:${open}/?to=https://localhost:${open}/`, { certificate })).toBe('');
  expect(shown).toEqual(['bowline', 'bowline', 'bowline', '']);
});

test('a certificate is not sent in clear, and one that cannot be used is refused without quoting it', async () => {
  const [one, two] = await Promise.all([ours.client('one'), ours.client('two')]);
  expect((await failure(get('http://127.0.0.1:9/', { certificate: one }))).code).toBe('invalid_url');
  for (const certificate of [
    { cert: one.cert, key: two.key },
    { cert: 'no certificate', key: one.key },
    { cert: one.cert, key: 'no key' },
  ]) {
    const error = await failure(get(`https://127.0.0.1:${open}/`, { certificate }));
    expect(error.code).toBe('tls');
    expect(error.message).toMatch(/^the client certificate cannot be used/);
    expect(error.message).not.toMatch(/BEGIN|no key|no certificate/);
  }
});

test('more certificates than are kept: those pushed out finish what is under way', async () => {
  const certificate = await ours.client('first');
  const response = await outbound.request(`https://127.0.0.1:${open}/`, { certificate });
  const { cert, key } = await ours.client('many');
  // The same certificate in other bytes is another one to us; making a hundred takes seconds.
  for (let count = 0; count < 110; count++) {
    expect(await get(`https://127.0.0.1:${open}/`, { certificate: { cert: cert + '\n'.repeat(count), key } })).toBe('many');
  }
  expect(await readText(response)).toBe('first');
  expect(await get(`https://127.0.0.1:${open}/`, { certificate })).toBe('first');
});
