/** What a provider sends reaches the code of the right connections and the app, once, whoever dies on the way. */
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { many } from '../../src/base/database.ts';
import { webhookSettings } from '../../src/environments/settings.ts';
import { importConnection, oauthCredentials } from '../connections/fixture.ts';
import { deploy } from '../functions.ts';
import { eventually, type Json, type Platform, startPlatform } from '../platform.ts';

let platform: Platform;
let uuid: string;
let app: { received: { headers: IncomingHttpHeaders; body: string }[]; url: string; close(): void };
const secret = 'app secret';
/** How often the provider's API is yet to answer that it is not there. */
let away = 0;

beforeAll(async () => {
  app = await startApp();
  platform = await startPlatform({ allow: [new URL(app.url).host] });
  const { environment } = await platform.scopeOf('dev');
  uuid = environment.uuid;
  const member = await platform.member();
  await member('PATCH', '/api/environment', { webhooks: { primary_url: app.url, on_sync_completion_always: true } });
  for (const body of [
    { unique_key: 'crm', provider: 'hubspot', credentials: { type: 'OAUTH2', client_id: 'id', client_secret: secret } },
    {
      unique_key: 'code',
      provider: 'github',
      credentials: { type: 'OAUTH2', client_id: 'id', client_secret: 'x', webhook_secret: secret },
    },
    { unique_key: 'ordered', provider: 'unauthenticated' },
    { unique_key: 'tables', provider: 'airtable', credentials: { type: 'OAUTH2', client_id: 'id', client_secret: 'x' } },
  ]) {
    const answer = await platform.call('POST', '/integrations', body);
    expect({ ...body, status: answer.status, body: answer.body }).toMatchObject({ status: 200 });
  }
  const save = 'await nango.batchSave([{ id: String(payload.objectId ?? payload.n), of: nango.connectionId, payload }], "Item");';
  await deploy(platform, [
    {
      name: 'contacts',
      integration: 'crm',
      autoStart: false,
      onWebhook: save,
      more: { webhookSubscriptions: ['contact.creation', 'contact.propertyChange'] },
    },
    { name: 'pushes', integration: 'code', autoStart: false, onWebhook: save, more: { webhookSubscriptions: ['push'] } },
    {
      name: 'queue',
      integration: 'ordered',
      autoStart: false,
      onWebhook: `
        const { records = [] } = { records: await nango.getRecordsByIds(['all'], 'Item') };
        const seen = [...(records.get ? records.get('all')?.seen ?? [] : []), payload.n];
        await new Promise((resolve) => setTimeout(resolve, payload.n % 3 === 0 ? 60 : 1));
        await nango.batchSave([{ id: 'all', seen }], 'Item');`,
      more: { webhookSubscriptions: ['*'], webhookOrder: 'connection' },
    },
  ]);
  for (const [id, portalId] of [
    ['one', 11],
    ['two', '22'],
    ['other two', 22],
  ] as const)
    await importConnection(platform, id, {
      ...oauthCredentials('t', 3_600_000),
      provider_config_key: 'crm',
      connection_config: { portalId },
    });
  await importConnection(platform, 'repo', { ...oauthCredentials('t', 3_600_000), provider_config_key: 'code' });
  await importConnection(platform, 'lane', { provider_config_key: 'ordered', credentials: { type: 'NONE' } });
});
afterAll(() => app.close());
beforeEach(() => void app.received.splice(0));

async function startApp() {
  const received: { headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (request.url === '/api') return void response.writeHead(away-- > 0 ? 503 : 200, { 'content-type': 'application/json' }).end('{}');
    received.push({ headers: request.headers, body });
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`, close };
}

const send = (integration: string, body: unknown, headers: Record<string, string> = {}, query = '') =>
  platform.call('POST', `/webhook/${uuid}/${integration}${query}`, typeof body === 'string' ? body : JSON.stringify(body), {
    'content-type': 'application/json',
    ...headers,
  });
const hubspot = (body: unknown, key = secret) =>
  send('crm', body, {
    'x-hubspot-signature': createHash('sha256')
      .update(key + JSON.stringify(body))
      .digest('hex'),
  });
const github = (body: object, delivery: string, key = secret) =>
  send(
    'code',
    body,
    {
      'x-github-event': 'push',
      'x-github-delivery': delivery,
      'x-hub-signature-256': `sha256=${createHmac('sha256', key).update(JSON.stringify(body)).digest('hex')}`,
    },
    '?nangoConnectionId=repo',
  );
const recordsOf = async (integration: string, connection: string): Promise<Json[]> =>
  (
    await platform.call('GET', '/records?model=Item', undefined, {
      authorization: `Bearer ${platform.apiKey}`,
      'provider-config-key': integration,
      'connection-id': connection,
    })
  ).body.records ?? [];
const forwarded = () =>
  app.received.map(({ body, headers }) => ({ headers, body: JSON.parse(body) })).filter(({ headers }) => headers['x-bowline-webhook']);
const runsOf = (name: string) =>
  many<{ state: string; attempts: number; connection: string }>(
    platform.world.db,
    sql`select r.state, r.attempts, c.connection_id as connection from runs r join functions f on f.id = r.function_id join connections c on c.id = r.connection_id
         where f.name = ${name} and r.kind = 'webhook' order by r.id`,
  );

describe('events of several accounts in one request', () => {
  test('run once for each event and connection, and are forwarded to each with its own alone', async () => {
    const event = (objectId: number, portalId: number, subscriptionType: string, more = {}) => ({
      objectId,
      portalId,
      subscriptionType,
      occurredAt: objectId,
      ...more,
    });
    const batch = [
      event(3, 22, 'contact.propertyChange'),
      event(1, 11, 'contact.creation'),
      event(2, 11, 'contact.creation', { changeSource: 'IMPORT' }),
      event(4, 11, 'deal.creation'),
      event(5, 99, 'contact.creation'),
    ];
    expect(await hubspot(batch)).toMatchObject({ status: 200, body: { status: 'success' } });
    await eventually(async () => (await runsOf('contacts')).filter(({ state }) => state === 'success').length === 3, 'three runs');
    expect((await runsOf('contacts')).map(({ connection }) => connection).toSorted()).toEqual(['one', 'other two', 'two']);
    expect((await recordsOf('crm', 'one')).map(({ id }) => id)).toEqual(['1']);
    expect(await recordsOf('crm', 'two')).toMatchObject([{ id: '3', of: 'two', payload: event(3, 22, 'contact.propertyChange') }]);
    await eventually(async () => forwarded().length === 4, 'four forwards');
    const of = (connection: string | undefined) => forwarded().find(({ headers }) => headers['x-bowline-connection'] === connection)?.body;
    expect(of('one')).toEqual({
      from: 'hubspot',
      providerConfigKey: 'crm',
      type: 'forward',
      connectionId: 'one',
      payload: [batch[1], batch[2], batch[3]],
    });
    expect(of('two').payload).toEqual([batch[0]]);
    expect(of(undefined)).toEqual([batch[4]]);
    const nobodys = forwarded().find(({ headers }) => !headers['x-bowline-connection'])?.headers;
    expect(nobodys).toMatchObject({
      'x-bowline-integration': 'crm',
      'x-bowline-provider': 'hubspot',
      'x-bowline-webhook-verified': 'true',
      'x-bowline-webhook-event': 'contact.creation',
    });
    const { signingKey } = await webhookSettings(platform.world, (await platform.scopeOf('dev')).environment.id);
    for (const { body, headers } of app.received)
      expect(headers['x-nango-hmac-sha256']).toBe(createHmac('sha256', signingKey).update(body).digest('hex'));
    const told = await eventually(
      async () =>
        app.received.map(({ body }) => JSON.parse(body)).find(({ type, connectionId }) => type === 'sync' && connectionId === 'two'),
      'the sync webhook',
    );
    expect(told).toMatchObject({
      syncName: 'contacts',
      syncType: 'WEBHOOK',
      success: true,
      model: 'Item',
      responseResults: { added: 1, updated: 0, deleted: 0 },
    });
  });
});

describe('what is not genuine', () => {
  test('is refused, counted, and one line of the log a minute; nothing of it is kept', async () => {
    for (let turn = 0; turn < 3; turn++)
      expect(await hubspot([{ objectId: 66, portalId: 11, subscriptionType: 'contact.creation' }], 'forged')).toMatchObject({
        status: 401,
      });
    const [{ total } = { total: 0 }] = await many<{ total: number }>(
      platform.world.db,
      sql`select sum(count)::int as total from refused_webhooks where reason = 'invalid_signature'`,
    );
    expect(total).toBe(3);
    await platform.world.journal.flush();
    const lines = await many(
      platform.world.db,
      sql`select 1 from operations where type = 'webhook' and action = 'incoming' and integration = 'crm' and state = 'failed'`,
    );
    expect(lines.length).toBeLessThanOrEqual(2); // the minute may have turned
    expect(await recordsOf('crm', 'one')).not.toContainEqual(expect.objectContaining({ id: '66' }));
  });

  test('nor taken when there is no key, unless the integration says so', async () => {
    const body = { webhook: { id: 'w1' }, base: { id: 'b' } };
    expect(await send('tables', body)).toMatchObject({ status: 401, body: { error: { code: 'webhook_invalid_signature' } } });
    expect((await platform.call('PATCH', '/integrations/tables', { webhooks: { accept_unverified: true } })).status).toBe(200);
    expect((await send('tables', body)).status).toBe(200);
    await eventually(async () => forwarded().length === 1, 'it is forwarded');
    expect(forwarded()[0]?.headers['x-bowline-webhook-verified']).toBe('false');
    expect((await platform.call('PATCH', '/integrations/tables', { webhooks: { secrets: ['c2VjcmV0'] } })).status).toBe(200);
    expect((await send('tables', body)).status).toBe(401);
    const shown = (await platform.call('GET', '/integrations/tables?include=webhook')).body.data;
    expect(shown.webhooks).toEqual({ secrets: 1, verification: 'verified', accept_unverified: true, forward_events: null });
    expect(JSON.stringify(shown)).not.toContain('c2VjcmV0');
  });
});

describe('what comes twice', () => {
  test('is answered the same and seen to once, also at once', async () => {
    const body = { n: 7 };
    const answers = await Promise.all(Array.from({ length: 5 }, () => github(body, 'delivery-1')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    await github(body, 'delivery-2');
    await eventually(async () => (await runsOf('pushes')).filter(({ state }) => state === 'success').length >= 2, 'two runs');
    expect(await runsOf('pushes')).toHaveLength(2);
  });
});

describe('a function that wants its webhooks in order', () => {
  test('has those of a connection one after the other, as they came', async () => {
    const wanted = Array.from({ length: 20 }, (_, n) => n);
    for (const n of wanted) expect((await send('ordered', { connectionId: 'lane', type: 'x', n })).status).toBe(200);
    await eventually(async () => (await runsOf('queue')).filter(({ state }) => state === 'success').length === 20, 'all ran');
    expect((await recordsOf('ordered', 'lane'))[0].seen).toEqual(wanted);
  });
});

describe('a webhook that comes while its sync runs', () => {
  test('is not put back by what the sync had read before, nor keeps the sync from writing', async () => {
    await platform.call('POST', '/integrations', { unique_key: 'raced', provider: 'unauthenticated' });
    await deploy(platform, [
      {
        name: 'polled',
        integration: 'raced',
        autoStart: false,
        exec: `
          await nango.setMergingStrategy({ strategy: 'ignore_if_modified_after' }, 'Item');
          await nango.batchSave([{ id: 'begun', from: 'poll' }], 'Item');
          for (let found = 0; found === 0; ) {
            found = (await nango.getRecordsByIds(['both'], 'Item')).size;
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
          await nango.batchSave([{ id: 'both', from: 'poll' }, { id: 'polled', from: 'poll' }], 'Item');`,
        onWebhook: `await nango.batchSave([{ id: 'both', from: 'webhook' }], 'Item');`,
        more: { webhookSubscriptions: ['*'] },
      },
    ]);
    await importConnection(platform, 'race', { provider_config_key: 'raced', credentials: { type: 'NONE' } });
    const where = { provider_config_key: 'raced', connection_id: 'race', syncs: ['polled'] };
    await eventually(async () => (await platform.call('POST', '/sync/trigger', where)).status === 200, 'the sync was started');
    await eventually(async () => (await recordsOf('raced', 'race')).some(({ id }) => id === 'begun'), 'the sync has begun');
    expect((await send('raced', { connectionId: 'race', type: 'changed' })).status).toBe(200);
    await eventually(async () => (await recordsOf('raced', 'race')).some(({ id }) => id === 'polled'), 'the sync has written after it');
    const found = await recordsOf('raced', 'race');
    expect(found.map(({ id, from }) => `${id} of the ${from}`).toSorted()).toEqual([
      'begun of the poll',
      'both of the webhook',
      'polled of the poll',
    ]);
  });
});

describe('a handler that fails', () => {
  test('for a reason of its own is not tried again: the app is told, and the next one runs', async () => {
    await platform.call('POST', '/integrations', { unique_key: 'failing', provider: 'unauthenticated' });
    await deploy(platform, [
      {
        name: 'fails',
        integration: 'failing',
        autoStart: false,
        onWebhook: 'if (payload.n === 1) throw new Error("no such thing"); await nango.batchSave([{ id: String(payload.n) }], "Item");',
        more: { webhookSubscriptions: ['*'], webhookOrder: 'connection' },
      },
    ]);
    await importConnection(platform, 'f', { provider_config_key: 'failing', credentials: { type: 'NONE' } });
    for (const n of [1, 2]) await send('failing', { connectionId: 'f', type: 'x', n });
    await eventually(async () => (await recordsOf('failing', 'f')).length === 1, 'the second ran');
    await eventually(async () => (await runsOf('fails')).every(({ state }) => state !== 'running'), 'both are over');
    expect((await runsOf('fails')).map(({ state }) => state)).toEqual(['failed', 'success']);
    const told = await eventually(
      async () =>
        app.received
          .map(({ body }) => JSON.parse(body))
          .find(({ type, success, connectionId }) => type === 'sync' && !success && connectionId === 'f'),
      'the app is told',
    );
    expect(told).toMatchObject({
      syncName: 'fails',
      syncType: 'WEBHOOK',
      error: { description: expect.stringContaining('no such thing') },
    });
  });

  test('because the provider is away is tried again, and keeps its turn', async () => {
    await platform.call('POST', '/integrations', { unique_key: 'away', provider: 'unauthenticated' });
    await deploy(platform, [
      {
        name: 'asks',
        integration: 'away',
        autoStart: false,
        onWebhook: `
          if (payload.n === 1) await nango.get({ baseUrlOverride: '${new URL(app.url).origin}', endpoint: '/api', retries: 0 });
          await nango.batchSave([{ id: String(payload.n), at: Date.now() }], "Item");`,
        more: { webhookSubscriptions: ['*'], webhookOrder: 'connection' },
      },
    ]);
    await importConnection(platform, 'a', { provider_config_key: 'away', credentials: { type: 'NONE' } });
    away = 1;
    for (const n of [1, 2]) await send('away', { connectionId: 'a', type: 'x', n });
    await eventually(async () => (await recordsOf('away', 'a')).length === 2, 'both ran');
    const [first, second] = (await recordsOf('away', 'a')).toSorted((a, b) => Number(a.id) - Number(b.id));
    expect(first?.at).toBeLessThanOrEqual(second?.at);
    await eventually(async () => (await runsOf('asks')).every(({ state }) => state === 'success'), 'both are over');
    expect((await runsOf('asks')).map(({ attempts }) => attempts)).toEqual([2, 1]);
  });
});
