/** How long a Salesforce token lives, which only Salesforce's introspection tells. */
import { expect, test } from 'vitest';
import type { Access } from '../src/credentials/access.ts';
import { withEnd } from '../src/credentials/introspection.ts';
import { answer, integration, vendor, world } from './connecting.ts';

const at = 'https://acme.my.salesforce.com/services/oauth2/introspect';
const accessOf = (access_token: string): Access => ({
  integration: integration('salesforce'),
  connectionConfig: { instance_url: 'https://acme.my.salesforce.com' },
  credentials: { type: 'OAUTH2', access_token, refresh_token: 'r', raw: {} },
});
const seconds = () => Math.floor(world.time.now.getTime() / 1000);
const asked = () => vendor.asked.splice(0).length;

test('a token is asked about once in five minutes, and its end is what the provider says', async () => {
  const exp = seconds() + 7200;
  answer(`POST ${at}`, { active: true, exp });
  const access = accessOf('alive');
  for (let call = 0; call < 3; call++)
    expect(await withEnd(world, access)).toMatchObject({ access_token: 'alive', expires_at: new Date(exp * 1000).toISOString() });
  expect(vendor.asked[0]).toMatchObject({
    body: { token: 'alive', token_type_hint: 'access_token', client_id: 'client-1', client_secret: 's3cret' },
  });
  expect(asked()).toBe(1);
  expect(access.credentials).not.toHaveProperty('expires_at');
  world.time.now = new Date(world.time.now.getTime() + 5 * 60_000 + 1);
  answer(`POST ${at}`, { active: false });
  expect(await withEnd(world, access)).toMatchObject({ expires_at: world.time.now.toISOString() });
  expect(asked()).toBe(1);
});

test('another token is another question', async () => {
  answer(`POST ${at}`, ({ body }) => ({ active: Object(body).token === 'good', exp: seconds() + 60 }));
  expect(await withEnd(world, accessOf('good'))).toMatchObject({ expires_at: new Date((seconds() + 60) * 1000).toISOString() });
  expect(await withEnd(world, accessOf('dead'))).toMatchObject({ expires_at: world.time.now.toISOString() });
  expect(asked()).toBe(2);
});

test('a provider that cannot be asked leaves the token as it is, and is not asked at each call', async () => {
  answer(`POST ${at}`, { status: 503, body: {} });
  const access = accessOf('unknown');
  expect(await withEnd(world, access)).toBe(access.credentials);
  expect(await withEnd(world, access)).toBe(access.credentials);
  expect(asked()).toBe(1);
  const nowhere = { ...accessOf('nowhere'), connectionConfig: {} };
  expect(await withEnd(world, nowhere)).toBe(nowhere.credentials);
  expect(asked()).toBe(0);
});
