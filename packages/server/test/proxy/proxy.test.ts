// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that such text is left alone is what is tested here
import { createHash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { many, one } from '../../src/base/database.ts';
import { createIntegrations, importConnection, oauthCredentials } from '../connections/fixture.ts';
import { eventually, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';
import { type Exchange, type Exchanged, exchange, open } from './exchange.ts';

let platform: Platform;
let upstream: Upstream;
/** Listens too, but the platform may not reach it. */
let forbidden: Upstream;

beforeAll(async () => {
  upstream = await startUpstream();
  forbidden = await startUpstream();
  forbidden.on('/secret', (_request, response) => response.end('secret'));
  platform = await startPlatform({ worker: false, allow: [`127.0.0.1:${upstream.port}`] });
  await createIntegrations(platform, upstream.url);
  await importConnection(platform, 'c-1', { credentials: { type: 'API_KEY', apiKey: 'api-key-of-c-1' } });
  await importConnection(platform, 'c-many', { credentials: { type: 'API_KEY', apiKey: 'api-key-of-c-many' } });
  await importConnection(platform, 'c-open', { provider_config_key: 'open', credentials: { type: 'NONE' } });
});

const through = (wanted: Exchange = {}) => exchange(platform, wanted);
const errorOf = ({ status, body }: Exchanged) => ({ status, code: JSON.parse(body.toString()).error.code });

describe('a request', () => {
  test.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'REPORT'])('with %s arrives as it was sent', async (method) => {
    upstream.on('/method', (_request, response) => response.writeHead(200, { 'x-from': 'upstream' }).end());
    const before = upstream.received('/method').length;
    const body = method === 'GET' || method === 'HEAD' ? undefined : 'some text';
    const answer = await through({ method, path: '/method', ...(body ? { body, headers: { 'content-type': 'text/plain' } } : {}) });
    expect(answer).toMatchObject({ status: 200, headers: { 'x-from': 'upstream' } });
    const [received] = upstream.received('/method').slice(before);
    expect(received).toMatchObject({ method, headers: { 'x-key': 'api-key-of-c-1' } });
    expect(received?.body.toString()).toBe(body ?? '');
  });

  test.each([
    '/bytes?a=%2F%2f+%20&b=a+b&c=%E4%F6&&d',
    '/bytes?x=${accessToken}&y=${apiKey}&z=$%7BapiKey}',
    '/bytes?cursor=abc==&a[b]=c&a=1&a=2',
    '/bytes?',
  ])('keeps every byte of %s', async (path) => {
    upstream.on('/bytes', (_request, response) => response.end());
    await through({ path });
    expect(upstream.received('/bytes').at(-1)?.url).toBe(path);
  });

  test('keeps dots, encoded slashes and double slashes of its path', async () => {
    const path = '/a/../b/%2e%2e//c%2Fd;e=f';
    upstream.on(path, (_request, response) => response.end('found'));
    expect((await through({ path })).body.toString()).toBe('found');
  });

  test('forwards only headers meant for the provider, under their names, and never a hop-by-hop one', async () => {
    upstream.on('/headers', (_request, response) => response.end());
    await through({
      path: '/headers',
      headers: {
        'Nango-Proxy-X-One': '1',
        'nango-proxy-accept': 'text/x-special',
        'bowline-proxy-x-two': '2',
        'nango-proxy-x-key': 'mine',
        'nango-proxy-connection': 'x-three, close',
        'nango-proxy-x-three': '3',
        'nango-proxy-transfer-encoding': 'chunked',
        'nango-proxy-host': 'evil.example',
        cookie: 'session=1',
        'x-private': 'no',
      },
    });
    const headers = upstream.received('/headers').at(-1)?.headers ?? {};
    expect(headers).toMatchObject({
      'x-one': '1',
      accept: 'text/x-special',
      'x-two': '2',
      'x-key': 'mine',
      host: `127.0.0.1:${upstream.port}`,
    });
    for (const name of ['authorization', 'cookie', 'x-private', 'connection-id', 'provider-config-key', 'x-three', 'transfer-encoding'])
      expect(headers).not.toHaveProperty(name);
  });

  test.each([
    ['application/json', '{"b": 1,  "a":1.0}\n'],
    ['application/x-www-form-urlencoded', 'a=1+2&b=%20&a=3'],
    ['multipart/form-data; boundary=xyz', '--xyz\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--xyz--\r\n'],
    ['text/csv; charset=latin1', 'a;b'],
  ])('keeps a body of %s as it is, with its type', async (type, body) => {
    upstream.on('/typed', (_request, response) => response.end());
    await through({ method: 'POST', path: '/typed', body, headers: { 'content-type': type } });
    const received = upstream.received('/typed').at(-1);
    expect(received?.body.toString()).toBe(body);
    expect(received?.headers['content-type']).toBe(type);
  });

  test.each([0, 1000, 5_000_000])('carries %i random bytes up and down unchanged', async (size) => {
    const sent = randomBytes(size);
    upstream.on('/echo', ({ body }, response) => response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(body));
    const headers = { 'content-type': 'application/octet-stream' };
    for (const body of [sent, Readable.from([sent.subarray(0, 10), sent.subarray(10)])]) {
      const answer = await through({ method: 'POST', path: '/echo', body, headers });
      expect(answer.status).toBe(200);
      expect(answer.body.equals(sent)).toBe(true);
    }
  });

  test('streams down: the first bytes are there before the last ones are sent', async () => {
    let finish = () => {};
    upstream.on('/slow', async (_request, response) => {
      response.write('first');
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      response.end('last');
    });
    const response = await open(platform, { path: '/slow' });
    const iterator = response[Symbol.asyncIterator]();
    expect(String((await iterator.next()).value)).toBe('first');
    finish();
    expect(String((await iterator.next()).value)).toBe('last');
  });
});

describe('an answer', () => {
  test.each([200, 201, 204, 304, 400, 404, 418, 500, 503])('of status %i passes with its body', async (status) => {
    const empty = status === 204 || status === 304;
    upstream.on('/status', (_request, response) => response.writeHead(status, { 'content-type': 'text/plain' }).end(empty ? '' : 'béwaß'));
    const answer = await through({ path: '/status' });
    expect(answer.status).toBe(status);
    expect(answer.body.toString()).toBe(empty ? '' : 'béwaß');
  });

  test('passes all its headers but the hop-by-hop ones', async () => {
    upstream.on('/answer-headers', (_request, response) => {
      response
        .writeHead(200, {
          'set-cookie': ['a=1; Path=/', 'b=2'],
          link: '<https://x.test/2>; rel="next"',
          'x-request-id': 'theirs',
          'retry-after': '1',
          connection: 'close, x-hop',
          'x-hop': 'no',
          'access-control-allow-origin': 'https://only.example',
        })
        .end('{}');
    });
    const { headers } = await through({ path: '/answer-headers' });
    expect(headers).toMatchObject({
      'set-cookie': ['a=1; Path=/', 'b=2'],
      link: expect.any(String),
      'retry-after': '1',
      'x-request-id': 'theirs',
    });
    expect(headers).not.toHaveProperty('x-hop');
    expect(headers['access-control-allow-origin']).toBe('*');
  });

  test('stays compressed', async () => {
    const body = gzipSync('hello '.repeat(1000));
    upstream.on('/gzip', (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(body));
    const answer = await through({ path: '/gzip' });
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(answer.body.equals(body)).toBe(true);
  });

  test('to HEAD says the length and has no body', async () => {
    upstream.on('/head', (_request, response) => response.writeHead(200, { 'content-length': '1234' }).end());
    expect(await through({ method: 'HEAD', path: '/head' })).toMatchObject({ status: 200, headers: { 'content-length': '1234' } });
  });

  test('cut off half way is cut off for the caller too, and the platform goes on', async () => {
    upstream.on('/half', (_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      setTimeout(() => response.destroy(), 50);
    });
    await expect(through({ path: '/half' })).rejects.toThrow();
    expect((await through({ path: '/status' })).status).toBeGreaterThan(0);
  });
});

describe('retries', () => {
  const flaky = (path: string, failures: number, fail: (response: ServerResponse) => unknown) => {
    const before = upstream.received(path).length;
    upstream.on(path, ({ index }, response) => (index - before < failures ? fail(response) : response.end('at last')));
    return () => upstream.received(path).length - before;
  };
  const status = (code: number) => (response: ServerResponse) => response.writeHead(code, { 'retry-after': '0' }).end('later');

  test.each([429, 500, 502, 503])('a %i is tried again as often as allowed', async (code) => {
    const tries = flaky('/flaky', 2, status(code));
    const answer = await through({ path: '/flaky', headers: { retries: '2' } });
    expect(answer).toMatchObject({ status: 200 });
    expect(tries()).toBe(3);
  });

  test('the last failure passes when retries are used up, and nothing is tried again unless asked', async () => {
    let tries = flaky('/flaky', 9, status(500));
    expect((await through({ path: '/flaky', headers: { retries: '1' } })).status).toBe(500);
    expect(tries()).toBe(2);
    tries = flaky('/flaky', 9, status(500));
    expect(await through({ path: '/flaky' })).toMatchObject({ status: 500, body: Buffer.from('later') });
    expect(tries()).toBe(1);
  });

  test('Retry-After is waited for', async () => {
    const times: number[] = [];
    upstream.on('/wait', (_request, response) => {
      times.push(Date.now());
      if (times.length === 1) response.writeHead(429, { 'retry-after': '1' }).end();
      else response.end();
    });
    expect((await through({ path: '/wait', headers: { retries: '1' } })).status).toBe(200);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(1000);
  });

  test.each([
    ['a connection that resets', (response: ServerResponse) => response.destroy()],
    [
      'half a body of a failure',
      (response: ServerResponse) => {
        response.writeHead(500, { 'content-length': '100', 'retry-after': '0' }).write('half');
        setTimeout(() => response.destroy(), 20);
      },
    ],
  ])('%s is tried again', async (_what, fail) => {
    const tries = flaky('/lost', 1, fail);
    const answer = await through({ path: '/lost', headers: { retries: '1' } });
    expect(answer.body.toString()).toBe('at last');
    expect(tries()).toBe(2);
  });

  test.each(['POST', 'PATCH'])(
    '%s is not repeated after a 500 or a lost answer, for it may have taken effect, unless asked for',
    async (method) => {
      for (const fail of [status(500), (response: ServerResponse) => response.destroy()]) {
        const tries = flaky('/effect', 9, fail);
        await through({ method, path: '/effect', body: '{}', headers: { retries: '3', 'content-type': 'application/json' } });
        expect(tries()).toBe(1);
      }
      const tries = flaky('/effect', 1, status(500));
      const answer = await through({
        method,
        path: '/effect',
        body: '{"a":1}',
        headers: { retries: '3', 'retry-on': '500', 'content-type': 'application/json' },
      });
      expect(answer.status).toBe(200);
      expect(tries()).toBe(2);
      expect(upstream.received('/effect').at(-1)?.body.toString()).toBe('{"a":1}');
    },
  );

  test('a POST is repeated after a 429, which had no effect', async () => {
    const tries = flaky('/limited', 1, status(429));
    expect((await through({ method: 'POST', path: '/limited', body: 'x', headers: { retries: '1' } })).status).toBe(200);
    expect(tries()).toBe(2);
  });
});

describe('a 401', () => {
  const guarded = (good: string) =>
    upstream.on('/guarded', ({ headers }, response) =>
      headers.authorization === `Bearer ${good}` ? response.end('welcome') : response.writeHead(401).end('who are you'),
    );
  const tokens = (answer: object, code = 200) => upstream.on('/token', (_request, response) => json(response, answer, code));

  test('renews the credentials once and succeeds, without retries being asked for', async () => {
    await importConnection(platform, 'c-oauth', oauthCredentials('revoked', 3_600_000));
    guarded('renewed');
    tokens({ access_token: 'renewed', refresh_token: 'r2', expires_in: 3600 });
    const before = upstream.received('/token').length;
    const answer = await through({ method: 'POST', path: '/guarded', body: 'x', connection: 'c-oauth', integration: 'oauth' });
    expect(answer).toMatchObject({ status: 200, body: Buffer.from('welcome') });
    expect((await through({ path: '/guarded', connection: 'c-oauth', integration: 'oauth' })).status).toBe(200);
    expect(upstream.received('/token').length - before).toBe(1);
  });

  test('that persists with new credentials passes, and does not ask for new ones at every call', async () => {
    await importConnection(platform, 'c-banned', oauthCredentials('banned', 3_600_000));
    guarded('nobody has this');
    tokens({ access_token: 'still banned', expires_in: 3600 });
    const before = upstream.received('/token').length;
    for (let turn = 0; turn < 3; turn++) {
      const answer = await through({ path: '/guarded', connection: 'c-banned', integration: 'oauth', headers: { retries: '2' } });
      expect(answer).toMatchObject({ status: 401, body: Buffer.from('who are you') });
    }
    expect(upstream.received('/token').length - before).toBe(1);
  });

  test('of a key that cannot be renewed passes', async () => {
    guarded('x');
    expect((await through({ path: '/guarded', headers: { retries: '2' } })).status).toBe(401);
  });

  test('keeps using the renewed credentials when a further try is needed', async () => {
    await importConnection(platform, 'c-twice', oauthCredentials('revoked', 3_600_000));
    tokens({ access_token: 'renewed', refresh_token: 'r2', expires_in: 3600 });
    const before = upstream.received('/twice').length;
    upstream.on('/twice', ({ headers, index }, response) => {
      if (headers.authorization !== 'Bearer renewed') return response.writeHead(401).end();
      return index - before < 2 ? response.writeHead(500, { 'retry-after': '0' }).end() : response.end('welcome');
    });
    const answer = await through({ path: '/twice', connection: 'c-twice', integration: 'oauth', headers: { retries: '3' } });
    expect(answer.status).toBe(200);
    expect(
      upstream
        .received('/twice')
        .slice(before)
        .map(({ headers }) => headers.authorization),
    ).toEqual(['Bearer revoked', 'Bearer renewed', 'Bearer renewed']);
  });

  test('whose renewal is refused answers why', async () => {
    await importConnection(platform, 'c-refused', oauthCredentials('revoked', 3_600_000));
    guarded('x');
    tokens({ error: 'invalid_grant' }, 400);
    const answer = await through({ path: '/guarded', connection: 'c-refused', integration: 'oauth' });
    expect(errorOf(answer)).toEqual({ status: 400, code: 'refresh_token_external_error' });
  });

  test('expired credentials are refreshed before the request goes out', async () => {
    await importConnection(platform, 'c-expired', oauthCredentials('expired'));
    guarded('fresh');
    tokens({ access_token: 'fresh', expires_in: 3600 });
    const before = upstream.received('/guarded').length;
    expect((await through({ path: '/guarded', connection: 'c-expired', integration: 'oauth' })).status).toBe(200);
    expect(upstream.received('/guarded').length - before).toBe(1);
  });
});

describe('hosts that may not be called', () => {
  test('are refused as an override in every notation', async () => {
    const { port } = forbidden;
    const hosts = [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '0.0.0.0',
      '2130706433',
      '0x7f.1',
      '127.1',
      '[::ffff:127.0.0.1]',
      '169.254.169.254',
      '10.0.0.1',
    ];
    for (const host of hosts) {
      const answer = await through({ path: '/secret', headers: { 'base-url-override': `http://${host}:${port}`, retries: '2' } });
      expect({ host, ...errorOf(answer) }).toEqual({ host, status: 400, code: 'base_url_override_not_allowed' });
    }
    expect(forbidden.received()).toEqual([]);
  });

  test('are refused as the target of a redirect', async () => {
    upstream.on('/away', (_request, response) => response.writeHead(302, { location: `http://127.0.0.1:${forbidden.port}/secret` }).end());
    expect(errorOf(await through({ path: '/away' }))).toEqual({ status: 400, code: 'base_url_override_not_allowed' });
    expect(forbidden.received()).toEqual([]);
  });

  test('a redirect to an allowed host is followed, with credentials only to the same origin', async () => {
    upstream.on('/here', (_request, response) => response.writeHead(307, { location: '/there?x=1' }).end());
    upstream.on('/there', ({ headers, body }, response) => json(response, { key: headers['x-key'], body: body.toString() }));
    const answer = await through({ method: 'POST', path: '/here', body: 'b' });
    expect(JSON.parse(answer.body.toString())).toEqual({ key: 'api-key-of-c-1', body: 'b' });
  });

  test('a file, a bare host or credentials in the override are refused', async () => {
    for (const override of ['file:///etc/passwd', 'example.com', 'ftp://example.com', 'http://user:pass@example.com']) {
      const { status } = await through({ headers: { 'base-url-override': override } });
      expect({ override, status }).toEqual({ override, status: 400 });
    }
  });
});

describe('what is refused before anything goes out', () => {
  test.each([
    ['no connection', { headers: { 'connection-id': '' } }, 400, 'invalid_headers'],
    ['retries that are no number', { headers: { retries: 'many' } }, 400, 'invalid_headers'],
    ['too many retries', { headers: { retries: '11' } }, 400, 'invalid_headers'],
    ['statuses that are none', { headers: { 'retry-on': 'x' } }, 400, 'invalid_headers'],
    ['an unknown integration', { integration: 'nothing' }, 404, 'unknown_provider_config'],
    ['an unknown connection', { connection: 'nobody' }, 400, 'unknown_connection'],
    ['a provider without an address', { integration: 'open', connection: 'c-open' }, 400, 'missing_api_url'],
    ['no key', { headers: { authorization: '' } }, 401, 'malformed_auth_header'],
    ['an unknown key', { headers: { authorization: 'Bearer 3f2504e0-4f89-41d3-9a0c-0305e82c3301' } }, 401, 'unknown_account'],
  ])('%s', async (_what, wanted, status, code) => {
    expect(errorOf(await through(wanted))).toEqual({ status, code });
  });

  test('a key without the right', async () => {
    const key = await platform.keyOf('dev', ['environment:records:read']);
    expect(errorOf(await through({ headers: { authorization: `Bearer ${key}` } }))).toEqual({ status: 403, code: 'forbidden' });
  });

  test('empty option headers, as the published clients send them, mean nothing', async () => {
    upstream.on('/options', (_request, response) => response.end('fine'));
    const headers = { 'base-url-override': '', 'retry-on': '', decompress: '', 'nango-activity-log-id': '' };
    expect((await through({ path: '/options', headers })).body.toString()).toBe('fine');
  });
});

describe('no answer', () => {
  test('from a closed port is 502 with the reason', async () => {
    const closed = await platform.call('POST', '/integrations', {
      unique_key: 'closed',
      provider: 'private-api-generic',
      integration_config: { keyName: 'x-key', baseUrl: 'http://localhost.invalid:1', keyPlacement: 'query' },
    });
    expect(closed.status).toBe(200);
    await importConnection(platform, 'c-closed', { provider_config_key: 'closed' });
    const answer = await through({ integration: 'closed', connection: 'c-closed' });
    expect(errorOf(answer)).toEqual({ status: 502, code: 'upstream_unreachable' });
    expect(answer.body.toString()).not.toContain('key of c-closed');
  });

  test('and a caller that gives up ends the upstream request and the entry in the activity log', async () => {
    let closed = false;
    upstream.on('/hang', (_request, response) => void response.on('close', () => (closed = true)));
    const abort = new AbortController();
    const gone = through({ path: '/hang', signal: abort.signal, headers: { retries: '3' } });
    await eventually(async () => upstream.received('/hang').length > 0, 'the request arrives');
    abort.abort();
    await expect(gone).rejects.toThrow();
    await eventually(async () => closed, 'the upstream request is given up');
    const entry = await eventually(
      () =>
        one<{ state: string; error: string }>(
          platform.world.db,
          sql`select state, error from operations where title = 'GET /hang' and ended_at is not null`,
        ),
      'the entry is closed',
    );
    expect(entry).toMatchObject({ state: 'failed', error: expect.stringContaining('went away') });
    expect(upstream.received('/hang')).toHaveLength(1);
  });

  test('a caller that gives up while a retry is waited for stops the retries', async () => {
    upstream.on('/later', (_request, response) => response.writeHead(429, { 'retry-after': '1' }).end());
    const abort = new AbortController();
    const gone = through({ path: '/later', signal: abort.signal, headers: { retries: '3' } });
    await eventually(async () => upstream.received('/later').length > 0, 'the request arrives');
    abort.abort();
    await expect(gone).rejects.toThrow();
    await eventually(
      () => one(platform.world.db, sql`select 1 as found from operations where title = 'GET /later' and ended_at is not null`),
      'the entry is closed',
    );
    expect(upstream.received('/later')).toHaveLength(1);
  });
});

test('the activity log has each try, and no secret', async () => {
  upstream.on('/logged', ({ index }, response) => response.writeHead(index === 0 ? 500 : 200, { 'retry-after': '0' }).end());
  await through({ path: '/logged?api_key=in-the-query', headers: { retries: '1', 'nango-proxy-authorization': 'Bearer in-a-header' } });
  const entry = await eventually(
    () =>
      one<{ id: string; state: string }>(
        platform.world.db,
        sql`select id, state from operations where title = 'GET /logged' and ended_at is not null`,
      ),
    'the call is logged',
  );
  expect(entry.state).toBe('success');
  const messages = await many<{ meta: object }>(
    platform.world.db,
    sql`select meta from operation_messages where operation_id = ${entry.id} and kind = 'http' order by id`,
  );
  expect(messages).toHaveLength(2);
  expect(messages.map(({ meta }) => meta)).toMatchObject([{ response: { status: 500 } }, { response: { status: 200 } }]);
  const text = JSON.stringify(messages);
  for (const secret of ['api-key-of-c-1', 'in-the-query', 'in-a-header']) expect(text).not.toContain(secret);
});

test('a hundred calls at once of 200 KB each come back whole', async () => {
  // Not c-1, whose rate limit the refusals above taught.
  upstream.on('/many', ({ body }, response) => response.end(body));
  const digest = (bytes: Buffer) => createHash('sha1').update(bytes).digest('hex');
  const bodies = Array.from({ length: 100 }, () => randomBytes(200_000));
  const answers = await Promise.all(bodies.map((body) => through({ connection: 'c-many', method: 'PUT', path: '/many', body })));
  expect(answers.map(({ body }) => digest(body))).toEqual(bodies.map(digest));
});
