import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Nango } from '@nangohq/node';
import { sql } from 'kysely';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { many, only, run } from '../../src/base/database.ts';
import { createEnvironment } from '../../src/environments/create.ts';
import type { Environment } from '../../src/environments/environment.ts';
import { updateSettings, webhookSettings } from '../../src/environments/settings.ts';
import { dispatch } from '../../src/events/dispatch.ts';
import type { ConnectionRef, Events } from '../../src/events/event.ts';
import { publish } from '../../src/events/publish.ts';
import { internalScope } from '../../src/http/scope.ts';
import { migrateQueue, startWorkers } from '../../src/queue/work.ts';
import { deliver } from '../../src/webhooks-out/deliver.ts';
import { redeliver } from '../../src/webhooks-out/redeliver.ts';
import { startSender } from '../../src/webhooks-out/sender.ts';
import { bundle, start } from '../base/process.ts';
import { freshDatabase } from '../postgres.ts';
import { handlersWith } from '../queue/handlers.ts';
import { listenersOf } from './listeners.ts';
import { startReceiver } from './receiver.ts';
import { createSendingWorld } from './world.ts';

const { target } = await freshDatabase();
const key = randomBytes(32);
const { world, pool, close } = await createSendingWorld(target, key);
await migrateQueue({ ...world, pool });
const listeners = listenersOf(world);
const stopWorkers = await startWorkers({ ...world, pool }, handlersWith({ event: ({ id }) => dispatch(world, listeners, id) }), {
  concurrency: 4,
});
const stopSender = startSender(world);
const stop = () => Promise.all([stopWorkers(), stopSender()]);
let working = true;
const stopWorking = async () => {
  if (working) await stop();
  working = false;
};
afterAll(async () => {
  await stopWorking();
  await close();
});

let environment: Environment;
let connection: ConnectionRef;
const soon = { timeout: 20_000, interval: 20 };

beforeEach(async () => {
  const account = await only<{ id: number }>(world.db, sql`insert into accounts (name) values ('acme') returning id`);
  const made = await createEnvironment(world, { accountId: account.id, name: 'dev', isProduction: false });
  if (!made) throw new Error('the environment exists already');
  environment = made;
  const integration = await only<{ id: number }>(
    world.db,
    sql`insert into integrations (environment_id, unique_key, provider) values (${environment.id}, 'crm', 'github') returning id`,
  );
  const row = await only<{ id: number }>(
    world.db,
    sql`insert into connections (environment_id, integration_id, connection_id, provider, auth_mode, credentials_sealed)
      values (${environment.id}, ${integration.id}, 'c-1', 'github', 'OAUTH2', '') returning id`,
  );
  connection = { id: row.id, connectionId: 'c-1', providerConfigKey: 'crm', provider: 'github', authMode: 'OAUTH2' };
});

const settings = (webhooks: Parameters<typeof updateSettings>[2]['webhooks']) => updateSettings(world, { environment }, { webhooks });
const completed = (added: number): Events['sync.completed'] => ({
  connection,
  syncName: 'issues',
  syncVariant: 'base',
  model: 'Issue',
  syncType: 'INCREMENTAL',
  modifiedAfter: '2026-01-02T03:04:05.678Z',
  responseResults: { added, updated: 0, deleted: 0 },
});
const tell = (added = 1) => publish(world.db, environment.id, 'sync.completed', completed(added));
type Row = { id: string; state: string; attempts: number; lastStatus: number | null; lastError: string | null; operationId: string };
const deliveries = () =>
  many<Row>(
    world.db,
    sql`select id, state, attempts, last_status, last_error, operation_id from webhook_deliveries where environment_id = ${environment.id} order by url`,
  );
const settled = async () => {
  // The event is heard when its job is gone.
  await vi.waitFor(
    async () => expect(await many(world.db, sql`select id from graphile_worker.jobs where task_identifier = 'event'`)).toEqual([]),
    soon,
  );
};

test('a delivery has the body of the specification, keys sorted, and signatures that the published client accepts', async () => {
  const receiver = await startReceiver();
  await settings({ primary_url: receiver.url });
  await tell(2);
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1), soon);
  const { body, headers } = receiver.received[0] ?? { body: '', headers: {} };
  expect(body).toBe(
    '{"connectionId":"c-1","from":"nango","model":"Issue","modifiedAfter":"2026-01-02T03:04:05.678Z","providerConfigKey":"crm",' +
      '"queryTimeStamp":"2026-01-02T03:04:05.678Z","responseResults":{"added":2,"deleted":0,"updated":0},"success":true,' +
      '"syncName":"issues","syncType":"INCREMENTAL","syncVariant":"base","type":"sync"}',
  );
  const { signingKey } = await webhookSettings(world, environment.id);
  const client = new Nango({ secretKey: 'unused', webhookSigningKey: signingKey, host: 'http://127.0.0.1:1' });
  const text = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  expect(client.verifyIncomingWebhookRequest(body, text)).toBe(true);
  expect(client.verifyIncomingWebhookRequest(`${body} `, text)).toBe(false);
  expect(client.verifyWebhookSignature(String(headers['x-nango-signature']), JSON.parse(body))).toBe(true);
  await vi.waitFor(async () => expect(await deliveries()).toMatchObject([{ state: 'delivered', attempts: 1, lastStatus: 200 }]), soon);
});

test('both addresses get it, once when they are the same; a connection with its own replaces both', async () => {
  const [one, two, own] = [await startReceiver(), await startReceiver(), await startReceiver()];
  await settings({ primary_url: one.url, secondary_url: two.url });
  await tell();
  await vi.waitFor(() => expect([one.received.length, two.received.length]).toEqual([1, 1]), soon);
  await settings({ secondary_url: one.url });
  await tell();
  await vi.waitFor(() => expect(one.received).toHaveLength(2), soon);
  await run(world.db, sql`update connections set webhook_url_override = ${own.url} where id = ${connection.id}`);
  await tell();
  await vi.waitFor(() => expect(own.received).toHaveLength(1), soon);
  await settled();
  expect(await deliveries()).toHaveLength(4);
});

test('a sync that changed nothing is told only when the environment asks for it; without an address nothing is', async () => {
  await tell();
  await settled();
  expect(await deliveries()).toEqual([]);
  const receiver = await startReceiver();
  await settings({ primary_url: receiver.url, on_sync_completion_always: false });
  await tell(0);
  await settled();
  expect(await deliveries()).toEqual([]);
  await settings({ on_sync_completion_always: true });
  await tell(0);
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1), soon);
});

test('each kind of event has its body and its switch', async () => {
  const receiver = await startReceiver();
  await settings({ primary_url: receiver.url });
  const endUser = { id: 'u1', email: 'a@b.c', display_name: 'Ada', organization: { id: 'o1' } };
  const error = { type: 'refresh_token_external_error', description: 'refused' };
  const common = { connection, tags: { plan: 'pro' }, endUser };
  const failure = {
    syncName: 'issues',
    syncVariant: 'base',
    models: ['A', 'B'],
    syncType: 'INITIAL' as const,
    error,
    startedAt: 's',
    failedAt: 'f',
  };
  const publishEach = async () => {
    await publish(world.db, environment.id, 'connection.saved', { ...common, operation: 'creation' });
    await publish(world.db, environment.id, 'connection.refresh_failed', { ...common, error });
    await publish(world.db, environment.id, 'connection.refresh_recovered', common); // not sent unless asked for
    await publish(world.db, environment.id, 'sync.failed', { connection, ...failure });
    await publish(world.db, environment.id, 'action.completed', { connection, id: 'x' });
  };
  await publishEach();
  await vi.waitFor(() => expect(receiver.received).toHaveLength(4), soon);
  const bodies = receiver.received.map(({ body }) => JSON.parse(body));
  const named = { from: 'nango', connectionId: 'c-1', providerConfigKey: 'crm' };
  const auth = { ...named, type: 'auth', authMode: 'OAUTH2', provider: 'github', environment: 'dev', tags: { plan: 'pro' } };
  const wireUser = { endUserId: 'u1', endUserEmail: 'a@b.c', organizationId: 'o1', tags: {} };
  const { models: _, ...rest } = failure;
  expect(bodies).toEqual(
    expect.arrayContaining([
      { ...auth, operation: 'creation', success: true, endUser: wireUser },
      { ...auth, operation: 'refresh', success: false, endUser: wireUser, error },
      { ...named, ...rest, type: 'sync', model: 'A,B', success: false },
      { ...named, type: 'async_action', payload: { id: 'x', statusUrl: '/action/x' } },
    ]),
  );
  await settings({ on_auth_creation: false, on_auth_refresh_error: false, on_sync_error: false, on_async_action_completion: false });
  await publishEach();
  await publish(world.db, environment.id, 'connection.saved', { ...common, operation: 'override' });
  await vi.waitFor(() => expect(receiver.received).toHaveLength(5), soon);
  await settled();
  expect(await deliveries()).toHaveLength(5);
  await settings({ on_auth_refresh_recovered: true });
  await publish(world.db, environment.id, 'connection.refresh_recovered', common);
  await vi.waitFor(() => expect(receiver.received).toHaveLength(6), soon);
  expect(JSON.parse(receiver.received[5]?.body ?? '')).toEqual({ ...auth, operation: 'refresh', success: true, endUser: wireUser });
});

test('a receiver that is down gets it once it is up: same body, same id, and the attempts are in the activity log', async () => {
  const down = await startReceiver();
  await down.close();
  await settings({ primary_url: down.url });
  await tell();
  await vi.waitFor(async () => expect(await deliveries()).toMatchObject([{ state: 'pending', attempts: 1 }]), soon);
  const [before] = await deliveries();
  expect(before?.lastError).toMatch(/cannot connect/);
  const up = await startReceiver((response, nth) => response.writeHead(nth === 1 ? 503 : 204).end(), down.port);
  await hurry();
  await vi.waitFor(async () => expect(await deliveries()).toMatchObject([{ state: 'pending', attempts: 2, lastStatus: 503 }]), soon);
  await hurry();
  await vi.waitFor(
    async () => expect(await deliveries()).toMatchObject([{ state: 'delivered', attempts: 3, lastStatus: 204, lastError: null }]),
    soon,
  );
  const [first, second] = up.received;
  expect(up.received).toHaveLength(2);
  expect(second?.body).toBe(first?.body);
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  expect(first?.headers['webhook-id']).toBe(before?.id);
  const operation = () => only(world.db, sql`select state, type, connection from operations where id = ${before?.operationId ?? ''}`);
  await vi.waitFor(async () => expect(await operation()).toEqual({ state: 'success', type: 'webhook', connection: 'c-1' }), soon);
  const http = await many(
    world.db,
    sql`select from operation_messages where operation_id = ${before?.operationId ?? ''} and kind = 'http'`,
  );
  expect(http).toHaveLength(3);
});

test.each([['410 Gone', 410, /410 Gone/]])('%s ends it at once', async (_name, status, why) => {
  const receiver = await startReceiver((response) => response.writeHead(status).end());
  await settings({ primary_url: receiver.url });
  await tell();
  await vi.waitFor(
    async () => expect(await deliveries()).toMatchObject([{ state: 'failed', attempts: 1, lastError: expect.stringMatching(why) }]),
    soon,
  );
});

test('an address inside the network is refused at once, with the reason', async () => {
  await expect(settings({ primary_url: 'http://127.0.0.2:9/' })).rejects.toMatchObject({ code: 'invalid_body' });
  // One that was saved when it was allowed, or whose name leads elsewhere since.
  await run(world.db, sql`update environments set webhook_primary_url = 'http://127.0.0.2:9/' where id = ${environment.id}`);
  await tell();
  await vi.waitFor(
    async () => expect(await deliveries()).toMatchObject([{ state: 'failed', lastError: expect.stringMatching(/BOWLINE_OUTBOUND_ALLOW/) }]),
    soon,
  );
});

test('a finished delivery can be sent again, by its own environment only', async () => {
  const receiver = await startReceiver((response, nth) => response.writeHead(nth === 1 ? 410 : 200).end());
  await settings({ primary_url: receiver.url });
  await tell();
  await vi.waitFor(async () => expect(await deliveries()).toMatchObject([{ state: 'failed' }]), soon);
  const id = (await deliveries())[0]?.id ?? '';
  await expect(redeliver(world, internalScope({ ...environment, id: environment.id + 1 }), id)).rejects.toMatchObject({
    code: 'not_found',
  });
  await redeliver(world, internalScope(environment), id);
  await vi.waitFor(async () => expect(await deliveries()).toMatchObject([{ state: 'delivered', attempts: 1 }]), soon);
  expect(receiver.received[1]?.body).toBe(receiver.received[0]?.body);
});

test('an attempt that began before a delivery was sent again does not settle it', async () => {
  const open: ServerResponse[] = [];
  const receiver = await startReceiver((response) => open.push(response));
  const received = (count: number) => vi.waitFor(() => expect(open).toHaveLength(count), soon);
  await settings({ primary_url: receiver.url });
  await tell();
  await received(1);
  const id = (await deliveries())[0]?.id ?? '';
  await run(world.db, sql`update webhook_deliveries set held_by = null where id = ${id}`);
  const elsewhere = deliver(world, id, AbortSignal.timeout(20_000)); // another process took it over
  await received(2);
  open[1]?.writeHead(410).end();
  await elsewhere;
  await redeliver(world, internalScope(environment), id);
  await received(3);
  open[0]?.end();
  const ended = () => only<{ count: number }>(world.db, sql`select count(*)::int from webhook_attempts where delivery_id = ${id}`);
  await vi.waitFor(async () => expect(await ended()).toEqual({ count: 2 }), soon);
  expect(await deliveries()).toMatchObject([{ state: 'pending', attempts: 0 }]);
  open[2]?.end();
  await vi.waitFor(async () => expect(await deliveries()).toMatchObject([{ state: 'delivered', attempts: 1 }]), soon);
});

test('a delivery is not attempted before its time, whoever asks', async () => {
  await settings({ primary_url: 'http://127.0.0.1:9/' });
  await tell();
  await vi.waitFor(async () => expect(await deliveries()).toMatchObject([{ attempts: 1 }]), soon);
  const id = (await deliveries())[0]?.id ?? '';
  await run(world.db, sql`update webhook_deliveries set next_at = now() + interval '1 hour' where id = ${id}`);
  await deliver(world, id, AbortSignal.timeout(20_000));
  expect(await deliveries()).toMatchObject([{ state: 'pending', attempts: 1 }]);
});

test('kill -9 between the commit and the answer loses nothing: another process delivers the same again', async () => {
  await stopWorking();
  const hanging = await startReceiver((response, nth) => void (nth > 1 && response.end()));
  await settings({ primary_url: hanging.url });
  await tell(); // committed, and nobody there to send it
  const file = await bundle(new URL('./fixtures/sender.ts', import.meta.url));
  const args = [JSON.stringify(target), key.toString('hex')];
  const doomed = await start(file, args);
  expect(doomed.line, doomed.stderr()).toBe('sending');
  await vi.waitFor(() => expect(hanging.received).toHaveLength(1), soon);
  doomed.child.kill('SIGKILL');
  await doomed.exited;
  expect(await deliveries()).toMatchObject([{ state: 'pending', attempts: 0 }]);
  await start(file, args);
  await vi.waitFor(async () => expect(await deliveries()).toMatchObject([{ state: 'delivered', attempts: 1 }]), soon);
  const [first, second] = hanging.received;
  expect(second?.body).toBe(first?.body);
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
});

/** Makes what waits for its next attempt due. */
async function hurry(): Promise<void> {
  await run(world.db, sql`update webhook_deliveries set next_at = now() where state = 'pending'`);
}
