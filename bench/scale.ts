/**
 * What a second worker process adds, on one Postgres server: runs of syncs whose provider takes a fifth of a second to answer, so that neither the
 * database nor the processors are the limit, but how many runs a process does at once. RUNS=32 ROUNDS=1 for a shorter one, in which beginning and
 * end weigh more.
 */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { startServer } from '../packages/server/test/postgres-server.ts';
import { end, foreign, freePort, makeFolder, type Platform, startBeside, startPlatform } from './platform.ts';
import { type Spent, spentText, watch } from './processor-time.ts';
import { median, report } from './report.ts';

const RUNS = Number(process.env.RUNS ?? 96);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
/** Runs at once in a worker: so few that two workers do not fill two cores, on which the database and the provider live, too. */
const CONCURRENCY = 8;
const REQUESTS = 20;
const LATENCY_MS = 200;

const code = `const { createSync } = require('bowline');
module.exports = { default: createSync({ models: {}, exec: async (nango) => {
  for (let n = 0; n < ${REQUESTS}; n++) await nango.get({ endpoint: '/slow' });
} }) };`;

const server = await startServer({ max_connections: '300' });
if (!server) throw new Error('there are no server binaries below /usr/lib/postgresql');
const upstream = createServer((request, response) => {
  request.resume();
  setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end('{"fine":true}'), LATENCY_MS);
});
const port = await freePort();
await new Promise<void>((resolve) => upstream.listen(port, '127.0.0.1', resolve));
const key = randomBytes(32).toString('base64');
const platform = await startPlatform({
  databaseUrl: server.url,
  upstream: port,
  connections: RUNS,
  env: {
    BOWLINE_ROLES: 'api,scheduler',
    BOWLINE_ENCRYPTION_KEY: key,
    BOWLINE_SYNC_LIMITS: 'environment:100%,integration:100%,backfill:100%',
  },
});
const found = { one: [] as number[], two: [] as number[] };
const first = await worker();
let spent: Spent | undefined;
try {
  await deployed(platform);
  for (let round = 0; round < ROUNDS; round++) {
    const second = await worker();
    await runAll(platform); // once for its plans, its code and its pools; in the first round for those of both
    found.two.push(RUNS / (await runAll(platform)));
    await second.stop();
    const asked = await watch({ pid: first.pid, database: platform.database });
    found.one.push(RUNS / (await runAll(platform)));
    spent = asked();
  }
} finally {
  await first.stop();
  await platform.stop();
  upstream.close();
  upstream.closeAllConnections();
  await server.stop();
}
const one = `one worker process, ${CONCURRENCY} runs at once`;
report({
  name: 'scale',
  title: 'A second worker process',
  lines: [
    { what: one, rounds: found.one, unit: '/s' },
    { what: 'two worker processes', rounds: found.two, unit: '/s', floor: one },
    {
      what: 'times the throughput',
      rounds: found.two.map((two) => two / median(found.one)),
      unit: '×',
      goal: { atLeast: 1.8 },
    },
  ],
  notes: [
    `${RUNS} syncs, each of a connection of its own and ${REQUESTS} requests of ${LATENCY_MS} ms, from the request to trigger all of them until the last one has ended.`,
    `A run cannot take less than ${(REQUESTS * LATENCY_MS) / 1000} s, so one process cannot do more than ${((CONCURRENCY * 1000) / (REQUESTS * LATENCY_MS)).toFixed(1)} a second.`,
    ...(spent ? [spentText('a run by one worker', spent, RUNS)] : []),
  ],
});

async function worker(): Promise<{ pid: number; stop(): Promise<void> }> {
  const { child } = await startBeside('platform', {
    ...foreign(process.env),
    BOWLINE_HOME: join(makeFolder(), 'home'),
    BOWLINE_LOG_LEVEL: 'warn',
    BOWLINE_ROLES: 'worker',
    BOWLINE_SYNC_CONCURRENCY: String(CONCURRENCY),
    BOWLINE_ENCRYPTION_KEY: key,
    BOWLINE_PROVIDERS: platform.providers,
    BOWLINE_OUTBOUND_ALLOW: '127.0.0.1',
    DATABASE_URL: server?.url,
    PORT: String(await freePort()),
  });
  return { pid: child.pid ?? 0, stop: () => end(child) };
}

async function deployed({ call }: Platform): Promise<void> {
  await call('POST', '/sync/deploy', {
    flowConfigs: [
      {
        type: 'sync',
        syncName: 'slow',
        providerConfigKey: 'bench',
        models: ['Item'],
        runs: 'every day',
        auto_start: false,
        fileBody: { js: code, ts: '' },
      },
    ],
    nangoYamlBody: '',
    reconcile: false,
    debug: false,
  });
  for (let n = 0; n < RUNS; n++) while ((await statusOf(n)) === undefined) await pause();
}

type Status = { status: string; finishedAt?: string };
async function statusOf(n: number): Promise<Status | undefined> {
  const query = `syncs=slow&provider_config_key=bench&connection_id=bench-${n}`;
  return ((await platform.call('GET', `/sync/status?${query}`)) as { syncs: Status[] }).syncs[0]; // what the route answers
}

/** @returns seconds */
async function runAll({ call }: Platform): Promise<number> {
  const before = await Promise.all(Array.from({ length: RUNS }, async (_, n) => (await statusOf(n))?.finishedAt));
  const began = performance.now();
  await call('POST', '/sync/trigger', { syncs: ['slow'], provider_config_key: 'bench' });
  for (let n = 0; n < RUNS; n++)
    for (;;) {
      const now = await statusOf(n);
      if (now?.finishedAt !== undefined && now.finishedAt !== before[n] && now.status !== 'RUNNING') break;
      await pause();
    }
  return (performance.now() - began) / 1000;
}

/** A look takes as much of Postgres as three of a run's requests. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 250));
}
