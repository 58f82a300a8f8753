/** The operator's own apps: their secrets go where the operator's catalogue says, whatever an environment defines under the same name. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openPopup } from '../connect/browser.ts';
import { startPlatform } from '../platform.ts';
import { define, oauthYaml } from './yaml.ts';

const folder = mkdtempSync(join(tmpdir(), 'bowline-shared-'));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const env = {
  BOWLINE_SHARED_APPS: file('apps.json', JSON.stringify({ corp: { client_id: 'operators', client_secret: 'canary-secret' } })),
};
const providers = [file('corp.yaml', oauthYaml('https://corp.example.test'))];

test('neither an integration that has it, nor a new one, follows a definition of the environment', async () => {
  const before = await startPlatform({ worker: false, env, providers });
  const quickstart = (unique_key: string) => ({ unique_key, provider: 'corp' });
  expect((await before.call('POST', '/integrations/quickstart', quickstart('shared'))).status).toBe(200);

  // The operator's file is missing at one start, and the name is free.
  const without = await startPlatform({ worker: false, database: before.database });
  await define(without, 'corp', oauthYaml('https://elsewhere.example.test'));
  expect((await without.call('GET', '/providers/corp')).body.data.token_url).toBe('https://elsewhere.example.test/token');

  const after = await startPlatform({ worker: false, env, providers, database: before.database });
  const session = await after.call('POST', '/connect/sessions', { end_user: { id: 'u' } });
  const { location } = await openPopup(after, 'shared', { connect_session_token: session.body.data.token });
  expect([location?.origin, location?.searchParams.get('client_id')]).toEqual(['https://corp.example.test', 'operators']);
  const refused = await after.call('POST', '/integrations/quickstart', quickstart('another'));
  expect([refused.status, refused.body.error.code]).toEqual([400, 'invalid_body']);

  const own = { type: 'OAUTH2', client_id: 'mine', client_secret: 'mine' };
  expect((await after.call('POST', '/integrations', { unique_key: 'mine', provider: 'corp', credentials: own })).status).toBe(200);
  const mine = await openPopup(after, 'mine', { connect_session_token: session.body.data.token });
  expect(mine.location?.origin).toBe('https://elsewhere.example.test');
});
