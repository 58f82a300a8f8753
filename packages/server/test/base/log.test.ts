import { expect, test } from 'vitest';
import { createLog } from '../../src/base/log.ts';

function written(act: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = [];
  act(createLog('info', { write: (line) => void lines.push(line) }));
  return lines.join('');
}

test.each([
  ['a header', { req: { headers: { authorization: 'Bearer hunter2' } } }],
  ['a cookie', { headers: { 'set-cookie': ['hunter2'], Cookie: 'hunter2' } }],
  ['tokens at any depth', { a: { b: [{ c: { access_token: 'hunter2', refreshToken: 'hunter2' } }] } }],
  ['secrets and passwords', { clientSecret: 'hunter2', client_secret: 'hunter2', password: 'hunter2', apiKey: 'hunter2' }],
  ['credentials as a whole', { credentials: { type: 'X', raw: { whatever: 'hunter2' } } }],
  ['a field of an error', { err: Object.assign(new Error('failed'), { config: { headers: { Authorization: 'hunter2' } } }) }],
  ['a bearer token in an error message', { err: new Error('sent "Authorization: Bearer hunter2hunter2"') }],
  ['a session in a query', { url: '/oauth/connect/x?connect_session_token=hunter2&a=b' }],
  ['what a provider sends back', { url: '/oauth/callback?code=hunter2&state=hunter2hunter2' }],
  [
    'credentials in a query',
    { url: '/x?credentials[apiKey]=hunter2&credentials%5Btoken_id%5D=hunter2&hmac=hunter2&params[token_secret]=hunter2' },
  ],
  ['a query in the message of an error', { err: new Error('GET /x?token_id=hunter2 failed') }],
  ['a password in a URL', { url: 'postgres://user:hunter2@host/db' }],
])('is removed: %s', (_, fields) => {
  const line = written((log) => log.info(fields, 'something happened'));
  expect(line).toContain('something happened');
  expect(line).toContain('[removed]');
  expect(line).not.toContain('hunter2');
  expect(() => JSON.parse(line)).not.toThrow();
});

test('what is not secret stays: counts of tokens, error stacks, ordinary URLs', () => {
  const line = written((log) => log.warn({ tokens: 3, err: new Error('why'), url: 'http://localhost:3003/a:b@c' }, 'said'));
  expect(JSON.parse(line)).toMatchObject({ level: 'warn', tokens: 3, err: { message: 'why' }, url: 'http://localhost:3003/a:b@c' });
  expect(line).toContain('log.test.ts');
});

test('levels below the chosen one are silent', () => {
  expect(written((log) => log.debug('quiet'))).toBe('');
});
