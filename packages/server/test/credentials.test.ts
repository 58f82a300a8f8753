// biome-ignore-all lint/suspicious/noTemplateCurlyInString: catalogue templates are what is tested here
import { expect, test } from 'vitest';
import { type Credentials, credentialsExpireAt, readCredentials } from '../src/credentials/credentials.ts';
import { classify } from '../src/credentials/failure.ts';
import { modes } from '../src/credentials/modes.ts';
import { masked, withoutRefreshTokens } from '../src/credentials/redact.ts';
import { catalogue, integrationOf, testWorld } from './credentials-world.ts';

const now = new Date('2026-03-01T00:00:00.000Z');
const inMinutes = (minutes: number) => new Date(now.getTime() + minutes * 60_000).toISOString();
const oauth2 = (over: Record<string, unknown>): Credentials => readCredentials({ type: 'OAUTH2', access_token: 'a', raw: {}, ...over });

test('stored credentials of an unknown type or with a wrong value are refused without telling the value', () => {
  expect(readCredentials({})).toEqual({});
  expect(readCredentials({ type: 'API_KEY', apiKey: 'k', more: 1 })).toEqual({ type: 'API_KEY', apiKey: 'k' });
  for (const json of [
    '{"type":"API_KEY"}',
    '{"type":"NOPE","token":"s3cret"}',
    '{"access_token":"s3cret"}',
    '[]',
    'null',
    '{"type":"OAUTH2","access_token":"s3cret","raw":{},"expires_at":"tomorrow"}',
  ]) {
    let message = '';
    try {
      readCredentials(JSON.parse(json));
    } catch (error) {
      message = String(error);
    }
    expect(message).not.toBe('');
    expect(message).not.toContain('s3cret');
  }
});

test('the next look at a connection is its expiry, a day, or never', () => {
  expect(credentialsExpireAt(oauth2({ expires_at: inMinutes(5) }), now).toISOString()).toBe(inMinutes(5));
  expect(credentialsExpireAt({ type: 'API_KEY', apiKey: 'k' }, now).toISOString()).toBe('2026-03-02T00:00:00.000Z');
  expect(credentialsExpireAt({}, now).getUTCFullYear()).toBe(2124 + 1);
});

test('refresh tokens go, however nested and spelt, and nothing else does', () => {
  const value = {
    access_token: 'a',
    refresh_token: 'r',
    raw: { refreshToken: 'r', list: [{ 'Refresh-Token': 'r', refresh_token_expires_in: 5, keep: null }], REFRESH_TOKEN: { a: 1 } },
  };
  expect(withoutRefreshTokens(value)).toEqual({ access_token: 'a', raw: { list: [{ refresh_token_expires_in: 5, keep: null }] } });
  expect(value.refresh_token).toBe('r');
});

test('the masked form shows the shape and the last four characters of long secrets only', () => {
  expect(
    masked({
      type: 'OAUTH2',
      access_token: 'gho_0123456789abcdefWXYZ',
      refresh_token: 'short',
      expires_at: 'x',
      raw: { scope: 's', access_token: 'gho_0123456789abcdefWXYZ', n: 1, deep: [{ id: 'abc' }] },
    }),
  ).toEqual({
    type: 'OAUTH2',
    access_token: '••••••••WXYZ',
    refresh_token: '••••••••',
    expires_at: 'x',
    raw: { scope: 's', access_token: '••••••••WXYZ', n: 1, deep: [{ id: '••••••••' }] },
  });
  expect(masked({ username: 'u', password: '' })).toEqual({ username: 'u', password: '' });
});

test.each([
  [400, 'invalid_grant', 'revoked'],
  [400, 'INVALID_GRANT', 'revoked'],
  [200, 'bad_refresh_token', 'revoked'],
  [401, 'invalid_client', 'misconfigured'],
  [400, undefined, 'revoked'],
  [401, undefined, 'revoked'],
  [403, 'nonsense', 'revoked'],
  [404, undefined, 'misconfigured'],
  [408, undefined, 'transient'],
  [429, undefined, 'transient'],
  [429, 'invalid_grant', 'revoked'],
  [500, undefined, 'provider_down'],
  [503, 'temporarily_unavailable', 'transient'],
])('a refused refresh with %i and %s is %s', (status, error, kind) => {
  expect(classify(status, error)).toBe(kind);
});

const world = testWorld([]);
const provider = (name: string) => {
  const found = catalogue.get(name);
  if (!found) throw new Error(`${name} is missing`);
  return found;
};

test('forms are read strictly and become credentials', async () => {
  const finish = (name: string, values: Record<string, unknown>) => {
    const integration = integrationOf(provider(name));
    return modes[integration.provider.auth_mode].finish(world, {
      integration,
      connectionConfig: { a: 1 },
      answer: { kind: 'form', values },
    });
  };
  expect(await finish('github-pat', { apiKey: 'k' })).toEqual({
    credentials: { type: 'API_KEY', apiKey: 'k' },
    connectionConfig: { a: 1 },
  });
  expect(await finish('twilio', { username: 'u', password: '' })).toEqual({
    credentials: { type: 'BASIC', username: 'u', password: '' },
    connectionConfig: { a: 1 },
  });
  expect(await finish('unauthenticated', {})).toEqual({ credentials: {}, connectionConfig: { a: 1 } });
  for (const [name, values] of [
    ['github-pat', {}],
    ['github-pat', { apiKey: '' }],
    ['github-pat', { apiKey: 'k', x: 1 }],
    ['github-pat', { apiKey: 'k'.repeat(1025) }],
    ['twilio', { username: 'u' }],
    ['twilio', { username: 1, password: 'p' }],
  ] as const) {
    await expect(finish(name, values)).rejects.toMatchObject({ code: 'invalid_body' });
  }
});

test('each mode adds what authenticates and nothing more', () => {
  const apply = (name: string, credentials: Credentials, custom: Record<string, string> = {}) => {
    const integration = integrationOf(provider(name), { custom });
    return modes[integration.provider.auth_mode].apply({ integration, connectionConfig: {}, credentials });
  };
  expect(apply('github', oauth2({}))).toEqual({ headers: { authorization: 'Bearer a' }, query: {} });
  expect(apply('twilio', { type: 'BASIC', username: 'ü', password: ':' })).toEqual({
    headers: { authorization: `Basic ${Buffer.from('ü::').toString('base64')}` },
    query: {},
  });
  expect(apply('unauthenticated', {})).toEqual({ headers: {}, query: {} });
  expect(apply('github-pat', { type: 'API_KEY', apiKey: 'k' })).toEqual({ headers: {}, query: {} });
  const key = { type: 'API_KEY', apiKey: '${random} $&' } as const;
  expect(apply('private-api-generic', key, { keyName: 'X-Key', valueTemplate: 'Token ${apiKey}' })).toEqual({
    headers: { 'x-key': 'Token ${random} $&' },
    query: {},
  });
  expect(apply('private-api-generic', key, { keyName: 'key', keyPlacement: 'query' })).toEqual({
    headers: {},
    query: { key: '${random} $&' },
  });
});
