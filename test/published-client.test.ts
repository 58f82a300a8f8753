/** The published client of the reference system, unmodified, with every one of its public methods against this server and a real upstream. */
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Nango } from '@nangohq/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KEY, noting, openStage, type Stage } from './client-stage.ts';
import { deploy, type Platform, until } from './platform.ts';

/** Methods that the client keeps for itself, though nothing hides them. */
const INTERNAL = ['constructor', 'enrichHeaders', 'getConnectionDetails'];
const ID = 'customer-1';
let stage: Stage;
let platform: Platform;
/** Names of the methods that the tests called. */
const called = new Set<string>();

beforeAll(async () => {
  stage = await openStage((folder) => {
    const file = join(folder, 'apps.json');
    writeFileSync(file, JSON.stringify({ github: { client_id: 'shared', client_secret: 'shared-secret' } }));
    return { BOWLINE_SHARED_APPS: file };
  });
  platform = { ...stage.platform, nango: noting(stage.platform.nango, called) };
});

afterAll(() => stage?.close());

const finished = (after?: string) =>
  until('the sync ends', async () => {
    const { syncs } = await platform.nango.syncStatus(KEY, ['pages'], ID);
    const [one] = syncs;
    return one?.finishedAt && one.finishedAt !== after && one.status !== 'RUNNING' ? one : undefined;
  });

/** In order: each test goes on where the one before ended. */
describe('the published client', () => {
  test('creates, reads, lists and changes an integration', async () => {
    const { nango } = platform;
    const created = await nango.createIntegration({ provider: KEY, unique_key: KEY, display_name: 'Upstream' });
    expect(created.data).toMatchObject({ unique_key: KEY, provider: KEY, display_name: 'Upstream' });
    await nango.updateIntegration({ uniqueKey: KEY }, { display_name: 'The upstream' });
    const { data: read } = await nango.getIntegration({ uniqueKey: KEY });
    expect(read.display_name).toBe('The upstream');
    const { configs } = await nango.listIntegrations();
    expect(configs.map(({ unique_key }) => unique_key)).toEqual([KEY]);
    const { data: providers } = await nango.listProviders({ search: 'upstream' });
    expect(providers.map(({ name }) => name)).toContain(KEY);
    expect((await nango.getProvider({ provider: 'github' })).data.auth_mode).toBe('OAUTH2');
    const { data: templates } = await nango.getProviderTemplates({ provider: 'github' });
    expect(templates.map(({ name }) => name)).toContain('create-issue');
    expect((await nango.getProviderTemplates({ provider: 'none' })).data).toEqual([]);
  });

  test('begins with the operator’s app, and sees its secret no more than anyone', async () => {
    const { nango } = platform;
    const { data: made } = await nango.createQuickstartIntegration({ provider: 'github', unique_key: 'quick' });
    expect(made).toMatchObject({ unique_key: 'quick', provider: 'github' });
    const { data } = await nango.getIntegration({ uniqueKey: 'quick' }, { include: ['webhook', 'credentials'] });
    expect(data.credentials).toMatchObject({ type: 'OAUTH2', client_id: '', client_secret: '' });
    await nango.deleteIntegration('quick');
  });

  test('sees what the command deployed', async () => {
    deploy(platform);
    const configs = await platform.nango.getScriptsConfig();
    const [scripts] = Array.isArray(configs) ? configs : [];
    expect(scripts?.providerConfigKey).toBe(KEY);
    expect(scripts?.syncs.map(({ name }) => name)).toContain('pages');
    expect(scripts?.actions.map(({ name }) => name)).toContain('echo');
    const openai = await platform.nango.getScriptsConfig('openai');
    expect(openai).toMatchObject({ data: expect.arrayContaining([expect.objectContaining({ name: 'echo' })]) });
  });

  test('lists functions, reads one with its source, and leaves those of the repository to deployments', async () => {
    const { nango } = platform;
    const all = await nango.listFunctions({ uniqueKey: KEY }, { type: 'action', page: 0, limit: 1 });
    expect(all).toMatchObject({ data: [{ type: 'action' }], pagination: { page: 0, limit: 1, total: expect.any(Number) } });
    const { data: found } = await nango.listFunctions({ uniqueKey: KEY }, { search: 'page' });
    expect(found.map(({ name }) => name)).toEqual(['pages']);
    const { data: one } = await nango.getFunction({ uniqueKey: KEY, name: 'echo' }, { type: 'action' });
    expect(one).toMatchObject({ name: 'echo', type: 'action', enabled: true, source: 'repo' });
    expect(await nango.getFunctionCode({ uniqueKey: KEY, name: 'echo' })).toMatchObject({
      type: 'action',
      code: expect.stringContaining('createAction'),
    });
    await expect(nango.deleteFunction({ uniqueKey: KEY, name: 'echo' }, { type: 'action' })).rejects.toMatchObject({
      response: { status: 400, data: { error: { code: 'function_managed_by_deploy' } } },
    });
  });

  test('makes a connect session, and finds the connection that was made with it', async () => {
    const { nango, url } = platform;
    const { data: session } = await nango.createConnectSession({
      end_user: { id: 'user-1', email: 'ada@example.com' },
      allowed_integrations: [KEY],
    });
    const connected = await fetch(`${url}/api-auth/api-key/${KEY}?connect_session_token=${session.token}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiKey: 'key-of-ada' }),
    });
    expect(connected.status).toBe(200);
    expect(await nango.waitForConnection(KEY, 'user-1')).toMatchObject({ provider_config_key: KEY, end_user: { id: 'user-1' } });
    const { connections } = await nango.listConnections({ userId: 'user-1' });
    expect(connections).toHaveLength(1);
    expect((await nango.listConnections({ integrationId: KEY, tags: { email: 'ada@example.com' }, limit: 1 })).connections).toEqual(
      connections,
    );
    expect((await nango.listConnections(connections[0]?.connection_id, 'ada@', { endUserId: 'user-1' })).connections).toEqual(connections);
    await nango.deleteConnection(KEY, connections[0]?.connection_id ?? '');
    expect((await nango.listConnections()).connections).toHaveLength(0);
  });

  test('makes a session that repairs a connection, which stays the same one', async () => {
    const { nango, url } = platform;
    const imported = await platform.fetch('/connections', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ provider_config_key: KEY, connection_id: 'broken', credentials: { type: 'API_KEY', apiKey: 'old' } }),
    });
    const { id } = (await imported.json()) as { id: number };
    const { data: session } = await nango.createReconnectSession({
      connection_id: 'broken',
      integration_id: KEY,
      end_user: { id: 'user-2' },
    });
    await fetch(`${url}/api-auth/api-key/${KEY}?connect_session_token=${session.token}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiKey: 'new' }),
    });
    expect(await nango.getConnection(KEY, 'broken')).toMatchObject({ id, credentials: { apiKey: 'new' }, end_user: { id: 'user-2' } });
    await nango.deleteConnection(KEY, 'broken');
  });

  test('reads a connection with its credentials, and a token', async () => {
    const { nango } = platform;
    await platform.fetch('/connections', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ provider_config_key: KEY, connection_id: ID, credentials: { type: 'API_KEY', apiKey: 'key-1' } }),
    });
    const connection = await nango.getConnection(KEY, ID);
    expect(connection).toMatchObject({ connection_id: ID, provider_config_key: KEY, credentials: { type: 'API_KEY', apiKey: 'key-1' } });
    expect(await nango.getToken(KEY, ID)).toMatchObject({ apiKey: 'key-1' });
    expect(await nango.getRawTokenResponse(KEY, ID)).toBeUndefined(); // an API key has none
    await nango.patchConnection({ connectionId: ID, provider_config_key: KEY }, { tags: { plan: 'pro' }, end_user: { id: 'user-3' } });
    expect(await nango.getConnection(KEY, ID, true, true)).toMatchObject({ tags: { plan: 'pro', end_user_id: 'user-3' } });
    await expect(nango.getConnection(KEY, 'nobody')).rejects.toMatchObject({
      response: { status: 404, data: { error: { code: 'not_found' } } },
    });
  });

  test('uses a connection id of 255 characters like any other', async () => {
    const long = `c-${'x'.repeat(253)}`;
    await platform.fetch('/connections', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ provider_config_key: KEY, connection_id: long, credentials: { type: 'API_KEY', apiKey: 'key-2' } }),
    });
    expect((await platform.nango.getConnection(KEY, long)).connection_id).toBe(long);
    await platform.nango.deleteConnection(KEY, long);
  });

  test('sets, merges and reads metadata', async () => {
    const { nango } = platform;
    await nango.setMetadata(KEY, ID, { plan: 'pro', nested: { a: 1 } });
    await nango.updateMetadata(KEY, [ID], { nested: { b: 2 } });
    expect(await nango.getMetadata(KEY, ID)).toEqual({ plan: 'pro', nested: { b: 2 } });
    await nango.setMetadata(KEY, ID, {});
    expect(await nango.getMetadata(KEY, ID)).toEqual({});
  });

  test('triggers a sync and reads its status', async () => {
    const { nango } = platform;
    await nango.triggerSync(KEY, ['pages'], ID);
    const status = await finished();
    expect(status).toMatchObject({
      status: 'PAUSED',
      latestResult: { Row: { added: 15, updated: 0, deleted: 0 } },
      recordCount: { Row: 15 },
    });
  });

  test('lists records by cursor, by time, by kind of change and by id', async () => {
    const { nango } = platform;
    const of = { providerConfigKey: KEY, connectionId: ID, model: 'Row' };
    const first = await nango.listRecords<{ id: string; value: string }>({ ...of, limit: 10 });
    expect(first.records).toHaveLength(10);
    const rest = await nango.listRecords({ ...of, limit: 10, cursor: first.next_cursor ?? '' });
    expect(rest.next_cursor).toBeNull();
    expect(new Set([...first.records, ...rest.records].map(({ id }) => id)).size).toBe(15);
    expect(first.records[0]).toMatchObject({
      value: expect.stringMatching(/^value \d+$/),
      _nango_metadata: { last_action: 'ADDED', deleted_at: null },
    });

    const end = rest.records.at(-1)?._nango_metadata.cursor ?? '';
    const { finishedAt } = await finished();
    stage.data.rows = stage.data.rows.map((row) => (row.id === '3' ? { ...row, value: 'changed' } : row));
    await nango.triggerSync(KEY, ['pages'], ID, { reset: true });
    expect(await finished(finishedAt)).toMatchObject({ latestResult: { Row: { added: 0, updated: 1, deleted: 0 } } });
    const since = await nango.listRecords({ ...of, cursor: end });
    expect(since.records.map(({ id }) => id)).toEqual(['3']);
    const change = since.records[0]?._nango_metadata;
    expect(
      (await nango.listRecords({ ...of, modifiedAfter: new Date(change?.last_modified_at ?? '').toISOString() })).records.map(
        ({ id }) => id,
      ),
    ).toEqual(['3']);
    expect((await nango.listRecords({ ...of, filter: 'updated' })).records.map(({ id }) => id)).toEqual(['3']);
    expect((await nango.listRecords({ ...of, filter: 'added', limit: 100 })).records).toHaveLength(14);
    expect((await nango.listRecords({ ...of, ids: ['3', '5', 'none'] })).records.map(({ id }) => id).sort()).toEqual(['3', '5']);
    expect((await nango.listRecords({ ...of, model: 'Unknown' })).records).toEqual([]);
  });

  test('gets signed webhooks about what changed, and can verify them', async () => {
    const { nango, signingKey } = platform;
    const about = await until('two webhooks', () => {
      const bodies = stage.sink.seen.filter(({ body }) => body.includes('"type":"sync"'));
      return bodies.length >= 2 ? bodies : undefined;
    });
    for (const { body, headers } of about) {
      expect(nango.verifyIncomingWebhookRequest(body, headers)).toBe(true);
      expect(nango.verifyIncomingWebhookRequest(`${body} `, headers)).toBe(false);
      expect(nango.verifyWebhookSignature(String(headers['x-nango-signature']), JSON.parse(body))).toBe(true);
      expect(headers['x-nango-hmac-sha256']).toBe(createHmac('sha256', signingKey).update(body).digest('hex'));
    }
    expect(about.map(({ body }) => JSON.parse(body).responseResults)).toEqual([
      { added: 15, updated: 0, deleted: 0 },
      { added: 0, updated: 1, deleted: 0 },
    ]);
    expect(JSON.parse(about[0]?.body ?? '')).toMatchObject({
      connectionId: ID,
      providerConfigKey: KEY,
      syncName: 'pages',
      model: 'Row',
      syncType: 'INITIAL',
      success: true,
    });
  });

  test('starts, pauses and paces a sync, and runs a variant of it', async () => {
    const { nango } = platform;
    const state = async () => (await nango.syncStatus(KEY, ['pages'], ID)).syncs[0]?.status;
    await nango.startSync(KEY, ['pages'], ID);
    await until('it is scheduled', async () => (await state()) !== 'PAUSED');
    await nango.pauseSync(KEY, ['pages'], ID);
    await until('it is paused', async () => (await state()) === 'PAUSED');
    expect(await nango.updateSyncConnectionFrequency(KEY, 'pages', ID, 'every 2 hours')).toEqual({ frequency: '2 hours' });
    await nango.updateSyncConnectionFrequency(KEY, 'pages', ID, null);
    await expect(nango.updateSyncConnectionFrequency(KEY, 'pages', ID, 'every 2 seconds')).rejects.toMatchObject({
      response: { status: 400 },
    });
    const variant = { provider_config_key: KEY, connection_id: ID, name: 'pages', variant: 'archive' };
    expect(await nango.createSyncVariant(variant)).toMatchObject({ name: 'pages', variant: 'archive' });
    expect(await nango.deleteSyncVariant(variant)).toEqual({ success: true });
  });

  test('calls an action, and one whose output comes later', async () => {
    const { nango } = platform;
    expect(await nango.triggerAction(KEY, ID, 'echo', { text: 'hello' })).toEqual({ text: 'hello', connection: ID });
    await expect(nango.triggerAction(KEY, ID, 'absent', {})).rejects.toMatchObject({
      response: { status: 404, data: { error: { code: 'not_found' } } },
    });
    const started = await nango.triggerActionAsync(KEY, ID, 'echo', { text: 'later' });
    const output = await until('the output', () => nango.getAsyncActionResult({ id: started.id }).catch(() => undefined));
    expect(output).toEqual({ text: 'later', connection: ID });
    await until('the webhook about it', () =>
      stage.sink.seen.some(({ body }) => body.includes('async_action') && body.includes(started.id)),
    );
  });

  test('calls the upstream through the proxy, credentials applied, and sees its refusals as they are', async () => {
    const { nango } = platform;
    const of = { providerConfigKey: KEY, connectionId: ID };
    const got = await nango.get({ ...of, endpoint: '/things?x=1', headers: { 'X-Special': 'yes' } });
    expect(got.data).toMatchObject({ method: 'GET', path: '/things', query: { x: '1' }, authorization: 'Bearer key-1', special: 'yes' });
    const posted = await nango.post({ ...of, endpoint: '/things', params: { y: '2' }, data: { a: [1, 2] } });
    expect(posted.data).toMatchObject({ method: 'POST', query: { y: '2' }, body: '{"a":[1,2]}' });
    for (const method of ['put', 'patch', 'delete'] as const) {
      expect((await nango[method]({ ...of, endpoint: '/things/1' })).data).toMatchObject({ method: method.toUpperCase() });
    }
    expect((await nango.proxy({ ...of, endpoint: '/things/2', method: 'PROPFIND', data: '<x/>' })).data).toMatchObject({
      method: 'PROPFIND',
    });
    await expect(nango.get({ ...of, endpoint: '/missing' })).rejects.toMatchObject({
      response: { status: 404, data: { path: '/missing' } },
    });
  });

  test('prunes records, reads the variables, and deletes what it made', async () => {
    const { nango } = platform;
    const of = { providerConfigKey: KEY, connectionId: ID, model: 'Row' };
    const { records } = await nango.listRecords({ ...of, limit: 5 });
    const pruned = await nango.pruneRecords({ ...of, untilCursor: records.at(-1)?._nango_metadata.cursor ?? '' });
    expect(pruned.count).toBe(5);
    expect((await nango.listRecords({ ...of, limit: 1 })).records[0]).not.toHaveProperty('value');
    expect(await nango.getEnvironmentVariables()).toEqual([{ name: 'REGION', value: 'eu' }]);
    await nango.deleteConnection(KEY, ID);
    expect((await nango.listConnections()).connections).toEqual([]);
    await nango.deleteIntegration(KEY);
    expect((await nango.listIntegrations()).configs).toEqual([]);
  });

  test('was called with every public method it has', () => {
    const methods = Object.getOwnPropertyNames(Nango.prototype).filter((name) => !name.startsWith('_') && !INTERNAL.includes(name));
    expect(methods.length).toBeGreaterThan(40);
    expect(methods.filter((name) => !called.has(name))).toEqual([]);
  });
});
