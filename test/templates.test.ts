/**
 * Functions to start from, as a customer has them: the built command deploys them, the platform runs them in its sandboxes, and what answers is an
 * emulator of the provider over HTTP. What the recordings beside the functions cannot show is that both ends fit.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from './platform.ts';
import { openTemplates, type TemplateStage, TOKEN } from './templates-stage.ts';

const EMAIL = 'ada@acme.test';
const integrations = {
  github: { service: 'github' },
  'google-mail': { service: 'google' },
  'google-calendar': { service: 'google' },
  'google-drive': { service: 'google' },
  linear: { service: 'linear' },
  slack: { service: 'slack', path: '/api' },
} as const;
type Key = keyof typeof integrations;

const seeds = {
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

let stage: TemplateStage<Key>;
beforeAll(async () => {
  stage = await openTemplates(integrations, seeds);
}, 120_000);
afterAll(() => stage?.close());

const act: TemplateStage<Key>['act'] = (...call) => stage.act(...call);
const upstream: TemplateStage<Key>['upstream'] = (...call) => stage.upstream(...call);
const synced: TemplateStage<Key>['synced'] = (...call) => stage.synced(...call);

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

const offered = async (provider: string) => (await stage.platform.api.deployments.templates({ params: { provider }, query: {} })).data;

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
