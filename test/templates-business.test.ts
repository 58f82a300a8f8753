/**
 * Okta, Stripe and Twilio to start from, as a customer has them: the built command deploys the functions, the platform runs them in its
 * sandboxes, and an emulator of each vendor answers over HTTP. Pages are followed for real, and what an action writes a sync reads.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTemplates, type TemplateStage, TOKEN } from './templates-stage.ts';

const tokens = { [TOKEN]: { login: 'ada@acme.test', scopes: [] } };
const SID = `AC${'0123456789abcdef'.repeat(2)}`;
const named = (count: number) => Array.from({ length: count }, (_, index) => `user${String(index).padStart(3, '0')}@acme.test`);

const integrations = {
  okta: { service: 'okta', connection_config: { subdomain: 'acme' } },
  stripe: { service: 'stripe' },
  twilio: { service: 'twilio', credentials: { type: 'BASIC', username: SID, password: TOKEN } },
} as const;
type Key = keyof typeof integrations;
const seeds = {
  // More than a page of either: the emulator answers 30 users at once, and Stripe 100 customers.
  okta: { tokens, okta: { users: named(31).map((login) => ({ login })), groups: [{ name: 'Engineers' }] } },
  stripe: { tokens, stripe: { customers: named(101).map((email) => ({ email })) } },
  twilio: { twilio: { account: { sid: SID, auth_token: TOKEN }, phone_numbers: [{ phone_number: '+15557122661' }] } },
};

let stage: TemplateStage<Key>;
beforeAll(async () => {
  stage = await openTemplates(integrations, seeds);
}, 120_000);
afterAll(() => stage?.close());

const act: TemplateStage<Key>['act'] = (...call) => stage.act(...call);
const synced = (key: Key, sync: string, model: string) => stage.synced(key, sync, model, { reset: true });

test('Okta: all pages of users are synced, and one who is created can be put into a group and deactivated', async () => {
  const users = await synced('okta', 'users', 'User');
  expect(users.map(({ login }) => login)).toEqual(expect.arrayContaining(named(31)));
  const [group] = (await synced('okta', 'groups', 'Group')).filter(({ name }) => name === 'Engineers');
  const created = await act('okta', 'create-user', { email: 'grace@acme.test', first_name: 'Grace', last_name: 'Hopper' });
  await act('okta', 'add-user-to-group', { user_id: created.id, group_id: group?.id });
  // Not started by itself: an app does when the customer has chosen groups.
  const members = { syncs: ['group-members'], provider_config_key: 'okta', connection_id: 'ada' };
  await stage.platform.api.syncs.start({ query: {}, body: members });
  expect(await synced('okta', 'group-members', 'GroupMember')).toContainEqual(
    expect.objectContaining({ group_id: group?.id, user_id: created.id }),
  );
  await act('okta', 'deactivate-user', { user: created.id });
  expect(await stage.upstream('okta', `/api/v1/users/${created.id}`)).toMatchObject({
    status: 'DEPROVISIONED',
    profile: { lastName: 'Hopper' },
  });
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
