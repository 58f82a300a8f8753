/**
 * Okta, Stripe and Twilio to start from, as a customer has them: the built command deploys the functions, the platform runs them in its
 * sandboxes, and an emulator of each vendor answers over HTTP. Pages are followed for real, and what an action writes a sync reads.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator, type EmulatorOptions } from 'emulate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from '../demo/src/place.ts';
import { deploy, dropHome, makeHome, type Platform, root, startPlatform, until } from './platform.ts';

const TOKEN = 'customer-1';
const tokens = { [TOKEN]: { login: 'ada@acme.test', scopes: [] } };
const SID = `AC${'0123456789abcdef'.repeat(2)}`;
const oauth = { type: 'OAUTH2', access_token: TOKEN } as const;
const named = (count: number) => Array.from({ length: count }, (_, index) => `user${String(index).padStart(3, '0')}@acme.test`);

const vendors = {
  okta: {
    // More than a page of either: the emulator answers 30 users at once, and Stripe 100 customers.
    seed: { tokens, okta: { users: named(31).map((login) => ({ login })), groups: [{ name: 'Engineers' }] } },
    credentials: oauth,
    connection_config: { subdomain: 'acme' },
  },
  stripe: { seed: { tokens, stripe: { customers: named(101).map((email) => ({ email })) } }, credentials: oauth, connection_config: {} },
  twilio: {
    seed: { twilio: { account: { sid: SID, auth_token: TOKEN }, phone_numbers: [{ phone_number: '+15557122661' }] } },
    credentials: { type: 'BASIC', username: SID, password: TOKEN },
    connection_config: {},
  },
} as const satisfies Record<string, { seed: EmulatorOptions['seed']; credentials: object; connection_config: object }>;
type Key = keyof typeof vendors;
const keys = ['okta', 'stripe', 'twilio'] as const satisfies readonly Key[];

const emulators: { close(): Promise<void> }[] = [];
let place: Awaited<ReturnType<typeof makeHome>>;
let project: string;
let platform: Platform;

beforeAll(async () => {
  place = await makeHome();
  project = mkdtempSync(join(tmpdir(), 'bowline-project-'));
  const ports = await freePorts(keys.length);
  const hosts = keys.map((_, index) => `127.0.0.1:${ports[index]}`);
  for (const [index, service] of keys.entries()) {
    const port = ports[index] ?? 0;
    emulators.push(await createEmulator({ service, port, baseUrl: `http://127.0.0.1:${port}`, seed: vendors[service].seed }));
  }
  const providers = keys.map((key, index) => writeProvider(key, `http://${hosts[index]}`));
  platform = await startPlatform({ ...place, providers, allow: hosts });
  for (const key of keys) await connect(key);
  keepOnly(keys);
  deploy(platform, project);
}, 120_000);

afterAll(async () => {
  await platform?.stop();
  await Promise.all(emulators.map((emulator) => emulator.close()));
  dropHome(place);
  rmSync(project, { recursive: true, force: true });
});

/** The provider of the catalogue, with the emulator's address. */
function writeProvider(key: Key, url: string): string {
  const folder = join(place.home, '..', 'providers');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${key}-emulated.yaml`);
  writeFileSync(file, [`extends: ${key}`, `display_name: ${key}, emulated`, 'proxy:', `  base_url: ${url}`, ''].join('\n'));
  return file;
}

async function connect(key: Key): Promise<void> {
  const { credentials, connection_config } = vendors[key];
  const app =
    credentials.type === 'OAUTH2'
      ? { credentials: { type: 'OAUTH2', client_id: 'client', client_secret: 'secret', scopes: '' } as const }
      : {};
  await platform.api.integrations.create({ query: {}, body: { provider: `${key}-emulated`, unique_key: key, ...app } });
  const body = { provider_config_key: key, connection_id: 'ada', credentials, connection_config };
  await platform.api.connections.import({ query: {}, body });
}

/** The folder as it is, its list cut down to some integrations: what its README tells people to do. */
function keepOnly(wanted: readonly string[]): void {
  cpSync(join(root, 'examples/integrations'), project, { recursive: true });
  const index = join(project, 'index.ts');
  const lines = readFileSync(index, 'utf8').split('\n');
  writeFileSync(index, lines.filter((line) => wanted.some((key) => line.startsWith(`import './${key}/`))).join('\n'));
}

const of = (key: Key) => ({ 'connection-id': 'ada', 'provider-config-key': key });

const act = async (key: Key, action_name: string, input: object): Promise<Record<string, unknown>> =>
  Object(await platform.api.actions.trigger({ query: {}, headers: of(key), body: { action_name, input } }));

/** All records, once a run has ended that began from the start and after this call. */
async function synced(key: Key, sync: string, model: string): Promise<Record<string, unknown>[]> {
  const ended = async () => {
    const query = { syncs: sync, provider_config_key: key, connection_id: 'ada' };
    const [one] = (await platform.api.syncs.status({ query })).syncs;
    return one?.status === 'SUCCESS' || one?.status === 'ERROR' ? one : undefined;
  };
  const before = await until(`the first run of ${key} ${sync}`, ended);
  const body = { syncs: [sync], provider_config_key: key, connection_id: 'ada', opts: { reset: true } };
  await platform.api.syncs.trigger({ query: {}, headers: {}, body });
  const after = await until(`a run of ${key} ${sync}`, async () => {
    const one = await ended();
    return one && one.finishedAt !== before.finishedAt ? one : undefined;
  });
  expect(after.status).toBe('SUCCESS');
  const records: Record<string, unknown>[] = [];
  for (let cursor: string | undefined; ; ) {
    const query = { model, limit: 1000, ...(cursor === undefined ? {} : { cursor }) };
    const page = await platform.api.records.list({ headers: of(key), query });
    records.push(...page.records);
    if (page.next_cursor === null) return records;
    cursor = page.next_cursor;
  }
}

test('Okta: all pages of users are synced, and one who is created can be put into a group and deactivated', async () => {
  const users = await synced('okta', 'users', 'User');
  expect(users.map(({ login }) => login)).toEqual(expect.arrayContaining(named(31)));
  const [group] = (await synced('okta', 'groups', 'Group')).filter(({ name }) => name === 'Engineers');
  const created = await act('okta', 'create-user', { email: 'grace@acme.test', first_name: 'Grace', last_name: 'Hopper' });
  await act('okta', 'add-user-to-group', { user_id: created.id, group_id: group?.id });
  // Not started by itself: an app does when the customer has chosen groups.
  const members = { syncs: ['group-members'], provider_config_key: 'okta', connection_id: 'ada' };
  await platform.api.syncs.start({ query: {}, body: members });
  expect(await synced('okta', 'group-members', 'GroupMember')).toContainEqual(
    expect.objectContaining({ group_id: group?.id, user_id: created.id }),
  );
  await act('okta', 'deactivate-user', { user: created.id });
  const profile = await platform.fetch(`/proxy/api/v1/users/${created.id}`, { headers: of('okta') });
  expect(await profile.json()).toMatchObject({ status: 'DEPROVISIONED', profile: { lastName: 'Hopper' } });
});

test('Stripe: all pages of customers are synced, one whom an action created among them', async () => {
  const created = await act('stripe', 'create-customer', { email: 'grace@acme.test', name: 'Grace & Co' });
  const customers = await synced('stripe', 'customers', 'Customer');
  expect(customers.map(({ email }) => email)).toEqual(expect.arrayContaining(named(101)));
  expect(customers).toContainEqual(expect.objectContaining({ id: created.id, email: 'grace@acme.test', name: 'Grace & Co' }));
});

test('Twilio: a message that an action sends is synced, and a refusal says why', async () => {
  const message = { to: '+447700900123', from: '+15557122661', body: 'Hello & welcome' };
  const sent = await act('twilio', 'send-sms', message);
  const messages = await synced('twilio', 'messages', 'Message');
  expect(messages).toMatchObject([{ id: sent.id, ...message, direction: 'outbound-api' }]);
  const refused = act('twilio', 'send-sms', { ...message, from: '+15550000000' });
  await expect(refused).rejects.toMatchObject({ message: expect.stringContaining('not owned by this account') });
});
