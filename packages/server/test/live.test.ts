import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { LIVE_PATH } from '@bowline/api/dashboard';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { publishLive } from '../src/http/live.ts';
import { startOperation } from '../src/logs/operation.ts';
import { type Json, type Process, signedIn, startProcess } from './accounts-world.ts';
import { freshDatabase } from './postgres.ts';

const env = { BOWLINE_ADMIN_PASSWORD: 'correct horse' };

const database = await freshDatabase();
let first: Process;
let second: Process;
let member: Awaited<ReturnType<typeof signedIn>>;
let dev: number;
let prod: number;
beforeAll(async () => {
  first = await startProcess(database, env);
  second = await startProcess(database, env);
  member = await signedIn(first);
  const [, session] = await member.call('GET', '/api/session');
  [dev, prod] = session.environments.map(({ id }: Json) => id);
});
afterAll(async () => {
  await first.close();
  await second.close();
});

/** Reads one browser's stream; `events` holds what has come so far. Not with fetch, which after an abort opens a spare connection that delays the stop. */
async function open(process: Process, query = '?environment=dev', cookie = member.cookie) {
  const request = get(process.url + LIVE_PATH + query, { headers: { cookie }, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const events: Json[] = [];
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const blocks = (text + chunk).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) if (block.startsWith('data: ')) events.push(JSON.parse(block.slice('data: '.length)));
  });
  return {
    response,
    events,
    closed: once(response, 'end').then(
      () => text,
      () => text,
    ),
    stop: () => request.destroy(),
  };
}
/** A message sent after others were committed arrives after them: when it is here, so is everything before it. */
async function settled(stream: { events: Json[] }) {
  const before = stream.events.filter(({ topic }) => topic === 'integrations').length;
  publishLive(second.world, dev, 'integrations');
  await expect.poll(() => stream.events.filter(({ topic }) => topic === 'integrations').length).toBeGreaterThan(before);
}

test('a message of any process reaches the browsers of its environment only', async () => {
  const [here, there] = [await open(first), await open(first, '?environment=prod')];
  expect(here.response.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  publishLive(second.world, prod, 'connections');
  publishLive(second.world, dev, 'syncs', 's-1');
  // Sent over two connections, so either may come first; each passes both streams at the same moment.
  await expect.poll(() => there.events).toEqual([{ topic: 'connections' }]);
  await expect.poll(() => here.events).toEqual([{ topic: 'syncs', id: 's-1' }]);
  expect(there.events).toHaveLength(1);
  here.stop();
  there.stop();
});

test('a burst becomes a first and a last event; of different things the last names none', async () => {
  const stream = await open(first);
  for (let n = 0; n < 500; n += 1) publishLive(first.world, dev, 'records', `r-${n}`);
  for (let n = 0; n < 500; n += 1) publishLive(second.world, dev, 'connections', 'c-1');
  const of = (name: string) => stream.events.filter(({ topic }) => topic === name);
  await expect.poll(() => [of('records').length, of('connections').length]).toEqual([2, 2]);
  await settled(stream);
  expect(of('records')).toEqual([{ topic: 'records', id: 'r-0' }, { topic: 'records' }]);
  expect(of('connections')).toEqual([
    { topic: 'connections', id: 'c-1' },
    { topic: 'connections', id: 'c-1' },
  ]);
  stream.stop();
});

test('messages that are none of ours are not forwarded', async () => {
  const stream = await open(first);
  for (const payload of [
    {},
    { environmentId: dev },
    { environmentId: dev, topic: 'secrets' },
    { environmentId: String(dev), topic: 'syncs' },
  ]) {
    await first.world.bus.publish('live', payload);
  }
  await settled(stream);
  expect(stream.events.filter(({ topic }) => topic !== 'integrations')).toEqual([]);
  stream.stop();
});

test('saving the activity log tells the dashboard', async () => {
  const stream = await open(second);
  startOperation(first.world, { environment: { id: dev } }, { type: 'sync', action: 'run', title: 'seen live' }).end({ state: 'success' });
  await expect.poll(() => stream.events).toContainEqual({ topic: 'operations' });
  stream.stop();
});

test.each([
  ['nobody signed in', '?environment=dev', '', 401, 'signed_out'],
  ['an unknown environment', '?environment=nowhere', undefined, 400, 'invalid_headers'],
])('%s opens no stream', async (_who, query, cookie, status, code) => {
  const { response, closed } = await open(first, query, cookie ?? member.cookie);
  expect([response.statusCode, JSON.parse(await closed).error.code]).toEqual([status, code]);
});

test('the server stops although browsers still listen', async () => {
  const process = await startProcess(database, env);
  const stream = await open(process);
  await process.close();
  await stream.closed;
});
