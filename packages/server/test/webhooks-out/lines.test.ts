/** Ordered endpoints: what is said of a connection arrives in the order in which it happened, whoever adds, sends, fails and sends again beside each other. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { many, only, run } from '../../src/base/database.ts';
import { createEnvironment } from '../../src/environments/create.ts';
import type { Environment } from '../../src/environments/environment.ts';
import { internalScope } from '../../src/http/scope.ts';
import { addDeliveries } from '../../src/webhooks-out/add.ts';
import { claimDue, giveBack } from '../../src/webhooks-out/claim.ts';
import { redeliverMany } from '../../src/webhooks-out/redeliver.ts';
import { sweepDeliveries } from '../../src/webhooks-out/retention.ts';
import { createEndpoint, resumeEndpoint } from '../../src/webhooks-out/save-endpoint.ts';
import { startSender } from '../../src/webhooks-out/sender.ts';
import { freshDatabase } from '../postgres.ts';
import { createSendingWorld } from './world.ts';

const { target } = await freshDatabase();
const key = randomBytes(32);
const one = await createSendingWorld(target, key);
const two = await createSendingWorld(target, key);
const { world } = one;
let environment: Environment;
let endpointId: string;
const came: { line: string; n: number }[] = [];
let answer = (_: { line: string; n: number }) => 204;
const server = createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  const told = JSON.parse(text);
  const status = answer(told);
  if (status < 300) came.push(told);
  response.writeHead(status).end();
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const account = await only<{ id: number }>(world.db, sql`insert into accounts (name) values ('acme') returning id`);
  const made = await createEnvironment(world, { accountId: account.id, name: 'dev', isProduction: false });
  if (!made) throw new Error('the environment exists already');
  environment = made;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await Promise.all([one.close(), two.close()]);
});
beforeEach(async () => {
  came.splice(0);
  answer = () => 204;
  await run(world.db, sql`truncate webhook_deliveries, webhook_attempts, webhook_endpoints`);
  const { id } = await createEndpoint(world, internalScope(environment), {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, // it listens on a port
    ...{ description: '', events: ['*'], integrations: null, ordered: true, enabled: true },
  });
  endpointId = id;
});

const add = (told: readonly { line: string; n: number }[], by = world) =>
  addDeliveries(by, by.db, {
    environmentId: environment.id,
    deliveries: told.map(({ line, n }) => ({
      ...{ endpointId, url: '', eventId: null, name: 'sync.failed', type: 'sync', integration: 'crm', connection: line },
      ...{ content: { body: JSON.stringify({ line, n }) }, orderKey: `crm ${line}` },
    })),
  });
const range = (count: number) => Array.from({ length: count }, (_, n) => n);
const pending = async () =>
  (await only<{ count: number }>(world.db, sql`select count(*)::int from webhook_deliveries where state = 'pending'`)).count;
const until = async (is: () => Promise<boolean> | boolean) => {
  while (!(await is())) await new Promise((resolve) => setTimeout(resolve, 20));
};
const hurried = () => resumeEndpoint(world, internalScope(environment), endpointId);

test('two processes that send what four add arrive at each line in its order, also where some attempts fail', async () => {
  let failed = 0;
  // Fewer than pause the endpoint.
  answer = ({ n }) => (n % 17 === 3 && failed++ % 2 === 0 ? 500 : 204);
  const stops = [startSender(one.world), startSender(two.world)];
  const adders = range(4).map(async (adder) => {
    for (const n of range(60)) await add([{ line: `line ${adder}`, n }], adder % 2 === 0 ? one.world : two.world);
  });
  const all = Promise.all(adders);
  let over = false;
  const hurrying = (async () => {
    while (!over) {
      await hurried(); // what failed is tried again at once
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  await all;
  await until(async () => (await pending()) === 0);
  over = true;
  await hurrying;
  await Promise.all(stops.map((stop) => stop()));
  for (const adder of range(4)) expect(came.filter(({ line }) => line === `line ${adder}`).map(({ n }) => n)).toEqual(range(60));
});

test('one that is added just when the last of its line ends is not left waiting', async () => {
  const stop = startSender(one.world);
  for (const n of range(80)) {
    await add([{ line: 'a', n }]);
    await until(() => came.length > n); // answered, and its end is being stored
    if (n % 2 === 0) await add([{ line: 'b', n }]);
  }
  await until(async () => (await pending()) === 0);
  await stop();
  expect(came.filter(({ line }) => line === 'a').map(({ n }) => n)).toEqual(range(80));
});

test('with 20,000 behind one that fails, a claim looks at one delivery of the line and finds those of others', async () => {
  for (const start of range(20)) await add(range(1_000).map((n) => ({ line: 'stuck', n: start * 1_000 + n })));
  await run(world.db, sql`update webhook_deliveries set next_at = now() + interval '1 hour' where next_at < 'infinity'`); // its first failed
  await add([{ line: 'free', n: 1 }]);
  const due = await only<{ count: number }>(world.db, sql`select count(*)::int from webhook_deliveries where next_at <= now()`);
  expect(due.count).toBe(1);
  const claimed = await claimDue(world, 100);
  expect(claimed.map(({ orderKey }) => orderKey)).toEqual(['crm free']);
  await giveBack(
    world,
    claimed.map(({ id }) => id),
  );
});

test('those sent again go one after the other, and before what happened later', async () => {
  const stop = startSender(one.world);
  await add(range(30).map((n) => ({ line: 'a', n })));
  await until(async () => (await pending()) === 0);
  await stop();
  came.splice(0);
  await redeliverMany(world, internalScope(environment), { state: 'delivered' });
  await add([{ line: 'a', n: 30 }]);
  expect(await many(world.db, sql`select id from webhook_deliveries where next_at < 'infinity' and state = 'pending'`)).toHaveLength(1);
  const again = startSender(one.world);
  await until(async () => (await pending()) === 0);
  await again();
  expect(came.map(({ n }) => n)).toEqual(range(31));
});

test('when the first is given up the next one goes, also where nobody let it', async () => {
  await add(range(3).map((n) => ({ line: 'a', n })));
  await run(world.db, sql`update webhook_deliveries set created_at = now() - interval '8 days' where next_at < 'infinity'`);
  await run(world.db, sql`update webhook_endpoints set state = 'paused', rest_until = now() + interval '1 hour'`);
  await sweepDeliveries(world);
  expect(await many(world.db, sql`select state, next_at < 'infinity' as can_go from webhook_deliveries order by seq`)).toEqual([
    { state: 'failed', canGo: true },
    { state: 'pending', canGo: true },
    { state: 'pending', canGo: false },
  ]);
});
