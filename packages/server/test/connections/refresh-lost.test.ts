import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { run } from '../../src/base/database.ts';
import { openAccess } from '../../src/connections/access.ts';
import { findWithIntegration } from '../../src/connections/find.ts';
import { refreshConnection } from '../../src/connections/refresh.ts';
import { type Platform, startPlatform } from '../platform.ts';
import { startUpstream, type Upstream } from '../upstream.ts';
import { createIntegrations, importConnection, oauthCredentials } from './fixture.ts';
import { grant, hangUp, inTurn, readConnection, refreshTokenOf, refuse, scriptTokens, stateOf, tokenOf, told } from './refresh-world.ts';

let upstream: Upstream;
let platform: Platform;

beforeAll(async () => {
  upstream = await startUpstream();
  platform = await startPlatform({ worker: false, allow: [`127.0.0.1:${upstream.port}`] });
  await createIntegrations(platform, upstream.url);
});

test('a lost answer is asked for again at once with the same refresh token, and nobody hears of it', async () => {
  await importConnection(platform, 'lost', oauthCredentials('old'));
  const requests = scriptTokens(upstream, inTurn(hangUp, hangUp, grant));
  expect(tokenOf(await readConnection(platform, 'lost'))).toBe('access 2');
  expect(requests().map(refreshTokenOf)).toEqual(['refresh of old', 'refresh of old', 'refresh of old']);
  expect(await told(platform, 'lost')).toEqual([]);
  expect(await stateOf(platform, 'lost')).toMatchObject({ failure: null, error: null, unansweredSince: null });
});

test('an answer cut off in its middle is a lost one', async () => {
  await importConnection(platform, 'cut', oauthCredentials('old'));
  scriptTokens(
    upstream,
    inTurn((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 500 });
      response.write('{"access_token":', () => response.destroy());
    }, grant),
  );
  expect(tokenOf(await readConnection(platform, 'cut'))).toBe('access 1');
});

test('a refusal right after a lost answer says so, since only then it may be the answer that took the token', async () => {
  await importConnection(platform, 'rotated', oauthCredentials('old'));
  scriptTokens(upstream, inTurn(hangUp, refuse('invalid_grant')));
  const { body } = await readConnection(platform, 'rotated');
  expect(body.error.message).toMatch(/invalid_grant.*answer to an earlier refresh.*was lost/);

  await importConnection(platform, 'plain', oauthCredentials('old'));
  scriptTokens(upstream, refuse('invalid_grant'));
  expect((await readConnection(platform, 'plain')).body.error.message).not.toContain('was lost');
});

test('an answer that stays lost leaves its note, is tried again within seconds, and the note goes with the first success', async () => {
  await importConnection(platform, 'gone', oauthCredentials('old'));
  const requests = scriptTokens(upstream, inTurn(hangUp, hangUp, hangUp, grant));
  const failed = await readConnection(platform, 'gone');
  expect(failed.status).toBe(400);
  const state = await stateOf(platform, 'gone');
  expect(state).toMatchObject({ failure: 'transient', failures: 1, days: 0 });
  expect(state.unansweredSince).not.toBeNull();
  platform.advance(6_000);
  expect(tokenOf(await readConnection(platform, 'gone'))).toBe('access 3');
  expect(new Set(requests().map(refreshTokenOf))).toEqual(new Set(['refresh of old']));
  expect(await stateOf(platform, 'gone')).toMatchObject({ failure: null, failures: 0, unansweredSince: null });
  expect(await told(platform, 'gone')).toEqual(['failed', 'recovered']);
});

test('what a gateway answers for the provider leaves the note as well, and is not asked again at once', async () => {
  await importConnection(platform, 'gateway', oauthCredentials('old'));
  const requests = scriptTokens(upstream, refuse('bad gateway', 502));
  expect((await readConnection(platform, 'gateway')).status).toBe(400);
  expect(requests()).toHaveLength(1);
  const state = await stateOf(platform, 'gateway');
  expect(state.failure).toBe('provider_down');
  expect(state.unansweredSince).not.toBeNull();
});

test('a holder that is gone has no lease: the next one asks with the old token, and tells what it does not know', async () => {
  await importConnection(platform, 'orphan', oauthCredentials('old'));
  // As a process leaves it that was killed while it asked: no other session holds the lock of that number.
  await run(
    platform.world.db,
    sql`update connections set refresh_fence = refresh_fence + 1, refresh_leased_until = now() + interval '90 seconds',
               refresh_holder = 12345, refresh_unanswered_since = now() where connection_id = 'orphan'`,
  );
  const requests = scriptTokens(upstream, refuse('invalid_grant'));
  const startedAt = performance.now();
  const { body } = await readConnection(platform, 'orphan');
  expect(performance.now() - startedAt).toBeLessThan(60_000); // the lease had 90 s to go
  expect(requests()).toHaveLength(1);
  expect(body.error.message).toContain('was lost');
});

test('an error of ours gives the lease back, so that the next caller need not wait for it to lapse', async () => {
  await importConnection(platform, 'ours', oauthCredentials('old'));
  scriptTokens(upstream, refuse('invalid_grant'));
  const scope = await platform.scopeOf('dev');
  const target = await findWithIntegration(platform.world, scope, { connectionId: 'ours', providerConfigKey: 'oauth' });
  const bus = { ...platform.world.bus, publish: () => Promise.reject(new Error('the database went away')) };
  const wanted = { ...target, access: await openAccess(platform.world, target), force: false, usable: false };
  await expect(refreshConnection({ ...platform.world, bus }, scope, wanted)).rejects.toThrow('went away');
  expect((await stateOf(platform, 'ours')).leasedUntil).toBeNull();
  scriptTokens(upstream);
  expect(tokenOf(await readConnection(platform, 'ours'))).toBe('access 0');
});
