/**
 * Functions to start from, as a customer has them: the built command deploys them, the platform runs them in its sandboxes, and what answers is an
 * emulator of the provider over HTTP. What the recordings beside the functions cannot show is that both ends fit.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator, type EmulatorOptions } from 'emulate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from '../demo/src/place.ts';
import { deploy, dropHome, makeHome, type Platform, root, startPlatform, until } from './platform.ts';

const TOKEN = 'customer-1';
const EMAIL = 'ada@acme.test';
const integrations = {
  github: { service: 'github', path: '' },
  'google-mail': { service: 'google', path: '' },
  'google-calendar': { service: 'google', path: '' },
  'google-drive': { service: 'google', path: '' },
  linear: { service: 'linear', path: '' },
  slack: { service: 'slack', path: '/api' },
} as const;
type Key = keyof typeof integrations;
const keys = ['github', 'google-mail', 'google-calendar', 'google-drive', 'linear', 'slack'] as const satisfies readonly Key[];
const services = ['github', 'google', 'linear', 'slack'] as const;

const seeds: Record<(typeof services)[number], NonNullable<EmulatorOptions['seed']>> = {
  github: {
    tokens: { [TOKEN]: { login: 'octocat', scopes: ['repo', 'user'] } },
    github: {
      users: [{ login: 'octocat', name: 'The Octocat', email: 'octocat@acme.test' }],
      repos: ['harbor', 'lighthouse'].map((name) => ({ name, owner: 'octocat', auto_init: true })),
    },
  },
  google: {
    tokens: { [TOKEN]: { login: EMAIL, scopes: [] } },
    google: {
      users: [{ email: EMAIL, name: 'Ada' }],
      messages: [
        {
          id: 'msg_from_jo',
          user_email: EMAIL,
          from: 'jo@acme.test',
          to: EMAIL,
          subject: 'Welcome',
          body_text: 'Hello Ada',
          label_ids: ['INBOX', 'UNREAD'],
        },
      ],
      calendars: [{ id: 'primary', user_email: EMAIL, summary: EMAIL, primary: true, selected: true, time_zone: 'UTC' }],
    },
  },
  linear: {
    linear: {
      organization: { name: 'Acme', url_key: 'acme' },
      users: [{ email: EMAIL, name: 'Ada', admin: true }],
      teams: [
        {
          key: 'ENG',
          name: 'Engineering',
          states: [
            { name: 'Todo', type: 'unstarted' },
            { name: 'Done', type: 'completed' },
          ],
        },
      ],
      labels: [{ name: 'Bug', color: '#d92d20', team: 'ENG' }],
      tokens: [{ token: TOKEN, user: EMAIL, scopes: ['read', 'write', 'issues:create', 'comments:create', 'admin'] }],
    },
  },
  slack: {
    slack: {
      team: { name: 'Acme', domain: 'acme' },
      users: [{ name: 'ada', real_name: 'Ada Lovelace', email: EMAIL }],
      channels: [{ name: 'deals', topic: 'Who buys' }],
      tokens: [{ token: TOKEN, user: 'ada', scopes: ['chat:write', 'channels:read', 'channels:history', 'groups:read', 'users:read'] }],
    },
  },
};

const emulators: { close(): Promise<void> }[] = [];
let place: Awaited<ReturnType<typeof makeHome>>;
let project: string;
let platform: Platform;

beforeAll(async () => {
  place = await makeHome();
  project = mkdtempSync(join(tmpdir(), 'bowline-project-'));
  const free = await freePorts(services.length);
  const ports = Object.fromEntries(services.map((service, index) => [service, free[index] ?? 0]));
  for (const service of services) {
    const port = ports[service] ?? 0;
    emulators.push(await createEmulator({ service, port, baseUrl: `http://127.0.0.1:${port}`, seed: seeds[service] }));
  }
  const providers = keys.map((key) => writeProvider(key, `http://127.0.0.1:${ports[integrations[key].service]}${integrations[key].path}`));
  platform = await startPlatform({ ...place, providers, allow: Object.values(ports).map((port) => `127.0.0.1:${port}`) });
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
  const client = { type: 'OAUTH2', client_id: 'client', client_secret: 'secret', scopes: '' } as const;
  await platform.api.integrations.create({ query: {}, body: { provider: `${key}-emulated`, unique_key: key, credentials: client } });
  const credentials = { type: 'OAUTH2', access_token: TOKEN } as const;
  await platform.api.connections.import({ query: {}, body: { provider_config_key: key, connection_id: 'ada', credentials } });
}

/** The folder as it is, its list cut down to some integrations: what the README tells people to do. */
function keepOnly(wanted: readonly string[]): void {
  cpSync(join(root, 'examples/integrations'), project, { recursive: true });
  const index = join(project, 'index.ts');
  const lines = readFileSync(index, 'utf8').split('\n');
  writeFileSync(index, lines.filter((line) => wanted.some((key) => line.startsWith(`import './${key}/`))).join('\n'));
}

const of = (key: Key) => ({ 'connection-id': 'ada', 'provider-config-key': key });

const act = (key: Key, action_name: string, input: object): Promise<unknown> =>
  platform.api.actions.trigger({ query: {}, headers: of(key), body: { action_name, input } });

/** What the API behind the connection says. */
const upstream = async (key: Key, path: string): Promise<unknown> => (await platform.fetch(`/proxy${path}`, { headers: of(key) })).json();

/** The records once a run has ended that was not over before. */
async function synced(key: Key, sync: string, model: string): Promise<Record<string, unknown>[]> {
  const body = { syncs: [sync], provider_config_key: key, connection_id: 'ada' };
  const query = { syncs: sync, provider_config_key: key, connection_id: 'ada' };
  const state = async () => (await platform.api.syncs.status({ query })).syncs[0];
  const ended = (one: Awaited<ReturnType<typeof state>>) =>
    one?.status === 'SUCCESS' || one?.status === 'ERROR' ? one.finishedAt : undefined;
  await until(`the first run of ${key} ${sync}`, async () => ended(await state()));
  const before = ended(await state());
  await platform.api.syncs.trigger({ query: {}, headers: {}, body });
  const last = await until(`a run of ${key} ${sync}`, async () => {
    const one = await state();
    const at = ended(one);
    return at && at !== before ? one : undefined;
  });
  expect(last.status).toBe('SUCCESS');
  return (await platform.api.records.list({ headers: of(key), query: { model } })).records;
}

test('GitHub: repositories are synced, and an issue is created, commented on and closed', async () => {
  const repositories = await synced('github', 'repositories', 'Repository');
  expect(repositories.map(({ name }) => name).sort()).toEqual(['octocat/harbor', 'octocat/lighthouse']);
  const created = await act('github', 'create-unified-ticket', { collection_id: 'octocat/harbor', title: 'It is broken' });
  expect(created).toMatchObject({ key: 'octocat/harbor#1' });
  await act('github', 'comment-on-issue', { repo: 'octocat/harbor', number: 1, body: 'Me too' });
  expect(await upstream('github', '/repos/octocat/harbor/issues/1/comments')).toMatchObject([{ body: 'Me too' }]);
  await act('github', 'update-issue', { repo: 'octocat/harbor', number: 1, state: 'closed' });
  const tickets = await synced('github', 'unified-tickets', 'Ticket');
  expect(tickets).toMatchObject([{ key: 'octocat/harbor#1', title: 'It is broken', status: 'done', collection_id: 'octocat/harbor' }]);
});

test('Gmail: e-mails are synced, then what its history tells, as an e-mail that was sent', async () => {
  const before = await synced('google-mail', 'emails', 'Email');
  expect(before).toMatchObject([{ id: 'msg_from_jo', subject: 'Welcome', text: 'Hello Ada', to: [EMAIL] }]);
  const sent = await act('google-mail', 'send-email', { to: ['jo@acme.test'], subject: 'Hello', text: 'Bonjour, Jo. À bientôt' });
  const after = await synced('google-mail', 'emails', 'Email');
  expect(after).toHaveLength(2);
  expect(after).toContainEqual(
    expect.objectContaining({ ...Object(sent), subject: 'Hello', text: 'Bonjour, Jo. À bientôt', to: ['jo@acme.test'] }),
  );
});

test('Google Calendar: calendars are synced, and an event is created and deleted', async () => {
  expect(await synced('google-calendar', 'calendars', 'Calendar')).toMatchObject([{ id: 'primary', primary: true }]);
  const created = await act('google-calendar', 'create-event', {
    title: 'Kickoff',
    start: '2027-01-11T09:00:00Z',
    end: '2027-01-11T09:30:00Z',
  });
  expect(created).toMatchObject({ title: 'Kickoff', start: { all_day: false } });
  const { id } = Object(created);
  expect(await upstream('google-calendar', '/calendar/v3/calendars/primary/events')).toMatchObject({ items: [{ id, summary: 'Kickoff' }] });
  expect(await act('google-calendar', 'delete-event', { id })).toEqual({ id, deleted: true });
  expect(await upstream('google-calendar', '/calendar/v3/calendars/primary/events')).toMatchObject({ items: [] });
});

test('Google Drive: a folder is created', async () => {
  const created = await act('google-drive', 'create-folder', { name: 'Invoices' });
  expect(await upstream('google-drive', `/drive/v3/files/${Object(created).id}`)).toMatchObject({ name: 'Invoices' });
});

test('Linear: teams are synced with their states, and an issue is created in one, labelled and done', async () => {
  const teams = await synced('linear', 'teams', 'Team');
  expect(teams).toMatchObject([
    { key: 'ENG', states: expect.arrayContaining([expect.objectContaining({ name: 'Todo', type: 'unstarted' })]) },
  ]);
  const ticket = { collection_id: teams[0]?.id, title: 'Checkout hangs', priority: 'urgent', tags: ['bug'] };
  const created = await act('linear', 'create-unified-ticket', ticket);
  expect(created).toMatchObject({ key: expect.stringMatching(/^ENG-\d+$/) });
  const done = Object(teams[0]?.states).find(({ name }: { name: string }) => name === 'Done');
  const updated = await act('linear', 'update-issue', { id: Object(created).id, state_id: done.id });
  expect(updated).toMatchObject({ title: 'Checkout hangs', state: 'Done' });
  const unknown = act('linear', 'create-unified-ticket', { ...ticket, tags: ['nonsense'] });
  await expect(unknown).rejects.toMatchObject({ message: expect.stringContaining('nonsense') });
});

test('Slack: channels and members are synced, and a message is posted and read', async () => {
  const channels = await synced('slack', 'channels', 'Channel');
  const deals = channels.find(({ name }) => name === 'deals');
  expect(deals).toMatchObject({ private: false, topic: 'Who buys' });
  expect(await synced('slack', 'users', 'User')).toContainEqual(expect.objectContaining({ name: 'ada', real_name: 'Ada Lovelace' }));
  const posted = await act('slack', 'post-message', { channel: deals?.id, text: 'Hello from the app' });
  const { messages } = Object(await act('slack', 'list-messages', { channel: deals?.id }));
  expect(messages).toContainEqual(expect.objectContaining({ text: 'Hello from the app', ts: Object(posted).ts }));
});

const offered = async (provider: string) => (await platform.api.deployments.templates({ params: { provider }, query: {} })).data;

test('the platform offers every function of the folder, each with the sentence it is known by', async () => {
  const index = readFileSync(join(root, 'examples/integrations/index.ts'), 'utf8');
  const written = [...index.matchAll(/^import '\.\/([^/]+)\/(sync|action)s\/([^/]+)\.js';$/gm)];
  const providers = new Set(written.map(([, provider = '']) => provider));
  expect(providers.size).toBeGreaterThanOrEqual(10);
  for (const provider of providers) {
    const functions = written.filter(([, one]) => one === provider);
    const there = await offered(provider);
    expect(there.map(({ type, name }) => `${type} ${name}`).sort(), provider).toEqual(
      functions.map(([, , type, name]) => `${type} ${name}`).sort(),
    );
    for (const { description } of there) expect(description).toMatch(/^[A-Z].*[^.]$/);
  }
});

test('a unified ticket has one shape, whatever the provider', async () => {
  const shapes = await Promise.all(
    ['github', 'jira', 'linear', 'zendesk'].map(async (provider) => {
      const sync = (await offered(provider)).find(({ type, name }) => type === 'sync' && name === 'unified-tickets');
      return Object(sync?.json_schema).definitions.Ticket;
    }),
  );
  expect(shapes[0]).toHaveProperty('properties.status_raw');
  for (const shape of shapes) expect(shape).toEqual(shapes[0]);
});
