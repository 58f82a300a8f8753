/** What vendors tell of a subscription, and those whose webhooks come to an address of the developer's making: on the whole platform. */
import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { one } from '../../src/base/database.ts';
import { workOnSubscription } from '../../src/subscriptions/work.ts';
import { deploy } from '../functions.ts';
import { eventually, type Json, type Platform, startPlatform } from '../platform.ts';
import { startUpstream, type Upstream } from '../upstream.ts';
import { appProviders, gmail } from './app-vendors.ts';
import { connect, graph, integrate, vendorProviders } from './vendors.ts';

let upstream: Upstream;
let platform: Platform;
beforeAll(async () => {
  upstream = await startUpstream();
  const providers = [...vendorProviders(upstream), ...appProviders(upstream)];
  platform = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`], providers });
});

const DAY = 24 * 3600_000;
const listed = async (key: string): Promise<Json[]> => (await platform.call('GET', `/subscriptions?provider_config_key=${key}`)).body.data;
const active = (key: string): Promise<Json> =>
  eventually(async () => {
    const [row] = await listed(key);
    return row?.state === 'active' && row;
  }, `the subscription of ${key} is active`);
async function due(id: string): Promise<void> {
  const { environment } = await platform.scopeOf('dev');
  await workOnSubscription(platform.world, { environmentId: environment.id, id }, new AbortController().signal);
}
const ended = async (connection: string, kind: string): Promise<number> =>
  (
    await one<{ count: number }>(
      platform.world.db,
      sql`select count(*)::int as count from runs r join connections c on c.id = r.connection_id
           where c.connection_id = ${connection} and r.kind = ${kind} and r.ended_at is not null`,
    )
  )?.count ?? 0;

test('Microsoft Graph tells that one is to be renewed, that webhooks were missed, and that it is gone: each is seen to, and a forged word is not', async () => {
  const { subscriptions, forget } = graph(upstream);
  await integrate(platform, 'own-microsoft');
  await deploy(platform, [{ name: 'mail', integration: 'own-microsoft', onWebhook: 'return', more: { webhookSubscriptions: ['*'] } }]);
  await connect(platform, 'own-microsoft', 'graph', { resources: 'me/messages' });
  const row = await active('own-microsoft');
  const [made] = subscriptions.values();
  expect(made?.events).toBe('created,updated,deleted');
  expect(made?.more.lifecycleNotificationUrl).toBe(made?.url);
  await eventually(async () => (await ended('graph', 'sync')) === 1, 'its sync has run');
  const tell = async (lifecycleEvent: string, clientState = made?.secret) => {
    const current = [...subscriptions.values()][0] ?? made;
    const { pathname, search } = new URL(current?.url ?? '');
    const body = { value: [{ subscriptionId: current?.id, tenantId: 't-1', clientState, lifecycleEvent }] };
    const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    return (await fetch(platform.url + pathname + search, sent)).status;
  };
  const patches = (id = made?.id) => upstream.received(`/v1.0/subscriptions/${id}`).filter(({ method }) => method === 'PATCH').length;

  expect(await tell('subscriptionRemoved', 'forged')).toBe(401);
  expect(await tell('reauthorizationRequired')).toBe(200);
  await eventually(async () => patches() === 1, 'it is renewed at once');
  const renewed = await active('own-microsoft');
  expect(renewed.id).toBe(row.id);
  expect([...subscriptions.keys()]).toEqual([made?.id]);

  expect(await tell('missed')).toBe(200);
  await eventually(async () => (await ended('graph', 'sync')) === 2, 'what was missed is caught up with');
  expect([...subscriptions.keys()]).toEqual([made?.id]);

  forget(made?.id ?? '');
  expect(await tell('subscriptionRemoved')).toBe(200);
  await eventually(async () => subscriptions.size === 1 && !subscriptions.has(made?.id ?? ''), 'it is made anew');
  await active('own-microsoft');
  await eventually(async () => (await ended('graph', 'sync')) === 3, 'and caught up with');
  // None of it is for functions, whatever they subscribe to.
  expect(await ended('graph', 'webhook')).toBe(0);
});

test('Gmail is watched with the topic of the integration, every day anew, heard by the mailbox, and stopped', async () => {
  const { watches } = gmail(upstream, () => platform.world.clock.now().getTime());
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));
  await integrate(platform, 'own-google-mail', { webhooks: { secrets: [pem] } });
  await connect(platform, 'own-google-mail', 'ann', { emailAddress: 'ann@example.com' });
  await connect(platform, 'own-google-mail', 'bob', { emailAddress: 'bob@example.com' });
  await eventually(async () => {
    const rows = await listed('own-google-mail');
    return rows.length === 2 && rows.every(({ error }) => error?.includes('Enter Pub/Sub topic'));
  }, 'the topic is asked for');
  const enter = (topic: string) => platform.call('PATCH', '/integrations/own-google-mail', { subscription_settings: { topic } });
  expect((await enter('my topic')).status).toBe(400);
  expect((await enter('projects/acme-mail/topics/gmail')).status).toBe(200);
  await eventually(async () => (await listed('own-google-mail')).every(({ state }) => state === 'active'), 'both are watched');
  expect(watches).toEqual(new Map(['ann', 'bob'].map((name) => [`Bearer token of ${name}`, 'projects/acme-mail/topics/gmail'])));
  const [ann, bob] = await listed('own-google-mail');
  expect(Math.abs(Date.parse(ann.expires_at) - Date.parse(ann.made_at) - 7 * DAY)).toBeLessThan(60_000);
  const nextIn = Date.parse(ann.next_at) - Date.parse(ann.made_at);
  expect(nextIn).toBeGreaterThan(0.9 * DAY);
  expect(nextIn).toBeLessThan(1.1 * DAY);
  const asked = (what: string) => upstream.received(`/gmail/v1/users/me/${what}`).length;
  platform.advance(1.2 * DAY);
  await due(ann.id);
  platform.advance(-1.2 * DAY);
  expect([asked('watch'), asked('stop')]).toEqual([3, 0]);

  // Pub/Sub's push, signed by Google for the address that its developer entered there.
  const { body } = await platform.call('GET', '/integrations/own-google-mail?include=webhook');
  const url: string = body.data.webhook_url;
  const data = Buffer.from(JSON.stringify({ emailAddress: 'bob@example.com', historyId: 99 })).toString('base64');
  const push = async (audience: string) => {
    const token = await new SignJWT({ email: 'push@acme-mail.iam.gserviceaccount.com' })
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuer('https://accounts.google.com')
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey);
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const content = JSON.stringify({
      message: { data, messageId: '2070443601311540' },
      subscription: 'projects/acme-mail/subscriptions/push',
    });
    return (await fetch(platform.url + new URL(url).pathname, { method: 'POST', headers, body: content })).status;
  };
  expect(await push('https://other.example.com/')).toBe(401);
  expect(await push(url)).toBe(200);
  await eventually(
    async () => (await listed('own-google-mail')).find(({ id }) => id === bob.id)?.last_event_at,
    'it is noted for whom it was',
  );
  expect((await listed('own-google-mail')).find(({ id }) => id === ann.id)?.last_event_at).toBeNull();

  expect((await platform.call('DELETE', '/connections/bob?provider_config_key=own-google-mail')).status).toBe(200);
  expect([...watches.keys()]).toEqual(['Bearer token of ann']);
  // Connected again: watched again, and the new watch is not stopped with the old one.
  await connect(platform, 'own-google-mail', 'ann', { emailAddress: 'ann@example.com' });
  await eventually(async () => asked('watch') === 4, 'it is watched anew');
  await active('own-google-mail');
  expect(asked('stop')).toBe(1);
});
