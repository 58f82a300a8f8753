/** Subscriptions of whole apps, which are asked for with what a developer has: on the whole platform, at vendors that behave as their documentation says. */
import { createHmac } from 'node:crypto';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { one, run } from '../../src/base/database.ts';
import { publish } from '../../src/events/publish.ts';
import { workOnSubscription } from '../../src/subscriptions/work.ts';
import { deploy } from '../functions.ts';
import { eventually, type Json, type Platform, startPlatform } from '../platform.ts';
import { startUpstream, type Upstream } from '../upstream.ts';
import { appProviders, hubspot, hubspotEvent, slack, stripeConnect } from './app-vendors.ts';

let upstream: Upstream;
let platform: Platform;
beforeAll(async () => {
  upstream = await startUpstream();
  platform = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`], providers: appProviders(upstream) });
});

const DAY = 24 * 3600_000;
const offer = async (key: string): Promise<Json> => (await platform.call('GET', `/subscriptions?provider_config_key=${key}`)).body;
const rowOf = async (key: string): Promise<Json> => (await offer(key)).data[0];
const is = (key: string, state: string, message?: RegExp): Promise<Json> =>
  eventually(
    async () => {
      const row = await rowOf(key);
      return row?.state === state && (message === undefined || message.test(row.error)) && row;
    },
    `the subscription of ${key} is ${state} ${message ?? ''}`,
  );
const change = async (key: string, body: object) => {
  const answer = await platform.call('PATCH', `/integrations/${key}`, body);
  expect([answer.status, answer.body]).toMatchObject([200, {}]);
};
async function integrate(key: string, provider: string, more: object = {}): Promise<void> {
  const credentials = { type: 'OAUTH2', client_id: 'client-1', client_secret: 'sk_test_platform', scopes: '' };
  const answer = await platform.call('POST', '/integrations', { unique_key: key, provider, credentials, ...more });
  expect([answer.status, answer.body]).toMatchObject([200, {}]);
}
async function connect(key: string, id: string, more: object = {}): Promise<void> {
  const credentials = { type: 'OAUTH2', access_token: `token of ${id}`, refresh_token: 'r-1' };
  const answer = await platform.call('POST', '/connections', { provider_config_key: key, connection_id: id, credentials, ...more });
  expect(answer.status).toBe(201);
}
/** What a job would do at its time, of which the database has an idea of its own. */
async function due(id: string): Promise<void> {
  const { environment } = await platform.scopeOf('dev');
  await workOnSubscription(platform.world, { environmentId: environment.id, id }, new AbortController().signal);
}
async function after<T>(ms: number, work: () => Promise<T>): Promise<T> {
  platform.advance(ms);
  try {
    return await work();
  } finally {
    platform.advance(-ms);
  }
}
const subscribing = (integration: string, ...webhookSubscriptions: string[]) => ({
  name: `of-${integration}`,
  integration,
  autoStart: false,
  more: { webhookSubscriptions },
});
async function send(
  url: string | undefined,
  content: unknown,
  headers: (body: string, url: string) => Record<string, string>,
): Promise<number> {
  const body = JSON.stringify(content);
  const { pathname, search } = new URL(url ?? '');
  const sent = { 'content-type': 'application/json', ...headers(body, url ?? '') };
  return (await fetch(platform.url + pathname + search, { method: 'POST', body, headers: sent })).status;
}
const webhookRuns = async (key: string): Promise<number> =>
  (
    await one<{ count: number }>(
      platform.world.db,
      sql`select count(*)::int as count from runs r join connections c on c.id = r.connection_id join integrations i on i.id = c.integration_id
           where i.unique_key = ${key} and r.kind = 'webhook'`,
    )
  )?.count ?? 0;
const lastEvent = async (key: string) => (await rowOf(key))?.last_event_at ?? false;

describe('HubSpot: one address of the app, and a subscription of it for each event', () => {
  const key = 'na1-aaaa-bbbb-cccc';
  const settings = (app_id: string) => ({ app_id, developer_api_key: key });
  const named = (app: { events: Map<string, { eventType: string; propertyName?: string }> }) =>
    [...app.events.values()].map(({ eventType, propertyName }) => (propertyName ? `${eventType}:${propertyName}` : eventType)).sort();

  test('says what to enter; then follows the functions, the switch and the deletion of the integration, and leaves what its developer made', async () => {
    const app = hubspot(upstream, '1001', key);
    hubspotEvent(upstream, app, { base: '/webhooks/2026-03/1001', eventType: 'ticket.creation' });
    await integrate('hub', 'own-hubspot', { manage_subscriptions: true });
    const missing = await is('hub', 'failing', /Enter App ID and Developer API key on the integration/);
    expect(missing).toMatchObject({ connection: null, target: null });
    expect((await offer('hub')).offer).toMatchObject({
      of: 'integration',
      settings: [
        { name: 'app_id', secret: false, required: true, set: false, value: null },
        { name: 'developer_api_key', secret: true, required: true, set: false, value: null },
      ],
    });
    await deploy(platform, [subscribing('hub', 'contact.creation', 'contact.propertyChange:email', 'deal.creation')]);
    await change('hub', { subscription_settings: settings('1001') });
    const row = await is('hub', 'active');
    expect(named(app)).toEqual(['contact.creation', 'contact.propertyChange:email', 'deal.creation', 'ticket.creation']);
    expect(app.url).toMatch(new RegExp(`/webhook/[0-9a-f-]{36}/hub\\?subscription=${row.id}$`));
    const shown = (await offer('hub')).offer.settings;
    expect(shown[0]).toMatchObject({ set: true, value: '1001' });
    expect(JSON.stringify(shown)).not.toContain(key);

    await deploy(platform, [subscribing('hub', 'contact.creation')]);
    await eventually(async () => named(app).join() === 'contact.creation,ticket.creation', 'what no function asks for is taken back');

    await change('hub', { manage_subscriptions: false });
    await eventually(async () => (await rowOf('hub')) === undefined, 'it is taken back');
    expect(named(app)).toEqual(['ticket.creation']);

    // What its developer listed goes on to the address that it has.
    expect(app.url).toContain('/hub');
    app.events.clear();
    await change('hub', { manage_subscriptions: true });
    await is('hub', 'active');
    expect(named(app)).toEqual(['contact.creation']);
    expect((await platform.call('DELETE', '/integrations/hub')).status).toBe(200);
    await eventually(async () => app.url === undefined && app.events.size === 0, 'the deletion is told, with what the integration had');
  });

  test('what an app sends is verified with its client secret, finds the connection by the portal, and is noted', async () => {
    const app = hubspot(upstream, '1002', key);
    await integrate('hub-heard', 'own-hubspot', { manage_subscriptions: true, subscription_settings: settings('1002') });
    await connect('hub-heard', 'portal', { connection_config: { portalId: '62515' } });
    await is('hub-heard', 'active');
    const signed = (secret: string) => (body: string, url: string) => {
      const time = String(Date.now());
      const signature = createHmac('sha256', secret).update(`POST${url}${body}${time}`).digest('base64');
      return { 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': time };
    };
    await deploy(platform, [{ ...subscribing('hub-heard', 'contact.propertyChange:email'), onWebhook: 'return' }]);
    await eventually(async () => named(app).join() === 'contact.propertyChange:email', 'the function is followed');
    const of = { portalId: 62515, objectId: 1, occurredAt: 1, subscriptionType: 'contact.propertyChange' };
    const told = [
      { ...of, propertyName: 'email' },
      { ...of, propertyName: 'phone' },
    ];
    expect(await send(app.url, told, signed('sk_test_platform'))).toBe(200);
    expect(await send(app.url, told, signed('another'))).toBe(401);
    await eventually(() => lastEvent('hub-heard'), 'it is noted');
    const counted = await one<{ connections: number }>(
      platform.world.db,
      sql`select w.connections from incoming_webhooks w join integrations i on i.id = w.integration_id where i.unique_key = 'hub-heard'`,
    );
    expect(counted?.connections).toBe(1);
    // The one property that the function asked for.
    expect(await webhookRuns('hub-heard')).toBe(1);
  });

  test('an address of another system is never replaced, and ours is set once it is gone', async () => {
    const app = hubspot(upstream, '1003', key);
    app.url = 'https://other.example.com/hooks';
    await integrate('hub-taken', 'own-hubspot', { manage_subscriptions: true, subscription_settings: settings('1003') });
    const row = await is('hub-taken', 'failing', /sends its webhooks to other\.example\.com/);
    expect([app.url, app.events.size]).toEqual(['https://other.example.com/hooks', 0]);
    app.url = undefined;
    expect((await platform.call('POST', `/subscriptions/${row.id}/renew`)).status).toBe(200);
    await is('hub-taken', 'active');
    // Somebody moves it: that is found by the daily look, told, and left alone; nothing of theirs is taken back.
    app.url = 'https://other.example.com/moved';
    await after(1.2 * DAY, async () => {
      await due(row.id);
      await due(row.id);
    });
    await is('hub-taken', 'failing', /other\.example\.com/);
    await change('hub-taken', { manage_subscriptions: false });
    await eventually(async () => (await rowOf('hub-taken')) === undefined, 'it is forgotten');
    expect(app.url).toBe('https://other.example.com/moved');
  });

  test('one event that is refused, or cannot be asked for, holds up none of the others and is named', async () => {
    const app = hubspot(upstream, '1004', key);
    app.lacks.add('deal');
    await integrate('hub-partly', 'own-hubspot', { manage_subscriptions: false, subscription_settings: settings('1004') });
    await deploy(platform, [subscribing('hub-partly', 'contact.creation', 'deal.creation', 'contact.propertyChange')]);
    await change('hub-partly', { manage_subscriptions: true });
    const row = await is('hub-partly', 'failing', /refused deal\.creation \(400\).*contact\.propertyChange cannot be asked for/);
    expect(row.error).toContain('contact.propertyChange:email');
    expect(named(app)).toEqual(['contact.creation']);
    // The developer's key is in no log.
    const logged = await eventually(async () => {
      const found = await one<{ text: string | null }>(
        platform.world.db,
        sql`select string_agg(m::text, ' ') as text from operation_messages m`,
      );
      return found?.text?.includes('/1004/subscriptions?hapikey=') && found.text;
    }, 'the requests are logged');
    expect(logged).not.toContain(key);
  });

  test('killed in the middle of asking: the next one completes it, doubles nothing, and takes all of it back', async () => {
    const app = hubspot(upstream, '1005', key);
    app.loseNext = true;
    await integrate('hub-killed', 'own-hubspot', { manage_subscriptions: true, subscription_settings: settings('1005') });
    const row = await is('hub-killed', 'failing');
    expect(app.events.size).toBe(1);
    await after(60_000, () => due(row.id));
    await is('hub-killed', 'active');
    expect(named(app)).toEqual([...new Set(named(app))]);
    expect(app.events.size).toBe(6);
    await change('hub-killed', { manage_subscriptions: false });
    await eventually(async () => app.events.size === 0 && app.url === undefined, 'also the one whose answer was lost is taken back');
  });
});

describe('Slack: address and events stand in the manifest of the app, which is asked for with a token that rotates', () => {
  const settings = { app_id: 'A0123ABCDEF', refresh_token: 'xoxe-1-first-refresh' };
  const eventsOf = (app: { manifest: Json }) => app.manifest.settings.event_subscriptions;
  const now = () => platform.world.clock.now().getTime();
  const signedBy = (secret: string) => (body: string) => {
    const time = String(Math.floor(Date.now() / 1000));
    return {
      'x-slack-request-timestamp': time,
      'x-slack-signature': `v0=${createHmac('sha256', secret).update(`v0:${time}:${body}`).digest('hex')}`,
    };
  };

  test('they are written into it beside what is there, answered for, and taken out again', async () => {
    const app = slack(upstream, settings.app_id, now);
    app.manifest.oauth_config.scopes.bot.push('app_mentions:read');
    app.manifest.settings.event_subscriptions = {
      request_url: `${platform.world.config.publicUrl}/webhook/old/slack`,
      bot_events: ['team_join'],
    };
    const before = structuredClone(app.manifest);
    await integrate('slack', 'own-slack', { webhooks: { secrets: ['signing'] } });
    await deploy(platform, [{ ...subscribing('slack', 'app_mention', 'message.im'), onWebhook: 'return' }]);
    await connect('slack', 'team', { connection_config: { 'team.id': 'T1' } });
    await change('slack', { manage_subscriptions: true, subscription_settings: settings });
    // The address of another environment of the same server is another system's.
    const row = await is('slack', 'failing', /sends its webhooks to/);
    delete app.manifest.settings.event_subscriptions.request_url;
    await platform.call('POST', `/subscriptions/${row.id}/renew`);
    await is('slack', 'active');
    expect(eventsOf(app).bot_events).toEqual(['team_join', 'app_mention', 'message.im']);
    expect(eventsOf(app).request_url).toContain(`/slack?subscription=${row.id}`);
    expect({ ...app.manifest, settings: undefined }).toEqual({ ...before, settings: undefined });
    expect(app.rotations).toBe(1);
    // Slack asks the new address who is there.
    const { pathname, search } = new URL(eventsOf(app).request_url);
    const asked = await fetch(platform.url + pathname + search, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'url_verification', challenge: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P' }),
    });
    expect(await asked.text()).toBe('3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P');
    const mention = { type: 'event_callback', team_id: 'T1', event_id: 'Ev1', event: { type: 'app_mention' } };
    expect(await send(eventsOf(app).request_url, mention, signedBy('signing'))).toBe(200);
    expect(await send(eventsOf(app).request_url, mention, signedBy('forged'))).toBe(401);
    const message = { type: 'event_callback', team_id: 'T1', event: { type: 'message', channel_type: 'im' } };
    expect(await send(eventsOf(app).request_url, { ...message, event_id: 'Ev2' }, signedBy('signing'))).toBe(200);
    const inChannel = { ...message.event, channel_type: 'channel' };
    expect(await send(eventsOf(app).request_url, { ...message, event_id: 'Ev3', event: inChannel }, signedBy('signing'))).toBe(200);
    await eventually(() => lastEvent('slack'), 'it is noted');
    await eventually(async () => (await webhookRuns('slack')) === 2, 'those that the function asked for are handled');

    // A scope that the app lacks: told in Slack's word, and the manifest stays as it was.
    const good = structuredClone(app.manifest);
    await deploy(platform, [subscribing('slack', 'app_mention', 'message')]);
    await is('slack', 'failing', /invalid_manifest/);
    expect(app.manifest).toEqual(good);
    await deploy(platform, [subscribing('slack', 'app_mention')]);
    await is('slack', 'active');

    await change('slack', { manage_subscriptions: false });
    await eventually(async () => (await rowOf('slack')) === undefined, 'it is taken out');
    // What its developer listed goes on coming.
    expect(eventsOf(app)).toMatchObject({ bot_events: ['team_join'], request_url: expect.stringContaining('/slack?') });
  });

  test('the token is exchanged when it ends, once for all who work at the same time, and stored before it is used', async () => {
    const app = slack(upstream, settings.app_id, now);
    await integrate('slack-rotates', 'own-slack', { manage_subscriptions: true, subscription_settings: settings });
    const row = await is('slack-rotates', 'active');
    expect([app.rotations, eventsOf(app).bot_events]).toEqual([1, ['app_uninstalled', 'tokens_revoked']]);
    // The next day's look, by three jobs at once: two of them find that another one is at it.
    await after(1.2 * DAY, () => Promise.all([due(row.id), due(row.id), due(row.id)]));
    expect(app.rotations).toBe(2);
    // The look fails after the exchange: whoever comes next has the new pair.
    app.tokens.clear();
    await after(2.4 * DAY, async () => {
      const refused = app.rotations;
      upstream.on('/slack/apps.manifest.export', (_request, response) => response.destroy());
      await due(row.id);
      expect(app.rotations).toBe(refused + 1);
    });
    const kept = await openedRefreshToken('slack-rotates');
    expect(kept).toBe(app.refreshToken);
    // Nothing of it is shown, and nothing is stored as it is.
    expect(JSON.stringify(await offer('slack-rotates'))).not.toContain('xoxe');
    const stored = await one<{ text: string }>(
      platform.world.db,
      sql`select encode(subscription_settings_sealed, 'escape') as text from integrations where unique_key = 'slack-rotates'`,
    );
    expect(stored?.text).not.toContain('xoxe');
  });

  test('killed between the answer and the commit: the token is lost, that is told, and another one that is entered is used', async () => {
    const app = slack(upstream, settings.app_id, now);
    app.loseNext = true;
    await integrate('slack-lost', 'own-slack', { manage_subscriptions: true, subscription_settings: settings });
    const row = await is('slack-lost', 'failing');
    await after(60_000, () => due(row.id));
    await is('slack-lost', 'failing', /invalid_refresh_token\. The refresh token works once: make another one/);
    app.refreshToken = 'xoxe-1-entered-again';
    await change('slack-lost', { subscription_settings: { refresh_token: 'xoxe-1-entered-again' } });
    await is('slack-lost', 'active');
  });

  test('a token that its developer enters while the one before is exchanged is the one that stays', async () => {
    const app = slack(upstream, settings.app_id, now);
    let entered = Promise.resolve();
    const { tokens } = app;
    upstream.on('/slack/tooling.tokens.rotate', async (_request, response) => {
      entered = change('slack-race', { subscription_settings: { refresh_token: 'xoxe-1-newer-one' } });
      await entered;
      slack(upstream, settings.app_id, now); // from here on as ever
      tokens.add('xoxe.xoxp-late');
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ok: true, token: 'xoxe.xoxp-late', refresh_token: 'xoxe-1-late', exp: now() / 1000 + 43_200 }));
    });
    await integrate('slack-race', 'own-slack', { manage_subscriptions: true, subscription_settings: settings });
    await is('slack-race', 'failing', /invalid_refresh_token/);
    await entered;
    expect(await openedRefreshToken('slack-race')).toBe('xoxe-1-newer-one');
  });

  async function openedRefreshToken(key: string): Promise<string | undefined> {
    const { openSubscriptionSettings } = await import('../../src/integrations/subscription-settings.ts');
    const row = await one<{ id: number; environmentId: number }>(
      platform.world.db,
      sql`select id, environment_id from integrations where unique_key = ${key}`,
    );
    return row && (await openSubscriptionSettings(platform.world, row)).refresh_token;
  }
});

describe('Stripe Connect: one endpoint of the platform, asked for with its secret key', () => {
  test('its secret is kept, accounts are told apart, one that is turned off is made anew, and all syncs catch up', async () => {
    const { endpoints } = stripeConnect(upstream, 'sk_test_platform');
    await integrate('connect', 'own-stripe', { manage_subscriptions: true });
    for (const account of ['acct_1', 'acct_2']) await connect('connect', account, { connection_config: { stripe_user_id: account } });
    const row = await is('connect', 'active');
    expect([...endpoints.values()]).toMatchObject([{ events: ['*'], more: { connect: 'true' }, url: expect.stringContaining(row.id) }]);
    const [endpoint] = endpoints.values();
    const at = Math.floor(Date.now() / 1000);
    const signed = (secret: string | undefined) => (body: string) => ({
      'stripe-signature': `t=${at},v1=${createHmac('sha256', secret ?? '')
        .update(`${at}.${body}`)
        .digest('hex')}`,
    });
    const event = { id: 'evt_1', type: 'charge.succeeded', account: 'acct_2' };
    expect(await send(endpoint?.url, event, signed(endpoint?.secret))).toBe(200);
    expect(await send(endpoint?.url, { ...event, id: 'evt_2' }, signed('sk_test_platform'))).toBe(401);
    await eventually(() => lastEvent('connect'), 'it is noted');

    await deploy(platform, [{ name: 'charges', integration: 'connect' }]);
    const runs = async () =>
      (
        await one<{ count: number }>(
          platform.world.db,
          sql`select count(*)::int as count from runs r join connections c on c.id = r.connection_id join integrations i on i.id = c.integration_id
               where i.unique_key = 'connect' and r.ended_at is not null`,
        )
      )?.count ?? 0;
    await eventually(async () => (await runs()) === 2, 'both syncs have run');
    if (endpoint) endpoint.status = 'disabled';
    await after(1.2 * DAY, async () => {
      await due(row.id);
      await due(row.id);
    });
    await is('connect', 'active');
    expect([...endpoints.keys()]).not.toContain(endpoint?.id);
    expect(endpoints.size).toBe(1);
    await eventually(async () => (await runs()) === 4, 'both have run again, by themselves');
    expect((await platform.call('DELETE', '/integrations/connect')).status).toBe(200);
    await eventually(async () => endpoints.size === 0, 'it is taken back');
  });

  test('another key is used as soon as it is entered', async () => {
    const { endpoints } = stripeConnect(upstream, 'sk_test_right');
    await integrate('connect-key', 'own-stripe', { manage_subscriptions: true });
    await is('connect-key', 'failing', /401/);
    const credentials = { type: 'OAUTH2', client_id: 'client-1', client_secret: 'sk_test_right', scopes: '' };
    await change('connect-key', { credentials });
    await is('connect-key', 'active');
    expect(endpoints.size).toBe(1);
  });

  test('the polls of one connection that find what no webhook told have it looked after; those of several prove nothing', async () => {
    const { endpoints } = stripeConnect(upstream, 'sk_test_platform');
    await integrate('connect-silent', 'own-stripe', { manage_subscriptions: true });
    for (const account of ['acct_a', 'acct_b', 'acct_c', 'acct_d']) await connect('connect-silent', account);
    const row = await is('connect-silent', 'active');
    const made = Date.parse(row.made_at);
    const { environment } = await platform.scopeOf('dev');
    const ids = await Promise.all(
      ['acct_a', 'acct_b', 'acct_c', 'acct_d'].map(async (id) => ({
        connectionId: id,
        id:
          (await one<{ id: number }>(platform.world.db, sql`select id from connections where connection_id = ${id} and deleted_at is null`))
            ?.id ?? 0,
      })),
    );
    const lists = () => upstream.received('/v1/webhook_endpoints').filter(({ method }) => method === 'GET').length;
    const poll = async (index: number, minutes: number) => {
      const [connection] = ids.slice(index, index + 1);
      await publish(platform.world.db, environment.id, 'sync.completed', {
        connection: {
          id: 0,
          connectionId: '',
          ...connection,
          providerConfigKey: 'connect-silent',
          provider: 'own-stripe',
          authMode: 'OAUTH2',
        },
        syncName: 'charges',
        syncVariant: 'base',
        model: 'Item',
        syncType: 'INCREMENTAL',
        modifiedAfter: new Date(made + minutes * 60_000).toISOString(),
        responseResults: { added: 1, updated: 0, deleted: 0 },
      });
      await eventually(async () => {
        const left = await one<{ count: number }>(
          platform.world.db,
          sql`select count(*)::int as count from events where type = 'sync.completed' and not 'subscriptions' = any(heard)`,
        );
        return left?.count === 0;
      }, 'the poll is noticed');
    };
    const before = lists();
    for (const [index, minutes] of [
      [0, 60],
      [1, 61],
      [2, 62],
      [3, 63],
      [1, 64],
      [2, 65],
    ] as const)
      await poll(index, minutes);
    expect((await misses(row.id))?.misses).toBe(0);
    // The endpoint was deleted by somebody; the first connection's polls bring it to light.
    endpoints.clear();
    for (const minutes of [120, 180, 240]) await poll(0, minutes);
    await eventually(async () => lists() > before && endpoints.size === 1, 'it is looked for, and made anew');
    await is('connect-silent', 'active');
  });

  const misses = (id: string) => one<{ misses: number }>(platform.world.db, sql`select misses from webhook_subscriptions where id = ${id}`);
});

test("an app that the operator shares is not the developer's to set up", async () => {
  stripeConnect(upstream, 'sk_test_platform');
  await integrate('connect-shared', 'own-stripe');
  await run(platform.world.db, sql`update integrations set shared_app = true where unique_key = 'connect-shared'`);
  await change('connect-shared', { manage_subscriptions: true });
  const { offer: offered, data } = await offer('connect-shared');
  expect([offered, data]).toEqual([null, []]);
});

test('a setting that the provider does not take, or of another form, is refused with its name', async () => {
  await integrate('hub-wrong', 'own-hubspot');
  const refused = async (subscription_settings: object) => {
    const { status, body } = await platform.call('PATCH', '/integrations/hub-wrong', { subscription_settings });
    expect(status).toBe(400);
    return JSON.stringify(body);
  };
  expect(await refused({ appId: '1' })).toContain('app_id, developer_api_key');
  expect(await refused({ app_id: 'one' })).toContain('App ID has another form');
});
