/**
 * Processes on one database against a provider with an exact limiter: what part of its limit syncs and people use up together, and what they exceed
 * it by. Two processes, and once a third that is killed in the middle.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadavg } from 'node:os';
import { fixedWindow, type Limiter, tokenBucket } from '../packages/server/test/limits/provider-limits.ts';
import { startServer } from '../packages/server/test/postgres-server.ts';
import { deploy, type Platform, startPlatform, targetOf } from './platform.ts';
import { type Line, quantile, report } from './report.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const SECONDS = Number(process.env.SECONDS ?? 20);
/** A person's call. */
const EVERY_MS = 250;

const cases: { name: string; perSecond: number; make: () => Limiter; kills?: boolean }[] = [
  { name: 'told window of 100 in 2 s', perSecond: 50, make: () => fixedWindow({ limit: 100, lengthMs: 2_000, tells: 'headers' }) },
  {
    name: 'the same, and a third process that is killed',
    perSecond: 50,
    make: () => fixedWindow({ limit: 100, lengthMs: 2_000, tells: 'headers' }),
    kills: true,
  },
  {
    name: 'window of 100 in 2 s, with Retry-After alone',
    perSecond: 50,
    make: () => fixedWindow({ limit: 100, lengthMs: 2_000, tells: 'retry-after' }),
  },
  { name: 'told bucket of 100, 5 a second', perSecond: 5, make: () => tokenBucket({ perSecond: 5, size: 100, tells: 'headers' }) },
  { name: 'untold bucket of 20, 20 a second', perSecond: 20, make: () => tokenBucket({ perSecond: 20, size: 20, tells: 'nothing' }) },
];

let limiter: Limiter | undefined;
const provider = createServer((request, response) => {
  request.resume();
  const { ok, headers } = limiter?.take(Date.now()) ?? { ok: true, headers: {} };
  response.writeHead(ok ? 200 : 429, { ...headers, 'content-type': 'application/json' }).end('{}');
});
await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
const { port: upstream } = provider.address() as AddressInfo; // it listens on TCP

const env = { BOWLINE_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64') };
// The embedded Postgres has connections for one process.
const server = await startServer({ max_connections: '300' });
if (!server) throw new Error('This benchmark needs a Postgres server on this machine: several processes share it.');
const database = server.url;
const one = await startPlatform({ upstream, databaseUrl: database, connections: cases.length * ROUNDS, env });
const two = await startPlatform({ upstream, databaseUrl: database, joins: true, env });
const syncs = ['a', 'b', 'c', 'd'];
const spender = `exports.default = require('bowline').createSync({ exec: async (nango) => {
  const until = Date.now() + ${SECONDS * 1000};
  const keepAsking = async () => { while (Date.now() < until) await nango.get({ endpoint: '/limited', retries: 10 }); };
  await Promise.all([keepAsking(), keepAsking(), keepAsking()]);
} });`;

type Round = { answered: number; refused: number; people: number };
const rounds = new Map<string, Round[]>();
let connection = 0;
try {
  for (const name of syncs) await deploy(one, 'sync', name, spender, ['Item']);
  for (let round = 0; round < ROUNDS; round++)
    for (const { name, make, kills } of cases)
      rounds.set(name, [...(rounds.get(name) ?? []), await measure(make(), { n: connection++, kills: kills ?? false })]);
} finally {
  await two.stop();
  await one.stop();
  await server.stop();
  provider.close();
}

async function measure(made: Limiter, { n, kills }: { n: number; kills: boolean }): Promise<Round> {
  limiter = made;
  const third = kills ? await startPlatform({ upstream, databaseUrl: database, joins: true, env }) : undefined;
  const target = targetOf(n);
  const trigger = { syncs, provider_config_key: target['provider-config-key'], connection_id: target['connection-id'] };
  // A deployment makes the syncs of its connections by and by.
  for (let tries = 0; ; tries++) {
    const error = await one.call('POST', '/sync/trigger', trigger).then(
      () => undefined,
      (failed: unknown) => failed,
    );
    if (error === undefined) break;
    if (tries > 200) throw error;
    await pause(100);
  }
  while (made.counts.accepted === 0) await pause(20);
  const before = made.counts.accepted;
  const started = performance.now();
  const waits: number[] = [];
  const calls: Promise<void>[] = [];
  if (third) setTimeout(() => process.kill(third.pid, 'SIGKILL'), (SECONDS * 1000) / 2);
  if (third) for (let caller = 0; caller < 4; caller++) void keepVisiting(third, target);
  for (let turn = 0; performance.now() - started < SECONDS * 1000 - 1_000; turn++) {
    calls.push(visit(turn % 2 === 0 ? one : two, target, waits));
    await pause(EVERY_MS);
  }
  await Promise.all(calls);
  const seconds = (performance.now() - started) / 1000;
  const { accepted, refused } = made.counts;
  await pause(3_000); // the syncs end
  return { answered: (accepted - before) / seconds, refused: refused / seconds, people: quantile(waits, 0.95) };
}

async function visit({ url, apiKey }: Platform, target: Record<string, string>, waits: number[]): Promise<void> {
  const sent = performance.now();
  const headers = { authorization: `Bearer ${apiKey}`, ...target, retries: '3' };
  await fetch(`${url}/proxy/limited`, { headers }).then((answer) => answer.text());
  waits.push(performance.now() - sent);
}

/** Until the process is gone. */
async function keepVisiting({ url, apiKey }: Platform, target: Record<string, string>): Promise<void> {
  const headers = { authorization: `Bearer ${apiKey}`, ...target, retries: '3' };
  const ask = () =>
    fetch(`${url}/proxy/limited`, { headers }).then(
      (answer) => answer.text(),
      () => undefined,
    );
  while ((await ask()) !== undefined);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

report({
  name: 'rate-limits',
  title: "Providers' rate limits",
  lines: cases.flatMap(({ name, perSecond }): Line[] => {
    const all = rounds.get(name) ?? [];
    const floor = `${name}: the limit`;
    return [
      { what: floor, rounds: [perSecond], unit: '/s' },
      { what: `${name}: answered`, rounds: all.map(({ answered }) => answered), unit: '/s', floor },
      { what: `${name}: refused`, rounds: all.map(({ refused }) => refused), unit: '/s', floor },
      { what: `${name}: a person's call, p95`, rounds: all.map(({ people }) => people), unit: 'ms' },
    ];
  }),
  notes: [
    'Two processes on one database, besides the third that is killed half-way; four syncs with three requests at once each, and a person every 250 ms. The first burst, from which a limit is learned, counts.',
    'A bucket that is full at first lets more through than its limit until it is empty.',
    `Load of the machine at the end: ${loadavg()[0]?.toFixed(1)}.`,
  ],
});
