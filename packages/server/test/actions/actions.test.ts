import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { many, one } from '../../src/base/database.ts';
import { createIntegrations, importConnection, oauthCredentials } from '../connections/fixture.ts';
import { deploy, recordsOf, settled, type TestFunction } from '../functions.ts';
import { type Answer, eventually, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';

let upstream: Upstream;
let platform: Platform;

beforeAll(async () => {
  upstream = await startUpstream();
  platform = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`] });
  await createIntegrations(platform, upstream.url);
  await importConnection(platform, 'c-1', { metadata: { a: 1 }, connection_config: { region: 'eu' } });
});

const failure = (status: number, code: string) => ({ status, body: { error: { code } } });
function call(name: string, input?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const body = { action_name: name, ...(input === undefined ? {} : { input }) };
  return platform.call('POST', '/action/trigger', body, { 'connection-id': 'c-1', 'provider-config-key': 'key', ...headers });
}
let count = 0;
/** Deploys an action with this code and calls it. */
async function run(exec: string, input?: unknown, headers: Record<string, string> = {}, more: Partial<TestFunction> = {}): Promise<Answer> {
  const name = `action-${count++}`;
  await deploy(platform, [{ type: 'action', name, exec, integration: headers['provider-config-key'] ?? 'key', ...more }]);
  return call(name, input, headers);
}
const later = { 'x-async': 'true' };
const result = ({ body }: Answer, headers: Record<string, string> = {}) =>
  eventually(async () => {
    const answer = await platform.call('GET', body.statusUrl, undefined, headers);
    return answer.status === 404 ? undefined : answer;
  }, 'the action has ended');

describe('input and output', () => {
  test.each([
    ['an object', { a: [1, 'ü', null] }, { a: [1, 'ü', null] }],
    ['a list', [1, 2], [1, 2]],
    ['a text', 'text', 'text'],
    ['nothing', undefined, {}],
    ['null', null, {}],
  ])('%s arrives, and what is returned is the whole answer', async (_what, input, arrives) => {
    expect(await run('return input', input)).toMatchObject({ status: 200, body: arrives });
  });

  test('an action that returns nothing answers null', async () => {
    const answer = await run('');
    expect(answer).toMatchObject({ status: 200, body: null });
  });

  test('an output over 2 MB is refused, and one that is no JSON too', async () => {
    expect(await run(`return 'x'.repeat(3_000_000)`)).toMatchObject(failure(400, 'script_output_too_large'));
    expect(await run('return 1n')).toMatchObject(failure(400, 'invalid_action_output'));
  });
});

describe('a failure', () => {
  test('that the author raised keeps its payload', async () => {
    expect(await run(`throw new ActionError({ message: 'no such city', type: 'not_found' })`)).toMatchObject({
      status: 500,
      body: {
        error: { code: 'action_script_runtime_error', message: 'no such city', payload: { message: 'no such city', type: 'not_found' } },
      },
    });
    expect((await run(`throw new nango.ActionError('plain text')`)).body.error.payload).toEqual({ message: 'plain text' });
  });

  test('of a request that the provider refused shows what it said', async () => {
    upstream.on('/refused', (_request, response) =>
      response
        .writeHead(404, { 'content-type': 'application/json', 'x-ratelimit-left': '3', 'x-secret': 'no' })
        .end('{"message":"no such contact"}'),
    );
    const { status, body } = await run(`await nango.get({ endpoint: '/refused' })`);
    expect(status).toBe(424);
    expect(body.error).toMatchObject({
      code: 'script_http_error',
      upstream: { status: 404, headers: { 'content-type': 'application/json' }, body: { message: 'no such contact' } },
    });
    expect(body.error.upstream.headers).not.toHaveProperty('x-secret');
  });

  test('of a request that got no answer, of the code, and of a broken connection each has its code', async () => {
    upstream.on('/reset', (_request, response) => response.destroy());
    expect(await run(`await nango.get({ endpoint: '/reset' })`)).toMatchObject(failure(500, 'script_network_error'));
    expect(await run(`null.x`)).toMatchObject(failure(500, 'script_internal_error'));
    expect(await run(`await nango.uncontrolledFetch({ url: new URL('http://127.0.0.1:1/') })`)).toMatchObject({ status: 500 });
  });

  test('is caught by the author as an axios-like error', async () => {
    upstream.on('/caught', (_request, response) => json(response, { why: 'x' }, 422));
    const { body } = await run(
      `try { await nango.post({ endpoint: '/caught', data: { a: 1 } }) } catch (error) { return { status: error.response.status, data: error.response.data } }`,
    );
    expect(body).toEqual({ status: 422, data: { why: 'x' } });
    expect(upstream.received('/caught').at(-1)).toMatchObject({
      method: 'POST',
      headers: { 'content-type': expect.stringContaining('application/json') },
    });
  });

  test('to keep its memory within bounds ends its sandbox, not the platform', async () => {
    const exec = 'const all = []; for (;;) all.push(new Array(1e6).fill(Math.random()))';
    expect(await run(exec)).toMatchObject(failure(500, 'function_runtime_out_of_memory'));
    expect(await run('return 1')).toMatchObject({ status: 200, body: 1 });
  });

  test('is in the activity log with its reason', async () => {
    await run(`await nango.log('before', { detail: 1 }); throw new ActionError({ message: 'for the log' })`);
    const entry = await eventually(
      () =>
        one<{ id: string; state: string }>(
          platform.world.db,
          sql`select id, state from operations where type = 'action' and error = 'for the log' and ended_at is not null`,
        ),
      'it is logged',
    );
    expect(entry.state).toBe('failed');
    const lines = await many<{ message: string }>(
      platform.world.db,
      sql`select message from operation_messages where operation_id = ${entry.id} order by id`,
    );
    expect(lines.map(({ message }) => message)).toEqual(['before', expect.any(String)]);
  });
});

describe('what an action may do', () => {
  test('read its connection, metadata, token, integration and environment', async () => {
    const { body } = await run(`
      const connection = await nango.getConnection();
      const before = await nango.getMetadata();
      await nango.updateMetadata({ b: 2 });
      const merged = await nango.getMetadata();
      await nango.setMetadata({ c: 3 });
      return {
        id: connection.connection_id, config: connection.connection_config, credentials: connection.credentials,
        before, merged, after: await nango.getMetadata(), token: await nango.getToken(),
        integration: (await nango.getIntegration()).unique_key, variables: await nango.getEnvironmentVariables(),
        webhook: await nango.getWebhookURL(),
      };`);
    expect(body).toEqual({
      id: 'c-1',
      config: { region: 'eu' },
      credentials: { type: 'API_KEY', apiKey: 'key of c-1' },
      before: { a: 1 },
      merged: { a: 1, b: 2 },
      after: { c: 3 },
      token: { type: 'API_KEY', apiKey: 'key of c-1' },
      integration: 'key',
      variables: [],
      webhook: null,
    });
    expect((await platform.call('GET', '/connections/c-1?provider_config_key=key')).body.metadata).toEqual({ c: 3 });
  });

  test('get an access token that was refreshed for it, and no refresh token', async () => {
    upstream.on('/token', (_request, response) => json(response, { access_token: 'renewed', refresh_token: 'r2', expires_in: 3600 }));
    await importConnection(platform, 'c-oauth', oauthCredentials('expired'));
    const headers = { 'connection-id': 'c-oauth', 'provider-config-key': 'oauth' };
    const { body } = await run(`return { token: await nango.getToken(), connection: await nango.getConnection() }`, undefined, headers);
    expect(body.token).toBe('renewed');
    expect(JSON.stringify(body)).not.toContain('r2');
  });

  test('call the provider with the connection’s credentials', async () => {
    upstream.on('/echo', ({ method, url, headers, body }, response) =>
      json(response, { method, url, key: headers['x-key'], own: headers['x-own'], body: body.toString() }),
    );
    const { body } = await run(`
      const { status, data } = await nango.put({ endpoint: '/echo', params: { q: 'a b' }, headers: { 'x-own': '1' }, data: { n: 1 } });
      return { status, data };`);
    expect(body).toEqual({ status: 200, data: { method: 'PUT', url: '/echo?q=a+b', key: 'key of c-1', own: '1', body: '{"n":1}' } });
  });

  test('not touch records', async () => {
    for (const call of [`batchSave([{ id: '1' }], 'Item')`, `getRecordsByIds(['1'], 'Item')`]) {
      expect(await run(`return await nango.${call}`)).toMatchObject(failure(500, 'script_internal_error'));
    }
    expect(await recordsOf(platform, 'c-1')).toEqual([]);
  });

  test('call another action, trigger and start syncs', async () => {
    await deploy(platform, [
      { type: 'action', name: 'inner', exec: `return { got: input }` },
      { name: 'triggered', autoStart: false, exec: `await nango.batchSave([{ id: 'by trigger' }], 'Item')` },
    ]);
    const { body } = await run(`
      const inner = await nango.triggerAction('key', 'c-1', 'inner', { x: 1 });
      await nango.triggerSync('key', 'c-1', 'triggered');
      return inner;`);
    expect(body).toEqual({ got: { x: 1 } });
    expect(await settled(platform, 'c-1', 'triggered')).toMatchObject({ status: 'PAUSED', latestResult: { Item: { added: 1 } } });
    expect((await run(`await nango.startSync('key', ['triggered'], 'c-1')`)).status).toBe(200);
    expect(await settled(platform, 'c-1', 'triggered')).toMatchObject({ status: 'SUCCESS' });
    const unknown = await run(`await nango.triggerAction('key', 'c-1', 'nothing')`);
    expect(unknown.body.error.message).toContain('nothing');
  });

  test('hold a lock that others see, until it ends', async () => {
    await deploy(platform, [{ type: 'action', name: 'locker', exec: `return await nango.tryAcquireLock({ key: 'mine', ttlMs: 60_000 })` }]);
    const { body } = await run(`
      const first = await nango.tryAcquireLock({ key: 'mine', ttlMs: 60_000 });
      const again = await nango.tryAcquireLock({ key: 'mine', ttlMs: 60_000 });
      const other = await nango.triggerAction('key', 'c-1', 'locker');
      const released = await nango.releaseLock({ key: 'mine' });
      return { first, again, other, released, later: await nango.triggerAction('key', 'c-1', 'locker'), unheld: await nango.releaseLock({ key: 'mine' }) };`);
    expect(body).toEqual({ first: true, again: true, other: false, released: true, later: true, unheld: false });
    expect((await call('locker')).body).toBe(true);
    expect((await call('locker')).body).toBe(true);
  });

  test('reach another connection of its environment, and none of another', async () => {
    await importConnection(platform, 'c-2');
    expect((await run(`return (await nango.getConnection('key', 'c-2')).connection_id`)).body).toBe('c-2');
    expect((await run(`return (await nango.getConnection('key', 'c-of-prod')).connection_id`)).status).toBe(500);
  });
});

describe('called asynchronously', () => {
  test('answers at once where the output will be', async () => {
    const started = await run(`return { got: input }`, { a: 1 }, later);
    expect(started).toMatchObject({
      status: 202,
      body: { id: expect.stringMatching(/^[0-9a-f-]{36}$/), statusUrl: `/action/${started.body.id}` },
    });
    expect(started.headers.get('location')).toBe(started.body.statusUrl);
    expect(await result(started)).toMatchObject({ status: 200, body: { got: { a: 1 } } });
    const events = await many(
      platform.world.db,
      sql`select 1 from events where type = 'action.completed' and payload ->> 'id' = ${started.body.id}`,
    );
    expect(events).toHaveLength(1);
  });

  test('answers 404 while it runs, and null when it returned nothing', async () => {
    let release = () => {};
    upstream.on('/held', async (_request, response) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      json(response, {});
    });
    const started = await run(`await nango.get({ endpoint: '/held' })`, undefined, later);
    await eventually(async () => upstream.received('/held').length === 1, 'it runs');
    expect(await platform.call('GET', started.body.statusUrl)).toMatchObject(failure(404, 'not_found'));
    release();
    expect(await result(started)).toMatchObject({ status: 200, body: null });
  });

  test('a failure answers as it would have at once', async () => {
    const started = await run(`throw new ActionError({ message: 'later' })`, undefined, later);
    expect(await result(started)).toMatchObject({
      status: 500,
      body: { error: { code: 'action_script_runtime_error', payload: { message: 'later' } } },
    });
  });

  test('is tried again as often as X-Max-Retries says, and no more', async () => {
    upstream.on('/flaky', ({ index }, response) => (index < 2 ? json(response, {}, 500) : json(response, { index })));
    const exec = `return (await nango.get({ endpoint: '/flaky' })).data`;
    const started = await run(exec, undefined, { ...later, 'x-max-retries': '2' });
    expect(await result(started)).toMatchObject({ status: 200, body: { index: 2 } });
    upstream.on('/dead', (_request, response) => json(response, {}, 500));
    const failed = await run(exec.replace('flaky', 'dead'), undefined, { ...later, 'x-max-retries': '1' });
    expect(await result(failed)).toMatchObject(failure(424, 'script_http_error'));
    expect(upstream.received('/dead')).toHaveLength(2);
    await run(exec.replace('flaky', 'dead'));
    expect(upstream.received('/dead')).toHaveLength(3);
  });

  test('unknown ids, and those of another environment, are not found', async () => {
    const started = await run('return 1', undefined, later);
    await result(started);
    expect(await platform.call('GET', '/action/3f2504e0-4f89-41d3-9a0c-0305e82c3301')).toMatchObject(failure(404, 'not_found'));
    expect(await platform.call('GET', '/action/x')).toMatchObject(failure(400, 'invalid_uri_params'));
    const authorization = `Bearer ${await platform.keyOf('prod')}`;
    expect(await platform.call('GET', started.body.statusUrl, undefined, { authorization })).toMatchObject(failure(404, 'not_found'));
  });

  test('survives a restart: those waiting and those under way are done by the next process, and none is lost', async () => {
    const first = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`] });
    await createIntegrations(first, upstream.url);
    await importConnection(first, 'c-1');
    await deploy(first, [{ type: 'action', name: 'slow', exec: `await nango.get({ endpoint: '/slow' }); return input.n` }]);
    upstream.on('/slow', () => {});
    const headers = { 'connection-id': 'c-1', 'provider-config-key': 'key', ...later };
    const started = await Promise.all(
      Array.from({ length: 8 }, (_, n) => first.call('POST', '/action/trigger', { action_name: 'slow', input: { n: n + 1 } }, headers)),
    );
    await eventually(async () => upstream.received('/slow').length >= 4, 'some are under way');
    await first.stop();
    upstream.on('/slow', (_request, response) => json(response, {}));
    const second = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`], database: first.database });
    const answers = await Promise.all(
      started.map(({ body }) =>
        eventually(async () => {
          const answer = await second.call('GET', body.statusUrl);
          return answer.status === 404 ? undefined : answer;
        }, 'it is done by the next process'),
      ),
    );
    expect(answers.map(({ status, body }) => [status, body])).toEqual(Array.from({ length: 8 }, (_, n) => [200, n + 1]));
    const entries = await eventually(async () => {
      const rows = await many<{ state: string }>(second.world.db, sql`select state from operations where function = 'slow'`);
      return rows.length === 8 && rows.every(({ state }) => state !== 'running') && rows;
    }, 'their entries are closed');
    expect(new Set(entries.map(({ state }) => state))).toEqual(new Set(['success']));
    await second.stop();
  });
});

describe('refused before it runs', () => {
  test.each([
    ['an unknown action', 'nothing', {}, 404, 'not_found'],
    ['an unknown connection', 'x', { 'connection-id': 'nobody' }, 400, 'unknown_connection'],
    ['an unknown integration', 'x', { 'provider-config-key': 'nothing' }, 400, 'unknown_provider_config'],
    ['no connection', 'x', { 'connection-id': '' }, 400, 'invalid_headers'],
    ['too many retries', 'x', { 'x-max-retries': '6' }, 400, 'invalid_headers'],
    ['a strange flag', 'x', { 'x-async': 'perhaps' }, 400, 'invalid_headers'],
    ['a name that is none', 'a b', {}, 400, 'invalid_body'],
  ])('%s', async (_what, name, headers, status, code) => {
    expect(await call(name, undefined, headers)).toMatchObject(failure(status, code));
  });

  test('an unknown action called asynchronously', async () => {
    expect(await call('nothing', {}, later)).toMatchObject(failure(404, 'not_found'));
  });
});

test('thirty calls at once are all answered, each with its own output', async () => {
  await deploy(platform, [
    { type: 'action', name: 'own', exec: `await nango.log('x'); return { n: input.n, connection: nango.connectionId }` },
  ]);
  const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => call('own', { n })));
  expect(answers.map(({ body }) => body)).toEqual(Array.from({ length: 30 }, (_, n) => ({ n, connection: 'c-1' })));
});
