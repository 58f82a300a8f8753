/** On-event functions, deployed and run by the whole platform. */
import { beforeAll, describe, expect, test } from 'vitest';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deployOnEvents } from '../functions.ts';
import { eventually, type Json, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';

let upstream: Upstream;
let platform: Platform;
const options = () => ({ allow: [`127.0.0.1:${upstream.port}`], env: { BOWLINE_FUNCTION_WAIT_SECONDS: '3' } });

beforeAll(async () => {
  upstream = await startUpstream();
  platform = await startPlatform(options());
  await createIntegrations(platform, upstream.url);
  upstream.on('/me', ({ headers }, response) => json(response, { you: headers['x-key'] }, headers['x-key'] === 'bad' ? 401 : 200));
  upstream.on('/note', (_request, response) => json(response, {}));
});

const body = (id: string, apiKey: string, more: object = {}) => ({
  provider_config_key: 'key',
  connection_id: id,
  credentials: { type: 'API_KEY', apiKey },
  ...more,
});
const connect = (id: string, apiKey: string, more: object = {}) => platform.call('POST', '/connections', body(id, apiKey, more));
const read = (id: string) => platform.call('GET', `/connections/${id}?provider_config_key=key`);
const notes = () => upstream.received('/note').map(({ url }) => url);
const operationsOf = async (connection: string): Promise<Json[]> => {
  const as = await platform.member();
  return (await as('GET', `/logs/operations?connection=${connection}&type=on_event`)).body.operations;
};

describe('validate-connection', () => {
  test('a function tries the new credentials before anything is stored, and its own words refuse them', async () => {
    await deployOnEvents(platform, [
      {
        name: 'check',
        event: 'validate-connection',
        exec: `const { data, status } = await nango.get({ endpoint: '/me', retries: 0 }).catch((error) => error.response ?? { status: 0 });
          if (status !== 200) throw new ActionError({ message: 'That key does not open the door', type: 'nope' });
          const connection = await nango.getConnection();
          await nango.updateMetadata({ seen: connection.credentials.apiKey, before: connection.metadata?.kept ?? null });
          await nango.log('it opens');`,
      },
    ]);
    const refused = await connect('door', 'bad');
    expect(refused).toMatchObject({
      status: 400,
      body: { error: { code: 'connection_validation_failed', message: 'That key does not open the door' } },
    });
    expect((await read('door')).status).toBe(404);
    expect(await connect('door', 'good')).toMatchObject({ status: 201 });
    expect((await read('door')).body).toMatchObject({ credentials: { apiKey: 'good' }, metadata: { seen: 'good', before: null } });
    const logged = await eventually(async () => {
      const all = await operationsOf('door');
      return all.filter(({ state }) => state !== 'running').length === 2 && all;
    }, 'both runs are in the activity log');
    expect(logged.map(({ state }) => state).sort()).toEqual(['failed', 'success']);
    expect(logged.find(({ state }) => state === 'failed')).toMatchObject({ function: 'check', error: 'That key does not open the door' });
  });

  test('credentials that work keep working when those to replace them are refused', async () => {
    await connect('kept', 'first', { metadata: { kept: 1 }, tags: { team: 'red' } });
    const before = (await read('kept')).body;
    expect(await connect('kept', 'bad', { metadata: { other: 2 }, tags: { team: 'blue' } })).toMatchObject({ status: 400 });
    expect((await read('kept')).body).toEqual({ ...before, last_fetched_at: expect.anything(), updated_at: before.updated_at });
    const proxied = await platform.call('GET', '/proxy/me', undefined, {
      authorization: `Bearer ${platform.apiKey}`,
      'connection-id': 'kept',
      'provider-config-key': 'key',
    });
    expect(proxied.body).toEqual({ you: 'first' });
    expect(await connect('kept', 'second')).toMatchObject({ status: 201 });
    expect((await read('kept')).body).toMatchObject({
      credentials: { apiKey: 'second' },
      metadata: { kept: 1, seen: 'second', before: 1 },
    });
  });

  test('a person in the connect page sees the function’s words', async () => {
    const session = await platform.call('POST', '/connect/sessions', { end_user: { id: 'u-1' } });
    const { token } = session.body.data;
    const submit = (apiKey: string) =>
      platform.call('POST', `/api-auth/api-key/key?connect_session_token=${token}`, { apiKey }, { 'content-type': 'application/json' });
    expect(await submit('bad')).toMatchObject({
      status: 400,
      body: { error: { code: 'connection_validation_failed', message: 'That key does not open the door' } },
    });
    expect(await submit('good')).toMatchObject({ status: 200, body: { providerConfigKey: 'key' } });
  });

  test('a function that never ends is ended, and nothing is stored', async () => {
    await deployOnEvents(platform, [
      { name: 'stuck', event: 'validate-connection', integration: 'basic', exec: 'await new Promise(() => {})' },
    ]);
    const answer = await platform.call('POST', '/connections', {
      provider_config_key: 'basic',
      connection_id: 'stuck',
      credentials: { type: 'BASIC', username: 'u', password: 'p' },
    });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'connection_validation_failed' } } });
    expect((await platform.call('GET', '/connections/stuck?provider_config_key=basic')).status).toBe(404);
  });

  test('what is not stored yet has no syncs and no actions, and the function is told so', async () => {
    await deployOnEvents(platform, [
      {
        name: 'eager',
        event: 'validate-connection',
        integration: 'open',
        exec: `await nango.triggerAction('open', (await nango.getConnection()).connection_id, 'x', {});`,
      },
    ]);
    const answer = await platform.call('POST', '/connections', {
      provider_config_key: 'open',
      connection_id: 'eager',
      credentials: { type: 'NONE' },
    });
    expect(answer).toMatchObject({ status: 400, body: { error: { message: expect.stringContaining('not stored yet') } } });
  });
});

describe('post-connection-creation', () => {
  test('runs after the answer, for a new connection and for one made anew, and may use it', async () => {
    await deployOnEvents(platform, [
      {
        name: 'welcome',
        event: 'post-connection-creation',
        integration: 'oauth',
        exec: `await nango.post({ endpoint: '/note', params: { welcome: nango.connectionId, token: await nango.getToken() } });`,
      },
    ]);
    const wanted = (token: string) => ({
      provider_config_key: 'oauth',
      connection_id: 'guest',
      credentials: { type: 'OAUTH2', access_token: token, expires_at: new Date(Date.now() + 3_600_000).toISOString() },
    });
    await platform.call('POST', '/connections', wanted('one'));
    await eventually(async () => notes().includes('/note?welcome=guest&token=one'), 'it ran for the new one');
    await platform.call('POST', '/connections', wanted('two'));
    await eventually(async () => notes().includes('/note?welcome=guest&token=two'), 'it ran again');
    const logged = await eventually(async () => {
      const all = await operationsOf('guest');
      return all.length === 2 && all.every(({ state }) => state === 'success') && all;
    }, 'both are in the activity log');
    expect(logged[0]).toMatchObject({ action: 'post-connection-creation', function: 'welcome' });
  });

  test('one that throws is in the activity log, and its connection stays', async () => {
    await deployOnEvents(platform, [
      { name: 'broken', event: 'post-connection-creation', integration: 'oauth', exec: `throw new Error('it broke');` },
    ]);
    await platform.call('POST', '/connections', {
      provider_config_key: 'oauth',
      connection_id: 'unlucky',
      credentials: { type: 'OAUTH2', access_token: 't' },
    });
    const failed = await eventually(async () => {
      const all = await operationsOf('unlucky');
      return all.find((one) => one.function === 'broken' && one.state === 'failed');
    }, 'the failure is logged');
    expect(failed.error).toBe('it broke');
    await eventually(async () => notes().some((url) => url.includes('welcome=unlucky')), 'the other one ran all the same');
    expect((await platform.call('GET', '/connections/unlucky?provider_config_key=oauth')).status).toBe(200);
  });

  test('the process may die before it: the next one runs it', async () => {
    const quiet = await startPlatform({ ...options(), worker: false });
    await createIntegrations(quiet, upstream.url);
    await deployOnEvents(quiet, [
      {
        name: 'later',
        event: 'post-connection-creation',
        exec: `await nango.post({ endpoint: '/note', params: { late: nango.connectionId } });`,
      },
    ]);
    await importConnection(quiet, 'survivor');
    expect(notes().some((url) => url.includes('late='))).toBe(false);
    await startPlatform({ ...options(), database: quiet.database });
    await eventually(async () => notes().includes('/note?late=survivor'), 'it ran in the other process');
  });
});

describe('pre-connection-deletion', () => {
  test('runs while the connection still works, and whatever it does the connection goes', async () => {
    await deployOnEvents(platform, [
      {
        name: 'farewell',
        event: 'pre-connection-deletion',
        exec: `await nango.post({ endpoint: '/note', params: { bye: nango.connectionId } }); throw new Error('too sad');`,
      },
    ]);
    await connect('leaving', 'good');
    expect(await platform.call('DELETE', '/connections/leaving?provider_config_key=key')).toMatchObject({ body: { success: true } });
    expect(notes()).toContain('/note?bye=leaving');
    expect((await read('leaving')).status).toBe(404);
    await connect('stays', 'good');
    const as = await platform.member();
    expect(await as('DELETE', '/connections/stays?provider_config_key=key')).toMatchObject({ body: { success: true } });
    expect(notes()).toContain('/note?bye=stays');
  });

  test('one that never ends holds the deletion up no longer than the limit', async () => {
    await deployOnEvents(platform, [
      { name: 'clings', event: 'pre-connection-deletion', integration: 'oauth', exec: 'await new Promise(() => {})' },
    ]);
    expect(await platform.call('DELETE', '/connections/guest?provider_config_key=oauth')).toMatchObject({ body: { success: true } });
    const logged = await eventually(async () => (await operationsOf('guest')).find(({ state }) => state === 'timeout'), 'it is logged');
    expect(logged).toMatchObject({ function: 'clings' });
  });

  test('runs for each connection when the integration is deleted', async () => {
    await connect('one-of-many', 'good');
    expect(await platform.call('DELETE', '/integrations/key')).toMatchObject({ status: 200 });
    expect(notes()).toContain('/note?bye=one-of-many');
  });
});
