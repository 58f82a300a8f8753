/** How requests go out: retries, limits, signals, errors, and what never leaves. Against a real server. */
import { Readable } from 'node:stream';
import { Bowline, BowlineError, type ClientOptions } from '@bowline/node';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { json, startUpstream, type Upstream } from '../../../test/upstream.ts';
import manifest from '../package.json' with { type: 'json' };
import { waitBeforeRetry } from '../src/retry.ts';
import { version } from '../src/version.ts';

const KEY = '11111111-2222-4333-8444-555555555555';
let server: Upstream;
beforeAll(async () => {
  server = await startUpstream((_seen, response) => json(response, 200, {}));
});
afterAll(() => server.stop());
beforeEach(() => server.seen.splice(0));

const clientWith = (options: Partial<ClientOptions> = {}) => new Bowline({ host: server.url, secretKey: KEY, ...options });
/** Answers with these, one after the other, then with success. */
function failing(...answers: [status: number, headers?: Record<string, string>][]): void {
  server.script.handle = (_seen, response) => {
    const [status, headers] = answers.shift() ?? [200];
    json(response, status, status === 200 ? { connections: [] } : { error: { code: 'server_error' } }, { ...headers });
  };
}
const now = { 'retry-after': '0' };

describe('retries', () => {
  test('a read that was refused for the moment is sent again', async () => {
    failing([429, now], [503, now]);
    expect(await clientWith().listConnections()).toEqual({ connections: [] });
    expect(server.seen).toHaveLength(3);
  });

  test('it gives up after as many as were asked for, by the client or the call', async () => {
    failing([502, now], [502, now], [502, now], [502, now]);
    await expect(clientWith({ retries: 1 }).listConnections()).rejects.toMatchObject({ status: 502 });
    expect(server.seen).toHaveLength(2);
    await expect(clientWith().listConnections({}, { retries: 0 })).rejects.toMatchObject({ status: 502 });
    expect(server.seen).toHaveLength(3);
  });

  test('what will not get better is not sent again', async () => {
    failing([500, now], [404, now]);
    await expect(clientWith().listConnections()).rejects.toMatchObject({ status: 500 });
    await expect(clientWith().listConnections()).rejects.toMatchObject({ status: 404 });
    expect(server.seen).toHaveLength(2);
  });

  test('a write and a proxied call are sent once', async () => {
    failing([503, now], [503, now], [503, now]);
    const of = { providerConfigKey: 'a', connectionId: 'b' };
    await expect(clientWith().startSync('a', ['b'])).rejects.toMatchObject({ status: 503 });
    await expect(clientWith().deleteConnection('a', 'b')).rejects.toMatchObject({ status: 503 });
    await expect(clientWith().get({ ...of, endpoint: '/x' })).rejects.toMatchObject({ status: 503, name: 'ProxyError' });
    expect(server.seen).toHaveLength(3);
  });

  test('the wait is what the server asks for, else grows with jitter, and has an end', () => {
    const error = (status: number, after?: string) =>
      new BowlineError('x', 'x', { response: { data: {}, status, statusText: '', headers: { 'retry-after': after } } });
    const wait = (one: BowlineError, tries = 1, chance = 0) => waitBeforeRetry({ error: one, tries, chance, now: new Date(0) });
    expect(wait(error(429, '7'))).toBe(7_000);
    expect(wait(error(503, new Date(5_000).toUTCString()))).toBe(5_000);
    expect(wait(error(429, '3600'))).toBeUndefined();
    expect(wait(error(429, 'soon'))).toBe(150);
    expect([1, 2, 3, 20].map((tries) => wait(error(504), tries, 1))).toEqual([300, 600, 1200, 10_000]);
    expect(wait(error(504), 1, 0)).toBe(150);
    expect(wait(new BowlineError('network_error', 'x'))).toBe(150);
    expect(wait(new BowlineError('timeout', 'x'))).toBeUndefined();
  });

  test('a signal ends the wait', async () => {
    failing([503, { 'retry-after': '50' }]);
    const stop = new AbortController();
    const call = clientWith().listConnections({}, { signal: stop.signal });
    while (server.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
  });
});

describe('limits', () => {
  test('a request that takes too long rejects with timeout', async () => {
    server.script.handle = () => undefined;
    const call = clientWith().listConnections({}, { timeoutMs: 30 });
    await expect(call).rejects.toMatchObject({ code: 'timeout', status: undefined, message: 'GET /connections took longer than 30 ms' });
  });

  test('a body that never ends counts too', async () => {
    server.script.handle = (_seen, response) => void response.writeHead(200).write('{');
    await expect(clientWith({ timeoutMs: 30 }).listIntegrations()).rejects.toMatchObject({ code: 'timeout' });
  });

  test('a signal that aborted before sends nothing, whatever the call', async () => {
    const client = clientWith();
    const of = { providerConfigKey: 'a', connectionId: 'b' };
    const signal = AbortSignal.abort(new Error('not now'));
    const nothing = { load: () => undefined };
    const readAll = async () => {
      for await (const _page of client.records({ ...of, model: 'Row' }, { signal })) expect.unreachable();
    };
    const calls = [
      client.triggerAction({ ...of, action: 'x' }, { signal }),
      client.triggerActionAsync({ ...of, action: 'x' }, { signal }),
      client.consume({ ...of, model: 'Row', store: nothing }, () => undefined, { signal }),
      readAll(),
    ];
    for (const call of calls) await expect(call).rejects.toThrow('not now');
    expect(await client.consume({ ...of, model: 'Row', store: nothing, follow: true }, () => undefined, { signal })).toEqual({
      pages: 0,
      records: 0,
    });
    expect(server.seen).toHaveLength(0);
  });

  test('a stream stays open after the limit, and ends with the signal', async () => {
    let heard: AbortSignal | null | undefined;
    const answering: typeof fetch = async (_url, init) => {
      heard = init?.signal;
      return new Response(new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode('begin')) }));
    };
    const stop = new AbortController();
    const call = { providerConfigKey: 'a', connectionId: 'b', endpoint: '/x', responseType: 'stream' } as const;
    const { data } = await clientWith({ timeoutMs: 1, fetch: answering }).get<ReadableStream<Uint8Array>>(call, { signal: stop.signal });
    await new Promise((resolve) => setTimeout(resolve, 20)); // the limit is long over
    expect(heard?.aborted).toBe(false);
    expect(new TextDecoder().decode((await data.getReader().read()).value)).toBe('begin');
    stop.abort();
    expect(heard?.aborted).toBe(true);
  });
});

describe('errors', () => {
  test('say that nobody answered, with the cause, without the key', async () => {
    const error: BowlineError = await new Bowline({ host: 'http://127.0.0.1:1', secretKey: KEY, retries: 0 })
      .listConnections({ userId: 'secret-user' })
      .then(
        () => expect.unreachable(),
        (thrown) => thrown,
      );
    expect(error).toMatchObject({ code: 'network_error', status: undefined, response: undefined });
    expect(error.message).toBe('GET /connections did not reach 127.0.0.1:1: is Bowline running there?');
    expect(error.cause).toBeInstanceOf(Error);
    expect(JSON.stringify([error, { ...error }])).not.toContain(KEY);
  });

  test('of a provider are not taken for ours, those of the proxy are', async () => {
    const call = { endpoint: '/x', providerConfigKey: 'a', connectionId: 'b' };
    const answering = (error: unknown) => {
      server.script.handle = (_seen, response) => json(response, 404, { error });
    };
    answering({ code: 'resource_missing', message: 'theirs', payload: { a: 1 } });
    await expect(clientWith().get(call)).rejects.toMatchObject({
      code: 'upstream_error',
      message: 'The provider answered 404 Not Found',
      payload: undefined,
      response: { data: { error: { code: 'resource_missing' } } },
    });
    answering({ code: 'unknown_provider_config', message: 'ours', payload: { a: 1 } });
    await expect(clientWith().get(call)).rejects.toMatchObject({ code: 'unknown_provider_config', message: 'ours', payload: { a: 1 } });
    answering({ code: 'no_code_of_today', errors: [{ code: 'custom', path: ['a', 0], message: 'no' }, 5] });
    await expect(clientWith().listIntegrations()).rejects.toMatchObject({
      name: 'BowlineError',
      code: 'no_code_of_today',
      message: 'a.0: no',
      errors: [{ code: 'custom', path: ['a', '0'], message: 'no' }],
    });
  });

  test('of something that is not Bowline are errors too', async () => {
    server.script.handle = (_seen, response) => void response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>nginx</h1>');
    await expect(clientWith().listIntegrations()).rejects.toMatchObject({
      code: 'invalid_answer',
      message: 'The server answered 404 Not Found',
      response: { data: '<h1>nginx</h1>' },
    });
  });
});

describe('what never leaves', () => {
  test('a stream that cannot be read, such as a form of a library', async () => {
    const data = { pipe: () => undefined, getHeaders: () => ({}) };
    const call = clientWith().post({ endpoint: '/x', providerConfigKey: 'a', connectionId: 'b', data });
    await expect(call).rejects.toMatchObject({ code: 'invalid_argument', message: expect.stringContaining('FormData') });
    expect(server.seen).toHaveLength(0);
  });

  test.each(['', '.', '..'])('an id that would make it another path: "%s"', async (id) => {
    await expect(clientWith().deleteIntegration(id)).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(clientWith().getConnection('a', id)).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(server.seen).toHaveLength(0);
  });

  test.each(['../connections', '/a/../../connections', '/..', '/%2e%2e/connections', '..\\connections'])(
    'an endpoint that leads out of the proxy: %s',
    async (endpoint) => {
      const call = clientWith().delete({ endpoint, providerConfigKey: 'a', connectionId: 'b' });
      await expect(call).rejects.toMatchObject({ code: 'invalid_argument' });
      expect(server.seen).toHaveLength(0);
    },
  );

  test.each(['https://evil.example/action/1', '//evil.example', '/\\evil.example', 'action/1', '@evil.example/'])(
    'the key, to a statusUrl of another server: %s',
    async (statusUrl) => {
      await expect(clientWith().getAsyncActionResult({ statusUrl })).rejects.toMatchObject({ code: 'invalid_argument' });
      expect(server.seen).toHaveLength(0);
    },
  );

  test('the key, into a log of the client', () => {
    expect(JSON.stringify(clientWith())).not.toContain(KEY);
    expect(Object.keys(clientWith())).toEqual([]);
  });

  test('a redirect of the provider is not followed', async () => {
    server.script.handle = (_seen, response) => void response.writeHead(302, { location: `${server.url}/elsewhere` }).end();
    const call = clientWith().get({ endpoint: '/x', providerConfigKey: 'a', connectionId: 'b' });
    await expect(call).rejects.toMatchObject({ status: 302, response: { headers: { location: `${server.url}/elsewhere` } } });
    expect(server.seen).toHaveLength(1);
  });
});

describe('settings', () => {
  test('exactly one key, and a host that is a URL', () => {
    for (const options of [{}, { secretKey: KEY, apiKey: KEY }, { secretKey: '' }, { secretKey: KEY, host: 'localhost:3003' }]) {
      expect(() => new Bowline(options)).toThrow(expect.objectContaining({ code: 'invalid_configuration' }));
    }
  });

  test('the host comes from the options, the environment, or is this machine', async () => {
    const hosts: string[] = [];
    const remember: typeof fetch = async (input) => {
      hosts.push(new URL(String(input)).origin);
      return Response.json({ data: [] });
    };
    const before = process.env.BOWLINE_HOST;
    delete process.env.BOWLINE_HOST;
    await new Bowline({ secretKey: KEY, fetch: remember }).listIntegrations();
    process.env.BOWLINE_HOST = 'https://bowline.example.com/';
    await new Bowline({ secretKey: KEY, fetch: remember }).listIntegrations();
    await new Bowline({ secretKey: KEY, fetch: remember, host: 'https://other.example.com' }).listIntegrations();
    if (before === undefined) delete process.env.BOWLINE_HOST;
    else process.env.BOWLINE_HOST = before;
    expect(hosts).toEqual(['http://localhost:3003', 'https://bowline.example.com', 'https://other.example.com']);
  });

  test('mark the calls and name the client', async () => {
    server.script.handle = (_seen, response) => json(response, 200, { data: [] });
    const options = { host: `${server.url}/below/`, secretKey: KEY, isSync: true, isScript: true, dryRun: true };
    await new Bowline(options, { userAgent: 'my-app/1' }).listIntegrations();
    expect(server.seen[0]).toMatchObject({
      path: '/below/integrations',
      headers: {
        authorization: `Bearer ${KEY}`,
        'user-agent': `bowline-node/${manifest.version} my-app/1`,
        'nango-is-sync': 'true',
        'nango-is-script': 'true',
        'nango-is-dry-run': 'true',
      },
    });
    expect(version).toBe(manifest.version);
  });

  test('connection and activity log of the client are those of proxied calls that name none', async () => {
    const client = clientWith({ providerConfigKey: 'crm', connectionId: 'c-1', activityLogId: 'log-1' });
    await client.get({ endpoint: '/x' });
    expect(server.seen[0]?.headers).toMatchObject({
      'provider-config-key': 'crm',
      'connection-id': 'c-1',
      'nango-activity-log-id': 'log-1',
    });
    await expect(clientWith().get({ endpoint: '/x' })).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});

describe('answers', () => {
  const answering = (body: string, type: string) => {
    server.script.handle = (_seen, response) =>
      void response.writeHead(200, { 'content-type': type, 'set-cookie': ['a=1', 'b=2'] }).end(body);
  };
  const call = { endpoint: '/x', providerConfigKey: 'a', connectionId: 'b' };

  test.each([
    ['{"a":1}', 'application/json', { a: 1 }],
    ['{"a":1}', 'application/vnd.api+json; charset=utf-8', { a: 1 }],
    ['[1]', 'text/plain', [1]],
    ['null', 'application/json', null],
    ['123', 'text/csv', '123'],
    ['{broken', 'application/json', '{broken'],
    ['', 'application/json', ''],
  ])('%s as %s', async (body, type, expected) => {
    answering(body, type);
    expect((await clientWith().get(call)).data).toEqual(expected);
  });

  test('as text, bytes or blob where asked for; headers in lower case, cookies one a line', async () => {
    answering('{"a":1}', 'application/json');
    expect((await clientWith().get({ ...call, responseType: 'text' })).data).toBe('{"a":1}');
    expect(new Uint8Array((await clientWith().get({ ...call, responseType: 'arraybuffer' })).data)).toHaveLength(7);
    const { data, headers } = await clientWith().get<Blob>({ ...call, responseType: 'blob' });
    expect(data.size).toBe(7);
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'set-cookie': 'a=1\nb=2' });
  });

  test.each([
    ['bytes', new Uint8Array([1, 2, 3]), 'application/octet-stream', '\u0001\u0002\u0003'],
    ['a part of bytes', new Uint8Array([1, 2, 3]).subarray(1, 2), 'application/octet-stream', '\u0002'],
    ['a stream', new Blob(['streamed']).stream(), 'application/octet-stream', 'streamed'],
    ['a stream of Node', Readable.from(['stream', Buffer.from('ed')]), 'application/octet-stream', 'streamed'],
    ['a blob', new Blob(['<a/>'], { type: 'application/xml' }), 'application/xml', '<a/>'],
    ['a form in its address form', new URLSearchParams({ a: 'ü' }), 'application/x-www-form-urlencoded;charset=UTF-8', 'a=%C3%BC'],
    ['null', null, 'application/json', 'null'],
  ])('and bodies go out as what they are: %s', async (_name, data, type, body) => {
    answering('{}', 'application/json');
    await clientWith().post({ ...call, data });
    expect(server.seen[0]).toMatchObject({ headers: { 'content-type': type }, body });
  });
});
