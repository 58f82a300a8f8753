/** Rate limits: what a caller is told, that processes share one count, and that no database is no reason to refuse. */
import { pino } from 'pino';
import { beforeAll, describe, expect, test } from 'vitest';
import { createSession } from '../../src/connect/create.ts';
import type { RateLimit } from '../../src/http/admit.ts';
import { leaseOwn, leaseShared, sweepRateWindows } from '../../src/limits/lease.ts';
import { createRateLimit } from '../../src/limits/rate-limit.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { type Answer, type Platform, startPlatform } from '../platform.ts';
import { freshDatabase } from '../postgres.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';

const MINUTE = 60_000;
const rationOf = ({ headers }: Pick<Answer, 'headers'>) => ({
  limit: Number(headers.get('x-ratelimit-limit')),
  remaining: Number(headers.get('x-ratelimit-remaining')),
  reset: Number(headers.get('x-ratelimit-reset')),
});
/** To the beginning of a minute, so that no test runs over the end of one. */
const nextMinute = ({ advance, world }: Platform) => advance(MINUTE - (world.clock.now().getTime() % MINUTE));

describe('a caller', () => {
  let platform: Platform;
  let upstream: Upstream;
  beforeAll(async () => {
    upstream = await startUpstream();
    platform = await startPlatform({
      worker: false,
      env: { BOWLINE_RATE_LIMIT_PER_MINUTE: '8' },
      allow: [`127.0.0.1:${upstream.port}`],
    });
    nextMinute(platform);
    await createIntegrations(platform, upstream.url); // four requests
    await importConnection(platform, 'c-1');
  });

  test('is told its limit, what is left and when it resets, and beyond it 429 with Retry-After', async () => {
    nextMinute(platform);
    const resets = Math.floor(platform.world.clock.now().getTime() / MINUTE) * 60 + 60;
    for (const remaining of [7, 6, 5, 4, 3, 2, 1, 0]) {
      const answer = await platform.call('GET', '/integrations');
      expect({ status: answer.status, ...rationOf(answer) }).toEqual({ status: 200, limit: 8, remaining, reset: resets });
    }
    const refused = await platform.call('GET', '/integrations?x=1');
    expect(refused).toMatchObject({
      status: 429,
      body: { error: { code: 'too_many_request', method: 'GET', path: '/integrations', message: expect.any(String) } },
    });
    expect(rationOf(refused)).toEqual({ limit: 8, remaining: 0, reset: resets });
    const retryAfter = Number(refused.headers.get('retry-after'));
    expect(retryAfter).toBeGreaterThanOrEqual(1);
    expect(retryAfter).toBeLessThanOrEqual(60);
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');

    platform.advance(retryAfter * 1000);
    expect((await platform.call('GET', '/integrations')).status).toBe(200);
  });

  test('meets 401 before 429, and 429 before 403 and 400; bad JSON and bad types come first of all', async () => {
    nextMinute(platform);
    const authorization = `Bearer ${await platform.keyOf('dev', ['environment:records:read'])}`;
    for (let n = 0; n < 8; n++) expect((await platform.call('GET', '/integrations', undefined, { authorization })).status).toBe(403);
    const status = async (headers: Record<string, string>, body: unknown = {}) =>
      (await platform.call('POST', '/connections', body, headers)).status;
    expect(await status({ authorization })).toBe(429);
    expect(await status({ authorization: 'Bearer x' })).toBe(401);
    expect(await status({ authorization }, '{')).toBe(400);
    expect(await status({ authorization, 'content-type': 'text/plain' }, 'x')).toBe(415);
    expect(await status({})).toBe(400); // another key has points of its own
    expect(await status({ authorization: '' }, '{')).toBe(400);
  });

  test('of the proxy is counted too: the provider’s own limits pass, ours stand where it sends none', async () => {
    nextMinute(platform);
    upstream.on('/plain', (_request, response) => json(response, {}));
    upstream.on('/limited', (_request, response) => {
      response.setHeader('x-ratelimit-remaining', '4999');
      json(response, {});
    });
    const through = (path: string) =>
      platform.call('GET', `/proxy${path}`, undefined, { 'connection-id': 'c-1', 'provider-config-key': 'key' });
    expect(rationOf(await through('/plain'))).toMatchObject({ limit: 8, remaining: 7 });
    const limited = await through('/limited');
    expect(limited.headers.get('x-ratelimit-remaining')).toBe('4999');
    expect(limited.headers.get('x-ratelimit-limit')).toBeNull();
    for (let n = 0; n < 6; n++) expect((await through('/plain')).status).toBe(200);
    const before = upstream.received('/plain').length;
    expect(await through('/plain')).toMatchObject({ status: 429, body: { error: { code: 'too_many_request', path: '/proxy/plain' } } });
    expect(upstream.received('/plain')).toHaveLength(before);
  });

  test('with a connect session is counted by the session', async () => {
    nextMinute(platform);
    const scope = await platform.scopeOf('dev');
    const { token } = await createSession(platform.world, scope, { tags: {} });
    const ask = () => platform.call('GET', '/providers', undefined, { authorization: `Bearer ${token}` });
    for (let n = 0; n < 8; n++) expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(429);
    expect((await platform.call('GET', '/integrations')).status).toBe(200);
  });

  test('who is a member is not counted', async () => {
    const signedIn = await fetch(`${platform.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'admin@localhost', password: 'correct horse' }),
    });
    const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    for (let n = 0; n < 10; n++) {
      const answer = await fetch(`${platform.url}/integrations`, { headers: { cookie, 'x-bowline-environment': 'dev' } });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('x-ratelimit-limit')).toBeNull();
    }
  });
});

test('0 switches limits off', async () => {
  const platform = await startPlatform({ worker: false, env: { BOWLINE_RATE_LIMIT_PER_MINUTE: '0' } });
  const answer = await platform.call('GET', '/integrations');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('x-ratelimit-limit')).toBeNull();
});

describe('processes', async () => {
  const database = await freshDatabase();
  const log = pino({ level: 'silent' });
  const clock = { now: () => new Date('2026-01-01T00:00:30Z') };
  const world = { db: database.db, clock, log };
  const process = (limit: number, counted = { statements: 0 }): RateLimit => {
    const lease = leaseShared(world, limit);
    return createRateLimit(world, {
      limit,
      lease: (...asked) => {
        counted.statements += 1;
        return lease(...asked);
      },
    });
  };
  const admitted = async (limits: RateLimit[], name: string, requests: number) => {
    const rations = await Promise.all(Array.from({ length: requests }, (_, n) => limits[n % limits.length]?.(name)));
    return rations.filter((ration) => ration?.admitted).length;
  };

  test('together never let more in than the limit, and lose at most what was leased and not used', async () => {
    const limits = [process(1_000), process(1_000), process(1_000)];
    const all = await admitted(limits, 'key 1', 4_000);
    expect(all).toBeLessThanOrEqual(1_000);
    expect(all).toBeGreaterThanOrEqual(1_000 - limits.length * 2 * 10);
  });

  test('one alone lets in exactly the limit, with a statement for a hundredth of it', async () => {
    const counted = { statements: 0 };
    expect(await admitted([process(2_000, counted)], 'key 2', 3_000)).toBe(2_000);
    expect(counted.statements).toBeLessThanOrEqual(101);
  });

  test('one with points in hand answers at once', async () => {
    const limit = process(10_000);
    await limit('key 3');
    for (let n = 0; n < 50; n++) expect(limit('key 3')).not.toBeInstanceOf(Promise);
  });

  test('without a database let everybody in, and say so once', async () => {
    const lines: string[] = [];
    const noisy = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) });
    const limit = createRateLimit({ clock, log: noisy }, { limit: 3, lease: () => Promise.reject(new Error('no database')) });
    for (let n = 0; n < 20; n++) expect(await limit('key 4')).toMatchObject({ admitted: true });
    expect(lines).toHaveLength(1);
  });

  test('a caller counted in one process alone writes nothing', async () => {
    const limit = createRateLimit(world, { limit: 5, lease: leaseOwn(5) });
    for (let n = 0; n < 5; n++) expect(await limit('address ::1')).toMatchObject({ admitted: true, remaining: 4 - n });
    expect(await limit('address ::1')).toMatchObject({ admitted: false, retryAfter: 30 });
    expect((await database.pool.query("select 1 from rate_windows where counted_as like 'address%'")).rows).toEqual([]);
  });

  test('sweep minutes that are over', async () => {
    await process(10)('key 5');
    const rows = async () => (await database.pool.query('select 1 from rate_windows')).rows.length;
    expect(await rows()).toBeGreaterThan(0);
    await sweepRateWindows(world);
    expect(await rows()).toBeGreaterThan(0);
    await sweepRateWindows({ ...world, clock: { now: () => new Date('2026-01-01T00:11:00Z') } });
    expect(await rows()).toBe(0);
  });
});
