/**
 * Webhooks out: deliveries a second to one endpoint and to a hundred, as a ratio to jobs of the engine that do nothing; what one dead endpoint among a hundred costs
 * the others; and events from their publishing to their arrival. DELIVERIES=1000 and ROUNDS=1 for less.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { sql } from 'kysely';
import type pg from 'pg';
import { pino } from 'pino';
import { many, only, run } from '../packages/server/src/base/database.ts';
import { startEmbedded } from '../packages/server/src/base/embedded.ts';
import { migrate } from '../packages/server/src/base/migrate.ts';
import { createEnvironment } from '../packages/server/src/environments/create.ts';
import { dispatch } from '../packages/server/src/events/dispatch.ts';
import { publishAll } from '../packages/server/src/events/publish.ts';
import { internalScope } from '../packages/server/src/http/scope.ts';
import { enqueue } from '../packages/server/src/queue/enqueue.ts';
import { migrateQueue, startWorkers } from '../packages/server/src/queue/work.ts';
import { addDeliveries } from '../packages/server/src/webhooks-out/add.ts';
import { claimDue } from '../packages/server/src/webhooks-out/claim.ts';
import { createEndpoint } from '../packages/server/src/webhooks-out/save-endpoint.ts';
import { startSender } from '../packages/server/src/webhooks-out/sender.ts';
import { listenersOf } from '../packages/server/test/webhooks-out/listeners.ts';
import { createSendingWorld, type SendingWorld } from '../packages/server/test/webhooks-out/world.ts';
import { makeFolder } from './platform.ts';
import { type Spent, spentText, watch } from './processor-time.ts';
import { median, quantile, report } from './report.ts';

const DELIVERIES = Number(process.env.DELIVERIES ?? 10_000);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
/** With the one that never answers a hundred. */
const ENDPOINTS = 99;
/** Whether all is done; looked at each 20 ms it was an eighth of what Postgres did. */
const LOOK_MS = 100;
const log = pino({ level: 'silent' });
const NO_OP = 'queue: a job that does nothing';
const CLAIM = 'a claim that finds nothing due';
/** Of one connection, behind one that failed. */
const IN_LINE = 20_000;
const AMONG = `${ENDPOINTS} endpoints`;

/** Receivers on a thread of their own: the nth answers 204, but the last one, which never does. */
const receivers = new Worker(
  `const { createServer } = require('node:http'); const { parentPort } = require('node:worker_threads');
   const start = (answer) => new Promise((resolve) => { const server = createServer((request, response) => { request.resume(); request.on('end', () => answer(response)); });
     server.keepAliveTimeout = 60000; server.listen(0, '127.0.0.1', () => resolve('http://127.0.0.1:' + server.address().port + '/')); });
   Promise.all([...Array(${ENDPOINTS}).fill((response) => response.writeHead(204).end()), () => {}].map(start)).then((urls) => parentPort.postMessage(urls));`,
  { eval: true },
);
const [urls] = (await once(receivers, 'message')) as [string[]];

const ABOUT = { url: '', eventId: null, name: 'sync.failed', type: 'sync', integration: 'crm', connection: 'c-1' };

const embedded = await startEmbedded({ home: `${makeFolder()}/home`, log, progress: () => {} });
const { world, pool, close } = await createSendingWorld(embedded.target, randomBytes(32));
await migrate(pool, { log });
await migrateQueue({ pool, log });
const account = await only<{ id: number }>(world.db, sql`insert into accounts (name) values ('bench') returning id`);
const environment = await createEnvironment(world, { accountId: account.id, name: 'dev', isProduction: false });
if (!environment) throw new Error('no environment');
const ids: string[] = [];
for (const url of urls) ids.push((await createEndpoint(world, internalScope(environment), endpoint(url))).id);
const dead = ids.at(-1) ?? '';

const noOp = await rounds(() => noOps(pool, world));
const one = await rounds(() => drained(ids.slice(0, 1)));
const hundred = await rounds(() => drained(ids.slice(0, ENDPOINTS)));
const beside = await rounds(() => drained([...ids]));
const told = await rounds(() => published());
const claim = await rounds(() => claimed(1));
const passing = await rounds(() => claimed(IN_LINE));
report({
  name: 'webhooks-out',
  title: 'Webhooks out',
  lines: [
    { what: NO_OP, rounds: noOp, unit: '/s' },
    { what: 'one endpoint', rounds: one.map(rate), unit: '/s', floor: NO_OP },
    { what: AMONG, rounds: hundred.map(rate), unit: '/s', floor: NO_OP, goal: { atLeast: 1_000 } },
    { what: `${ENDPOINTS} endpoints, a hundredth never answers: the others`, rounds: beside.map(rate), unit: '/s', floor: AMONG },
    { what: 'events published, heard and delivered', rounds: told.map(rate), unit: '/s', floor: NO_OP },
    { what: CLAIM, rounds: claim, unit: 'ms' },
    { what: `the same beside ${IN_LINE.toLocaleString('en')} in one line`, rounds: passing, unit: 'ms', floor: CLAIM },
  ],
  notes: [
    ...[
      spentText('a delivery to one endpoint, receiver included', medianOf(one.map(({ spent }) => spent)), DELIVERIES),
      spentText(`one to ${AMONG}`, medianOf(hundred.map(({ spent }) => spent)), DELIVERIES),
      spentText('one from being published', medianOf(told.map(({ spent }) => spent)), DELIVERIES / 2),
    ],
    `${DELIVERIES} deliveries a round of one process: claimed, signed, sent over HTTP, answered, and stored with their attempts and their entries of the activity log.`,
    'Receivers are a thread of the same process, the database is the embedded one, on the same machine.',
    `Latency of the others beside the dead one, from being due to being stored: p99 ${quantile(
      beside.flatMap(({ ms }) => ms),
      0.99,
    ).toFixed(0)} ms, without it ${quantile(
      hundred.flatMap(({ ms }) => ms),
      0.99,
    ).toFixed(0)} ms, in a queue that is full from the start.`,
  ],
});
await receivers.terminate();
await close();
await embedded.stop();

function rate({ perSecond }: { perSecond: number }): number {
  return perSecond;
}

function medianOf(spent: readonly Spent[]): Spent {
  const of = (kind: keyof Spent) => median(spent.map((one) => one[kind]));
  return { node: of('node'), postgres: of('postgres'), deno: of('deno') };
}

function endpoint(url: string) {
  return { url, description: '', events: ['sync.failed'], integrations: null, ordered: false, enabled: true };
}

async function rounds<T>(measure: () => Promise<T>): Promise<T[]> {
  const found: T[] = [];
  for (let round = 0; round < ROUNDS; round++) found.push(await measure());
  return found;
}

async function noOps(jobs: pg.Pool, { db }: SendingWorld): Promise<number> {
  await enqueue(
    db,
    Array.from({ length: 3_000 }, (_, id) => ({ task: 'event' as const, payload: { id } })),
  );
  let left = 3_000;
  const started = performance.now();
  const event = async () => {
    left -= 1;
  };
  const stop = await startWorkers({ pool: jobs, db, log }, { event }, { concurrency: 8 });
  while (left > 0) await sleep(5);
  const seconds = (performance.now() - started) / 1_000;
  await stop();
  return 3_000 / seconds;
}

/** How fast what waits for these endpoints goes out; of one that never answers nothing is waited for. */
async function drained(to: readonly string[]): Promise<{ perSecond: number; ms: number[]; spent: Spent }> {
  await run(world.db, sql`truncate webhook_deliveries, webhook_attempts, operations, operation_messages`);
  await run(world.db, sql`update webhook_endpoints set state = 'active', slots = 16, failures = 0, rest_until = null`);
  const body = JSON.stringify({
    connectionId: 'c-1',
    from: 'nango',
    providerConfigKey: 'crm',
    success: true,
    type: 'sync',
    text: 'x'.repeat(300),
  });
  const about = { ...ABOUT, content: { body }, orderKey: null };
  for (let at = 0; at < DELIVERIES; at += 1_000) {
    const deliveries = Array.from({ length: Math.min(1_000, DELIVERIES - at) }, (_, n) => ({
      ...about,
      endpointId: to[(at + n) % to.length] ?? '',
    }));
    await addDeliveries(world, world.db, { environmentId: environment?.id ?? 0, deliveries });
  }
  await run(world.db, sql`vacuum analyze webhook_deliveries`);
  const spent = await watch({ pid: process.pid, database: embedded.target });
  const started = performance.now();
  const stop = startSender(world);
  await until(`state = 'pending' and endpoint_id <> '${dead}'`);
  const seconds = (performance.now() - started) / 1_000;
  const used = spent();
  await stop();
  const done = await many<{ ms: number }>(
    world.db,
    sql`select extract(epoch from finished_at - created_at) * 1000 as ms from webhook_deliveries where state = 'delivered'`,
  );
  return { perSecond: done.length / seconds, ms: done.map(({ ms }) => Number(ms)), spent: used };
}

async function published(): Promise<{ perSecond: number; spent: Spent }> {
  await run(world.db, sql`truncate webhook_deliveries, webhook_attempts, operations, operation_messages, events`);
  await run(world.db, sql`update webhook_endpoints set is_enabled = id = ${ids[0]}::uuid`);
  const listeners = listenersOf(world);
  const stopWorkers = await startWorkers({ ...world, pool }, { event: ({ id }) => dispatch(world, listeners, id) }, { concurrency: 8 });
  const stopSender = startSender(world);
  const connection = { id: 0, connectionId: 'c-1', providerConfigKey: 'crm', provider: 'p', authMode: 'API_KEY' };
  const payload = {
    connection,
    syncName: 's',
    syncVariant: 'base',
    models: ['A'],
    syncType: 'INITIAL' as const,
    startedAt: 's',
    failedAt: 'f',
  };
  const news = Array.from({ length: 50 }, () => ({
    type: 'sync.failed' as const,
    payload: { ...payload, error: { type: 'x', description: 'y' } },
  }));
  const spent = await watch({ pid: process.pid, database: embedded.target });
  const started = performance.now();
  for (let at = 0; at < DELIVERIES / 2; at += 50) await publishAll(world.db, environment?.id ?? 0, news);
  const isDone = async () =>
    (await only<{ count: number }>(world.db, sql`select count(*)::int from webhook_deliveries where state = 'delivered'`)).count >=
    DELIVERIES / 2;
  while (!(await isDone())) await sleep(LOOK_MS);
  const seconds = (performance.now() - started) / 1_000;
  const used = spent();
  await Promise.all([stopWorkers(), stopSender()]);
  return { perSecond: DELIVERIES / 2 / seconds, spent: used };
}

/** How long a claim takes when the first of an ordered line failed, and what is behind it waits. */
async function claimed(inLine: number): Promise<number> {
  await run(world.db, sql`truncate webhook_deliveries`);
  const about = { ...ABOUT, content: { body: '{}' } };
  for (let at = 0; at < inLine; at += 1_000) {
    const deliveries = Array.from({ length: Math.min(1_000, inLine - at) }, () => ({
      ...about,
      endpointId: ids[0] ?? '',
      orderKey: 'crm c-1',
    }));
    await addDeliveries(world, world.db, { environmentId: environment?.id ?? 0, deliveries });
  }
  await run(world.db, sql`update webhook_deliveries set next_at = now() + interval '1 hour' where next_at < 'infinity'`);
  await run(world.db, sql`vacuum analyze webhook_deliveries`);
  const took: number[] = [];
  for (let nth = 0; nth < 20; nth++) {
    const started = performance.now();
    await claimDue(world, 100);
    took.push(performance.now() - started);
  }
  return quantile(took, 0.5);
}

async function until(none: string): Promise<void> {
  const left = async () =>
    (await only<{ any: boolean }>(world.db, sql`select exists (select from webhook_deliveries where ${sql.raw(none)}) as any`)).any;
  while (await left()) await sleep(LOOK_MS);
}
