/** Integrations on an app that the operator shares: they work, and nobody but the operator learns its secret. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { applySharedApps } from '../../src/integrations/shared-apps.ts';
import { type Platform, startPlatform } from '../platform.ts';

const file = join(mkdtempSync(join(tmpdir(), 'bowline-apps-')), 'apps.json');
let platform: Platform;
let call: Platform['call'];

beforeAll(async () => {
  writeFileSync(
    file,
    JSON.stringify({
      github: { client_id: 'operator-id', client_secret: 'operator-secret', scopes: 'repo' },
      slack: { client_id: 's', client_secret: 't' },
    }),
  );
  platform = await startPlatform({ worker: false, env: { BOWLINE_SHARED_APPS: file } });
  call = platform.call;
});

const failure = { status: 400, body: { error: { code: 'invalid_body' } } };
const begin = async (key: string) => {
  const { body } = await call('POST', '/connect/sessions', { end_user: { id: 'u' }, allowed_integrations: [key] });
  const answer = await call('GET', `/oauth/connect/${key}?connect_session_token=${body.data.token}`, undefined, {});
  return answer.headers.get('location');
};

test('an integration without an app of its own sends its users to the provider with the operator’s', async () => {
  const created = await call('POST', '/integrations/quickstart', { provider: 'github', unique_key: 'quick', display_name: 'Quick' });
  expect(created).toMatchObject({ status: 200, body: { data: { unique_key: 'quick', provider: 'github', display_name: 'Quick' } } });
  const url = new URL((await begin('quick')) ?? '');
  expect(url.searchParams.get('client_id')).toBe('operator-id');
  expect(url.searchParams.get('scope')).toBe('repo');
});

test('its secret is shown to nobody', async () => {
  const { body } = await call('GET', '/integrations/quick?include=credentials');
  expect(body.data.credentials).toEqual({ type: 'OAUTH2', client_id: '', client_secret: '', scopes: 'repo', webhook_secret: null });
  const { body: older } = await call('GET', '/config/quick?include_creds=true');
  expect(JSON.stringify([body, older])).not.toContain('operator');
});

test('credentials of its own replace the operator’s and are its developer’s to read', async () => {
  await call('POST', '/integrations/quickstart', { provider: 'slack', unique_key: 'moved' });
  const own = { type: 'OAUTH2', client_id: 'own-id', client_secret: 'own-secret', scopes: 'chat:write' };
  await call('PATCH', '/integrations/moved', { credentials: own });
  expect((await call('GET', '/integrations/moved?include=credentials')).body.data.credentials).toMatchObject(own);
});

test('a start with other apps gives each shared integration what the configuration says then, and leaves the others alone', async () => {
  const sharedApps = new Map([['slack', { client_id: 'new', client_secret: 'new' }]]);
  await applySharedApps({ ...platform.world, config: { ...platform.world.config, sharedApps } });
  expect(await begin('quick')).toBeNull(); // github is shared no longer
  expect((await call('GET', '/integrations/moved?include=credentials')).body.data.credentials.client_id).toBe('own-id');
  await applySharedApps(platform.world);
  expect(await begin('quick')).toContain('operator-id');
});

test.each([
  [{ provider: 'hubspot', unique_key: 'x' }],
  [{ provider: 'stripe-api-key', unique_key: 'x' }],
  [{ provider: 'none', unique_key: 'x' }],
  [{ provider: 'github', unique_key: 'quick' }],
  [{ provider: 'github', unique_key: 'x', credentials: { type: 'OAUTH2', client_id: 'a', client_secret: 'b' } }],
])('%j is refused', async (body) => {
  expect(await call('POST', '/integrations/quickstart', body)).toMatchObject(failure);
});
