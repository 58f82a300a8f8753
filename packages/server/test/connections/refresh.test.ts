import type { ServerResponse } from 'node:http';
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { many, one, run } from '../../src/base/database.ts';
import { findWithIntegration } from '../../src/connections/find.ts';
import { openAccess } from '../../src/connections/open.ts';
import { refreshConnection } from '../../src/connections/refresh.ts';
import { openCredentials } from '../../src/connections/secrets.ts';
import { eventually, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';
import { createIntegrations, importConnection, oauthCredentials } from './fixture.ts';

const DAY = 24 * 3600_000;
let upstream: Upstream;
let first: Platform;
let second: Platform;

beforeAll(async () => {
  upstream = await startUpstream();
  const allow = [`127.0.0.1:${upstream.port}`];
  first = await startPlatform({ worker: false, allow });
  second = await startPlatform({ worker: false, allow, database: first.database });
  await createIntegrations(first, upstream.url);
});

/** Tokens are numbered by request; `meanwhile` happens before the answer. */
function grantTokens(meanwhile: (index: number) => unknown = () => {}) {
  const before = upstream.received('/token').length;
  upstream.on('/token', async ({ index }, response) => {
    await meanwhile(index - before);
    json(response, { access_token: `access ${index - before}`, refresh_token: `rotated ${index - before}`, expires_in: 3600 });
  });
  return () => upstream.received('/token').slice(before);
}

function refuseTokens(status = 400, error = 'invalid_grant') {
  const before = upstream.received('/token').length;
  upstream.on('/token', (_request, response) => json(response, { error }, status));
  return () => upstream.received('/token').slice(before);
}

const get = (platform: Platform, id: string, more = '') => platform.call('GET', `/connections/${id}?provider_config_key=oauth${more}`);
const tokenOf = (answer: { body: { credentials?: { access_token?: string } } }) => answer.body.credentials?.access_token;
const eventsOf = (id: string) =>
  many<{ type: string; payload: { error: { type: string } } }>(
    first.world.db,
    sql`select type, payload from events where type = 'connection.refresh_failed' and payload -> 'connection' ->> 'connectionId' = ${id}`,
  );

test('twenty callers of two processes cause one token request, and all get its answer', async () => {
  await importConnection(first, 'crowd', oauthCredentials('old'));
  const requests = grantTokens(() => new Promise((resolve) => setTimeout(resolve, 300)));
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => get(index % 2 ? first : second, 'crowd')));
  expect(new Set(answers.map(tokenOf))).toEqual(new Set(['access 0']));
  expect(requests()).toHaveLength(1);
  expect(new URLSearchParams(requests()[0]?.body.toString()).get('refresh_token')).toBe('refresh of old');
  expect(tokenOf(await get(first, 'crowd'))).toBe('access 0');
  expect(requests()).toHaveLength(1);
});

test.each([
  ['succeeds', 200],
  ['fails', 400],
])('who read the old credentials while another refreshed does not refresh once more with them when that %s', async (what, status) => {
  await importConnection(first, `late-${what}`, oauthCredentials('old'));
  const scope = await first.scopeOf('dev');
  const name = { connectionId: `late-${what}`, providerConfigKey: 'oauth' };
  const before = upstream.received('/token').length;
  let late: Parameters<typeof refreshConnection>[2] | undefined;
  upstream.on('/token', async (_request, response) => {
    const target = await findWithIntegration(second.world, scope, name);
    late ??= { ...target, access: await openAccess(second.world, target), force: false, usable: false };
    if (what === 'fails') json(response, { error: 'invalid_grant' }, 400);
    else json(response, { access_token: 'renewed', refresh_token: 'rotated', expires_in: 3600 });
  });
  expect((await get(first, name.connectionId)).status).toBe(status);
  if (!late) throw new Error('nobody was late');
  const refreshed = await refreshConnection(second.world, scope, late);
  if (refreshed.as === 'renewed')
    expect(await openCredentials(second.world, refreshed.connection)).toMatchObject({ access_token: 'renewed' });
  expect(refreshed).toMatchObject(what === 'fails' ? { as: 'failed', kind: 'revoked' } : { as: 'renewed' });
  expect(upstream.received('/token').length - before).toBe(1);
});

test('nobody gets the new access token before the rotated refresh token is stored', async () => {
  await importConnection(first, 'stored', oauthCredentials('old'));
  const { pool } = first.database;
  const client = await pool.connect();
  let answered = false;
  let early: boolean | undefined;
  grantTokens(async () => {
    // The row is locked by another transaction, so the platform can't store what it now gets.
    await client.query('begin');
    await client.query("select from connections where connection_id = 'stored' for update");
    setTimeout(async () => {
      early = answered;
      await client.query('commit');
      client.release();
    }, 500);
  });
  const answer = await get(first, 'stored', '&refresh_token=true').finally(() => {
    answered = true;
  });
  expect(early).toBe(false);
  expect(answer.body.credentials).toMatchObject({ access_token: 'access 0', refresh_token: 'rotated 0' });
  const requests = grantTokens();
  await get(second, 'stored', '&force_refresh=true');
  expect(new URLSearchParams(requests()[0]?.body.toString()).get('refresh_token')).toBe('rotated 0');
});

test('a refresh whose process died is taken over when its lease ends', async () => {
  await importConnection(first, 'orphan', oauthCredentials('old'));
  await run(
    first.world.db,
    sql`update connections set refresh_fence = refresh_fence + 1, refresh_leased_until = now() + interval '1 second' where connection_id = 'orphan'`,
  );
  const requests = grantTokens();
  const answers = await Promise.all([first, second, first, second].map((platform) => get(platform, 'orphan')));
  expect(answers.map(tokenOf)).toEqual(['access 0', 'access 0', 'access 0', 'access 0']);
  expect(requests()).toHaveLength(1);
});

test('credentials that were made anew during a refresh are not overwritten by its answer', async () => {
  await importConnection(first, 'fenced', oauthCredentials('old'));
  grantTokens(async (index) => {
    if (index === 0) await importConnection(second, 'fenced', oauthCredentials('by hand', 3_600_000));
  });
  expect(tokenOf(await get(first, 'fenced'))).toBe('by hand');
  expect(tokenOf(await get(second, 'fenced'))).toBe('by hand');
});

test('a refresh that fails while the credentials were made anew leaves no mark on the new ones', async () => {
  await importConnection(first, 'fenced-failure', oauthCredentials('old'));
  upstream.on('/token', async (_request, response) => {
    await importConnection(second, 'fenced-failure', oauthCredentials('by hand', 3_600_000));
    json(response, { error: 'invalid_grant' }, 400);
  });
  await get(first, 'fenced-failure');
  expect(await get(second, 'fenced-failure')).toMatchObject({
    status: 200,
    body: { errors: [], credentials: { access_token: 'by hand' } },
  });
  expect(await eventsOf('fenced-failure')).toEqual([]);
});

test('a refusal answers invalid_credentials with the connection, backs off for 30 s, and publishes one event until it recovers', async () => {
  await importConnection(first, 'broken', { ...oauthCredentials('old'), tags: { plan: 'pro' } });
  const requests = refuseTokens();
  const failed = await get(first, 'broken');
  expect(failed).toMatchObject({
    status: 400,
    body: {
      error: {
        code: 'invalid_credentials',
        message: expect.stringContaining('invalid_grant'),
        payload: {
          connection: {
            connection_id: 'broken',
            credentials: {},
            tags: { plan: 'pro' },
            errors: [{ type: 'auth', log_id: expect.any(String) }],
          },
        },
      },
    },
  });
  expect(JSON.stringify(failed.body)).not.toContain('refresh of');
  expect(await get(second, 'broken')).toMatchObject({ status: 424, body: { error: { code: 'invalid_credentials' } } });
  expect(requests()).toHaveLength(1);
  first.advance(31_000);
  expect((await get(first, 'broken')).status).toBe(400);
  expect(requests()).toHaveLength(2);
  expect(await eventsOf('broken')).toMatchObject([{ payload: { error: { type: 'refresh_token_external_error' } } }]);

  const [{ errors }] = (await first.call('GET', '/connections?connectionId=broken')).body.connections;
  expect(errors).toEqual([{ type: 'auth', log_id: expect.any(String) }]);
  const log = await eventually(
    () =>
      one<{ state: string; error: string }>(
        first.world.db,
        sql`select state, error from operations where id = ${errors[0].log_id} and ended_at is not null`,
      ),
    'the failed refresh is in the activity log',
  );
  expect(log).toMatchObject({ state: 'failed', error: expect.stringContaining('invalid_grant') });

  grantTokens();
  expect(await get(first, 'broken', '&force_refresh=true')).toMatchObject({ status: 200, body: { errors: [] } });
  refuseTokens();
  expect((await get(first, 'broken', '&force_refresh=true')).status).toBe(400);
  expect(await eventsOf('broken')).toHaveLength(2);
});

test('twenty callers of a refresh that fails share one request, one failure and one event', async () => {
  await importConnection(first, 'crowd-broken', oauthCredentials('old'));
  let requests = 0;
  upstream.on('/token', async (_request, response) => {
    requests++;
    await new Promise((resolve) => setTimeout(resolve, 200));
    json(response, { error: 'invalid_grant' }, 400);
  });
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => get(index % 2 ? first : second, 'crowd-broken')));
  expect(new Set(answers.map(({ body }) => body.error.code))).toEqual(new Set(['invalid_credentials']));
  expect(requests).toBe(1);
  expect(await eventsOf('crowd-broken')).toHaveLength(1);
});

test('failures on four different days exhaust a connection; many on one day do not; force or a success revives it', async () => {
  const platform = await startPlatform({ worker: false, allow: [`127.0.0.1:${upstream.port}`], database: first.database });
  await importConnection(platform, 'exhausted', oauthCredentials('old'));
  const requests = refuseTokens(500, 'server_error');
  platform.advance(DAY + DAY / 2 - (Date.now() % DAY)); // noon: the minutes below must not cross midnight
  for (let day = 0; day < 3; day++) {
    for (let again = 0; again < 3; again++) {
      expect((await get(platform, 'exhausted')).status).toBe(400);
      platform.advance(31 * 60_000); // longer than any wait of a provider that is down
    }
    platform.advance(DAY);
  }
  expect((await get(platform, 'exhausted')).status).toBe(400);
  platform.advance(31 * 60_000);
  expect(requests()).toHaveLength(10);
  const exhausted = await get(platform, 'exhausted');
  expect(exhausted).toMatchObject({ status: 424, body: { error: { code: 'invalid_credentials' } } });
  expect(exhausted.body.error.message).toContain('four different days');
  expect(requests()).toHaveLength(10);

  const granted = grantTokens();
  expect((await get(platform, 'exhausted', '&force_refresh=true')).status).toBe(200);
  expect(granted()).toHaveLength(1);
  platform.advance(2 * 3600_000);
  expect((await get(platform, 'exhausted')).status).toBe(200);
  expect(granted()).toHaveLength(2);
});

test('credentials without a refresh token, or far from their end, are handed out as they are, even when forced', async () => {
  const requests = grantTokens();
  await importConnection(first, 'unrenewable', {
    provider_config_key: 'oauth',
    credentials: { type: 'OAUTH2', access_token: 'only', expires_at: new Date(0).toISOString() },
  });
  await importConnection(first, 'endless', {
    provider_config_key: 'oauth',
    credentials: { type: 'OAUTH2', access_token: 'x', refresh_token: 'r' },
  });
  expect(tokenOf(await get(first, 'unrenewable', '&force_refresh=true'))).toBe('only');
  expect(tokenOf(await get(first, 'endless'))).toBe('x');
  expect(requests()).toHaveLength(0);
});

test('a provider that hangs up, answers no JSON or no token is a failure with a reason, never a 500', async () => {
  const answers = [
    (response: ServerResponse) => response.destroy(),
    (response: ServerResponse) => response.end('<html>'),
    (response: ServerResponse) => json(response, {}),
  ];
  for (const [index, answer] of answers.entries()) {
    await importConnection(first, `odd-${index}`, oauthCredentials('old'));
    upstream.on('/token', (_request, response) => answer(response));
    expect(await get(first, `odd-${index}`)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_credentials', message: expect.stringMatching(/\w/) } },
    });
  }
});

test('reading the credentials notes the use, at most once a minute; reading without them does not', async () => {
  await importConnection(first, 'touched');
  const readOnly = { authorization: `Bearer ${await first.keyOf('dev', ['environment:connections:read'])}` };
  const lastFetched = async () =>
    (await first.call('GET', '/connections/touched?provider_config_key=key', undefined, readOnly)).body.last_fetched_at;
  expect(await lastFetched()).toBeNull();
  expect(await lastFetched()).toBeNull();
  await first.call('GET', '/connections/touched?provider_config_key=key');
  const noted = await eventually(async () => (await lastFetched()) ?? undefined, 'the use is noted');
  await first.call('GET', '/connections/touched?provider_config_key=key');
  expect(await lastFetched()).toBe(noted);
});
