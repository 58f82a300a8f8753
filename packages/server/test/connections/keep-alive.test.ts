import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { many, run } from '../../src/base/database.ts';
import { keepAlive, lookAfterSome } from '../../src/connections/keep-alive.ts';
import { eventually, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';
import { createIntegrations, importConnection, oauthCredentials } from './fixture.ts';
import { grant, readConnection, refreshTokenOf, refuse, scriptTokens, stateOf, told } from './refresh-world.ts';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
let upstream: Upstream;
let platform: Platform;
let other: Platform;

beforeAll(async () => {
  upstream = await startUpstream();
  const provider = join(mkdtempSync(join(tmpdir(), 'bowline-catalogue-')), 'tried.yaml');
  writeFileSync(
    provider,
    `display_name: Tried
categories: [other]
docs: https://example.test
auth_mode: API_KEY
credentials:
  apiKey: { type: string, title: Key, description: The key, secret: true }
proxy:
  base_url: ${upstream.url}
  headers: { x-key: '\${apiKey}' }
  verification: { endpoints: [/me] }
`,
  );
  const options = { worker: false, allow: [`127.0.0.1:${upstream.port}`], providers: [provider] };
  platform = await startPlatform(options);
  other = await startPlatform({ ...options, database: platform.database });
  await createIntegrations(platform, upstream.url);
  await platform.call('POST', '/integrations', { unique_key: 'tried', provider: 'tried' });
});

beforeEach(() => run(platform.world.db, sql`update connections set look_at = 'infinity'`));

/** Its turn has come; nobody used it since yesterday unless said. */
async function due(id: string, usedAgoMs = 2 * DAY): Promise<void> {
  const now = platform.world.clock.now().getTime();
  await run(
    platform.world.db,
    sql`update connections set look_at = ${new Date(now - 1000)}, last_fetched_at = ${new Date(now - usedAgoMs)} where connection_id = ${id}`,
  );
}

async function hoursToNextLook(id: string): Promise<number> {
  const [row] = await many<{ lookAt: Date }>(platform.world.db, sql`select look_at from connections where connection_id = ${id}`);
  return ((row?.lookAt.getTime() ?? 0) - platform.world.clock.now().getTime()) / HOUR;
}

const recently = (token: string) => oauthCredentials(token, 10 * HOUR);

test('an idle rotating token is renewed before it ends, about once a day, and that is no use of it', async () => {
  await importConnection(platform, 'idle', recently('old'));
  const requests = scriptTokens(upstream);
  await due('idle');
  expect(await lookAfterSome(platform.world)).toBe(1);
  expect(requests().map(refreshTokenOf)).toEqual(['refresh of old']);
  const hours = await hoursToNextLook('idle');
  expect(hours).toBeGreaterThan(22.9);
  expect(hours).toBeLessThan(25.1);
  expect(await lookAfterSome(platform.world)).toBe(0);
  const { body } = await platform.call('GET', '/connections?connectionId=idle');
  expect(body.connections).toHaveLength(1);
  const [row] = await many<{ days: number }>(
    platform.world.db,
    sql`select extract(day from now() - last_fetched_at)::int as days from connections where connection_id = 'idle'`,
  );
  expect(row?.days).toBeGreaterThanOrEqual(1);
});

test('what is used, cannot be renewed, or ends long after the next look is left alone', async () => {
  await importConnection(platform, 'used', recently('used'));
  await importConnection(platform, 'far', oauthCredentials('far', 60 * DAY));
  await importConnection(platform, 'fixed', {
    provider_config_key: 'oauth',
    credentials: { type: 'OAUTH2', access_token: 'only', expires_at: new Date(0).toISOString() },
  });
  const requests = scriptTokens(upstream);
  await due('used', HOUR);
  await due('far');
  await due('fixed');
  expect(await lookAfterSome(platform.world)).toBe(3);
  expect(requests()).toHaveLength(0);
});

test('two processes share what is due: nothing is renewed twice, and a batch is no stampede', async () => {
  const ids = Array.from({ length: 30 }, (_, index) => `shared-${index}`);
  for (const id of ids) await importConnection(platform, id, recently(id));
  const requests = scriptTokens(upstream);
  for (const id of ids) await due(id);
  const counts: number[] = [];
  for (let turn = 0; turn < 2; turn++) counts.push(...(await Promise.all([lookAfterSome(platform.world), lookAfterSome(other.world)])));
  expect(Math.max(...counts)).toBeLessThanOrEqual(10);
  expect(requests()).toHaveLength(30);
  expect(new Set(requests().map(refreshTokenOf)).size).toBe(30);
});

test('what a process took and did not finish is due again after ten minutes', async () => {
  await importConnection(platform, 'dropped', recently('old'));
  await due('dropped');
  let reached = () => {};
  const asked = new Promise<void>((resolve) => {
    reached = resolve;
  });
  let release = () => {};
  scriptTokens(upstream, async (request, response) => {
    reached();
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    grant(request, response);
  });
  const looking = lookAfterSome(platform.world);
  await asked;
  // As it would stay if the process died here.
  const hours = await hoursToNextLook('dropped');
  expect(hours).toBeGreaterThan(0);
  expect(hours).toBeLessThan(0.2);
  release();
  await looking;
});

test('a failure that will pass is tried again within hours, a refusal is told once', async () => {
  await importConnection(platform, 'passing', recently('old'));
  scriptTokens(upstream, refuse('server_error', 503));
  await due('passing');
  await lookAfterSome(platform.world);
  expect(await hoursToNextLook('passing')).toBeLessThan(2);
  expect(await told(platform, 'passing')).toEqual([]);

  await importConnection(platform, 'refused', recently('old'));
  scriptTokens(upstream, refuse('invalid_grant'));
  await due('refused');
  await lookAfterSome(platform.world);
  expect(await told(platform, 'refused')).toEqual(['failed']);
});

test('what was exhausted by failures that pass is found to work again; what was refused is asked no more', async () => {
  await importConnection(platform, 'healed', oauthCredentials('old'));
  await importConnection(platform, 'dead', oauthCredentials('old'));
  for (const [id, kind] of [
    ['healed', 'provider_down'],
    ['dead', 'revoked'],
  ]) {
    await run(
      platform.world.db,
      sql`update connections set refresh_failed_days = 4, refresh_failure = ${kind}, refresh_failed_at = now() where connection_id = ${id}`,
    );
    await due(id ?? '');
  }
  const requests = scriptTokens(upstream);
  await lookAfterSome(platform.world);
  expect(requests()).toHaveLength(1);
  expect((await readConnection(platform, 'healed')).status).toBe(200);
  expect((await readConnection(platform, 'dead')).status).toBe(424);
});

test('a key that is refused twice is marked and told once, works again once, and a provider that is down proves nothing', async () => {
  const answer = (status: number) => upstream.on('/me', (_request, response) => json(response, {}, status));
  answer(200);
  await importConnection(platform, 'key', { provider_config_key: 'tried' });
  const look = async () => {
    await due('key', MINUTE);
    await lookAfterSome(platform.world);
  };
  const errorsOf = async () => (await readConnection(platform, 'key', '', 'tried')).body.errors;

  answer(503);
  for (let count = 0; count < 3; count++) await look();
  expect(await errorsOf()).toEqual([]);

  answer(401);
  await look();
  expect(await errorsOf()).toEqual([]);
  expect(await hoursToNextLook('key')).toBeLessThan(0.2);
  for (let count = 0; count < 3; count++) await look();
  expect(await errorsOf()).toMatchObject([{ type: 'auth' }]);
  expect(await told(platform, 'key')).toEqual(['failed']);
  expect((await stateOf(platform, 'key')).error).toContain('401');

  answer(200);
  for (let count = 0; count < 3; count++) await look();
  expect(await errorsOf()).toEqual([]);
  expect(await told(platform, 'key')).toEqual(['failed', 'recovered']);
});

test('the clock does it by itself, unless it is switched off', async () => {
  await importConnection(platform, 'clock', recently('old'));
  const requests = scriptTokens(upstream);
  await due('clock');
  const off = keepAlive({ ...platform.world, config: { ...platform.world.config, keepAlive: false } });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(requests()).toHaveLength(0);
  await off();
  const stop = keepAlive(platform.world);
  await eventually(async () => requests().length === 1, 'the idle token is renewed');
  await stop();
});
