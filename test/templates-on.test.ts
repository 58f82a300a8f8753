/**
 * The functions of the catalogue, as the dashboard switches them on: each of them in an integration of its provider, under a key that is not the
 * provider's name. What is pulled afterwards has its helper files and compiles.
 */
import { readTemplates } from 'bowline/template/catalogue';
import { beforeAll, expect, test } from 'vitest';
import { makeProject, runCli } from '../packages/cli/test/project.ts';
import { type Json, type Platform, startPlatform } from '../packages/server/test/platform.ts';
import { build } from '../scripts/build.mjs';

const PROVIDERS = [
  'airtable',
  'ashby',
  'bamboohr',
  'github',
  'google-calendar',
  'google-drive',
  'google-mail',
  'hubspot',
  'intercom',
  'jira',
  'linear',
  'microsoft-entra-id',
  'notion',
  'okta',
  'outlook',
  'pipedrive',
  'quickbooks',
  'salesforce',
  'shopify',
  'slack',
  'stripe',
  'twilio',
  'xero',
  'zendesk',
];
let platform: Platform;
let member: Platform['call'];

beforeAll(async () => {
  await build(['templates', 'template sources']);
  platform = await startPlatform({ worker: false });
  member = await platform.member();
}, 120_000);

const env = () => ({ BOWLINE_HOST: platform.url, BOWLINE_SECRET_KEY_DEV: platform.apiKey });
const named = ({ type, name }: Json): string => `${type} ${name}`;
const offered = async (provider: string): Promise<Json[]> => (await member('GET', `/providers/${provider}/templates`)).body.data;
const listed = async (key: string): Promise<Json[]> => (await member('GET', `/integrations/${key}/functions?limit=100`)).body.data;

/** An integration with everything that the catalogue has for its provider, switched on. @returns what that is */
async function switchOn(provider: string, unique_key: string): Promise<Json[]> {
  const { auth_mode } = (await member('GET', `/providers/${provider}`)).body.data;
  const app = auth_mode === 'OAUTH2' ? { credentials: { type: auth_mode, client_id: 'an-id', client_secret: 'a-secret' } } : {};
  expect(await member('POST', '/integrations', { unique_key, provider, ...app })).toMatchObject({ status: 200 });
  const all = await offered(provider);
  expect(all).not.toEqual([]);
  for (const { name, type } of all) {
    const wanted = { type: 'template', integration_id: unique_key, template: name, function_type: type };
    const { status, body } = await member('POST', '/functions/deployments', wanted);
    expect({ name, status, body }).toMatchObject({ name, status: 202, body: { status: 'success' } });
  }
  return all;
}

test.each(PROVIDERS)('those for %s are offered, switched on, shown as on, and switched off', async (provider) => {
  const key = `our-${provider}`;
  const all = await switchOn(provider, key);
  const on = await listed(key);
  expect(on.map(named).toSorted()).toEqual(all.map(named).toSorted());
  for (const one of on) {
    const { name, type, ...shown } = all.find((other) => named(other) === named(one));
    expect(one).toMatchObject({ ...shown, enabled: true, source: 'catalog' });
  }
  for (const { name, type } of all)
    expect([name, await member('DELETE', `/integrations/${key}/functions/${name}?type=${type}`)]).toMatchObject([name, { status: 200 }]);
  expect(await listed(key)).toEqual([]);
});

test('all of them can be pulled into one project, helper files too, and it compiles', { timeout: 180_000 }, async () => {
  const root = makeProject({});
  const files: string[] = [];
  for (const provider of PROVIDERS) {
    const key = `my-${provider}`;
    for (const { name, type } of await switchOn(provider, key)) {
      const pulled = await runCli(root, ['pull', key, name, `--${type}`, '--json'], { env: env() });
      expect(pulled).toMatchObject({ exitCode: 0, errors: '' });
      const { file, missing } = JSON.parse(pulled.output);
      expect([file, missing]).toEqual([`${key}/${type}s/${name}.ts`, []]);
      files.push(file);
    }
  }
  const { errors, output } = await runCli(root, ['compile', '--json']);
  expect(errors).toBe('');
  const compiled = JSON.parse(output).functions.map(({ file }: Json) => file);
  expect(compiled.toSorted()).toEqual(files.toSorted());
});

test('one that was pulled is deployed from the project from then on, in place of the one that was switched on', async () => {
  const key = 'changed-twilio';
  const all = await switchOn('twilio', key);
  const root = makeProject({});
  await runCli(root, ['pull', key, 'send-sms', '--action'], { env: env() });
  expect(await runCli(root, ['deploy', 'dev', '--action', 'send-sms'], { env: env() })).toMatchObject({ exitCode: 0, errors: '' });
  const after = await listed(key);
  expect(after).toHaveLength(all.length);
  expect(after.find(({ name }) => name === 'send-sms')).toMatchObject({ type: 'action', enabled: true, source: 'repo' });
});

test('no provider of the catalogue is left out', () => {
  expect([...new Set(readTemplates().functions.map(({ provider }) => provider))].toSorted()).toEqual(PROVIDERS);
});
