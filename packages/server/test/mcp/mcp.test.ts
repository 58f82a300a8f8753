/** A connection's actions as tools: the published MCP client, in both generations of the protocol, against the platform with real sandboxes. */
import { ProtocolError } from '@modelcontextprotocol/client';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { many, run } from '../../src/base/database.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deploy, type TestFunction } from '../functions.ts';
import { eventually, type Json, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';
import { connect, type Generation } from './client.ts';

let upstream: Upstream;
let platform: Platform;

const issue = {
  type: 'object',
  properties: { title: { type: 'string', description: 'What it is about' }, by: { $ref: '#/definitions/Person' } },
  required: ['title'],
};
const person = { type: 'object', properties: { name: { type: 'string' }, manager: { $ref: '#/definitions/Person' } } };
/** An action whose input is this schema. */
const taking = (name: string, input: object, exec = 'return { input };', more: object = {}): TestFunction => ({
  type: 'action',
  name,
  exec,
  more: {
    input: 'Input',
    models_json_schema: { definitions: { Input: input, Person: person, Output: {}, Unused: {} } },
    ...more,
  },
});
const plain = (name: string, exec: string): TestFunction => ({ type: 'action', name, exec });

beforeAll(async () => {
  upstream = await startUpstream();
  platform = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`] });
  await createIntegrations(platform, upstream.url);
  await importConnection(platform, 'c-1');
  await importConnection(platform, 'o-1', { provider_config_key: 'open', credentials: { type: 'NONE' } });
  upstream.on('/me', ({ headers }, response) => json(response, { key: headers['x-key'] }));
  upstream.on('/refused', (_request, response) => json(response, { message: 'no such contact' }, 404));
  await deploy(platform, [
    taking('create-issue', issue, 'return { input };', { metadata: { description: 'Opens an issue' } }),
    taking('void', { type: 'null' }),
    taking('list', { type: 'array', items: {} }),
    taking('pointed', { $ref: '#/definitions/Person' }),
    plain('whoami', `const { data } = await nango.get({ endpoint: '/me' }); return { ...data, input };`),
    plain('switched-off', 'return 1;'),
    plain('raises', `throw new ActionError({ message: 'no such city', type: 'not_found' })`),
    plain('throws', `throw new Error('it broke')`),
    plain('long', `return { text: '"\\\\'.repeat(300_000) + 'x'.repeat(700_000) }`),
    plain('deep', `let value = Array(300_000).fill(0); for (let i = 0; i < 200; i++) value = [value]; return value;`),
    plain('slow', `await nango.get({ endpoint: '/slow' }); await nango.get({ endpoint: '/after-slow' });`),
    plain('is-refused', `await nango.get({ endpoint: '/refused' })`),
    { type: 'sync', name: 'items', autoStart: false },
    { ...plain('elsewhere', 'return 1;'), integration: 'open' },
  ]);
  await run(platform.world.db, sql`update functions set enabled = false where name = 'switched-off'`);
});

const textOf = (result: Json) => result.content[0].text;
const failed = (work: Promise<unknown>): Promise<Json> =>
  work.then(
    () => expect.unreachable('it did not fail'),
    (error) => error,
  );
/** One message by hand. */
const post = (body: unknown, headers: Record<string, string> = {}) =>
  platform.call('POST', '/mcp', body, { 'connection-id': 'c-1', 'provider-config-key': 'key', ...headers });
const message = (method: string, params: object = {}) => ({ jsonrpc: '2.0', id: 1, method, params });
const authorization = async (...scopes: string[]) => ({ authorization: `Bearer ${await platform.keyOf('dev', scopes)}` });

const generations: Generation[] = ['with a handshake', 'without one'];
describe.each(generations)('a client that begins %s', (generation) => {
  const pointed = { generation };

  test('learns who answers, and that there are tools', async () => {
    const client = await connect(platform, pointed);
    expect(client.getServerVersion()).toMatchObject({ name: 'bowline', title: 'Bowline' });
    expect(client.getServerCapabilities()).toEqual({ tools: {} });
  });

  test('sees the enabled actions of the integration and nothing else', async () => {
    const { tools } = await (await connect(platform, pointed)).listTools();
    expect(tools.map(({ name }) => name)).toEqual(
      ['create-issue', 'void', 'pointed', 'whoami', 'raises', 'throws', 'long', 'deep', 'slow', 'is-refused'].sort(),
    );
    const open = await (await connect(platform, { ...pointed, connection: 'o-1', integration: 'open' })).listTools();
    expect(open.tools.map(({ name }) => name)).toEqual(['elsewhere']);
  });

  test('reads what each takes, whole in itself', async () => {
    const { tools } = await (await connect(platform, pointed)).listTools();
    const tool = (name: string) => tools.find((one) => one.name === name);
    expect(tool('create-issue')).toEqual({
      name: 'create-issue',
      description: 'Opens an issue',
      inputSchema: { ...issue, definitions: { Person: person } },
    });
    expect(tool('pointed')?.inputSchema).toEqual({ ...person, definitions: { Person: person } });
    for (const name of ['void', 'whoami']) expect(tool(name)?.inputSchema).toEqual({ type: 'object', properties: {} });
  });

  test('calls one through the connection, and reads its output as one text of indented JSON', async () => {
    const client = await connect(platform, pointed);
    const { content, isError } = await client.callTool({ name: 'create-issue', arguments: { title: 'ü' } });
    expect(content).toEqual([{ type: 'text', text: JSON.stringify({ input: { title: 'ü' } }, null, 2) }]);
    expect(isError ?? false).toBe(false);
    expect(JSON.parse(textOf(await client.callTool({ name: 'whoami' })))).toEqual({ key: 'key of c-1', input: {} });
  });

  test('is told why a call failed, as the same failure is told elsewhere', async () => {
    const client = await connect(platform, pointed);
    const failure = (name: string) => failed(client.callTool({ name, arguments: {} }));
    expect(await failure('raises')).toBeInstanceOf(ProtocolError);
    expect(await failure('raises')).toMatchObject({
      code: -32603,
      data: {
        code: 'action_script_runtime_error',
        message: 'no such city',
        payload: { type: 'not_found' },
        request_id: expect.any(String),
      },
    });
    expect(await failure('is-refused')).toMatchObject({
      code: -32603,
      data: { code: 'script_http_error', upstream: { status: 404, body: { message: 'no such contact' } } },
    });
    const { message: text, data } = await failure('throws');
    expect(text).toContain('it broke');
    expect(JSON.stringify(data)).not.toMatch(/\bat .*:\d+:\d+|key of c-1/);
  });

  test.each(['switched-off', 'list', 'items', 'elsewhere', 'nothing'])('cannot call %s, which is not listed', async (name) => {
    const error = await failed((await connect(platform, pointed)).callTool({ name, arguments: {} }));
    expect(error).toMatchObject({ code: -32602, data: { code: 'not_found' } });
    expect(error.message).toContain(`There is no tool "${name}"`);
  });

  test('gets an output of 2 MB, and one whose indentation would be many times as long without it', async () => {
    const client = await connect(platform, pointed);
    expect(JSON.parse(textOf(await client.callTool({ name: 'long' }))).text).toHaveLength(1_300_000);
    const deep = textOf(await client.callTool({ name: 'deep' }));
    expect(deep).toMatch(/^\[{201}0,0/);
    expect(deep.length).toBeLessThan(700_000);
  });

  test('that goes away does not stop the action', async () => {
    let answer = () => {};
    upstream.on('/slow', (_request, response) => {
      answer = () => json(response, { ok: true });
    });
    upstream.on('/after-slow', (_request, response) => json(response, {}));
    const before = upstream.received('/after-slow').length;
    const client = await connect(platform, pointed);
    const asked = upstream.received('/slow').length;
    const leaving = new AbortController();
    const call = failed(client.callTool({ name: 'slow' }, { signal: leaving.signal }));
    await eventually(async () => upstream.received('/slow').length > asked, 'the action asks the provider');
    leaving.abort();
    await call;
    answer();
    await eventually(async () => upstream.received('/after-slow').length > before, 'the action goes on');
    await eventually(async () => {
      await platform.world.journal.flush();
      const rows = await many<{ state: string }>(platform.world.db, sql`select state from operations where function = 'slow'`);
      return rows.length > 0 && rows.every(({ state }) => state === 'success');
    }, 'it ended well');
    expect((await client.listTools()).tools.length).toBeGreaterThan(0);
  });
});

describe('the door', () => {
  const list = message('tools/list');

  test('needs the scope for it, and no other', async () => {
    expect((await post(list, await authorization('environment:mcp'))).body.result.tools.length).toBeGreaterThan(0);
    const { status, body } = await post(list, await authorization('environment:actions:execute'));
    expect([status, body.error.code]).toEqual([403, 'forbidden']);
  });

  test.each([
    ['no connection named', { 'connection-id': '' }, 400, 'invalid_headers'],
    ['a connection that is not there', { 'connection-id': 'nobody' }, 400, 'unknown_connection'],
    ['an integration that is not there', { 'provider-config-key': 'nothing' }, 400, 'unknown_provider_config'],
    ['another integration than the connection has', { 'provider-config-key': 'open' }, 400, 'unknown_connection'],
    ['no key', { authorization: '' }, 401, 'malformed_auth_header'],
    ['another type than JSON', { 'content-type': 'text/plain' }, 415, 'invalid_content_type'],
  ])('refuses %s in the usual envelope', async (_what, headers, status, code) => {
    expect(await post(list, headers)).toMatchObject({ status, body: { error: { code, request_id: expect.any(String) } } });
  });

  test("another environment's connection is not there", async () => {
    const authorization = `Bearer ${await platform.keyOf('prod')}`;
    expect(await post(list, { authorization })).toMatchObject({ status: 400, body: { error: { code: 'unknown_provider_config' } } });
  });

  test.each([
    ['broken JSON', '{', 'invalid_json'],
    ['several messages at once, which count as one request', [list, list], 'invalid_body'],
    ['what is no JSON-RPC', { method: 'tools/list' }, 'invalid_body'],
    ['an answer to what nobody asked', { jsonrpc: '2.0', id: 1, result: {} }, 'invalid_body'],
    ['nothing', undefined, 'invalid_body'],
  ])('refuses %s', async (_what, body, code) => {
    expect(await post(body)).toMatchObject({ status: 400, body: { error: { code } } });
  });

  test('answers JSON to whoever can read nothing else, with the headers of every answer', async () => {
    const { status, headers, body } = await post(list, { accept: 'application/json', 'x-request-id': 'mine' });
    expect([status, body.id]).toEqual([200, 1]);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('x-request-id')).toBe('mine');
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('x-ratelimit-limit')).not.toBeNull();
    expect(headers.get('mcp-session-id')).toBeNull();
  });

  test('answers a notification with 202 and nothing', async () => {
    expect(await post({ jsonrpc: '2.0', method: 'notifications/initialized' })).toMatchObject({ status: 202, body: '' });
  });

  test('names what it does not know', async () => {
    expect(await post(message('resources/list'))).toMatchObject({ body: { id: 1, error: { code: -32601 } } });
    expect(await post(list, { 'mcp-protocol-version': '1999-01-01' })).toMatchObject({ status: 400, body: { error: { code: -32000 } } });
  });

  test('holds no request open to wait for changes', async () => {
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const listen = message('subscriptions/listen', { _meta, notifications: { toolsListChanged: true } });
    const { headers, body } = await post(listen, { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen' });
    expect(headers.get('content-type')).toContain('application/json');
    expect(body).toMatchObject({ id: 1, error: { code: -32603, message: 'Subscription limit reached' } });
  });

  test.each(['GET', 'DELETE'])('%s is refused in the protocol, with what to use instead', async (method) => {
    const { status, headers, body } = await platform.call(method, '/mcp');
    expect([status, headers.get('allow')]).toEqual([405, 'POST']);
    expect(body).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: -32000, message: expect.stringContaining('POST') } });
  });
});

test('arguments nested too deeply for JSON are the fault of the parameters', async () => {
  const nested = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
  const call = JSON.stringify(message('tools/call', { name: 'create-issue', arguments: 'nested' })).replace('"nested"', nested);
  expect(await post(call)).toMatchObject({ status: 200, body: { error: { code: -32602, data: { code: 'invalid_action_input' } } } });
});

test('a failure of ours says nothing but the id it is logged under', async () => {
  const client = await connect(platform);
  await run(platform.world.db, sql`alter table functions rename column deployed_at to gone`);
  const error = await failed(client.listTools()).finally(() =>
    run(platform.world.db, sql`alter table functions rename column gone to deployed_at`),
  );
  expect(error).toMatchObject({ code: -32603, data: { code: 'server_error', payload: { id: error.data.request_id } } });
  expect(JSON.stringify(error.data)).not.toContain('deployed_at');
});
