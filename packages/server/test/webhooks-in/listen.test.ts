import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage, request } from 'node:http';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { sql } from 'kysely';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { sweepKept } from '../../src/webhooks-in/keep.ts';
import { type Json, type Platform, startPlatform } from '../platform.ts';

let first: Platform;
let second: Platform;
let uuid: string;
const SIGNED = 'sentry';
const secret = 'client-secret';

beforeAll(async () => {
  first = await startPlatform({ worker: false });
  second = await startPlatform({ worker: false, database: first.database });
  uuid = (await first.scopeOf('dev')).environment.uuid;
  for (const body of [
    { unique_key: 'open', provider: 'unauthenticated' },
    { unique_key: 'other', provider: 'unauthenticated' },
    { unique_key: SIGNED, provider: 'sentry-oauth', credentials: { type: 'OAUTH2', client_id: 'id', client_secret: secret } },
  ])
    expect((await first.call('POST', '/integrations', body)).status).toBe(200);
});
beforeEach(async () => {
  await sql`delete from kept_webhooks`.execute(first.world.db);
  await sql`delete from webhook_listeners`.execute(first.world.db);
});

type Sent = { body?: string | Buffer; query?: string; headers?: readonly string[]; environment?: string };
/** Not with fetch, which changes headers. */
async function send(
  integration: string,
  { body = '{}', query = '', headers = [], environment = uuid }: Sent = {},
  at = first,
): Promise<number> {
  const bytes = Buffer.from(body);
  const sent = request(`${at.url}/webhook/${environment}/${integration}${query}`, {
    method: 'POST',
    agent: false,
    headers: ['Host', 'bowline.example', 'Content-Length', String(bytes.length), ...headers],
  });
  sent.end(bytes);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response.statusCode ?? 0;
}
const signature = (body: string) => createHmac('sha256', secret).update(body).digest('hex');

async function open(
  platform: Platform,
  { query = '', place, key = platform.apiKey }: { query?: string; place?: string; key?: string } = {},
) {
  const sent = get(`${platform.url}/webhooks/stream${query}`, {
    agent: false,
    headers: { accept: 'text/event-stream', authorization: `Bearer ${key}`, ...(place && { 'last-event-id': place }) },
  });
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const events: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => events.push(event) });
  response.setEncoding('utf8').on('data', (text: string) => parser.feed(text));
  const ended = new Promise<void>((resolve) => response.on('error', () => {}).on('close', () => resolve()));
  const webhooks = (): Json[] => events.filter(({ event }) => event === 'webhook').map(({ data }) => JSON.parse(data));
  await expect.poll(() => events[0]?.event).toBe('ready');
  return {
    response,
    events,
    webhooks,
    ended,
    bodies: () => webhooks().map(({ body }) => Buffer.from(body, 'base64').toString()),
    stop: () => sent.destroy(),
  };
}
const page = async (query: string, headers = {}, platform = first) =>
  (await platform.call('GET', `/webhooks/stream${query}`, undefined, { authorization: `Bearer ${platform.apiKey}`, ...headers })).body;
const kept = async (): Promise<number> =>
  (await sql<{ count: number }>`select count(*) as count from kept_webhooks`.execute(first.world.db)).rows[0]?.count ?? -1;

test('bytes, query and headers come to another process as they were, without those of the transport and of whoever is signed in', async () => {
  const stream = await open(second);
  const body = Buffer.from([0, 255, 123, 10]);
  const own = ['X-Signature', 'a', 'x-signature', 'b', 'Content-Type', 'application/octet-stream'];
  const strange = ['Authorization', 'Basic c2VjcmV0', 'Cookie', 'a=b', 'X-Forwarded-For', '10.0.0.1', 'CF-Ray', '1', 'Via', '1.1 x'];
  expect(await send('open', { body, query: '?validationToken=a%20b&x', headers: [...own, ...strange] })).toBe(200);
  await expect.poll(stream.webhooks).toHaveLength(1);
  expect(stream.webhooks()[0]).toEqual({
    id: '1',
    integration: 'open',
    method: 'POST',
    query: 'validationToken=a%20b&x',
    headers: [
      ['X-Signature', 'a'],
      ['x-signature', 'b'],
      ['Content-Type', 'application/octet-stream'],
    ],
    body: body.toString('base64'),
    received_at: expect.any(String),
  });
  stream.stop();
});

test('who comes back with the place of the last one it finished gets all that came since, in order, from any process; so does who only asks', async () => {
  const stream = await open(first);
  for (const body of ['1', '2', '3']) await send('open', { body }, body === '2' ? second : first);
  await expect.poll(stream.bodies).toEqual(['1', '2', '3']);
  const place = stream.events[1]?.id ?? '';
  stream.stop();
  await send('open', { body: '4' });
  const again = await open(second, { place });
  await expect.poll(again.bodies).toEqual(['2', '3', '4']);
  expect(JSON.parse(again.events[0]?.data ?? '')).toEqual({ missed: 0 });
  again.stop();
  expect((await page(`?after=${place}`)).data).toHaveLength(3);
  expect(await page('')).toEqual({ cursor: '4', missed: 0, data: [] });
});

test('at once, from several processes, none is left out', async () => {
  const stream = await open(second);
  await Promise.all(Array.from({ length: 40 }, (_, index) => send('open', { body: String(index) }, index % 2 ? first : second)));
  await expect.poll(() => stream.webhooks().length).toBe(40);
  expect(stream.webhooks().map(({ id }) => Number(id))).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  stream.stop();
});

test('only of the integrations asked for, only of the own environment', async () => {
  const prod = await open(first, { key: await first.keyOf('prod') });
  const stream = await open(first, { query: '?integration=other' });
  await send('open', { body: 'open' });
  await send('other', { body: 'other' });
  await expect.poll(stream.bodies).toEqual(['other']);
  expect((await page('?after=0', { authorization: `Bearer ${await first.keyOf('prod')}` })).data).toEqual([]);
  expect(prod.webhooks()).toEqual([]);
  expect(await page('?integration=nobody')).toMatchObject({ error: { code: 'unknown_provider_config' } });
  for (const one of [prod, stream]) one.stop();
});

test('a request whose signature is wrong here is not handed on; a right one is, signature included', async () => {
  await page('');
  const body = '{"action":"created"}';
  expect(await send(SIGNED, { body, headers: ['Sentry-Hook-Signature', 'wrong'] })).toBe(401);
  expect(await kept()).toBe(0);
  expect(await send(SIGNED, { body, headers: ['Sentry-Hook-Signature', signature(body)] })).toBe(200);
  expect((await page('?after=0')).data).toMatchObject([{ integration: SIGNED, headers: [['Sentry-Hook-Signature', signature(body)]] }]);
});

test('nothing is kept before somebody listens, nor an hour after, nor longer than an hour; what is kept is sealed', async () => {
  await send('open');
  expect(await kept()).toBe(0);
  await page('');
  await send('open', { body: 'a secret of an end user' });
  const { rows } = await sql<{ sealed: Buffer }>`select sealed from kept_webhooks`.execute(first.world.db);
  expect(rows[0]?.sealed.length).toBeGreaterThan(20);
  expect(rows[0]?.sealed.includes(Buffer.from('a secret of an end user').toString('base64'))).toBe(false);
  await sql`update webhook_listeners set listened_at = now() - interval '61 minutes'`.execute(first.world.db);
  await send('open');
  expect(await kept()).toBe(1);
  await sql`update kept_webhooks set received_at = now() - interval '61 minutes'`.execute(first.world.db);
  await sweepKept(first.world);
  expect(await kept()).toBe(0);
});

test('the newest thousand are kept, and what is gone is counted', async () => {
  await page('');
  await sql`update webhook_listeners set last_id = 999`.execute(first.world.db);
  await sql`insert into kept_webhooks (environment_id, id, integration_id, bytes, sealed)
            select environment_id, number, 1, 1, '' from webhook_listeners, generate_series(1, 999) number`.execute(first.world.db);
  await send('open', { body: '1000' });
  await send('open', { body: '1001' });
  expect(await kept()).toBe(1000);
  expect(await page('?after=999')).toMatchObject({ cursor: '1001', missed: 0, data: [{ id: '1000' }, { id: '1001' }] });
  await sql`delete from kept_webhooks where id < 1001`.execute(first.world.db);
  expect(await page('?after=10')).toMatchObject({ missed: 990, data: [{ id: '1001' }] });
  expect(await page('?after=99999')).toEqual({ cursor: '1001', missed: 0, data: [] });
});

test('32 MB are kept, the oldest go', async () => {
  await page('');
  await sql`update webhook_listeners set last_id = 3`.execute(first.world.db);
  await sql`insert into kept_webhooks (environment_id, id, integration_id, bytes, sealed)
            select environment_id, number, 1, 16000000, '' from webhook_listeners, generate_series(1, 3) number`.execute(first.world.db);
  await send('open');
  const { rows } = await sql<{ id: number }>`select id from kept_webhooks order by id`.execute(first.world.db);
  expect(rows.map(({ id }) => id)).toEqual([2, 3, 4]);
});

test('a server that stops ends its streams; a key without the scope opens none', async () => {
  const beside = await startPlatform({ worker: false, database: first.database });
  const stream = await open(beside);
  await beside.stop();
  await stream.ended;
  const weak = await first.call('GET', '/webhooks/stream', undefined, {
    authorization: `Bearer ${await first.keyOf('dev', ['environment:logs:read'])}`,
  });
  expect([weak.status, weak.body.error.code]).toEqual([403, 'forbidden']);
});
