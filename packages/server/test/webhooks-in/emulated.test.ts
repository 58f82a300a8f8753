/**
 * Vendors that sign with code of their own: emulators of GitHub, Linear, Stripe and Twilio send to the platform's own door. GitHub and Linear are asked for it by
 * the platform itself; at the others its address is entered, as their developers do.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator, type Emulator, type SeedConfig, type ServiceName } from 'emulate';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { many } from '../../src/base/database.ts';
import { deploy } from '../functions.ts';
import { eventually, freePort, type Json, type Platform, startPlatform } from '../platform.ts';

let platform: Platform;
let urls: Record<'github' | 'linear' | 'stripe' | 'twilio', string>;
const emulators: Emulator[] = [];
const twilio = { sid: 'AC00000000000000000000000000000000', token: 'twilio_test_auth_token', number: '+15551234567' };
const stripeSecret = 'whsec_0123456789abcdef0123456789abcdef';

async function emulate(service: ServiceName, port: number, seed: SeedConfig): Promise<void> {
  emulators.push(await createEmulator({ service, port, seed }));
}

beforeAll(async () => {
  const ports = { github: await freePort(), linear: await freePort(), stripe: await freePort(), twilio: await freePort() };
  const at = (port: number) => `http://localhost:${port}`;
  urls = { github: at(ports.github), linear: at(ports.linear), stripe: at(ports.stripe), twilio: at(ports.twilio) };
  const folder = mkdtempSync(join(tmpdir(), 'bowline-catalogue-'));
  const own = (name: string, base: string, more = '') =>
    writeFileSync(join(folder, `own-${name}.yaml`), `extends: ${name}\nproxy: { base_url: "${base}" }\n${more}`);
  own('github', urls.github, 'post_connection_script: null\n');
  own('linear', urls.linear, 'post_connection_script: null\npre_connection_deletion_script: null\nconnection_configuration: null\n');
  own('stripe-api-key', urls.stripe);
  own('twilio', urls.twilio);
  const allow = Object.values(ports).flatMap((port) => [`localhost:${port}`, `127.0.0.1:${port}`]);
  platform = await startPlatform({ providers: [folder], allow });
  await Promise.all(Object.keys(urls).map((name) => integrate(name)));
  await emulate('github', ports.github, {
    tokens: { gho_ann: { login: 'octocat', scopes: ['repo', 'admin:repo_hook'] } },
    github: { users: [{ login: 'octocat', name: 'Octocat' }], repos: [{ owner: 'octocat', name: 'website', auto_init: true }] },
  });
  await emulate('linear', ports.linear, {
    tokens: { lin_ann: { login: 'admin@example.com', scopes: ['read', 'write', 'admin'] } },
    linear: {
      organization: { name: 'Acme', url_key: 'acme' },
      users: [{ email: 'admin@example.com', name: 'Admin', admin: true }],
      teams: [{ key: 'ENG', name: 'Engineering' }],
    },
  });
  await emulate('stripe', ports.stripe, {
    stripe: { webhooks: [{ url: await address('own-stripe-api-key', 'ann'), events: ['*'], secret: stripeSecret }] },
  });
  await emulate('twilio', ports.twilio, {
    twilio: {
      account: { sid: twilio.sid, auth_token: twilio.token },
      phone_numbers: [{ phone_number: twilio.number, sms_url: await address('own-twilio', 'ann') }],
    },
  });
}, 60_000);
afterAll(async () => {
  for (const emulator of emulators) await emulator.close();
});

async function integrate(name: string): Promise<void> {
  const provider = name === 'stripe' ? 'own-stripe-api-key' : `own-${name}`;
  const credentials = { type: 'OAUTH2', client_id: 'client-1', client_secret: 's3cret', scopes: '' };
  const more = name === 'github' || name === 'linear' ? { credentials, manage_subscriptions: true } : {};
  const answer = await platform.call('POST', '/integrations', { unique_key: provider, provider, ...more });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  await deploy(platform, [
    {
      name: `heard-${name}`,
      integration: provider,
      models: ['Heard'],
      autoStart: false,
      onWebhook: `await nango.batchSave([{ id: String(payload.action ?? payload.type ?? payload.MessageSid), of: '${name}' }], 'Heard');`,
      more: { webhookSubscriptions: name === 'github' ? ['issues'] : ['*'] },
    },
  ]);
}

async function address(integration: string, connection: string): Promise<string> {
  const { body } = await platform.call('GET', `/integrations/${integration}?include=webhook`);
  return `${body.data.webhook_url}?nangoConnectionId=${connection}`;
}

async function connect(provider: string, credentials: object, more: object = {}): Promise<void> {
  const answer = await platform.call('POST', '/connections', { provider_config_key: provider, connection_id: 'ann', credentials, ...more });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
}

const records = async (integration: string): Promise<Json[]> => {
  const { body } = await platform.call('GET', '/records?model=Heard', undefined, {
    authorization: `Bearer ${platform.apiKey}`,
    'connection-id': 'ann',
    'provider-config-key': integration,
  });
  return body.records ?? [];
};
const active = (integration: string) =>
  eventually(async () => {
    const { body } = await platform.call('GET', `/subscriptions?provider_config_key=${integration}`);
    return body.data[0]?.state === 'active';
  }, `${integration} is subscribed`);
/** Those that were taken, and whether each was proven. */
const taken = (integration: string) =>
  many<{ verified: boolean; event: string | null }>(
    platform.world.db,
    sql`select w.verified, w.event from incoming_webhooks w join integrations i on i.id = w.integration_id where i.unique_key = ${integration} order by received_at`,
  );

test('GitHub: asked for by the platform, an issue that is opened there becomes a record', async () => {
  await connect('own-github', { type: 'OAUTH2', access_token: 'gho_ann' }, { metadata: { repositories: ['octocat/website'] } });
  await active('own-github');
  const opened = await fetch(`${urls.github}/repos/octocat/website/issues`, {
    method: 'POST',
    headers: { authorization: 'Bearer gho_ann', 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'The door does not close' }),
  });
  expect(opened.status).toBe(201);
  await eventually(
    async () => (await records('own-github')).some(({ id, of }) => id === 'opened' && of === 'github'),
    'the issue is a record',
  );
  expect((await taken('own-github')).every(({ verified }) => verified)).toBe(true);
});

test('Linear: asked for by the platform, an issue that is made there becomes a record', async () => {
  await connect('own-linear', { type: 'OAUTH2', access_token: 'lin_ann' });
  await active('own-linear');
  const ask = async (query: string): Promise<Json> =>
    (
      await fetch(`${urls.linear}/graphql`, {
        method: 'POST',
        headers: { authorization: 'Bearer lin_ann', 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      })
    ).json();
  const teams = await ask('{ teams { nodes { id } } }');
  const made = await ask(
    `mutation { issueCreate(input: { title: "Checkout fails", teamId: "${teams.data.teams.nodes[0].id}" }) { success } }`,
  );
  expect(made.data.issueCreate.success).toBe(true);
  await eventually(async () => (await records('own-linear')).some(({ of }) => of === 'linear'), 'the issue is a record');
  expect((await taken('own-linear')).every(({ verified }) => verified)).toBe(true);
});

test('Stripe: a customer that is made there is told, and what another secret signs is refused', async () => {
  await connect('own-stripe-api-key', { type: 'BASIC', username: 'sk_test_0123456789abcdef', password: '' });
  await platform.call('PATCH', '/integrations/own-stripe-api-key', { webhooks: { secrets: ['whsec_another'] } });
  const customer = () =>
    fetch(`${urls.stripe}/v1/customers`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_test_0123456789abcdef' },
      body: new URLSearchParams({ email: 'new@example.com' }),
    });
  await customer();
  expect(await taken('own-stripe-api-key')).toEqual([]);
  await platform.call('PATCH', '/integrations/own-stripe-api-key', { webhooks: { secrets: [stripeSecret] } });
  await customer();
  await eventually(async () => (await records('own-stripe-api-key')).some(({ id }) => id === 'customer.created'), 'the customer is told');
  expect(await taken('own-stripe-api-key')).toEqual([{ verified: true, event: 'customer.created' }]);
});

test('Twilio: a message that comes in there is told, signed over its address and its form', async () => {
  await connect('own-twilio', { type: 'BASIC', username: twilio.sid, password: twilio.token });
  const sent = await fetch(`${urls.twilio}/_twilio/simulate/inbound-message`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${twilio.sid}:${twilio.token}`).toString('base64')}` },
    body: new URLSearchParams({ To: twilio.number, From: '+15550002222', Body: 'Hello' }),
  });
  expect(sent.status).toBeLessThan(300);
  await eventually(async () => (await records('own-twilio')).some(({ of }) => of === 'twilio'), 'the message is told');
  expect((await taken('own-twilio')).map(({ verified }) => verified)).toEqual([true]);
});
