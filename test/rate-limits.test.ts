/** Three processes that share what one provider allows, with more wanted of each than there is, one of them killed in the middle. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { flowOf } from '../packages/server/test/functions.ts';
import { fixedWindow } from '../packages/server/test/limits/provider-limits.ts';
import { findServer, type Server, startServer } from '../packages/server/test/postgres-server.ts';
import { ask, type Cluster, type Member, openCluster } from './cluster.ts';
import { until } from './platform.ts';
import { startUpstream, type Upstream, writeProvider } from './upstream.ts';

const hasServer = findServer() !== undefined;
const folder = mkdtempSync(join(tmpdir(), 'bowline-limits-'));
/** So few that a machine under any load can want more. */
const LIMIT = 15;
const LENGTH_MS = 3_000;
const limiter = fixedWindow({ limit: LIMIT, lengthMs: LENGTH_MS, tells: 'headers' });
/** What was let through in each window of the provider's clock. */
const windows = new Map<number, number>();
let server: Server | undefined;
let upstream: Upstream;
let cluster: Cluster;

beforeAll(async () => {
  if (!hasServer) return;
  server = await startServer();
  upstream = await startUpstream((_seen, response) => {
    const now = Date.now();
    const { ok, headers } = limiter.take(now);
    if (ok) windows.set(Math.floor(now / LENGTH_MS), (windows.get(Math.floor(now / LENGTH_MS)) ?? 0) + 1);
    response.writeHead(ok ? 200 : 429, { ...headers, 'content-type': 'application/json' }).end('{}');
  });
  cluster = openCluster({ databaseUrl: server?.url ?? '', providers: [writeProvider(folder, upstream.url)], allow: [upstream.host] });
});

afterAll(async () => {
  await cluster?.close();
  await Promise.all([server?.stop(), upstream?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

test.runIf(hasServer)(
  'three processes use up one limit and hardly exceed it, and one that is killed takes nothing along',
  { timeout: 180_000 },
  async () => {
    const first = await cluster.start('all', { isQuick: true });
    const others = await Promise.all([cluster.start('all', { isQuick: true }), cluster.start('api,worker', { isQuick: true })]);
    await prepare(first);
    const running = { on: true };
    const calls = [first, ...others].flatMap((member) => Array.from({ length: 4 }, () => keepCalling(member, running)));
    await ask(first, 'POST', '/sync/trigger', { ...of, syncs: ['spend-a', 'spend-b'] });
    const whole = () => [...windows.keys()].slice(1, -1);
    await until('three windows went by', () => whole().length >= 3, 60_000);
    const killedIn = Math.floor(Date.now() / LENGTH_MS);
    others[0]?.child.kill('SIGKILL');
    await until('four windows after the kill went by', () => whole().filter((window) => window > killedIn).length >= 4, 60_000);
    running.on = false;
    await Promise.all(calls);
    const { accepted, refused } = limiter.counts;
    console.log(JSON.stringify({ accepted, refused, windows: [...windows.values()] }));
    expect(refused / (accepted + refused)).toBeLessThan(0.05);
    // What the killed one had returns within its lease, which is as long as two windows.
    const used = whole().filter((window) => window < killedIn || window > killedIn + 2);
    expect(used.reduce((sum, window) => sum + (windows.get(window) ?? 0), 0) / (used.length * LIMIT)).toBeGreaterThan(0.85);
  },
);

const of = { provider_config_key: 'upstream', connection_id: 'c-1' };

async function prepare(at: Member): Promise<void> {
  await ask(at, 'POST', '/integrations', { provider: 'upstream', unique_key: 'upstream' });
  const exec = `const until = Date.now() + 60_000;
    while (Date.now() < until) await nango.get({ endpoint: '/limited', retries: 10 });`;
  const flowConfigs = ['spend-a', 'spend-b'].map((name) => flowOf({ name, integration: 'upstream', exec, autoStart: false }));
  expect((await ask(at, 'POST', '/sync/deploy', { flowConfigs, nangoYamlBody: '', reconcile: false, debug: false })).status).toBe(200);
  expect((await ask(at, 'POST', '/connections', { ...of, credentials: { type: 'API_KEY', apiKey: 'k' } })).status).toBeLessThan(300);
}

/** Until it is over, or the process is gone. */
async function keepCalling(at: Member, running: { on: boolean }): Promise<void> {
  const headers = { 'provider-config-key': 'upstream', 'connection-id': 'c-1', retries: '5' };
  try {
    while (running.on) expect((await ask(at, 'GET', '/proxy/limited', undefined, headers)).status).toBe(200);
  } catch (error) {
    if (!at.child.killed) throw error;
  }
}
