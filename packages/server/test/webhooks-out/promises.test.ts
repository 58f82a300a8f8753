/** What is promised of deliveries to endpoints: whatever a receiver does, each arrives, in order where asked, and no endpoint holds up another. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { many, run } from '../../src/base/database.ts';
import type { Events } from '../../src/events/event.ts';
import { publish } from '../../src/events/publish.ts';
import { sweepDeliveries } from '../../src/webhooks-out/retention.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { eventually, type Json, type Platform, startPlatform } from '../platform.ts';

const HOUR = 3_600_000;
type Came = { body: Json; text: string; headers: IncomingHttpHeaders };
type Answer = (response: ServerResponse, came: Came) => void;

let platform: Platform;
let environmentId: number;
const closers: (() => unknown)[] = [];
beforeAll(async () => {
  platform = await startPlatform({ allow: ['127.0.0.1'] });
  environmentId = (await platform.scopeOf('dev')).environment.id;
  await createIntegrations(platform);
  await importConnection(platform, 'c-1');
});
afterAll(() => Promise.all(closers.map((close) => close())));

let movedMs = 0;
const advance = (ms: number) => {
  movedMs += ms;
  platform.advance(ms);
};
/** The library verifies by the real clock. */
afterEach(() => advance(-movedMs));

/** What it answers can be changed while it listens. */
async function startHook(first: Answer = (response) => response.writeHead(204).end()) {
  const hook = { answer: first, came: [] as Came[], url: '' };
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const came = { body: JSON.parse(text), text, headers: request.headers };
    hook.came.push(came);
    hook.answer(response, came);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  hook.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`; // it listens on a port
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return hook;
}

const status =
  (code: number, headers = {}) =>
  (response: ServerResponse) =>
    response.writeHead(code, headers).end('{"token":"sekret-value-1","note":"no"}');
const say = (connection: string, nth: number) =>
  publish(platform.world.db, environmentId, 'sync.failed', {
    connection: { id: 0, connectionId: connection, providerConfigKey: 'key', provider: 'p', authMode: 'API_KEY' },
    ...{ syncName: `s${nth}`, syncVariant: 'base', models: ['A'], syncType: 'INITIAL', error: { type: 'x', description: 'y' } },
    ...{ startedAt: 's', failedAt: 'f' },
  } satisfies Events['sync.failed']);

async function endpoint(url: string, more: object = {}): Promise<{ id: string; secret: string }> {
  const { body } = await platform.call('POST', '/webhooks/endpoints', { url, events: ['sync.failed'], ...more });
  closers.unshift(() => platform.call('DELETE', `/webhooks/endpoints/${body.data.id}`));
  return body.data;
}
const remove = (id: string) => platform.call('DELETE', `/webhooks/endpoints/${id}`);
const look = async (id: string): Promise<Json> => (await platform.call('GET', `/webhooks/endpoints/${id}`)).body.data;
const listed = async (query: string): Promise<Json[]> => (await platform.call('GET', `/webhooks/deliveries?${query}`)).body.data;
const names = (came: readonly Came[]) => came.map(({ body }) => body.syncName);

test('a webhook is what the library of standardwebhooks.com verifies with the secret shown, and after a rotation with the old and the new one', async () => {
  const hook = await startHook();
  const { id, secret } = await endpoint(hook.url);
  await say('c-1', 1);
  await eventually(async () => hook.came.length === 1, 'it came');
  const headersOf = (one: Came | undefined) =>
    Object.fromEntries(Object.entries(one?.headers ?? {}).map(([name, value]) => [name, String(value)]));
  expect(new Webhook(secret).verify(hook.came[0]?.text ?? '', headersOf(hook.came[0]))).toMatchObject({ syncName: 's1' });
  expect(() => new Webhook(secret).verify(`${hook.came[0]?.text} `, headersOf(hook.came[0]))).toThrow();
  expect((await platform.call('GET', `/webhooks/endpoints/${id}/secret`)).body.data.secret).toBe(secret);
  const rotated = (await platform.call('POST', `/webhooks/endpoints/${id}/secret/rotate`)).body.data.secret;
  await say('c-1', 2);
  await eventually(async () => hook.came.length === 2, 'it came again');
  for (const one of [secret, rotated])
    expect(() => new Webhook(one).verify(hook.came[1]?.text ?? '', headersOf(hook.came[1]))).not.toThrow();
  const last = (await platform.call('POST', `/webhooks/endpoints/${id}/secret/rotate?overlap_hours=0`)).body.data.secret;
  await say('c-1', 3);
  await eventually(async () => hook.came.length === 3, 'and again');
  expect(() => new Webhook(rotated).verify(hook.came[2]?.text ?? '', headersOf(hook.came[2]))).toThrow();
  expect(() => new Webhook(last).verify(hook.came[2]?.text ?? '', headersOf(hook.came[2]))).not.toThrow();
  await remove(id);
});

test('a receiver that is down for 72 hours spends no attempts of what waits, its owner is told, and all arrives in order when it is back', async () => {
  const [hook, owner] = [await startHook(status(500)), await startHook()];
  const dead = await endpoint(hook.url, { ordered: true });
  const told = await endpoint(owner.url, { events: ['endpoint.*'] });
  for (let nth = 1; nth <= 12; nth++) await say(nth % 2 === 0 ? 'even' : 'odd', nth);
  await eventually(async () => {
    advance(10 * 60_000);
    return (await look(dead.id)).state === 'paused';
  }, 'it is paused');
  for (let hours = 0; hours < 72; hours += 6) {
    const tries = hook.came.length;
    advance(6 * HOUR);
    await eventually(async () => hook.came.length > tries, 'it is tried again');
  }
  expect(await look(dead.id)).toMatchObject({ state: 'paused', waiting: 12 });
  const waiting = await listed(`endpoint=${dead.id}&state=pending`);
  expect(Math.max(...waiting.map(({ attempts }) => attempts))).toBeLessThanOrEqual(5);
  const before = hook.came.length;
  hook.answer = status(200);
  advance(HOUR);
  await eventually(async () => (await look(dead.id)).waiting === 0, 'all arrived');
  const arrived = names(hook.came.slice(before));
  expect(arrived.filter((name) => Number(name.slice(1)) % 2 === 1)).toEqual(['s1', 's3', 's5', 's7', 's9', 's11']);
  expect(arrived.filter((name) => Number(name.slice(1)) % 2 === 0)).toEqual(['s2', 's4', 's6', 's8', 's10', 's12']);
  await eventually(async () => owner.came.length === 2, 'its owner was told twice');
  expect(owner.came.map(({ body }) => body.event)).toEqual(['endpoint.paused', 'endpoint.resumed']);
  const [one] = await listed(`endpoint=${dead.id}&limit=1`);
  const whole = (await platform.call('GET', `/webhooks/deliveries/${one.id}`)).body.data;
  expect(JSON.parse(whole.body).syncName).toBe('s12');
  expect(whole.attempts_made.at(-1)).toMatchObject({ status: 200, error: null });
  await Promise.all([remove(dead.id), remove(told.id)]);
});

test.each<[string, Answer, RegExp, number | null]>([
  ['closes half-way', (response) => response.writeHead(200, { 'content-length': '9' }).socket?.destroy(), /closed|reset|broke/i, null],
  ['redirects so that the body is lost', status(302, { location: 'http://127.0.0.1:1/' }), /would lose the body/, 302],
  ['redirects into a private network', status(307, { location: 'http://127.0.0.3:1/' }), /private or reserved/, null],
  ['refuses', status(401), /answered 401/, 401],
])('one that %s gets it again, and the attempt says why', async (_name, answer, why, code) => {
  const hook = await startHook(answer);
  const { id } = await endpoint(hook.url);
  await say('c-1', 1);
  const one = await eventually(async () => (await listed(`endpoint=${id}`)).find(({ attempts }) => attempts === 1), 'it was tried');
  const [attempt] = (await platform.call('GET', `/webhooks/deliveries/${one.id}`)).body.data.attempts_made;
  expect(attempt).toMatchObject({ status: code, error: expect.stringMatching(why) });
  if (code !== null) expect(attempt.response).toBe('{"token":"[removed]","note":"no"}');
  await remove(id);
});

test('a redirect that keeps the body is followed with it', async () => {
  const there = await startHook();
  const hook = await startHook(status(308, { location: there.url }));
  const { id, secret } = await endpoint(hook.url);
  await say('c-1', 1);
  await eventually(async () => (await listed(`endpoint=${id}&state=delivered`)).length === 1, 'it arrived');
  expect(there.came[0]?.text).toBe(hook.came[0]?.text);
  const headers = Object.fromEntries(Object.entries(there.came[0]?.headers ?? {}).map(([name, value]) => [name, String(value)]));
  expect(() => new Webhook(secret).verify(there.came[0]?.text ?? '', headers)).not.toThrow();
  await remove(id);
});

test('one that answers 410 is disabled, its owner told, and gets what waits when it is enabled', async () => {
  const [hook, owner] = [await startHook(status(410)), await startHook()];
  const told = await endpoint(owner.url, { events: ['endpoint.disabled'] });
  const { id } = await endpoint(hook.url);
  await say('c-1', 1);
  await eventually(async () => owner.came.length === 1, 'its owner was told');
  expect(await look(id)).toMatchObject({ state: 'disabled', enabled: false, disabled_reason: 'gone' });
  const [gone] = await listed(`endpoint=${id}`);
  expect(gone).toMatchObject({ state: 'failed', last_status: 410 });
  hook.answer = status(200);
  await platform.call('PATCH', `/webhooks/endpoints/${id}`, { enabled: true });
  expect((await platform.call('POST', '/webhooks/deliveries/redeliver', { endpoint: id })).body.data).toMatchObject({
    count: 1,
    more: false,
  });
  await eventually(async () => (await listed(`endpoint=${id}&state=delivered`)).length === 1, 'it arrived');
  expect(hook.came[1]?.headers['webhook-id']).toBe(gone.id);
  await Promise.all([remove(id), remove(told.id)]);
});

test('one that asks for time gets nothing before it is over', async () => {
  const hook = await startHook(status(429, { 'retry-after': '1800' }));
  const { id } = await endpoint(hook.url);
  await say('c-1', 1);
  await eventually(async () => (await look(id)).next_attempt_at !== null, 'it rests');
  await say('c-1', 2);
  await eventually(async () => (await look(id)).waiting === 2, 'the second waits');
  expect(names(hook.came)).toEqual(['s1']);
  hook.answer = status(200);
  advance(HOUR);
  await eventually(async () => (await look(id)).waiting === 0, 'both arrived');
  await remove(id);
});

test('one that hangs holds a few at once and none of another endpoint', async () => {
  const open: ServerResponse[] = [];
  const [hanging, fine] = [await startHook((response) => open.push(response)), await startHook()];
  const [slow, quick] = [await endpoint(hanging.url), await endpoint(fine.url)];
  for (let nth = 1; nth <= 60; nth++) await say(`c-${nth}`, nth);
  await eventually(async () => fine.came.length === 60, 'the other got all');
  expect(hanging.came.length).toBeLessThanOrEqual(16);
  hanging.answer = status(200);
  for (const response of open) response.end();
  await eventually(async () => (await look(slow.id)).waiting === 0, 'and it gets the rest');
  await Promise.all([remove(slow.id), remove(quick.id)]);
});

test('an endpoint gets what it chose, and the addresses of the settings what the reference sends', async () => {
  const [mine, shared] = [await startHook(), await startHook()];
  const { id } = await endpoint(mine.url, { events: ['records.changed', 'connection.deleted'], integrations: ['key'] });
  await (await platform.member())('PATCH', '/api/environment', { webhooks: { primary_url: shared.url } });
  const connection = { id: 0, connectionId: 'c-1', providerConfigKey: 'key', provider: 'p', authMode: 'API_KEY' };
  const completed = { syncName: 's', syncVariant: 'base', model: 'A', syncType: 'INCREMENTAL' as const, modifiedAfter: 'm' };
  const responseResults = { added: 1, updated: 0, deleted: 0 };
  const { db } = platform.world;
  await publish(db, environmentId, 'sync.completed', { connection, ...completed, responseResults });
  await publish(db, environmentId, 'sync.completed', {
    connection: { ...connection, providerConfigKey: 'other' },
    ...completed,
    responseResults,
  });
  await publish(db, environmentId, 'connection.deleted', { connection });
  await eventually(async () => mine.came.length === 2 && shared.came.length === 2, 'they came');
  expect(mine.came.map(({ body }) => body.type).toSorted()).toEqual(['connection_deleted', 'records_changed']);
  expect(shared.came.map(({ body }) => body.type)).toEqual(['sync', 'sync']);
  await (await platform.member())('PATCH', '/api/environment', { webhooks: { primary_url: '' } });
  await remove(id);
});

test('a test event goes to one endpoint, whatever it chose', async () => {
  const hook = await startHook();
  const { id } = await endpoint(hook.url);
  const { delivery_id } = (await platform.call('POST', `/webhooks/endpoints/${id}/test`)).body.data;
  await eventually(async () => hook.came.length === 1, 'it came');
  expect([hook.came[0]?.headers['webhook-id'], hook.came[0]?.body.type]).toEqual([delivery_id, 'test']);
  await remove(id);
});

test('more than a call takes are sent again by calls that each go on behind the last, none twice though they arrive meanwhile', async () => {
  const { id } = await endpoint('http://127.0.0.1:9/', { enabled: false });
  const { db } = platform.world;
  await run(
    db,
    sql`insert into webhook_deliveries (environment_id, endpoint_id, name, type, url, body, state)
        select ${environmentId}, ${id}::uuid, 'sync.failed', 'sync', '', '{}', 'delivered' from generate_series(1, 10200)`,
  );
  const counts = async () => (await platform.call('GET', `/webhooks/deliveries/count?endpoint=${id}`)).body.data;
  const again = async (cursor: object) =>
    (await platform.call('POST', '/webhooks/deliveries/redeliver', { endpoint: id, state: 'delivered', ...cursor })).body.data;
  expect(await counts()).toEqual({ pending: 0, delivered: 10_200, failed: 0, more: false });
  const first = await again({});
  expect(first).toMatchObject({ count: 10_000, more: true });
  expect(await counts()).toMatchObject({ pending: 10_000, delivered: 200 });
  await run(db, sql`update webhook_deliveries set state = 'delivered' where endpoint_id = ${id}::uuid and state = 'pending'`);
  expect(await again({ cursor: first.next_cursor })).toEqual({ count: 200, more: false, next_cursor: null });
  await remove(id);
});

test('addresses of this server or of a private network are refused when they are saved', async () => {
  for (const url of [
    'http://10.0.0.1/',
    'http://[::1]:9/',
    'http://[::ffff:7f00:2]/',
    'http://169.254.169.254/latest',
    'http://user:pw@203.0.113.9/',
    platform.url.replace('127.0.0.1', 'localhost'),
  ]) {
    const { status: code, body } = await platform.call('POST', '/webhooks/endpoints', { url });
    expect([url, code, body.error?.errors?.[0]?.path]).toEqual([url, 400, ['url']]);
  }
});

test('a feed is read in order from a cursor, and who commits late is not missed', async () => {
  const page = async (cursor: string) => (await platform.call('GET', `/events?types=sync.failed&cursor=${cursor}`)).body;
  const { next_cursor: start } = await page('now');
  const { db } = platform.world;
  let commit = () => {};
  const held = new Promise<void>((resolve) => {
    commit = resolve;
  });
  let begun = () => {};
  const began = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const late = db.transaction().execute(async (tx) => {
    await publish(tx, environmentId, 'sync.failed', {
      connection: { id: 0, connectionId: 'late', providerConfigKey: 'key', provider: 'p', authMode: 'API_KEY' },
      ...{ syncName: 'late', syncVariant: 'base', models: ['A'], syncType: 'INITIAL' as const, error: { type: 'x', description: 'y' } },
      ...{ startedAt: 's', failedAt: 'f' },
    });
    begun();
    await held;
  });
  await began;
  await say('c-1', 1);
  const first = await page(start);
  expect(first.data.map(({ data }: Json) => data.syncName)).toEqual(['s1']);
  commit();
  await late;
  const second = await page(first.next_cursor);
  expect(second.data.map(({ data }: Json) => data.syncName)).toEqual(['late']);
  expect((await page(second.next_cursor)).data).toEqual([]);
});

test('a feed as a stream goes on behind the last id, with webhooks that verify', async () => {
  const { next_cursor: start } = (await platform.call('GET', '/events?cursor=now')).body;
  await say('c-1', 7);
  await say('c-1', 8);
  const read = async (lastId: string, count: number): Promise<Json[]> => {
    const response = await fetch(`${platform.url}/events?signed=true`, {
      headers: { accept: 'text/event-stream', authorization: `Bearer ${platform.apiKey}`, 'last-event-id': lastId },
    });
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString('utf8');
      const events = [...text.matchAll(/event: event\ndata: (.*)\n\n/g)].map(([, data = '']) => JSON.parse(data));
      if (events.length >= count) return events;
    }
    return [];
  };
  const [first, second] = await read(start, 2);
  expect([first.data.syncName, second.data.syncName]).toEqual(['s7', 's8']);
  expect((await read(first.id, 1))[0].id).toBe(second.id);
  const { webhook_secret } = (await (await platform.member())('GET', '/api/environment')).body;
  expect(new Webhook(webhook_secret).verify(first.signed.body, first.signed.headers)).toMatchObject({ syncName: 's7' });
});

test('what is old is forgotten with its attempts, and what waited a week for a paused endpoint is given up', async () => {
  const { world } = platform;
  const paused = await endpoint('http://127.0.0.1:9/');
  await say('c-1', 1);
  await eventually(async () => (await look(paused.id)).waiting === 1, 'it waits');
  await platform.call('PATCH', `/webhooks/endpoints/${paused.id}`, { enabled: false });
  const after = (days: number) => ({ ...world, clock: { now: () => new Date(world.clock.now().getTime() + days * 24 * HOUR) } });
  await sweepDeliveries(after(6.9));
  expect((await look(paused.id)).waiting).toBe(1);
  await sweepDeliveries(after(7.1));
  expect(await listed(`endpoint=${paused.id}`)).toMatchObject([{ state: 'failed', last_error: expect.stringMatching(/7 days/) }]);
  await sweepDeliveries(after(14.1));
  expect(await many(world.db, sql`select id from webhook_deliveries union all select delivery_id from webhook_attempts`)).toEqual([]);
});
