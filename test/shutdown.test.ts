/** SIGTERM to a real process: what is under way is finished, idle connections do not hold it up, and a bound and a second signal end it. */
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dropHome, makeHome, type Platform, startPlatform, until } from './platform.ts';

let place: { home: string; port: number };
const MANY_BYTES = 12_000_000;
/** What the upstream is asked for, to be answered by the test. */
const asked: ServerResponse[] = [];
const upstream = createServer((incoming, outgoing) => {
  incoming.resume();
  asked.push(outgoing);
});

beforeAll(async () => {
  place = await makeHome();
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
});

afterAll(() => {
  upstream.closeAllConnections();
  upstream.close();
  dropHome(place);
});

async function start(env: Record<string, string> = {}): Promise<Platform> {
  const { port } = upstream.address() as AddressInfo; // it listens on TCP
  const platform = await startPlatform({ ...place, allow: [`127.0.0.1:${port}`], env: { BOWLINE_DEMO: '0', ...env } });
  const baseUrl = `http://127.0.0.1:${port}`;
  await post(platform, '/integrations', {
    provider: 'private-api-generic',
    unique_key: 'key',
    integration_config: { keyName: 'x-key', baseUrl, keyPlacement: 'header' },
  });
  await post(platform, '/connections', { provider_config_key: 'key', connection_id: 'c-1', credentials: { type: 'API_KEY', apiKey: 'k' } });
  return platform;
}

/** Reads the answer to its end: a connection with an answer that nobody reads is not idle. */
async function post(platform: Platform, path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  await (await platform.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })).text();
}

function get(platform: Platform, path: string, agent: Agent): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${platform.apiKey}`, 'connection-id': 'c-1', 'provider-config-key': 'key' };
  return new Promise((resolve, reject) => {
    request(`http://localhost:${place.port}${path}`, { agent, headers }, resolve).on('error', reject).end();
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of response.setEncoding('utf8')) text += piece;
  return text;
}

/** A call through the proxy that is under way at the upstream. */
async function underWay(platform: Platform, agent: Agent): Promise<{ answer: Promise<IncomingMessage>; reply: ServerResponse }> {
  asked.length = 0;
  const answer = get(platform, '/proxy/slow', agent);
  answer.catch(() => {});
  return { answer, reply: await until('the upstream is asked', () => asked[0]) };
}

async function isRefused(): Promise<boolean> {
  return fetch(`http://localhost:${place.port}/health`, { headers: { connection: 'close' } }).then(
    () => false,
    () => true,
  );
}

test('answers under way arrive whole, also to a slow reader; nobody new comes in; idle connections do not hold it up', async () => {
  const platform = await start();
  const agent = new Agent({ keepAlive: true });
  const idle = new Agent({ keepAlive: true });
  await textOf(await get(platform, '/health', idle)); // stays open
  const begun = await underWay(platform, agent);
  begun.reply.writeHead(200, { 'content-type': 'text/plain' }).write('begin ');
  const streaming = await begun.answer;
  const waiting = await underWay(platform, agent);
  // Ended, as far as the server goes, and not yet read: more than the buffers of the sockets hold.
  const metadata = { connection_id: 'c-1', provider_config_key: 'key', metadata: { a: 'x'.repeat(MANY_BYTES) } };
  await post(platform, '/connections/metadata', metadata);
  const unread = await get(platform, '/connections/c-1?provider_config_key=key', new Agent({ keepAlive: true }));

  platform.child.kill('SIGTERM');
  await until('new connections are refused', isRefused);
  expect(platform.child.exitCode).toBeNull();
  begun.reply.write('middle ');
  begun.reply.end('end');
  waiting.reply.end('late');
  expect(await textOf(streaming)).toBe('begin middle end');
  const late = await waiting.answer;
  expect([late.statusCode, await textOf(late)]).toEqual([200, 'late']);
  expect(JSON.parse(await textOf(unread)).metadata.a).toHaveLength(MANY_BYTES);
  expect(await platform.exited).toEqual([0, null]);
});

test('a connection that is still at work is told that the process is not ready, and to close', async () => {
  const platform = await start();
  asked.length = 0;
  const socket = connect(place.port, 'localhost');
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  const closed = once(socket, 'close');
  const head = `host: x\r\nauthorization: Bearer ${platform.apiKey}\r\nconnection-id: c-1\r\nprovider-config-key: key\r\n\r\n`;
  socket.write(`GET /proxy/slow HTTP/1.1\r\n${head}`);
  const reply = await until('the upstream is asked', () => asked[0]);
  platform.child.kill('SIGTERM');
  await until('new connections are refused', isRefused);
  socket.write(`GET /ready HTTP/1.1\r\n${head}`);
  reply.end('done');
  await closed;
  expect(text).toMatch(/^HTTP\/1.1 200 [\s\S]*done[\s\S]*HTTP\/1.1 503 [\s\S]*connection: close[\s\S]*\{"result":"not ready"\}$/i);
  expect(await platform.exited).toEqual([0, null]);
});

test.each([
  ['a waiting caller', '/action/trigger', { action_name: 'wait' }, { late: true }],
  [
    'an MCP client',
    '/mcp',
    { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'wait' } },
    { jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text: '{\n  "late": true\n}' }] } },
  ],
])('a function that is under way for %s ends, and its output arrives', async (_whom, path, body, output) => {
  const platform = await start();
  const js = `const { createAction } = require('bowline');
module.exports = { default: createAction({ exec: async (nango) => (await nango.get({ endpoint: '/slow' })).data }) };`;
  await post(platform, '/sync/deploy', {
    flowConfigs: [{ type: 'action', syncName: 'wait', providerConfigKey: 'key', models: [], runs: null, fileBody: { js, ts: '' } }],
    nangoYamlBody: '',
    reconcile: false,
    debug: false,
  });
  asked.length = 0;
  const answer = platform.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'connection-id': 'c-1', 'provider-config-key': 'key' },
    body: JSON.stringify(body),
  });
  const reply = await until('the upstream is asked by the function', () => asked[0]);
  platform.child.kill('SIGTERM');
  await until('new connections are refused', isRefused);
  reply.writeHead(200, { 'content-type': 'application/json' }).end('{"late":true}');
  const response = await answer;
  expect([response.status, await response.json()]).toEqual([200, output]);
  expect(await platform.exited).toEqual([0, null]);
});

test('what takes longer than BOWLINE_SHUTDOWN_SECONDS is cut, and the process still ends well', async () => {
  const platform = await start({ BOWLINE_SHUTDOWN_SECONDS: '1' });
  const { answer } = await underWay(platform, new Agent());
  platform.child.kill('SIGTERM');
  await expect(answer).rejects.toThrow(/hang up|ECONNRESET/);
  expect(await platform.exited).toEqual([0, null]);
});

test('a second signal ends it at once', async () => {
  const platform = await start();
  const { answer } = await underWay(platform, new Agent());
  platform.child.kill('SIGTERM');
  await until('new connections are refused', isRefused);
  platform.child.kill('SIGTERM');
  await expect(answer).rejects.toThrow(/hang up|ECONNRESET/);
  expect(await platform.exited).toEqual([1, null]);
});
