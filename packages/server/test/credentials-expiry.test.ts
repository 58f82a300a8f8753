import { expect, test } from 'vitest';
import { type Credentials, readCredentials } from '../src/credentials/credentials.ts';
import { freshnessOf, isDueBefore, isExpired, isRenewable } from '../src/credentials/expiry.ts';
import { integrationOf, providerOf } from './credentials-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const now = new Date('2026-03-01T00:00:00.000Z');
const inMinutes = (minutes: number) => new Date(now.getTime() + minutes * MINUTE).toISOString();
const code = { auth_mode: 'OAUTH2', authorization_url: 'https://x.test', token_url: 'https://x.test' } as const;
const plain = providerOf(code);
const buffered = providerOf({ ...code, token_expiration_buffer: 60 });
const clients = providerOf({ auth_mode: 'OAUTH2_CC', token_url: 'https://x.test' });
const milliseconds = providerOf({ auth_mode: 'OAUTH2_CC', token_url: 'https://x.test', expires_in_unit: 'milliseconds' });
const keyed = providerOf({ auth_mode: 'NONE' });
const oauth2 = (over: Record<string, unknown>): Credentials => readCredentials({ type: 'OAUTH2', access_token: 'a', raw: {}, ...over });
const renewable = (expiresIn: number, raw = {}) => oauth2({ refresh_token: 'r', expires_at: inMinutes(expiresIn), raw });
const cc = (expiresIn: number, raw = {}) =>
  readCredentials({ type: 'OAUTH2_CC', token: 't', client_id: 'c', client_secret: 's', expires_at: inMinutes(expiresIn), raw });
const hour = { expires_in: 3600 };

test.each([
  ['far from its end', renewable(31, hour), plain, 'fresh'],
  ['a quarter of an hour before its end', renewable(15, hour), plain, 'due'],
  ['half a minute before its end: a request could arrive too late', renewable(0.5, hour), plain, 'spent'],
  ['expired', renewable(-1, hour), plain, 'spent'],
  ['whose life nobody told, a quarter of an hour before', renewable(15), plain, 'due'],
  ['whose life nobody told, before any spread', renewable(21), plain, 'fresh'],
  ["outside the provider's own margin", renewable(10, hour), buffered, 'fresh'],
  ["inside the provider's own margin", renewable(1, hour), buffered, 'due'],
  ["at the end of the provider's own margin", renewable(0.5, hour), buffered, 'spent'],
  ['of ten minutes, in its first two', renewable(8, { expires_in: 600 }), plain, 'fresh'],
  ['of ten minutes, in its second half', renewable(5, { expires_in: 600 }), plain, 'due'],
  ['of a minute, used for half of it', renewable(0.5, { expires_in: 60 }), plain, 'due'],
  ['of a minute, at its end', renewable(0.2, { expires_in: 60 }), plain, 'spent'],
  ['whose life is told in milliseconds', cc(8, { expires_in: 600_000 }), milliseconds, 'fresh'],
  ['without an end', oauth2({ refresh_token: 'r' }), plain, 'fresh'],
  ['expired that cannot be renewed', oauth2({ expires_at: inMinutes(-1) }), plain, 'fresh'],
  ['of client credentials, expired', cc(-1), clients, 'spent'],
  ['an API key', { type: 'API_KEY', apiKey: 'k' } as const, keyed, 'fresh'],
  ['no authentication', {}, keyed, 'fresh'],
])('a token %s', (_, credentials, provider, expected) => {
  expect(freshnessOf(credentials, integrationOf(provider), { now, seed: 7 })).toBe(expected);
});

test('a life that no answer told is what was seen of it', () => {
  const integration = integrationOf(clients);
  const since = new Date(now.getTime() - 2 * MINUTE);
  expect(freshnessOf(cc(8), integration, { now, seed: 7, since })).toBe('fresh');
  expect(freshnessOf(cc(8), integration, { now, seed: 7 })).toBe('due');
});

test('only credentials with something to renew them are renewable', () => {
  expect(isRenewable(renewable(1), integrationOf(plain))).toBe(true);
  expect(isRenewable(oauth2({}), integrationOf(plain))).toBe(false);
  expect(isRenewable(cc(1), integrationOf(clients))).toBe(true);
  expect(isRenewable({}, integrationOf(keyed))).toBe(false);
});

test('expired is what has an end in the past, renewable or not', () => {
  expect(isExpired(oauth2({ expires_at: inMinutes(-1) }), now)).toBe(true);
  expect(isExpired(oauth2({ expires_at: inMinutes(1) }), now)).toBe(false);
  expect(isExpired(oauth2({}), now)).toBe(false);
});

/** When a token that came at `now` and lives an hour becomes due, in minutes. */
function dueMinute(seed: number): number {
  const integration = integrationOf(plain);
  for (let minute = 0; minute < 60; minute++) {
    const at = new Date(now.getTime() + minute * MINUTE);
    if (freshnessOf(renewable(60, hour), integration, { now: at, seed }) !== 'fresh') return minute;
  }
  return 60;
}

test('a thousand connections made in one minute are due over a quarter of an hour, each always at the same moment', () => {
  const minutes = Array.from({ length: 1000 }, (_, seed) => dueMinute(seed + 1));
  expect(Array.from({ length: 1000 }, (_, seed) => dueMinute(seed + 1))).toEqual(minutes);
  expect(Math.min(...minutes)).toBeGreaterThanOrEqual(30);
  expect(Math.max(...minutes)).toBeLessThanOrEqual(45);
  const inOne = minutes.filter((minute) => minute === 37).length;
  const busiest = Math.max(...[...new Set(minutes)].map((one) => minutes.filter((minute) => minute === one).length));
  expect(inOne).toBeGreaterThan(30);
  expect(busiest).toBeLessThan(110); // 67 on average
});

test('what will be due before somebody looks again is due to who looks, unless the provider renews only late', () => {
  const until = new Date(now.getTime() + 24 * HOUR);
  const aging = { now, seed: 7, until };
  const days = (count: number) => renewable(count * 24 * 60, { expires_in: 60 * 24 * 3600 });
  expect(isDueBefore(days(30), integrationOf(plain), aging)).toBe(false);
  expect(isDueBefore(days(0.9), integrationOf(plain), aging)).toBe(true);
  expect(isDueBefore(renewable(10, hour), integrationOf(buffered), aging)).toBe(false);
  expect(isDueBefore(renewable(-10, hour), integrationOf(buffered), aging)).toBe(true);
});
