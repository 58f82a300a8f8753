import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { type Platform, startPlatform } from '../platform.ts';
import { catalogue, doors, notSteered, prepare } from './doors.ts';
import { createLookup, type Ports, tricks } from './tricks.ts';

const INNER = 'only reachable from inside';
let touched = 0;
let welcomed = 0;
const servers: Server[] = [];
let ports: Ports;
let platform: Platform;

async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve, reject) => server.on('error', reject).listen(port, host, resolve));
  return (server.address() as AddressInfo).port; // it listens on TCP
}
const inner = () =>
  createServer((_request, response) => response.end(INNER)).on('connection', () => {
    touched++;
  });
/** The public host: answers, or sends elsewhere. Who wants TLS has come that far too. */
const outer = () =>
  createServer((request, response) => {
    welcomed++;
    const [, , status, to] = (request.url ?? '').split(/[/?]/);
    if (!request.url?.startsWith('/redirect/')) return response.end('{"access_token":"public","expires_in":3600}');
    const location = Buffer.from(to ?? '', 'base64url').toString();
    // A trick that stays on this host comes back with a path that is none of ours.
    if (!/^[\x21-\x7e]+$/.test(location)) return response.writeHead(404).end();
    return response.writeHead(Number(status), { location }).end();
  }).on('connection', () => {
    welcomed++;
  });

beforeAll(async () => {
  const port = await listen(inner(), { host: '127.0.0.1', port: 0 });
  await listen(inner(), { host: '::1', port });
  ports = { inner: port, outer: await listen(outer(), { host: '127.0.0.2', port: 0 }) };
  const folder = mkdtempSync(join(tmpdir(), 'bowline-ssrf-'));
  for (const [name, text] of Object.entries(catalogue)) writeFileSync(join(folder, `${name}.yaml`), text);
  platform = await startPlatform({ worker: false, providers: [folder], allow: ['127.0.0.2/32'], lookup: createLookup() });
  await createIntegrations(platform, `http://public.test:${ports.outer}`);
  await importConnection(platform, 'c-1');
  await prepare(platform);
});
afterAll(async () => {
  for (const server of servers) server.closeAllConnections();
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
});

test('what must not be reached does answer, on both families', async () => {
  const before = touched;
  for (const host of ['127.0.0.1', '[::1]']) expect(await (await fetch(`http://${host}:${ports.inner}/`)).text()).toBe(INNER);
  expect(touched).toBeGreaterThan(before);
});

test('there are more than sixty tricks, each another one', () => {
  const all = tricks(ports);
  expect(new Set(all).size).toBe(all.length);
  expect(all.length).toBeGreaterThan(200);
});

describe.each(doors)('$name', (door) => {
  test('is steered: a public address is reached by it', async () => {
    const before = welcomed;
    const told = await door.open(platform, `http://public.test:${ports.outer}`);
    expect(welcomed, JSON.stringify(told)).toBeGreaterThan(before);
  });

  test('no trick gets through, and none of what is inside gets out', async () => {
    const before = touched;
    const all = tricks(ports);
    const told: string[] = [];
    // Some at once: one at a time takes a minute a door.
    const atOnce = door.alone ? 1 : 12;
    for (let at = 0; at < all.length; at += atOnce) {
      const batch = all.slice(at, at + atOnce);
      told.push(...(await Promise.all(batch.map(async (url) => JSON.stringify((await door.open(platform, url)) ?? null)))));
      expect([touched - before, touched > before ? batch : []]).toEqual([0, []]);
    }
    expect(all.filter((_url, index) => told[index]?.includes(INNER))).toEqual([]);
  });
});

test('every file that sends a request has its door here, or a reason why nobody steers it', () => {
  const root = new URL('../../src/', import.meta.url);
  const senders = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.startsWith('base/'))
    .filter((path) => /\boutbound\s*\.request\(/.test(readFileSync(new URL(path, root), 'utf8')));
  const known = new Set([...doors.map(({ sentBy }) => sentBy), ...Object.keys(notSteered)]);
  expect(senders.filter((path) => !known.has(path))).toEqual([]);
  expect([...known].filter((path) => !senders.includes(path))).toEqual([]);
});

test('what the operator allows is reached, and nothing beside it', async () => {
  const open = await startPlatform({
    worker: false,
    database: platform.database,
    allow: [`127.0.0.1:${ports.inner}`],
    lookup: createLookup(),
  });
  const ask = (url: string) =>
    open.call('GET', '/proxy/', undefined, { 'provider-config-key': 'key', 'connection-id': 'c-1', 'base-url-override': url });
  expect(await ask(`http://127.0.0.1:${ports.inner}`)).toMatchObject({ status: 200, body: INNER });
  for (const url of [
    `http://127.0.0.1:${ports.outer}`,
    `http://[::1]:${ports.inner}`,
    `http://private.test:${ports.inner}`,
    'http://10.0.0.1',
  ]) {
    const answer = await ask(url);
    expect([url, JSON.stringify(answer.body).includes(INNER)]).toEqual([url, false]);
  }
  await open.stop();
});
