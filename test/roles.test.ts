/** Processes with roles on one Postgres server, started by `bowline start`: each does its part and no other, and says what it is. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { flowOf } from '../packages/server/test/functions.ts';
import { findServer, type Server, startServer } from '../packages/server/test/postgres-server.ts';
import { ask, type Cluster, type Member, openCluster } from './cluster.ts';
import { until } from './platform.ts';
import { descendants } from './processes.ts';
import { json, startUpstream, type Upstream, writeProvider } from './upstream.ts';

const hasServer = findServer() !== undefined;
const folder = mkdtempSync(join(tmpdir(), 'bowline-roles-'));
let server: Server | undefined;
let database: Client;
let upstream: Upstream;
let cluster: Cluster;
let api: Member;
let worker: Member;

beforeAll(async () => {
  if (!hasServer) return;
  server = await startServer();
  database = new Client({ connectionString: server?.url ?? '' });
  database.on('error', () => {}); // it ends with its server
  await database.connect();
  upstream = await startUpstream(({ query }, response) => json(response, 200, { by: query.get('by') }));
  cluster = openCluster({
    databaseUrl: server?.url ?? '',
    providers: [writeProvider(folder, upstream.url)],
    allow: [upstream.host],
  });
});

afterAll(async () => {
  await cluster?.close();
  await database?.end();
  await Promise.all([server?.stop(), upstream?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

const of = { provider_config_key: 'upstream', connection_id: 'c-1' };
const headers = { 'provider-config-key': 'upstream', 'connection-id': 'c-1' };
const seenBy = (who: string) => upstream.seen.filter(({ query }) => query.get('by') === who).length;
const processes = async () =>
  (await ask(api, 'GET', '/processes')).body.data as { pid: number; roles: string[]; state: string; version: string }[];

/** In order: the processes of a test are there in those after it. */
test.runIf(hasServer)(
  'an api process answers, and runs what its caller waits for; it takes no job, starts no sync and has nobody else do so',
  async () => {
    api = await cluster.start('api');
    expect((await ask(api, 'GET', '/health')).body).toMatchObject({ result: 'ok', roles: ['api'] });
    await ask(api, 'POST', '/integrations', { provider: 'upstream', unique_key: 'upstream' });
    const get = (by: string) => `return (await nango.get({ endpoint: '/x?by=${by}' })).data;`;
    const flowConfigs = [
      flowOf({ type: 'action', name: 'look', integration: 'upstream', exec: get('action') }),
      flowOf({ name: 'items', integration: 'upstream', exec: get('sync') }),
    ];
    expect((await ask(api, 'POST', '/sync/deploy', { flowConfigs, nangoYamlBody: '', reconcile: false, debug: false })).status).toBe(200);
    await ask(api, 'POST', '/connections', { ...of, credentials: { type: 'API_KEY', apiKey: 'k' } });
    // Nobody hears of the new connection but a worker, and what is due is started by a scheduler.
    expect((await ask(api, 'POST', '/action/trigger', { action_name: 'look' }, headers)).body).toEqual({ by: 'action' });
    await ask(api, 'POST', '/action/trigger', { action_name: 'look' }, { ...headers, 'x-async': 'true' });
    expect(seenBy('action')).toBe(1);
    expect((await database.query('select from instances')).rowCount, 'processes that take jobs').toBe(0);
    expect((await database.query('select from runs')).rowCount, 'the asynchronous action waits').toBe(1);
  },
);

test.runIf(hasServer)('a worker takes jobs and starts nothing that is due; it answers for itself and refuses the API', async () => {
  worker = await cluster.start('worker');
  await until('the asynchronous action has run', () => seenBy('action') === 2);
  await until('the sync of the connection is there', async () => (await database.query('select from syncs')).rowCount === 1);
  expect((await ask(worker, 'GET', '/health')).body).toMatchObject({ result: 'ok', roles: ['worker'] });
  expect((await ask(worker, 'GET', '/ready')).status).toBe(200);
  const refusal = await ask(worker, 'GET', '/connections');
  expect(refusal.status).toBe(404);
  expect(refusal.body.error.message).toBe('This process does not serve the API: its roles are worker. Ask one whose BOWLINE_ROLES has api');
  expect((await database.query('select from syncs where active_run is not null or last_run is not null')).rowCount).toBe(0);
});

test.runIf(hasServer)('a scheduler starts what is due, runs no function, and has no sandbox', async () => {
  const scheduler = await cluster.start('scheduler');
  await until('the sync has run, on the worker', () => seenBy('sync') > 0);
  expect(descendants(scheduler.pid)).toEqual([]);
  expect((await processes()).map(({ pid, roles, state }) => ({ pid, roles, state }))).toEqual([
    { pid: api.pid, roles: ['api'], state: 'alive' },
    { pid: worker.pid, roles: ['worker'], state: 'alive' },
    { pid: scheduler.pid, roles: ['scheduler'], state: 'alive' },
  ]);
  await scheduler.stop();
  expect(scheduler.child.exitCode).toBe(0);
  expect((await processes()).map(({ pid }) => pid)).toEqual([api.pid, worker.pid]);
});

test.runIf(hasServer)('a process that a newer release leaves behind says so, takes no more jobs, and does not start again', async () => {
  const change = (expands: boolean) =>
    database.query(
      `insert into migrations (name, checksum, expands) values ('999-newer.sql', 'x', $1) on conflict (name) do update set expands = excluded.expands`,
      [expands],
    );
  await change(true);
  const beside = await cluster.start('worker');
  expect(beside.output()).toContain('a newer release works on this database');
  expect((await ask(beside, 'GET', '/ready')).status, 'one release older is beside it').toBe(200);
  await change(false);
  await until('it is not ready any more', async () => (await ask(beside, 'GET', '/ready')).status === 503);
  await until('no process takes jobs', async () => (await database.query('select from instances')).rowCount === 0);
  await until('they are listed as outdated', async () => (await processes()).every(({ state }) => state === 'outdated'));
  expect(beside.output()).toContain('does not fit it any more');
  const late = await cluster.start('worker');
  await late.exited;
  expect(late.child.exitCode).not.toBe(0);
  expect(late.output()).toContain('This database was migrated by a newer release (999-newer.sql). Run that release, or restore a backup.');
});
