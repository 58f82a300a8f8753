import { expect, test } from 'vitest';
import { createProxy, verbs } from '../src/http.ts';
import { conversation, type Reply } from './conversation.ts';

function http(reply: Reply = { value: { status: 200, statusText: 'OK', headers: {} } }) {
  const { port, calls } = conversation(() => reply);
  const proxy = createProxy(port);
  return { ...verbs(proxy), proxy, calls, sent: () => new TextDecoder().decode(calls[0]?.body) };
}

test('a query loses its undefined keys and joins its lists; headers become lower case', async () => {
  const { get, calls } = http();
  await get({ endpoint: '/a', params: { a: 1, b: undefined, c: [1, 2], d: null }, headers: { 'X-Key': 1 } });
  expect(calls[0]?.params).toEqual({ endpoint: '/a', method: 'GET', params: { a: '1', c: '1,2' }, headers: { 'x-key': '1' }, retries: 0 });
});

test.each([
  ['an object', { a: [1] }, {}, '{"a":[1]}', 'application/json'],
  ['a text', '<x/>', {}, '<x/>', 'application/x-www-form-urlencoded'],
  ['bytes', new Uint8Array([104, 105]), {}, 'hi', 'application/octet-stream'],
  ['search params', new URLSearchParams({ a: 'b c' }), {}, 'a=b+c', 'application/x-www-form-urlencoded'],
  [
    'an object as a form',
    { a: { b: 1 }, c: [1, 2] },
    { 'Content-Type': 'application/x-www-form-urlencoded' },
    'a%5Bb%5D=1&c%5B%5D=1&c%5B%5D=2',
    'application/x-www-form-urlencoded',
  ],
])('%s is sent as its bytes', async (_what, data, headers, bytes, contentType) => {
  const { post, calls, sent } = http();
  await post({ endpoint: '/', data, headers });
  expect(sent()).toBe(bytes);
  expect(calls[0]?.params.contentType).toBe(contentType);
});

test('an object under a multipart type becomes a real form with a boundary', async () => {
  const { post, calls, sent } = http();
  await post({ endpoint: '/', data: { a: 'one', file: new Blob(['two']) }, headers: { 'content-type': 'multipart/form-data' } });
  const headers = new Headers(calls[0]?.params.headers as Record<string, string>);
  const type = String(headers.get('content-type'));
  const form = await new Response(sent(), { headers: { 'content-type': type } }).formData();
  expect([form.get('a'), await (form.get('file') as File).text()]).toEqual(['one', 'two']);
});

test('a GET sends no body', async () => {
  const { get, calls } = http();
  await get({ endpoint: '/', data: { a: 1 } });
  expect(calls[0]?.body.byteLength).toBe(0);
});

test.each([
  ['JSON', undefined, '{"a":1}', { a: 1 }],
  ['text that is no JSON', undefined, 'plain', 'plain'],
  ['nothing', undefined, '', ''],
  ['JSON asked for as text', 'text' as const, '{"a":1}', '{"a":1}'],
  ['bytes', 'arraybuffer' as const, 'ab', Buffer.from('ab')],
])('an answer of %s', async (_what, responseType, body, data) => {
  const { get } = http({ value: { status: 200, statusText: 'OK', headers: { a: 'b' } }, body });
  const config = { endpoint: '/', ...(responseType === undefined ? {} : { responseType }) };
  expect(await get(config)).toEqual({ data, status: 200, statusText: 'OK', headers: { a: 'b' }, config: { ...config, method: 'GET' } });
});

test('a refusal that carries a response throws like an answer outside 2xx', async () => {
  const { get } = http({
    fail: { name: 'Error', message: 'x', response: { status: 503, headers: { 'retry-after': '1' } } },
    body: '{"busy":true}',
  });
  await expect(get({ endpoint: '/' })).rejects.toMatchObject({
    isAxiosError: true,
    code: 'ERR_BAD_RESPONSE',
    response: { status: 503, data: { busy: true } },
    config: { endpoint: '/' },
  });
});

test('a method nobody knows is refused by name', async () => {
  await expect(http().proxy({ endpoint: '/', method: 'TEAPOT' })).rejects.toThrow(`'TEAPOT'`);
});
