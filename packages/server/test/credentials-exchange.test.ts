// biome-ignore-all lint/suspicious/noTemplateCurlyInString: catalogue templates are what is tested here
/** The parts that read and write what vendors make of a sign-in: ends of tokens, XML, keys. */
import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { readAnswer, refused } from '../src/credentials/answer.ts';
import { CredentialsError } from '../src/credentials/failure.ts';
import { endOf } from '../src/credentials/lifetime.ts';
import { privateKeyOf, tidyPem } from '../src/credentials/signing-key.ts';
import { readXml, writeXml } from '../src/credentials/xml.ts';
import { providerOf } from './credentials-world.ts';

const now = new Date('2026-08-01T10:00:00.000Z');
function provider(strategy: string, more: object = {}) {
  const made = providerOf({
    auth_mode: 'TWO_STEP',
    token_url: 'https://x.test/token',
    token_response: { token: 'token', token_expiration: 'ends', token_expiration_strategy: strategy },
    ...more,
  });
  if (made.auth_mode !== 'TWO_STEP') throw new Error('not the mode that was asked for');
  return made;
}
const jwt = (exp: number) => `e30.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.x`;
const told = (ends: unknown, over: object = {}) => ({ answer: { ends }, token: 't', refreshToken: undefined, ...over });

test.each([
  ['expireIn', 3600, '2026-08-01T11:00:00.000Z'],
  ['expireIn', '3600', '2026-08-01T11:00:00.000Z'],
  ['expireIn', 90.5, '2026-08-01T10:01:30.500Z'],
  ['expireIn', '12h', '2026-08-01T22:00:00.000Z'],
  ['expireIn', '2 days', '2026-08-03T10:00:00.000Z'],
  ['expireIn', '500ms', '2026-08-01T10:00:00.500Z'],
  ['expireIn', '30 Minutes', '2026-08-01T10:30:00.000Z'],
  ['expireAt', '2026-08-01T12:00:00Z', '2026-08-01T12:00:00.000Z'],
  ['expireAt', '2026-08-01T14:00:00+02:00', '2026-08-01T12:00:00.000Z'],
  ['expireAt', 1785585600, '2026-08-01T12:00:00.000Z'],
  ['expireAt', '1785585600', '2026-08-01T12:00:00.000Z'],
  ['expireAt', 1785585600000, '2026-08-01T12:00:00.000Z'],
  ['expireAt', '1785585600000', '2026-08-01T12:00:00.000Z'],
  ['expireAt', '14:23:59', '2026-08-16T09:59:00.000Z'],
])('an end told by %s as %j is read', (strategy, ends, expected) => {
  expect(endOf(provider(strategy), told(ends), now)?.toISOString()).toBe(expected);
});

test.each([
  ['expireIn', 'soon'],
  ['expireIn', '3 fortnights'],
  ['expireIn', -5],
  ['expireAt', 'tomorrow'],
  ['expireAt', {}],
  ['expireAt', 1e300],
])('an end told by %s as %j is an error, not a token for ever', (strategy, ends) => {
  expect(() => endOf(provider(strategy), told(ends), now)).toThrow(CredentialsError);
});

test('without a told end the file’s lifetime counts, then the token’s own, and 0 is none', () => {
  const quiet = told(undefined, { token: jwt(1785585600) });
  expect(endOf(provider('expireAt'), quiet, now)?.toISOString()).toBe('2026-08-01T12:00:00.000Z');
  expect(endOf(provider('expireAt', { token_expires_in_ms: 60_000 }), quiet, now)?.toISOString()).toBe('2026-08-01T10:01:00.000Z');
  expect(endOf(provider('expireAt', { token_expires_in_ms: 0 }), told(undefined), now)).toBeUndefined();
  expect(endOf(provider('expireAt'), told(null), now)).toBeUndefined();
});

test('a refresh token that ends first ends the token too: afterwards neither helps', () => {
  const both = told(7200, { refreshToken: jwt(1785580200) });
  expect(endOf(provider('expireIn'), both, now)?.toISOString()).toBe('2026-08-01T10:30:00.000Z');
});

test.each([
  ['a DOCTYPE', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
  ['entities that multiply', '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><a>&y;</a>'],
  ['an entity nobody declared', '<a>&undeclared;</a>'],
  ['an end that is missing', '<a><b></a>'],
  ['a page', '<html><br><p>hi</html>'],
  ['nothing', ''],
  ['more depth than a stack has', `${'<a>'.repeat(150_000)}${'</a>'.repeat(150_000)}`],
])('XML with %s is not read', (_what, text) => {
  expect(readXml(text)).toBeUndefined();
});

test('XML is read by local names, repeated elements as lists, the five entities as what they stand for', () => {
  const text = '<s:Envelope xmlns:s="urn:s"><s:Body a="1"><id>a&amp;b&#33;</id><row>1</row><row>2</row><none/></s:Body></s:Envelope>';
  expect(readXml(text)).toEqual({ Envelope: { Body: { id: 'a&b!', row: ['1', '2'], none: '' } } });
});

test('XML is written with attributes, lists and text beside attributes, and no value can leave its place', () => {
  const evil = '</a>"\'<b>&x;]]>';
  const text = writeXml({ r: { $k: evil, one: evil, many: ['1', 2, true], both: { $x: 'y', '#text': 'z' }, none: null } });
  expect(text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?><r k="/);
  expect(readXml(text)).toEqual({ r: { one: evil, many: ['1', '2', 'true'], both: 'z', none: '' } });
  expect(() => writeXml({ a: '1', b: '2' })).toThrow('one root');
});

test('a key is the same however it was pasted, and what is no key stays as it is', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  expect(tidyPem(pem)).toBe(pem);
  expect(tidyPem(pem.replaceAll('\n', '\r\n'))).toBe(pem);
  expect(privateKeyOf(pem.replaceAll('\n', '')).equals(privateKey)).toBe(true);
  for (const text of ['', 'secret', 'A'.repeat(100), '{"a":1}']) expect(tidyPem(text)).toBe(text);
});

test.each([
  ['{"a":1}', { a: 1 }],
  ['"text"', 'text'],
  ['a=1&b=x%20y', { a: '1', b: 'x y' }],
  ['<a><b>c</b></a>', { a: { b: 'c' } }],
  ['eyJ.x.y\n', 'eyJ.x.y'],
  ['<html><body>hi<br></body></html>', undefined],
  ['<HTML lang="en"><body>well formed</body></HTML>', undefined],
  ['Service is unavailable', undefined],
  ['', undefined],
])('the answer %j is read', (text, expected) => {
  expect(readAnswer({ text })).toEqual(expected);
});

test('a refusal is the person’s, the developer’s or the provider’s by what was answered', () => {
  const kind = (status: number, answer: unknown) =>
    refused({ code: 'invalid_two_step_credentials', host: 'x.test', status, answer, secrets: [] }).kind;
  expect([kind(401, {}), kind(404, {}), kind(429, {}), kind(503, {})]).toEqual(['revoked', 'misconfigured', 'transient', 'provider_down']);
  expect([kind(400, { error: 'invalid_client' }), kind(200, { status: 'failed' }), kind(200, undefined)]).toEqual([
    'misconfigured',
    'revoked',
    'provider_down',
  ]);
});

test('a secret that a provider repeats anywhere in its reason is taken out', () => {
  const answer = { errors: [{ message: 'no user ada with p4ssw0rd, really p4ssw0rd' }] };
  const error = refused({ code: 'token_err', host: 'x.test', status: 401, answer, secrets: ['p4ssw0rd'] });
  expect(error.message).toBe('x.test refused with status 401 (no user ada with [removed], really [removed])');
});
