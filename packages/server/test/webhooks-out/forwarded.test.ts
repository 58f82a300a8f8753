/** What is handed on of providers' webhooks: to the feed for whoever cannot be called, legible to nobody who reads the database, however it was stored before. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { many, only, run } from '../../src/base/database.ts';
import { publish } from '../../src/events/publish.ts';
import { sealedColumns } from '../../src/keys.ts';
import { rotateKeys } from '../../src/vault/rotate.ts';
import { localWrapper } from '../../src/vault/wrapper.ts';
import { sweepDeliveries } from '../../src/webhooks-out/retention.ts';
import { importConnection } from '../connections/fixture.ts';
import { masterKeys } from '../keyring.ts';
import { eventually, type Json, type Platform, startPlatform } from '../platform.ts';

const old = Buffer.alloc(32, 7); // of `startPlatform`
const DAY_MS = 24 * 3_600_000;
type Came = { body: string; headers: IncomingHttpHeaders };

let platform: Platform;
let uuid: string;
let environmentId: number;
let hook: { came: Came[]; url: string; status: number };
const closers: (() => unknown)[] = [];
beforeAll(async () => {
  platform = await startPlatform({ allow: ['127.0.0.1'] });
  const { environment } = await platform.scopeOf('dev');
  ({ uuid, id: environmentId } = environment);
  await platform.call('POST', '/integrations', { unique_key: 'open', provider: 'unauthenticated' });
  await importConnection(platform, 'c-1', { provider_config_key: 'open', credentials: { type: 'NONE' } });
  hook = { came: [], url: '', status: 204 };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    hook.came.push({ body, headers: request.headers });
    response.writeHead(hook.status).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  hook.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`; // it listens on a port
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
});
afterAll(() => closers.map((close) => close()));

const send = async (body: unknown, headers: Record<string, string> = {}) => {
  const answer = await platform.call('POST', `/webhook/${uuid}/open?nangoConnectionId=c-1`, body, headers);
  expect(answer.status).toBe(200);
};
const page = async (query: string): Promise<Json> => (await platform.call('GET', `/events?${query}`)).body;
const now = async (): Promise<string> => (await page('cursor=now')).next_cursor;
const read = (cursor: string, count: number, more = '') =>
  eventually(async () => {
    const found = await page(`cursor=${cursor}&types=webhook.forwarded${more}`);
    return found.data.length >= count && found;
  }, 'it is in the feed');
const endpoint = async (): Promise<string> =>
  (await platform.call('POST', '/webhooks/endpoints', { url: hook.url, events: ['webhook.forwarded'] })).body.data.id;
const listed = async (query: string): Promise<Json[]> => (await platform.call('GET', `/webhooks/deliveries?${query}`)).body.data;
const get = async (id: string): Promise<Json> => (await platform.call('GET', `/webhooks/deliveries/${id}`)).body.data;

test('a webhook that no address is told of is in the feed, with whose it is and what came along, signed', async () => {
  const start = await now();
  await send({ n: 1 }, { 'x-vendor-topic': 'orders' });
  const { data } = await read(start, 1, '&signed=true');
  expect(data).toHaveLength(1);
  const [{ event, data: told, headers, signed }] = data;
  expect([event, told]).toEqual([
    'webhook.forwarded',
    { connectionId: 'c-1', from: 'unauthenticated', payload: { n: 1 }, providerConfigKey: 'open', type: 'forward' },
  ]);
  expect(headers).toMatchObject({ 'x-vendor-topic': 'orders', 'x-bowline-integration': 'open', 'x-bowline-connection': 'c-1' });
  const { webhook_secret } = (await (await platform.member())('GET', '/api/environment')).body;
  expect(new Webhook(webhook_secret).verify(signed.body, signed.headers)).toEqual(told);
  expect(signed.headers).toMatchObject({ 'x-vendor-topic': 'orders', 'x-bowline-event': 'webhook.forwarded' });
});

test('a reader of the feed who follows its cursor meets each webhook once, among the other events, while they commit beside each other', async () => {
  const start = await now();
  const sent = Array.from({ length: 40 }, (_, n) => n);
  const others = sent.map((n) =>
    publish(platform.world.db, environmentId, 'sync.failed', {
      connection: { id: 0, connectionId: 'c-1', providerConfigKey: 'open', provider: 'p', authMode: 'NONE' },
      ...{ syncName: `s${n}`, syncVariant: 'base', models: ['A'], syncType: 'INITIAL', error: { type: 'x', description: 'y' } },
      ...{ startedAt: 's', failedAt: 'f' },
    }),
  );
  const all = Promise.all([...others, ...sent.map((n) => send({ n }))]);
  const seen: string[] = [];
  let cursor = start;
  await eventually(async () => {
    const { data, next_cursor } = await page(`cursor=${cursor}&limit=7`);
    cursor = next_cursor;
    seen.push(...data.map((one: Json) => (one.event === 'webhook.forwarded' ? `w${one.data.payload.n}` : one.data.syncName)));
    return seen.length >= 80;
  }, 'all were read');
  await all;
  expect(seen.toSorted()).toEqual(sent.flatMap((n) => [`s${n}`, `w${n}`]).toSorted());
});

test('bodies of many megabytes come in several pages', async () => {
  const start = await now();
  for (const n of [1, 2, 3]) await send({ n, text: 'x'.repeat(3 * 1024 * 1024) });
  await eventually(
    async () =>
      (await only<{ count: number }>(platform.world.db, sql`select count(*)::int from incoming_webhooks where state = 'stored'`)).count ===
      0,
    'all were seen to',
  );
  const [seen, mores]: [number[], boolean[]] = [[], []];
  for (let cursor = start, more = true; more; ) {
    const { data, next_cursor, has_more } = await page(`cursor=${cursor}`);
    seen.push(...data.map((one: Json) => one.data.payload.n));
    mores.push(has_more);
    [cursor, more] = [next_cursor, has_more];
  }
  expect([seen, mores]).toEqual([
    [1, 2, 3],
    [true, false],
  ]);
});

/** All that the database holds of these tables, as text; bytes as they are. */
const stored = async () => {
  const tables = [
    'webhook_deliveries',
    'webhook_attempts',
    'events',
    'forwarded_webhooks',
    'incoming_webhooks',
    'operations',
    'operation_messages',
  ];
  const texts = await Promise.all(
    tables.map((name) =>
      only<{ text: string | null }>(platform.world.db, sql`select string_agg(row_to_json(t)::text, '') as text from ${sql.table(name)} t`),
    ),
  );
  return texts.map(({ text }) => text ?? '').join('\n');
};
const legible = (text: string, words: string) => text.includes(words) || text.includes(Buffer.from(words).toString('hex'));

test('neither body nor headers can be read in the database, and both are delivered, shown and sent again', async () => {
  const id = await endpoint();
  hook.status = 500;
  await send({ secret: 'lemon-curd' }, { 'x-vendor-token': 'elderflower' });
  await eventually(async () => (await listed(`endpoint=${id}`))[0]?.attempts === 1, 'it was tried');
  const text = await stored();
  expect(legible(text, id)).toBe(true); // the search finds what is there
  expect([legible(text, 'lemon-curd'), legible(text, 'elderflower')]).toEqual([false, false]);
  hook.status = 204;
  await platform.call('POST', `/webhooks/endpoints/${id}/resume`);
  const one = await eventually(
    async () => (await listed(`endpoint=${id}&state=delivered&connection=c-1&integration=open`))[0],
    'it arrived',
  );
  const { body, headers } = hook.came.at(-1) ?? { body: '', headers: {} };
  expect(JSON.parse(body)).toMatchObject({ connectionId: 'c-1', payload: { secret: 'lemon-curd' } });
  expect(headers).toMatchObject({ 'x-vendor-token': 'elderflower', 'webhook-id': one.id, 'x-bowline-provider': 'unauthenticated' });
  expect((await get(one.id)).body).toBe(body);
  const before = hook.came.length;
  await platform.call('POST', `/webhooks/deliveries/${one.id}/redeliver`);
  await eventually(async () => hook.came.length > before, 'it came again');
  expect(hook.came.at(-1)?.body).toBe(body);
  await platform.call('DELETE', `/webhooks/endpoints/${id}`);
});

test('what a release before stored in the clear is sealed, and arrives as it was', async () => {
  const id = await endpoint();
  await platform.call('PATCH', `/webhooks/endpoints/${id}`, { enabled: false });
  const body = '{"connectionId":"c-1","from":"p","payload":{"a":"quince-jelly"},"providerConfigKey":"open","type":"forward"}';
  await run(
    platform.world.db,
    sql`insert into webhook_deliveries (environment_id, endpoint_id, name, type, url, body, headers)
        select ${environmentId}, ${id}::uuid, 'webhook.forwarded', 'forward', '', ${body}, '{"x-vendor-token":"sorrel"}' from generate_series(1, 450)`,
  );
  expect(legible(await stored(), 'quince-jelly')).toBe(true);
  await Promise.all([sweepDeliveries(platform.world), sweepDeliveries(platform.world)]); // two processes sweep
  const text = await stored();
  expect([legible(text, 'quince-jelly'), legible(text, 'sorrel')]).toEqual([false, false]);
  const before = hook.came.length;
  await platform.call('PATCH', `/webhooks/endpoints/${id}`, { enabled: true });
  await eventually(async () => (await listed(`endpoint=${id}&state=pending&limit=1`)).length === 0, 'all arrived');
  const came = hook.came.slice(before);
  expect([came.length, new Set(came.map((one) => `${one.body} ${one.headers['x-vendor-token']}`))]).toEqual([
    450,
    new Set([`${body} sorrel`]),
  ]);
  await platform.call('DELETE', `/webhooks/endpoints/${id}`);
});

test('a rotation of keys seals it again, and it opens as before', async () => {
  const start = await now();
  await send({ n: 'rotated' });
  const before = await read(start, 1);
  const values = () => many<{ sealed: Buffer }>(platform.world.db, sql`select sealed from forwarded_webhooks order by id`);
  const [first] = await values();
  const master = masterKeys([1, old]);
  const rotated = await rotateKeys(
    { db: platform.world.db, master, wrappers: [localWrapper(master)] as const, columns: sealedColumns },
    { newMaster: false, graceMs: 300 },
  );
  expect(rotated.unreadable).toEqual([]);
  const [second] = await values();
  expect(second?.sealed.subarray(0, 5)).not.toEqual(first?.sealed.subarray(0, 5)); // the key's id
  expect(await page(`cursor=${start}&types=webhook.forwarded`)).toEqual(before);
});

test('deliveries of a connection are found by an index, however many others there are', async () => {
  const id = await endpoint();
  await platform.call('PATCH', `/webhooks/endpoints/${id}`, { enabled: false });
  const { db } = platform.world;
  await run(
    db,
    sql`insert into webhook_deliveries (environment_id, endpoint_id, name, type, url, body, state, integration, connection)
        select ${environmentId}, ${id}::uuid, 'sync.failed', 'sync', '', '{}', 'delivered', 'open', 'many-' || n % 500 from generate_series(1, 20000) n`,
  );
  await run(db, sql`analyze webhook_deliveries`);
  const plan = await many<Record<string, string>>(
    db,
    sql`explain select id from webhook_deliveries d where d.environment_id = ${environmentId} and d.connection = 'many-7' order by d.seq desc limit 51`,
  );
  expect(JSON.stringify(plan)).toContain('webhook_deliveries_of_connection');
  expect(await listed('connection=many-7&limit=200')).toHaveLength(40);
  await platform.call('DELETE', `/webhooks/endpoints/${id}`);
});

test('it is forgotten after two weeks, but for what is still on its way', async () => {
  const id = await endpoint();
  hook.status = 500;
  await send({ n: 'waits' });
  const [one] = await eventually(async () => {
    const found = await listed(`endpoint=${id}&state=pending`);
    return found.length > 0 && found;
  }, 'it waits');
  await sweepDeliveries({ ...platform.world, clock: { now: () => new Date(platform.world.clock.now().getTime() + 14.1 * DAY_MS) } });
  expect(await many(platform.world.db, sql`select id from forwarded_webhooks`)).toHaveLength(1);
  expect(JSON.parse((await get(one?.id)).body).payload).toEqual({ n: 'waits' });
  await platform.call('DELETE', `/webhooks/endpoints/${id}`);
});
