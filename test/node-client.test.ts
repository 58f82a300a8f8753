/** Our client for backends does against a running server what an app does all day: every method of it. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bowline, BowlineError, memoryCursors, ProxyError, type WebhookEvent } from '@bowline/node';
import { fileCursors } from '@bowline/node/file';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KEY, noting, openStage, type Stage } from './client-stage.ts';
import { deploy, type Platform, until } from './platform.ts';

const ID = 'customer/1 [a]'; // what the wire allows, and what breaks a path that is not encoded
type Project = {
  models: { Row: { id: string; value: string } };
  actions: { echo: { input: { text: string }; output: { text: string; connection: string } } };
};
let stage: Stage;
let platform: Platform;
let client: Bowline<Project>;
const called = new Set<string>();
const of = { providerConfigKey: KEY, connectionId: ID };
const rows = { ...of, model: 'Row' } as const;

beforeAll(async () => {
  stage = await openStage();
  platform = stage.platform;
  const made = new Bowline<Project>({ host: platform.url, secretKey: platform.apiKey, webhookSigningKey: platform.signingKey });
  client = noting(made, called);
});

afterAll(() => stage?.close());

const connect = (connection_id: string, apiKey: string) =>
  platform.fetch('/connections', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ provider_config_key: KEY, connection_id, credentials: { type: 'API_KEY', apiKey } }),
  });
const finished = (after?: string) =>
  until('the sync ends', async () => {
    const [one] = (await client.syncStatus(KEY, ['pages'], ID)).syncs;
    return one?.finishedAt && one.finishedAt !== after && one.status !== 'RUNNING' ? one : undefined;
  });

/** In order: each test goes on where the one before ended. */
describe('our client', () => {
  test('creates, reads, lists and changes an integration, and knows the catalogue', async () => {
    const created = await client.createIntegration({ provider: KEY, unique_key: KEY, display_name: 'Upstream' });
    expect(created.data).toMatchObject({ unique_key: KEY, provider: KEY, display_name: 'Upstream' });
    await client.updateIntegration({ uniqueKey: KEY }, { display_name: 'The upstream' });
    const { data: read } = await client.getIntegration({ uniqueKey: KEY }, { include: ['webhook', 'credentials'] });
    expect(read.display_name).toBe('The upstream');
    expect(read).toHaveProperty('webhook_url');
    expect(read).toHaveProperty('credentials');
    expect((await client.listIntegrations()).configs.map(({ unique_key }) => unique_key)).toEqual([KEY]);
    const quick = client.createQuickstartIntegration({ provider: 'github', unique_key: 'quick' });
    await expect(quick).rejects.toMatchObject({ status: 400, code: 'invalid_body' }); // nobody shares an app here
    expect((await client.listProviders({ search: 'upstream' })).data.map(({ name }) => name)).toContain(KEY);
    expect((await client.getProvider({ provider: 'github' })).data.auth_mode).toBe('OAUTH2');
    const { data: templates } = await client.getProviderTemplates({ provider: 'github' });
    expect(templates).toContainEqual(expect.objectContaining({ name: 'issues', type: 'sync', returns: expect.any(Array) }));
  });

  test('sees what the command deployed', async () => {
    deploy(platform);
    const [scripts] = await client.getScriptsConfig();
    expect(scripts?.syncs.map(({ name }) => name)).toContain('pages');
    const { data: functions, pagination } = await client.listFunctions({ uniqueKey: KEY }, { type: 'action', page: 0, limit: 1 });
    expect(functions).toHaveLength(1);
    expect(pagination.total).toBeGreaterThan(1);
    expect((await client.getFunctionCode({ uniqueKey: KEY, name: 'echo' })).code).toContain('Gives back what it got');
    const { data: one } = await client.getFunction({ uniqueKey: KEY, name: 'echo' }, { type: 'action' });
    expect(one).toMatchObject({ name: 'echo', type: 'action', source: 'repo' });
    const deletion = client.deleteFunction({ uniqueKey: KEY, name: 'echo' }, { type: 'action' });
    await expect(deletion).rejects.toMatchObject({ status: 400, code: 'function_managed_by_deploy' });
    const { data: tools } = await client.getScriptsConfig('openai');
    expect(tools).toContainEqual(expect.objectContaining({ name: 'echo', parameters: expect.objectContaining({ type: 'object' }) }));
  });

  test('makes a connect session, and waits for the connection that is made with it', async () => {
    const { data: session } = await client.createConnectSession({ end_user: { id: 'user-1' }, allowed_integrations: [KEY] });
    const waiting = client.waitForConnection(KEY, 'user-1', { everyMs: 20, signal: AbortSignal.timeout(20_000) });
    const connected = await fetch(`${platform.url}/api-auth/api-key/${KEY}?connect_session_token=${session.token}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiKey: 'key-of-ada' }),
    });
    expect(connected.status).toBe(200);
    const { connection_id } = await waiting;
    const repair = await client.createReconnectSession({ connection_id, integration_id: KEY });
    expect(repair.data.connect_link).toContain(repair.data.token);
    expect((await client.deleteConnection(KEY, connection_id)).data).toEqual({ success: true });
    const never = client.waitForConnection(KEY, 'user-1', { everyMs: 5, waitMs: 10 });
    await expect(never).rejects.toMatchObject({ code: 'connection_not_made' });
  });

  test('reads and changes a connection whose id holds a slash, and its tokens', async () => {
    expect((await connect(ID, 'key-1')).status).toBe(201);
    expect(await client.getConnection(KEY, ID)).toMatchObject({ connection_id: ID, credentials: { type: 'API_KEY', apiKey: 'key-1' } });
    expect(await client.getToken(KEY, ID)).toMatchObject({ apiKey: 'key-1' });
    expect(await client.getRawTokenResponse(KEY, ID)).toBeUndefined();
    expect(await client.patchConnection({ connectionId: ID, provider_config_key: KEY }, { tags: { Plan: 'pro' } })).toEqual({
      success: true,
    });
    await client.setMetadata(KEY, ID, { plan: 'pro', nested: { a: 1 } });
    expect(await client.updateMetadata(KEY, [ID], { nested: { b: 2 } })).toMatchObject({ status: 200 });
    expect(await client.getMetadata(KEY, ID)).toEqual({ plan: 'pro', nested: { b: 2 } });
  });

  test('lists connections in every form', async () => {
    await connect('other', 'key-2');
    const ids = async (listed: ReturnType<typeof client.listConnections>) => (await listed).connections.map((one) => one.connection_id);
    expect(await ids(client.listConnections())).toEqual(['other', ID]);
    expect(await ids(client.listConnections({ limit: 1, page: 1 }))).toEqual([ID]);
    expect(await ids(client.listConnections({ tags: { PLAN: 'pro' }, integrationId: [KEY, 'absent'] }))).toEqual([ID]);
    expect(await ids(client.listConnections({ integrationId: 'absent' }))).toEqual([]);
    expect(await ids(client.listConnections(ID))).toEqual([ID]);
    expect(await ids(client.listConnections(undefined, 'oth'))).toEqual(['other']);
    expect(await ids(client.listConnections(undefined, undefined, { tags: { plan: 'pro' } }))).toEqual([ID]);
    expect(await ids(client.listConnections(null, undefined, { integrationId: ['absent'] }))).toEqual([]);
    await client.deleteConnection(KEY, 'other');
  });

  test('says what the server refused, in its own form and in that of axios', async () => {
    const error: unknown = await client.getConnection(KEY, 'nobody').catch((thrown) => thrown);
    expect(error).toBeInstanceOf(BowlineError);
    expect(error).toMatchObject({
      status: 404,
      code: 'not_found',
      requestId: expect.stringMatching(/./),
      response: { status: 404, data: { error: { code: 'not_found' } } },
    });
    const invalid: unknown = await client.listRecords({ ...rows, limit: 0.5 }).catch((thrown) => thrown);
    expect(invalid).toMatchObject({ status: 400, code: 'invalid_query_params', errors: [{ path: ['limit'] }] });
    const stranger = new Bowline({ host: platform.url, secretKey: '11111111-2222-4333-8444-555555555555' });
    await expect(stranger.listIntegrations()).rejects.toMatchObject({ status: 401, code: 'unknown_account' });
  });

  test('triggers a sync and reads its status', async () => {
    const { status, data: triggered } = await client.triggerSync(KEY, ['pages'], ID);
    expect({ status, ...triggered }).toMatchObject({ status: 200, success: true, syncs: [{ name: 'pages', outcome: 'started' }] });
    expect(await finished()).toMatchObject({ latestResult: { Row: { added: 15, updated: 0, deleted: 0 } }, recordCount: { Row: 15 } });
  });

  test('reads records page by page, whichever way', async () => {
    const first = await client.listRecords({ ...rows, limit: 10 });
    expect(first.records).toHaveLength(10);
    expect([...first]).toEqual(first.records);
    expect(Object.keys(first)).toEqual(['records', 'next_cursor']);
    const pages: string[][] = [];
    for await (const page of client.records({ ...rows, limit: 4 })) {
      pages.push([...page].map(({ value }) => value));
      expect(page.cursor).toBe(page.records.at(-1)?._nango_metadata.cursor);
    }
    expect(pages.map(({ length }) => length)).toEqual([4, 4, 4, 3]);
    expect(new Set(pages.flat()).size).toBe(15);
    expect((await client.listRecords({ ...rows, ids: ['3', '5', 'none'] })).records.map(({ id }) => id).sort()).toEqual(['3', '5']);
    const untyped = new Bowline({ host: platform.url, apiKey: platform.apiKey });
    for await (const _page of untyped.records({ ...rows, model: 'Unknown' })) throw new Error('a page of nothing');
  });

  test.each([
    ['memory', () => memoryCursors()],
    ['files', () => fileCursors(mkdtempSync(join(tmpdir(), 'bowline-cursors-')))],
  ])('consumes changes with cursors in %s: goes on after a failure, misses nothing', async (_name, makeStore) => {
    const store = makeStore();
    const got: string[] = [];
    const failing = client.consume({ ...rows, limit: 5, store }, (page) => {
      if (got.length === 5) throw new Error('no space left');
      got.push(...[...page].map(({ id }) => id));
    });
    await expect(failing).rejects.toThrow('no space left');
    expect(got).toHaveLength(5);
    const result = await client.consume({ ...rows, limit: 5, store }, (page) => void got.push(...[...page].map(({ id }) => id)));
    expect(result).toEqual({ pages: 2, records: 10 });
    expect(new Set(got).size).toBe(15);
    expect(await client.consume({ ...rows, store }, () => expect.unreachable())).toEqual({ pages: 0, records: 0 });
  });

  test('follows changes until it is told to stop, with the cursor stored by the handler', async () => {
    const stored = { cursor: undefined as string | undefined };
    const stop = new AbortController();
    const got: string[] = [];
    const failures: unknown[] = [];
    const following = client.consume(
      { ...rows, store: { load: () => stored.cursor }, follow: true, everyMs: 20, onError: (error) => failures.push(error) },
      (page, { cursor }) => {
        if (got.length > 0 && failures.length === 0) throw new Error('once');
        stored.cursor = cursor;
        got.push(...[...page].map(({ value }) => value));
      },
      { signal: stop.signal },
    );
    await until('it has all', () => got.length === 15);
    const { finishedAt } = await finished();
    stage.data.rows = stage.data.rows.map((row) => (row.id === '3' ? { ...row, value: 'changed' } : row));
    await client.triggerSync(KEY, ['pages'], ID, { reset: true });
    await finished(finishedAt);
    await until('it has the change', () => got.includes('changed'));
    stop.abort();
    expect(await following).toEqual({ pages: 2, records: 16 });
    expect(failures).toMatchObject([{ message: 'once' }]);
    expect((await client.listRecords({ ...rows, filter: 'updated' })).records.map(({ id }) => id)).toEqual(['3']);
  });

  test('verifies the webhooks the server sent, and no others', async () => {
    const about = await until('two webhooks', () => {
      const bodies = stage.sink.seen.filter(({ body }) => body.includes('"type":"sync"'));
      return bodies.length >= 2 ? bodies : undefined;
    });
    const events: WebhookEvent[] = about.map(({ body, headers }) => client.verifyWebhook(body, headers));
    expect(events).toMatchObject([
      { type: 'sync', syncName: 'pages', model: 'Row', success: true, responseResults: { added: 15 } },
      { type: 'sync', responseResults: { updated: 1 } },
    ]);
    const { body = '', headers = {} } = { ...about[0] };
    expect(client.verifyIncomingWebhookRequest(body, headers)).toBe(true);
    expect(client.verifyWebhookSignature(String(headers['x-nango-signature']), JSON.parse(body))).toBe(true);
    expect(client.verifyIncomingWebhookRequest(`${body} `, headers)).toBe(false);
    expect(() => client.verifyWebhook(`${body} `, headers)).toThrow('does not fit');
    expect(() => client.verifyWebhook(body, headers, { now: Date.now() + 301_000 })).toThrow('too long ago');
  });

  test('starts, pauses and paces a sync, and runs a variant of it', async () => {
    const state = async (name = 'pages') => (await client.syncStatus(KEY, [name], ID)).syncs[0]?.status;
    await client.startSync(KEY, ['pages'], ID);
    await until('it is scheduled', async () => (await state()) !== 'PAUSED');
    expect((await client.pauseSync(KEY, ['pages'], ID)).data).toEqual({ success: true });
    await until('it is paused', async () => (await state()) === 'PAUSED');
    expect(await client.updateSyncConnectionFrequency(KEY, 'pages', ID, 'every 2 hours')).toEqual({ frequency: '2 hours' });
    const variant = { provider_config_key: KEY, connection_id: ID, name: 'pages', variant: 'archive' };
    expect(await client.createSyncVariant(variant)).toMatchObject({ name: 'pages', variant: 'archive' });
    await client.startSync(KEY, [{ name: 'pages', variant: 'archive' }], ID);
    await until('the variant is scheduled', async () => (await state('pages::archive')) !== 'PAUSED');
    expect(await client.deleteSyncVariant(variant)).toEqual({ success: true });
  });

  test('calls an action in both forms, and one whose output comes later', async () => {
    expect(await client.triggerAction(KEY, ID, 'echo', { text: 'hello' })).toEqual({ text: 'hello', connection: ID });
    const same = await client.triggerAction({ ...of, action: 'echo', input: { text: 'hello' } });
    expect(same.text).toBe('hello');
    const absent = client.triggerAction<unknown, unknown>(KEY, ID, 'absent', {});
    await expect(absent).rejects.toMatchObject({ code: 'not_found', response: { status: 404 } });
    const started = await client.triggerActionAsync(KEY, ID, 'echo', { text: 'later' }, { maxRetries: 1 });
    const output = await until('the output', () => client.getAsyncActionResult(started).catch(() => undefined));
    expect(output).toEqual({ text: 'later', connection: ID });
    expect(await client.getAsyncActionResult({ statusUrl: started.statusUrl })).toEqual(output);
  });

  test('calls the upstream through the proxy, and sees its refusals as they are', async () => {
    const got = await client.get({ ...of, endpoint: '/things?x=1', params: { y: 'ü' }, headers: { 'X-Special': 'yes' } });
    expect(got).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    expect(got.data).toMatchObject({ method: 'GET', query: { x: '1', y: 'ü' }, authorization: 'Bearer key-1', special: 'yes' });
    const posted = await client.post({ ...of, endpoint: '/things', data: { a: [1, 2] } });
    expect(posted.data).toMatchObject({ method: 'POST', type: 'application/json', body: '{"a":[1,2]}' });
    const form = new FormData();
    form.set('file', new Blob(['content']), 'name.txt');
    const sent = await client.post({ ...of, endpoint: '/things', data: form });
    expect(sent.data.type).toMatch(/^multipart\/form-data; boundary=/);
    expect(sent.data.body).toContain('filename="name.txt"');
    for (const method of ['put', 'patch', 'delete'] as const) {
      expect((await client[method]({ ...of, endpoint: '/things/1' })).data).toMatchObject({ method: method.toUpperCase() });
    }
    const stream = await client.proxy<ReadableStream>({ ...of, endpoint: '/things', responseType: 'stream' });
    expect(await new Response(stream.data).json()).toMatchObject({ path: '/things' });
    const refused: unknown = await client.get({ ...of, endpoint: '/missing' }).catch((error) => error);
    expect(refused).toBeInstanceOf(ProxyError);
    expect(refused).toMatchObject({ code: 'upstream_error', status: 404, response: { data: { path: '/missing' } } });
    const unknown = client.get({ ...of, connectionId: 'nobody', endpoint: '/things' });
    await expect(unknown).rejects.toMatchObject({ code: 'unknown_connection' });
  });

  test('prunes records, reads the variables, and deletes what it made', async () => {
    const { records } = await client.listRecords({ ...rows, limit: 5 });
    expect((await client.pruneRecords({ ...rows, untilCursor: records.at(-1)?._nango_metadata.cursor ?? '' })).count).toBe(5);
    expect((await client.listRecords({ ...rows, limit: 1 })).records[0]).not.toHaveProperty('value');
    expect((await client.getEnvironment()).data).toMatchObject({ name: 'dev', is_production: false, scopes: ['environment:*'] });
    const { operations } = await client.listOperations({ type: 'sync', limit: 1 });
    expect((await client.getOperation({ id: operations[0]?.id ?? '' })).operation).toMatchObject({ type: 'sync', integration: KEY });
    expect(await client.getEnvironmentVariables()).toEqual([{ name: 'REGION', value: 'eu' }]);
    await client.deleteConnection(KEY, ID);
    expect((await client.deleteIntegration(KEY)).data).toEqual({ success: true });
    expect((await client.listIntegrations()).configs).toEqual([]);
  });
});

test('every public method was called', () => {
  const all = new Set<string>();
  for (let one: object | null = Bowline.prototype; one && one !== Object.prototype; one = Object.getPrototypeOf(one)) {
    for (const name of Object.getOwnPropertyNames(one)) if (name !== 'constructor') all.add(name);
  }
  expect(all.size).toBe(53);
  expect([...all].filter((name) => !called.has(name)).sort()).toEqual([]);
});
