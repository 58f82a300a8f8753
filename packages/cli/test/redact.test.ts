/** Secrets in recordings: what is found, what is left alone, and that a value is the same stand-in everywhere. */

import { isSecretName, withoutSecrets } from '@bowline/compile/secret-names';
import { describe, expect, it } from 'vitest';
import { buildFixture } from '../src/record/build.ts';
import type { Draft, DraftExchange } from '../src/record/draft.ts';
import { redact } from '../src/record/redact.ts';

const empty: Draft = {
  kind: 'action',
  clock: '2026-03-01T12:00:00.000Z',
  connectionId: 'c',
  provider: 'p',
  variant: 'base',
  before: null,
  records: {},
  actions: {},
  saved: {},
  updated: {},
  deleted: {},
  exchanges: [],
};
const exchange = (request: Partial<DraftExchange['request']>, answer: unknown = {}): DraftExchange => ({
  request: { method: 'GET', endpoint: '/a', ...request },
  status: 200,
  headers: {},
  answer,
});
const written = (draft: Partial<Draft>, known?: unknown): string =>
  JSON.stringify(buildFixture(redact({ ...empty, ...draft }, known).draft));

describe('the name of a place', () => {
  it.each([
    'access_token',
    'refreshToken',
    'id_token',
    'client_secret',
    'apiKey',
    'X-API-Key',
    'password',
    'Authorization',
    'private-key',
    'Set-Cookie',
    'token',
  ])('%s is that of a secret', (name) => expect(isSecretName(name)).toBe(true));
  it.each([
    'next_page_token',
    'nextPageToken',
    'syncToken',
    'cursor',
    'key',
    'issue_key',
    'token_type',
    'expires_in',
    'id',
    'continuation_token',
  ])('%s is not', (name) => expect(isSecretName(name)).toBe(false));
});

describe('a secret', () => {
  const token = 'a1b2c3d4e5f6g7h8';
  it('of an answer is the same stand-in wherever it goes', () => {
    const text = written({
      exchanges: [
        exchange({ endpoint: '/login' }, { access_token: token }),
        exchange({
          endpoint: `/bot${token}/send`,
          params: { k: token },
          headers: { 'x-thing': `t ${token}` },
          data: { deep: [{ v: token }] },
        }),
        exchange({ method: 'POST', params: `k=${token}`, data: Buffer.from(`--b\r\n${token}`) }),
      ],
      output: { header: `Bearer ${token}`, basic: Buffer.from(token).toString('base64') },
    });
    expect(text).not.toContain(token);
    expect(text).not.toContain(Buffer.from(token).toString('base64'));
    expect(new Set(text.match(/redacted_\w+_\d+/g))).toEqual(
      new Set(['redacted_access_token_1', 'redacted_access_token_1/send'.split('/')[0]]),
    );
    expect(text).toContain('"/botredacted_access_token_1/send"');
  });

  it('is found by its form in any text, in headers, in queries of links and in forms', () => {
    const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLW9mLWl0';
    const github = `ghp_${'a1'.repeat(18)}`;
    const text = written({
      exchanges: [
        {
          ...exchange({ headers: { Authorization: 'Basic dXNlcjpwYXNzdzByZC0x' } }, { note: `see ${jwt} and ${github}` }),
          headers: { 'x-auth-token': 'zz11yy22xx' },
        },
        exchange({}, { url: 'https://s3.test/file?X-Amz-Signature=0123456789abcdef&part=1', plain: 'passw0rd-1' }),
        exchange({ method: 'POST', data: 'grant_type=x&client_secret=s%2Fcr3t%2B0123&code=1' }),
      ],
    });
    for (const secret of [jwt, github, 'zz11yy22xx', '0123456789abcdef', 'passw0rd-1', 's%2Fcr3t%2B0123', 's/cr3t+0123'])
      expect(text).not.toContain(secret);
    for (const kept of ['part=1', 'grant_type=x', '&code=1']) expect(text).toContain(kept);
  });

  it('of the connection is found though the function did not ask for it; only the form of credentials stays', () => {
    const credentials = { type: 'BASIC', username: 'admin@corp', password: 'hunter22x', expires_at: '2026-01-01' };
    const text = written({ exchanges: [exchange({}, { echo: 'hunter22x' })] }, credentials);
    expect(text).not.toContain('hunter22x');
    const { nango } = buildFixture(
      redact({ ...empty, connection: { connection_config: { site: 'eu' }, credentials }, metadata: null }).draft,
    );
    expect(nango?.getConnection).toMatchObject({
      connection_config: { site: 'eu' },
      credentials: { type: 'BASIC', expires_at: '2026-01-01' },
    });
    expect(JSON.stringify(nango)).not.toMatch(/admin@corp|hunter22x/);
  });

  it('that is a user name does not rename the provider', () => {
    const credentials = { type: 'BASIC', username: 'provider-1', password: 'x' };
    const { bowline } = buildFixture(redact({ ...empty, provider: 'provider-1', connectionId: 'provider-1' }, credentials).draft);
    expect(bowline).toMatchObject({ provider: 'provider-1', connectionId: 'provider-1' });
  });

  it('is no ordinary word: those stay where they are', () => {
    const text = written({
      exchanges: [
        exchange({ endpoint: '/enabled/x' }, { secret: 'on', password: 'enabled', signature: 'Best regards, Ann', state: 'on it' }),
      ],
      variables: [
        { name: 'REGION', value: 'eu-west' },
        { name: 'CRM_API_KEY', value: 'abc' },
      ],
    });
    for (const kept of ['/enabled/x', 'Best regards, Ann', '"on it"', 'eu-west']) expect(text).toContain(kept);
    expect(text).not.toContain('"abc"');
    expect(text).not.toContain('"password":"enabled"');
  });
});

it('one request with several answers has its turns, the same answer again says nothing', () => {
  const { api } = buildFixture({ ...empty, exchanges: [1, 1, 2, 1].map((answer) => exchange({}, { answer })) });
  expect([api?.get?.['/a']].flat()).toMatchObject([
    { response: { answer: 1 } },
    { response: { answer: 2 }, turn: 3 },
    { response: { answer: 1 }, turn: 4 },
  ]);
});

it('addresses on the terminal hide what is secret in their query', () => {
  expect(withoutSecrets('/a?api_key=123456&page=2')).toBe('/a?api_key=…&page=2');
});
