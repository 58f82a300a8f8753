import { expect, test } from 'vitest';
import { type Platform, startPlatform } from '../platform.ts';

const platform = await startPlatform({ worker: false });
const member = await platform.member();

type Guide = { sections: { id: string; blocks: { kind: string; label?: string; value?: string; code?: string }[] }[] };
const blocksOf = (guide: Guide, id: string) => guide.sections.find((section) => section.id === id)?.blocks ?? [];
const valuesOf = (guide: Guide, id: string) => blocksOf(guide, id).flatMap(({ value }) => (value === undefined ? [] : [value]));
const guideOf = async (call: Platform['call'], name: string, query = '') => call('GET', `/api/providers/${name}/guide${query}`);

test("the guide names this server's callback URL, also where the environment has its own", async () => {
  const usual = (await guideOf(member, 'github')).body;
  expect(valuesOf(usual, 'setup')).toEqual([`${platform.world.config.publicUrl}/oauth/callback`]);
  const mine = 'https://connect.acme.test/oauth/callback';
  expect((await member('PATCH', '/api/environment', { callback_url: mine })).status).toBe(200);
  expect(valuesOf((await guideOf(member, 'github')).body, 'setup')).toEqual([mine]);
  expect(valuesOf((await guideOf(await platform.member('prod'), 'github')).body, 'setup')).not.toContain(mine);
});

test('its webhook URL is the one that the integration then has', async () => {
  const credentials = { type: 'OAUTH2', client_id: 'id', client_secret: 'secret' };
  const created = await platform.call('POST', '/integrations', { provider: 'sentry-oauth', unique_key: 'our sentry', credentials });
  expect(created.status).toBe(200);
  const { webhook_url } = (await platform.call('GET', '/integrations/our%20sentry?include=webhook')).body.data;
  const guide = (await guideOf(member, 'sentry-oauth', '?integration=our%20sentry')).body;
  expect(webhook_url).toContain('/webhook/');
  expect(valuesOf(guide, 'webhooks')).toEqual([webhook_url]);
});

test('its sample request goes through the proxy of this server, for the integration that is asked about', async () => {
  const guide = (await guideOf(member, 'airtable-pat', '?integration=bases')).body;
  const sample = blocksOf(guide, 'requests').find(({ kind }) => kind === 'code')?.code;
  expect(sample).toContain(`curl '${platform.world.config.publicUrl}/proxy/v0/meta/whoami'`);
  expect(sample).toContain('Provider-Config-Key: bases');
});

test('nobody but a member reads guides, and there is none to what does not exist', async () => {
  for (const path of ['/api/providers', '/api/providers/github/guide']) {
    expect((await platform.call('GET', path)).status).toBe(401);
    expect((await platform.call('GET', path, undefined, {})).status).toBe(401);
  }
  const { status, body } = await guideOf(member, 'nothing');
  expect([status, body.error.code]).toEqual([404, 'not_found']);
});

test('the list to choose from has every provider and nothing of their definitions', async () => {
  const { providers } = (await member('GET', '/api/providers')).body;
  const { data } = (await platform.call('GET', '/providers')).body;
  const shown = ({ name, display_name, categories, auth_mode, logo_url }: Record<string, unknown>) => ({
    name,
    display_name,
    categories,
    auth_mode,
    logo_url,
  });
  expect(providers.map(shown)).toEqual(data.map(shown));
  expect(JSON.stringify(providers).length).toBeLessThan(JSON.stringify(data).length / 4);
  const named = (name: string) => providers.find((provider: { name: string }) => provider.name === name);
  expect(named('docusign-sandbox')).toMatchObject({ sandbox: true, family: 'docusign' });
  expect(named('docusign')).not.toHaveProperty('sandbox');
});
