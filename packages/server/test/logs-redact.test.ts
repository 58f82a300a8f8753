import { expect, test } from 'vitest';
import { META_BYTES_MAX, redactHeaders, redactMeta, redactText, redactUrl } from '../src/logs/redact.ts';

const secret = 'q7Zk3vXw9LmT2bRn8sYd';

test.each([
  'Authorization',
  'proxy-authorization',
  'cookie',
  'Set-Cookie',
  'X-Api-Key',
  'apikey',
  'api_key',
  'DD-API-KEY',
  'X-Goog-Api-Key',
  'X-Shopify-Access-Token',
  'private-token',
  'X-Auth-Token',
  'x-amz-security-token',
  'X-Hub-Signature',
  'client-secret',
  'x-auth-key',
])('header %s keeps its name and loses its value', (name) => {
  expect(redactHeaders({ [name]: secret })).toEqual({ [name]: '[removed]' });
});

test('other headers stay, several values are joined, missing ones are left out', () => {
  const headers = { accept: 'application/json', 'x-request-id': '42', link: ['<a>', '<b>'], 'content-length': 5, 'x-none': undefined };
  const kept = { accept: 'application/json', 'x-request-id': '42', link: '<a>, <b>', 'content-length': '5' };
  expect(redactHeaders(headers)).toEqual(kept);
});

test.each([
  [`https://api.example.com/v1?access_token=${secret}&page=2`, 'https://api.example.com/v1?access_token=[removed]&page=2'],
  [`https://api.example.com/v1?key=${secret}`, 'https://api.example.com/v1?key=[removed]'],
  ['https://api.github.com/issues?state=all&page=2', 'https://api.github.com/issues?state=all&page=2'],
  [`https://api.example.com/cb?code=${secret}&state=${secret}`, 'https://api.example.com/cb?code=[removed]&state=[removed]'],
  [`https://api.example.com/v1?a%70i_key=${secret}`, 'https://api.example.com/v1?a%70i_key=[removed]'],
  [`https://api.example.com/v1?x=1?token=${secret}`, 'https://api.example.com/v1?x=1?token=[removed]'],
  [`https://user:${secret}@api.example.com/`, 'https://[removed]@api.example.com/'],
  [`https://api.example.com/a#access_token=${secret}`, 'https://api.example.com/a'],
  [`https://hooks.example.com/xoxb-${secret}/send`, 'https://hooks.example.com/[removed]/send'],
  ['https://api.example.com/v1?page_token=abc&nextPageToken=d&q=key', 'https://api.example.com/v1?page_token=abc&nextPageToken=d&q=key'],
  ['https://api.example.com/v1?%E0%A4%A=1&b', 'https://api.example.com/v1?%E0%A4%A=1&b'],
  [
    `https://a.test/x?credentials[apiKey]=${secret}&params%5Btoken_id%5D=${secret}&hmac=${secret}`,
    'https://a.test/x?credentials[apiKey]=[removed]&params%5Btoken_id%5D=[removed]&hmac=[removed]',
  ],
  ['not a url', 'not a url'],
])('address %s', (url, clean) => {
  expect(redactUrl(url)).toBe(clean);
});

test.each([
  [`sent Authorization: Bearer ${secret}`, 'sent Authorization: Bearer [removed]'],
  [`Basic ${secret}== failed`, 'Basic [removed] failed'],
  [`{"access_token":"${secret}","ok":true}`, '{"access_token":"[removed]","ok":true}'],
  [`grant_type=x&client_secret=${secret}&a=b`, 'grant_type=x&client_secret=[removed]&a=b'],
  [`password: "${secret}"`, 'password: "[removed]"'],
  [`cloned with ghp_${secret}`, 'cloned with [removed]'],
  [`key sk_live_${secret}!`, 'key [removed]!'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-def_ghi expired', '[removed] expired'],
  ['AKIAIOSFODNN7EXAMPLE', '[removed]'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----', '[removed]'],
  ['the token expired; ask for a new password', 'the token expired; ask for a new password'],
  ['Basic plan, task-based-scheduling-and-more', 'Basic plan, task-based-scheduling-and-more'],
])('text %s', (text, clean) => {
  expect(redactText(text)).toBe(clean);
});

test('data loses secrets at any depth, under any spelling, and keeps what only sounds like one', () => {
  const given = {
    user: 'ada', clientSecret: secret, client_secret: secret, 'Access-Token': { value: secret }, tokens: [secret],
    nested: [{ password: secret, apiKey: secret, deeper: { refresh_token: secret } }],
    total_tokens: 512, next_page_token: 'abc', key: 'PROJ-1', state: 'open', code: 404, secret: '', flag: true, none: null,
  }; // biome-ignore format: a table
  expect(redactMeta(given).meta).toEqual({
    user: 'ada', clientSecret: '[removed]', client_secret: '[removed]', 'Access-Token': '[removed]', tokens: '[removed]',
    nested: [{ password: '[removed]', apiKey: '[removed]', deeper: { refresh_token: '[removed]' } }],
    total_tokens: 512, next_page_token: 'abc', key: 'PROJ-1', state: 'open', code: 404, secret: '', flag: true, none: null,
  }); // biome-ignore format: a table
});

test('whatever is given becomes an object that JSON and Postgres can hold', () => {
  expect(redactMeta(['a', 'b']).meta).toEqual({ 0: 'a', 1: 'b' });
  expect(redactMeta('text').meta).toEqual({ value: 'text' });
  expect(redactMeta(undefined).meta).toBeNull();
  const circle: Record<string, unknown> = { at: new Date(0), big: 10n, broken: new Date(Number.NaN), run: () => 1 };
  circle.self = circle;
  const text = JSON.stringify(redactMeta(circle).meta);
  expect(text).toContain('[too deep]');
  expect(JSON.parse(text)).toMatchObject({ at: '1970-01-01T00:00:00.000Z', big: '10', broken: 'Invalid Date' });
  expect(redactMeta({ error: new TypeError('no') }).meta).toEqual({ error: { name: 'TypeError', message: 'no' } });
  expect(redactMeta({ 'a\0': 'b\0\ud800' }).meta).toEqual({ 'a\ufffd': 'b\ufffd\ufffd' });
  expect(redactMeta(JSON.parse('{"__proto__":{"x":1}}')).meta).toBeDefined();
});

test.each([
  ['one long text', { body: 'x'.repeat(300_000) }],
  ['a text that JSON makes six times longer', { body: '\u0001'.repeat(90_000) }],
  ['many items', Array.from({ length: 100_000 }, (_, n) => n)],
  ['many names', Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`name ${n}`, null]))],
  ['long names', Object.fromEntries(Array.from({ length: 5 }, (_, n) => ['n'.repeat(60_000) + n, 1]))],
  ['deep lists', Array.from({ length: 10_000 }, () => [[[[['abcdefgh']]]]])],
])('data of more than 99,000 bytes is cut and says so: %s', (_what, given) => {
  const { meta, truncated } = redactMeta(given);
  expect(truncated).toBe(true);
  expect(Buffer.byteLength(JSON.stringify(meta))).toBeLessThanOrEqual(META_BYTES_MAX);
});

test('a long message is cut to 10,000 characters', () => {
  expect(redactText('x'.repeat(20_000))).toBe(`${'x'.repeat(9_999)}…`);
  expect(redactText('😀'.repeat(10_000)).isWellFormed()).toBe(true);
});

test('a token at the cut is not left in half', () => {
  const cut = redactText(`${'x'.repeat(9_980)} Bearer ${secret.repeat(20)}`);
  expect(cut.length).toBeLessThanOrEqual(10_000);
  expect(cut).not.toContain(secret.slice(0, 6));
});

test.each(['a'.repeat(1_000_000), 'token'.repeat(200_000), '://'.repeat(300_000), 'eyJ'.repeat(300_000), 'Bearer '.repeat(100_000)])(
  'no text makes it slow (%#)',
  (text) => {
    // Quadratic behaviour would take hours here and run into the test's time limit.
    expect(redactMeta({ text }).truncated).toBe(true);
  },
);
