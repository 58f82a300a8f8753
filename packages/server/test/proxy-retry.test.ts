import { expect, test } from 'vitest';
import { type Attempt, decideRetry } from '../src/proxy/retry.ts';
import { catalogue, providerOf } from './credentials-world.ts';

const now = new Date('2026-03-01T00:00:00.000Z');
const seconds = (offset: number) => String(now.getTime() / 1000 + offset);
const provider = (retry: Record<string, unknown> = {}) => providerOf({ auth_mode: 'NONE', proxy: { base_url: 'https://x.test', retry } });
const github = catalogue.get('github');
const decide = (over: Partial<Attempt>) =>
  decideRetry({ attempt: 0, retries: 3, method: 'GET', refreshable: false, provider: provider(), now, random: 1, ...over });

test.each<[string, Partial<Attempt>, number | false | 'refresh']>([
  ['200', { status: 200 }, false],
  ['404', { status: 404 }, false],
  ['500', { status: 500 }, 3000],
  ['503 on the second try', { status: 503, attempt: 1 }, 6000],
  ['500 without retries', { status: 500, retries: 0 }, false],
  ['500 after the last try', { status: 500, attempt: 3 }, false],
  ['retries that are no number', { status: 500, retries: Number.NaN }, false],
  ['negative retries', { status: 500, retries: -1 }, false],
  ['a cap of ten', { status: 500, attempt: 10, retries: 1000 }, false],
  ['the tenth is still allowed', { status: 500, attempt: 9, retries: 1000 }, 600_000],
  ['401 renews once', { status: 401, refreshable: true }, 'refresh'],
  ['401 renews once without retries', { status: 401, refreshable: true, retries: 0 }, 'refresh'],
  ['401 of a POST renews once too: it was refused, not done', { status: 401, refreshable: true, method: 'POST' }, 'refresh'],
  ['401 after a renewal', { status: 401, refreshable: true, attempt: 1, refreshed: true }, false],
  ['401 of credentials that cannot be renewed', { status: 401 }, false],
  ['401 the provider lists but that cannot be renewed', { status: 401, provider: provider({ error_code: ['4xx'] }) }, false],
  ['401 the caller asked for', { status: 401, retryOn: [401] }, 3000],
  ['500 after a renewal without retries', { status: 500, refreshable: true, attempt: 1, refreshed: true, retries: 0 }, false],
  ['429', { status: 429 }, 3000],
  ['429 of a POST: it was refused, not done', { status: 429, method: 'POST' }, 3000],
  ['500 of a POST', { status: 500, method: 'POST' }, false],
  ['500 of a PATCH', { status: 500, method: 'patch' }, false],
  ['500 of a PUT', { status: 500, method: 'PUT' }, 3000],
  ['500 of a POST the caller asked for', { status: 500, method: 'POST', retryOn: [500] }, 3000],
  ['500 of a POST the caller vouches for', { status: 500, method: 'POST', repeatable: true }, 3000],
  ['418 the caller asked for', { status: 418, retryOn: [418] }, 3000],
  ['no connection', { errorCode: 'ECONNREFUSED' }, 3000],
  ['no connection, POST: nothing was sent', { errorCode: 'connect', method: 'POST' }, 3000],
  ['connection lost', { errorCode: 'reset' }, 3000],
  ['connection lost, POST: it may have been done', { errorCode: 'UND_ERR_SOCKET', method: 'POST' }, false],
  ['connection lost, POST the caller vouches for', { errorCode: 'ECONNRESET', method: 'POST', repeatable: true }, 3000],
  ['a blocked host', { errorCode: 'blocked_host' }, false],
  ['a name that does not exist', { errorCode: 'ENOTFOUND' }, false],
  ['a resolver that is busy', { errorCode: 'EAI_AGAIN' }, 3000],
  ['an exact rule', { status: 409, provider: provider({ error_code: [409] }) }, 3000],
  ['a class', { status: 502, provider: provider({ error_code: ['5xx'] }) }, 3000],
  ['a range', { status: 501, provider: provider({ error_code: ['500-502'] }) }, 3000],
  ['outside a range', { status: 503, provider: provider({ error_code: ['500-502'] }) }, false],
  ['Retry-After in seconds', { status: 429, headers: { 'retry-after': '7' } }, 7000],
  ['Retry-After zero', { status: 429, headers: { 'retry-after': '0' } }, 0],
  ['Retry-After with a fraction', { status: 503, headers: { 'retry-after': '1.5' } }, 1500],
  ['Retry-After as an HTTP date', { status: 429, headers: { 'retry-after': 'Sun, 01 Mar 2026 00:00:30 GMT' } }, 30_000],
  ['Retry-After in the past', { status: 429, headers: { 'retry-after': 'Sun, 01 Mar 2025 00:00:00 GMT' } }, 3000],
  ['Retry-After that is no time', { status: 429, headers: { 'retry-after': 'soon' } }, 3000],
  ['Retry-After of a day', { status: 429, headers: { 'retry-after': '86400' } }, 600_000],
  [
    'the longest of several',
    { status: 429, provider: provider({ after: ['x-wait'] }), headers: { 'retry-after': '1', 'x-wait': '9' } },
    9000,
  ],
  ['a moment in epoch seconds', { status: 429, provider: provider({ at: ['X-Reset'] }), headers: { 'x-reset': seconds(20) } }, 20_000],
  [
    'a moment in epoch milliseconds',
    { status: 429, provider: provider({ at: ['x-reset'] }), headers: { 'x-reset': `${seconds(20)}000` } },
    20_000,
  ],
  ['a moment as a date', { status: 429, provider: provider({ at: ['x-reset'] }), headers: { 'x-reset': '2026-03-01T00:00:20Z' } }, 20_000],
  ['a moment in the past', { status: 429, provider: provider({ at: ['x-reset'] }), headers: { 'x-reset': seconds(-20) } }, 3000],
  [
    'a reset moment on a 500 that was no limit',
    { status: 500, provider: provider({ at: ['x-reset'] }), headers: { 'x-reset': seconds(500) } },
    3000,
  ],
  [
    "the caller's own header",
    { status: 429, provider: provider({ at: ['x-reset'] }), retryHeader: { after: ['x-mine'] }, headers: { 'x-mine': '4' } },
    4000,
  ],
  ['a header sent twice', { status: 429, headers: { 'retry-after': ['5', '6'] } }, 5000],
])('%s', (_, over, expected) => {
  const decision = decide(over);
  if (expected === false) expect(decision).toEqual({ retry: false });
  else expect(decision).toEqual({ retry: true, waitMs: expected === 'refresh' ? 0 : expected, refresh: expected === 'refresh' });
});

test("GitHub's 403 is a limit only when nothing remains", () => {
  if (!github) throw new Error('missing');
  const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': seconds(42) };
  expect(decide({ provider: github, status: 403, headers, method: 'POST' })).toEqual({ retry: true, waitMs: 42_000, refresh: false });
  expect(decide({ provider: github, status: 403, headers: { ...headers, 'x-ratelimit-remaining': '12' } })).toEqual({ retry: false });
  expect(decide({ provider: github, status: 404, headers })).toEqual({ retry: false });
});

test('jitter shortens a wait by a quarter at most', () => {
  expect(decide({ status: 500, random: 0 })).toEqual({ retry: true, waitMs: 2250, refresh: false });
});

test.each<[string, Record<string, unknown>, unknown, Partial<Attempt>, number]>([
  [
    'seconds within a sentence',
    { strategy: 'after', path: 'error.message', value: 'in (\\d+) seconds' },
    { error: { message: 'Try in 42 seconds' } },
    {},
    42_000,
  ],
  ['a number as it is', { strategy: 'after', path: 'retry_in' }, { retry_in: 1.5 }, {}, 1500],
  [
    'a moment',
    { strategy: 'at', path: 'errors[0].until', value: 'after (.+Z)' },
    { errors: [{ until: 'after 2026-03-01T00:01:00Z' }] },
    {},
    60_000,
  ],
  ['nothing, where a header tells it', { strategy: 'after', path: 'a' }, { a: 9 }, { headers: { 'retry-after': '7' } }, 7000],
  ['nothing, where there is nothing', { strategy: 'after', path: 'a.b', value: '(x)' }, { a: { b: 'y' } }, {}, 3000],
  ['nothing, where it is no JSON', { strategy: 'after', path: 'a' }, undefined, {}, 3000],
  ['nothing of a limit that was not met', { strategy: 'at', path: 'a' }, { a: '2026-03-01T00:01:00Z' }, { status: 500 }, 3000],
])('an error body tells %s', (_what, in_body, json, over, waitMs) => {
  expect(decide({ status: 429, provider: provider({ in_body }), json, ...over })).toMatchObject({ retry: true, waitMs });
});
