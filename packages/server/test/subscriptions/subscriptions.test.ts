/** Subscriptions to webhooks on the whole platform, at vendors that behave as their documentation says. */
import { createHmac, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { one, run } from '../../src/base/database.ts';
import { publish } from '../../src/events/publish.ts';
import { noteHeard } from '../../src/subscriptions/hear.ts';
import { workOnSubscription } from '../../src/subscriptions/work.ts';
import { deploy } from '../functions.ts';
import { eventually, type Json, type Platform, startPlatform } from '../platform.ts';
import { startUpstream, type Upstream } from '../upstream.ts';
import { connect, github, google, graph, integrate, linear, stripe, vendorProviders } from './vendors.ts';

let upstream: Upstream;
let platform: Platform;
beforeAll(async () => {
  upstream = await startUpstream();
  platform = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`], providers: vendorProviders(upstream) });
});

const listed = async (integration: string, connection?: string): Promise<Json[]> => {
  const query = new URLSearchParams({ provider_config_key: integration, ...(connection ? { connection_id: connection } : {}) });
  const { status, body } = await platform.call('GET', `/subscriptions?${query}`);
  expect(status).toBe(200);
  return body.data;
};
const active = (integration: string, connection: string, count: number): Promise<Json[]> =>
  eventually(async () => {
    const all = await listed(integration, connection);
    return all.length === count && all.every(({ state }) => state === 'active') && all;
  }, `${count} subscriptions of ${connection} are active`);
/** What a job would do at its time, of which the database has an idea of its own. */
async function due(id: string): Promise<void> {
  const { environment } = await platform.scopeOf('dev');
  await workOnSubscription(platform.world, { environmentId: environment.id, id }, new AbortController().signal);
}
const DAY = 24 * 3600_000;
/** The clock goes back for the tests after it. */
async function after<T>(ms: number, work: () => Promise<T>): Promise<T> {
  platform.advance(ms);
  try {
    return await work();
  } finally {
    platform.advance(-ms);
  }
}

/** As a vendor sends it to the address it was given. */
async function post(url: string | undefined, content: object, sign: (body: string) => Record<string, string>): Promise<number> {
  const body = JSON.stringify(content);
  const { pathname, search } = new URL(url ?? '');
  const headers = { 'content-type': 'application/json', ...sign(body) };
  return (await fetch(platform.url + pathname + search, { method: 'POST', body, headers })).status;
}
const signed = (secret: string | undefined) => (body: string) => ({
  'x-github-event': 'push',
  'x-github-delivery': randomUUID(),
  'x-hub-signature-256': `sha256=${createHmac('sha256', secret ?? '')
    .update(body)
    .digest('hex')}`,
});

describe('GitHub: one for each repository that the metadata of a connection names', () => {
  const subscribing = (...webhookSubscriptions: string[]) => ({
    name: 'issues',
    integration: 'own-github',
    autoStart: false,
    more: { webhookSubscriptions },
  });

  test('they follow the metadata, the functions, the switch and the connection', async () => {
    const [a, b, c] = ['acme/a', 'acme/b', 'acme/c'].map((name) => github(upstream, name));
    await integrate(platform, 'own-github');
    await deploy(platform, [subscribing('issues', 'pull_request')]);
    await connect(platform, 'own-github', 'user', { repositories: ['acme/a', 'acme/b', '../../user', 7] });
    const first = await active('own-github', 'user', 2);
    expect(first.map(({ target, events, expires_at }) => ({ target, events, expires_at }))).toEqual([
      { target: 'acme/a', events: ['issues', 'pull_request'], expires_at: null },
      { target: 'acme/b', events: ['issues', 'pull_request'], expires_at: null },
    ]);
    const hook = [...(a?.hooks.values() ?? [])][0];
    expect(hook).toMatchObject({ events: ['issues', 'pull_request'], secret: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(hook?.url).toContain(`/webhook/`);
    expect(hook?.url).toContain(`/own-github?subscription=${first[0].id}`);

    // The metadata.
    await platform.call('PATCH', '/connections/metadata', {
      provider_config_key: 'own-github',
      connection_id: ['user'],
      metadata: { repositories: ['acme/b', 'acme/c'] },
    });
    await eventually(async () => a?.hooks.size === 0 && c?.hooks.size === 1, 'one repository is left, another is joined');
    expect(b?.hooks.size).toBe(1);
    expect((await active('own-github', 'user', 2)).map(({ target }) => target).sort()).toEqual(['acme/b', 'acme/c']);

    // A deployment: the same hooks with other events, never two at once.
    await deploy(platform, [subscribing('push')]);
    await eventually(
      async () => [b, c].every((one) => String([...(one?.hooks.values() ?? [])].map(({ events }) => events)) === 'push'),
      'other events are asked for',
    );

    // The switch.
    const switched = (manage_subscriptions: boolean) => platform.call('PATCH', '/integrations/own-github', { manage_subscriptions });
    await switched(false);
    await eventually(async () => b?.hooks.size === 0 && c?.hooks.size === 0, 'all are taken back');
    expect(await eventually(async () => (await listed('own-github')).length === 0, 'and forgotten')).toBe(true);
    await switched(true);
    await active('own-github', 'user', 2);
    expect([b?.hooks.size, c?.hooks.size]).toEqual([1, 1]);

    // The connection: told before it is gone.
    expect((await platform.call('DELETE', '/connections/user?provider_config_key=own-github')).status).toBe(200);
    expect([b?.hooks.size, c?.hooks.size]).toEqual([0, 0]);
    await eventually(async () => (await listed('own-github')).length === 0, 'nothing of them is left');
  });

  test('one whose answer was lost is found and made anew: never two, and none that nobody knows of', async () => {
    const vendor = github(upstream, 'acme/lost');
    vendor.loseNext();
    await connect(platform, 'own-github', 'lost', { repositories: ['acme/lost'] });
    const [row] = await eventually(async () => {
      const all = await listed('own-github', 'lost');
      return all[0]?.state === 'failing' && all;
    }, 'the failure is told');
    expect(vendor.hooks.size).toBe(1);
    await after(60_000, () => due(row.id));
    await active('own-github', 'lost', 1);
    expect(vendor.hooks.size).toBe(1);
    const [hook] = vendor.hooks.values();
    // What the vendor signs with is what the door verifies by; another one's secret is not.
    expect(await post(hook?.url, { action: 'opened' }, signed(hook?.secret))).toBe(200);
    expect(await post(hook?.url, { action: 'forged' }, signed('0'.repeat(64)))).toBe(401);
    expect(await post(hook?.url, { action: 'bare' }, () => ({}))).toBe(401);
    const heard = await eventually(async () => (await listed('own-github', 'lost'))[0]?.last_event_at ?? false, 'the genuine one is noted');
    expect(Date.now() - Date.parse(heard)).toBeLessThan(60_000);
    const { count } = (await one<{ count: number }>(
      platform.world.db,
      sql`select count(*)::int as count from runs r join connections c on c.id = r.connection_id where c.connection_id = 'lost' and r.kind = 'webhook'`,
    )) ?? { count: 0 };
    // Its body names nobody; its address does.
    expect(count).toBe(1);
  });

  test('a connection that is made anew has them made anew, and two jobs of one ask once', async () => {
    const vendor = github(upstream, 'acme/again');
    await connect(platform, 'own-github', 'again', { repositories: ['acme/again'] });
    const [row] = await active('own-github', 'again', 1);
    const [before] = vendor.hooks.keys();
    await connect(platform, 'own-github', 'again', { repositories: ['acme/again'] });
    await eventually(async () => vendor.hooks.size === 1 && !vendor.hooks.has(before ?? ''), 'it is another one');
    await active('own-github', 'again', 1);
    await run(
      platform.world.db,
      sql`update webhook_subscriptions set state = 'asking', next_at = now() - interval '1 minute', turn = turn + 1 where id = ${row.id}`,
    );
    const made = () => upstream.received('/repos/acme/again/hooks').filter(({ method }) => method === 'POST').length;
    const count = made();
    await Promise.all([due(row.id), due(row.id), due(row.id)]);
    expect(made()).toBe(count + 1);
    expect(vendor.hooks.size).toBe(1);
  });
});

describe('what ends by itself', () => {
  test('a channel of Google Calendar is replaced before it ends, the new one first', async () => {
    const { channels } = google(upstream, '/calendar/v3/calendars/primary/events/watch', '/calendar/v3/channels/stop');
    await integrate(platform, 'own-google-calendar');
    await connect(platform, 'own-google-calendar', 'cal');
    const [row] = await active('own-google-calendar', 'cal', 1);
    const lasts = Date.parse(row.expires_at) - Date.parse(row.made_at);
    // What was asked for, less the time that it took.
    expect(Math.abs(lasts - 7 * DAY)).toBeLessThan(60_000);
    const renewedAfter = Date.parse(row.next_at) - Date.parse(row.made_at);
    expect(renewedAfter).toBeGreaterThan(0.6 * lasts);
    expect(renewedAfter).toBeLessThan(0.8 * lasts);
    const [first] = channels.keys();
    await due(row.id);
    expect([...channels.keys()]).toEqual([first]); // not yet
    const renewed = await after(6 * DAY, async () => {
      await due(row.id);
      return (await listed('own-google-calendar', 'cal'))[0];
    });
    expect(channels.size).toBe(1);
    expect(channels.has(first ?? '')).toBe(false);
    expect(Date.parse(renewed.expires_at)).toBeGreaterThan(Date.parse(row.expires_at) + 5 * DAY);
    const asked = upstream
      .received()
      .filter(({ url }) => url.includes('/calendar/v3/'))
      .map(({ url }) => url.split('/').at(-1));
    expect(asked).toEqual(['watch', 'watch', 'stop']);
  });

  test('a channel of Google Drive begins where the changes are now', async () => {
    const { channels } = google(upstream, '/drive/v3/changes/watch', '/drive/v3/channels/stop');
    upstream.on('/drive/v3/changes/startPageToken', (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"startPageToken":"4711"}'),
    );
    await integrate(platform, 'own-google-drive');
    await connect(platform, 'own-google-drive', 'drive');
    await active('own-google-drive', 'drive', 1);
    expect([...channels.values()][0]?.more.query).toContain('pageToken=4711');
  });

  test('a subscription of Microsoft Graph is renewed, and made anew when it is gone: then the syncs catch up', async () => {
    const { subscriptions, forget } = graph(upstream);
    await integrate(platform, 'own-microsoft');
    await deploy(platform, [{ name: 'mail', integration: 'own-microsoft', more: { webhookSubscriptions: ['created', 'updated'] } }]);
    await connect(platform, 'own-microsoft', 'graph', { resources: "me/mailFolders('inbox')/messages" });
    const [row] = await active('own-microsoft', 'graph', 1);
    const [made] = subscriptions.values();
    expect(made).toMatchObject({ events: 'created,updated', more: { resource: "me/mailFolders('inbox')/messages" } });
    await after(2.5 * DAY, () => due(row.id));
    expect([...subscriptions.keys()]).toEqual([made?.id]);
    const [renewed] = await listed('own-microsoft', 'graph');
    expect(Date.parse(renewed.expires_at)).toBeGreaterThan(Date.parse(row.expires_at) + DAY);
    const runs = async () =>
      (
        await one<{ count: number }>(
          platform.world.db,
          sql`select count(*)::int as count from runs r join connections c on c.id = r.connection_id where c.connection_id = 'graph' and r.ended_at is not null`,
        )
      )?.count ?? 0;
    await eventually(async () => (await runs()) === 1, 'its sync has run');
    forget(made?.id ?? '');
    await after(5 * DAY, async () => {
      await due(row.id);
      await due(row.id);
    });
    expect(subscriptions.size).toBe(1);
    expect(subscriptions.has(made?.id ?? '')).toBe(false);
    await eventually(async () => (await runs()) === 2, 'its sync has run again, by itself');
  });
});

describe('what the vendor does not want', () => {
  test('a refusal with status 200 is one; it is told, and asked for again on demand', async () => {
    const vendor = linear(upstream);
    vendor.refuse(true);
    await integrate(platform, 'own-linear');
    await connect(platform, 'own-linear', 'team');
    const row = await eventually(async () => {
      const [first] = await listed('own-linear', 'team');
      return first?.state === 'failing' && first;
    }, 'the refusal is told');
    expect(row.error).toMatch(/was not made/);
    // Nothing that passes by itself: a day, not half a minute.
    expect(Date.parse(row.next_at) - Date.now()).toBeGreaterThan(0.9 * DAY);
    vendor.refuse(false);
    expect((await platform.call('POST', `/subscriptions/${row.id}/renew`)).status).toBe(200);
    await active('own-linear', 'team', 1);
    expect([...vendor.webhooks.values()][0]?.events).toContain('Issue');
  });

  test('a secret that only the vendor knows is kept', async () => {
    const { endpoints } = stripe(upstream);
    await integrate(platform, 'own-stripe-api-key');
    await connect(platform, 'own-stripe-api-key', 'shop');
    await active('own-stripe-api-key', 'shop', 1);
    const [endpoint] = endpoints.values();
    expect(endpoint?.events).toEqual(['*']);
    const at = Math.floor(Date.now() / 1000);
    const sign = (secret: string | undefined) => (body: string) => ({
      'stripe-signature': `t=${at},v1=${createHmac('sha256', secret ?? '')
        .update(`${at}.${body}`)
        .digest('hex')}`,
    });
    expect(await post(endpoint?.url, { id: 'evt_1', type: 'charge.succeeded' }, sign(endpoint?.secret))).toBe(200);
    expect(await post(endpoint?.url, { id: 'evt_2', type: 'charge.succeeded' }, sign('whsec_another'))).toBe(401);
    expect((await platform.call('DELETE', '/connections/shop?provider_config_key=own-stripe-api-key')).status).toBe(200);
    expect(endpoints.size).toBe(0);
  });
});

test('a subscription that has gone silent is made anew: polls find changes of which no webhook told, three times in a row', async () => {
  const vendor = github(upstream, 'acme/silent');
  await connect(platform, 'own-github', 'silent', { repositories: ['acme/silent'] });
  const [row] = await active('own-github', 'silent', 1);
  const [first] = vendor.hooks.keys();
  const { environment } = await platform.scopeOf('dev');
  const found = await one<{ id: number }>(
    platform.world.db,
    sql`select id from connections where connection_id = 'silent' and deleted_at is null`,
  );
  const connection = {
    id: found?.id ?? 0,
    connectionId: 'silent',
    providerConfigKey: 'own-github',
    provider: 'own-github',
    authMode: 'OAUTH2',
  };
  const made = Date.parse(row.made_at);
  let hours = 0;
  const poll = async (updated = 1) => {
    hours++;
    const modifiedAfter = new Date(made + hours * 3600_000).toISOString();
    await publish(platform.world.db, environment.id, 'sync.completed', {
      connection,
      syncName: 'issues',
      syncVariant: 'base',
      model: 'Item',
      syncType: 'INCREMENTAL',
      modifiedAfter,
      responseResults: { added: 0, updated, deleted: 0 },
    });
    await eventually(async () => {
      const { count } = (await one<{ count: number }>(
        platform.world.db,
        sql`select count(*)::int as count from events where type = 'sync.completed' and payload #>> '{connection,connectionId}' = 'silent' and not 'subscriptions' = any(heard)`,
      )) ?? { count: 1 };
      return count === 0;
    }, 'the poll is noticed');
  };
  // The first has nothing to be compared with; a poll that finds nothing says nothing; a webhook in between begins anew.
  await poll();
  await poll();
  await poll(0);
  await poll();
  await after(hours * 3600_000 + 60_000, () => noteHeard(platform.world, environment.id, [row.id]));
  await poll();
  await poll();
  await poll();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect([...vendor.hooks.keys()]).toEqual([first]);
  await poll();
  await eventually(async () => vendor.hooks.size === 1 && !vendor.hooks.has(first ?? ''), 'it is made anew');
  await active('own-github', 'silent', 1);
});
