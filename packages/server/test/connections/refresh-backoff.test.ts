import { beforeAll, expect, test } from 'vitest';
import { PROBE_WAITS_MS, WAITS_MS, waitMs } from '../../src/connections/refresh-backoff.ts';
import { type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';
import { createIntegrations, importConnection, oauthCredentials } from './fixture.ts';
import { readConnection, refuse, scriptTokens, stateOf, tokenOf, told } from './refresh-world.ts';

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];
let upstream: Upstream;
let platform: Platform;

beforeAll(async () => {
  upstream = await startUpstream();
  platform = await startPlatform({ worker: false, allow: [`127.0.0.1:${upstream.port}`] });
  await createIntegrations(platform, upstream.url);
});

test('each kind of failure has waits of its own, never shorter than the one before', () => {
  expect(WAITS_MS.transient[0]).toBeLessThan(WAITS_MS.provider_down[0] ?? 0);
  expect(WAITS_MS.provider_down.at(-1)).toBeLessThan(WAITS_MS.revoked.at(-1) ?? 0);
  for (const waits of [...Object.values(WAITS_MS), PROBE_WAITS_MS]) expect(waits).toEqual([...waits].sort((one, other) => one - other));
});

test('waits grow with the failures, are shortened by up to a quarter, and are no shorter than the provider asks, within reason', () => {
  const waits = [10 * SECOND, 20 * SECOND];
  expect([1, 2, 3, 9].map((failures) => waitMs(waits, { failures, fraction: 0 }))).toEqual([10_000, 20_000, 20_000, 20_000]);
  expect(waitMs(waits, { failures: 1, fraction: 1 })).toBe(7_500);
  expect(waitMs(waits, { failures: 1, fraction: 1, retryAfterMs: HOUR })).toBe(HOUR);
  expect(waitMs(waits, { failures: 1, fraction: 1, retryAfterMs: 30 * DAY })).toBe(6 * HOUR);
});

test('a token that was withdrawn is asked for once more, then once a day, and never after the fourth day', async () => {
  const other = await startPlatform({ worker: false, allow: [`127.0.0.1:${upstream.port}`], database: platform.database });
  await importConnection(other, 'withdrawn', oauthCredentials('old'));
  const requests = scriptTokens(upstream, refuse('invalid_grant'));
  const statuses: number[] = [];
  for (let hour = 0; hour < 8 * 24; hour++) {
    statuses.push((await readConnection(other, 'withdrawn')).status);
    other.advance(HOUR);
  }
  expect(requests().length).toBeGreaterThanOrEqual(4);
  expect(requests().length).toBeLessThanOrEqual(6);
  expect(new Set(statuses)).toEqual(new Set([400, 424]));
  const { body } = await readConnection(other, 'withdrawn');
  expect(body.error.message).toContain('four different days');
  expect(await told(other, 'withdrawn')).toEqual(['failed']);
});

test('Retry-After of a provider is kept to, and the answer says when', async () => {
  await importConnection(platform, 'asked', oauthCredentials('old'));
  const requests = scriptTokens(upstream, (_request, response) => {
    response.setHeader('retry-after', '600');
    json(response, { error: 'temporarily_unavailable' }, 503);
  });
  await readConnection(platform, 'asked');
  platform.advance(9 * MINUTE);
  const waiting = await readConnection(platform, 'asked');
  expect(waiting).toMatchObject({ status: 424, body: { error: { code: 'invalid_credentials' } } });
  expect(waiting.body.error.message).toContain((await stateOf(platform, 'asked')).retryAt?.toISOString());
  expect(waiting.body.error.message).toContain('temporarily_unavailable');
  expect(requests()).toHaveLength(1);
  platform.advance(2 * MINUTE);
  await readConnection(platform, 'asked');
  expect(requests()).toHaveLength(2);
});

test('a client that is refused is asked for nobody of its integration, until the developer changes it', async () => {
  const path = '/of-client/token';
  const scripted = (reply = refuse('invalid_client', 401)) => scriptTokens(upstream, reply, path);
  const made = await platform.call('POST', '/integrations', {
    unique_key: 'client',
    provider: 'oauth2-generic',
    integration_config: { authorizationUrl: `${upstream.url}/authorize`, tokenUrl: upstream.url + path, baseUrl: upstream.url },
    credentials: { type: 'OAUTH2', client_id: 'client-1', client_secret: 'wrong', scopes: 'read' },
  });
  expect(made.status).toBe(200);
  const ids = ['one', 'two', 'three'];
  for (const id of ids) await importConnection(platform, `client-${id}`, { ...oauthCredentials(id), provider_config_key: 'client' });
  const requests = scripted();
  expect((await readConnection(platform, 'client-one', '', 'client')).status).toBe(400);
  for (const id of ['two', 'three']) {
    const paused = await readConnection(platform, `client-${id}`, '', 'client');
    expect(paused).toMatchObject({ status: 424, body: { error: { message: expect.stringContaining('invalid_client') } } });
    expect(await stateOf(platform, `client-${id}`)).toMatchObject({ days: 0, failures: 0 });
    expect(await told(platform, `client-${id}`)).toEqual([]);
  }
  expect(requests()).toHaveLength(1);

  // A name is not what failed.
  await platform.call('PATCH', '/integrations/client', { display_name: 'Client' });
  expect((await readConnection(platform, 'client-two', '', 'client')).status).toBe(424);

  const granted = scripted((_request, response) => json(response, { access_token: 'good', expires_in: 3600 }));
  await platform.call('PATCH', '/integrations/client', {
    credentials: { type: 'OAUTH2', client_id: 'client-1', client_secret: 'right', scopes: 'read' },
  });
  for (const id of ids) expect(tokenOf(await readConnection(platform, `client-${id}`, '', 'client'))).toBe('good');
  expect(granted()).toHaveLength(3);
  expect(await told(platform, 'client-one')).toEqual(['failed', 'recovered']);
});
