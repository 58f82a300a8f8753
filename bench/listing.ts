/**
 * Reading records over HTTP, 1,000 a page: against a bare route that answers as many bytes, and against the bare column read through pg.
 * Then one drain of a million, during which the memory of the platform's process is watched. RECORDS=20000 DRAIN=100000 for a shorter run,
 * BYTES=100 for records of that size instead of 1 KB.
 */
import { Agent, request } from 'node:http';
import { Client } from 'pg';
import { clientConfig } from '../packages/server/src/base/postgres.ts';
import { findServer, startServer } from '../packages/server/test/postgres-server.ts';
import { deploy, end, freePort, runSync, startBeside, startPlatform, target } from './platform.ts';
import { use } from './process-memory.ts';
import { type Spent, spentText, watch } from './processor-time.ts';
import { median, quantile, report } from './report.ts';

const COUNT = Number(process.env.RECORDS ?? 50_000);
const DRAIN = Number(process.env.DRAIN ?? 1_000_000);
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const LIMIT = 1_000;
/** At once, as an app reads several connections: one alone leaves the platform idle while it reads, and waits while the platform does. */
const READERS = 4;
const BYTES = Number(process.env.BYTES ?? 1_000);

const code = `const { createSync } = require('bowline');
module.exports = { default: createSync({ models: {}, exec: async (nango) => {
  for (let start = 1; start <= ${DRAIN}; start += 1000) {
    const page = [];
    for (let n = start; n < start + 1000; n++) {
      const id = 'rec_' + String(n).padStart(8, '0');
      page.push({ id, name: 'Name of ' + id, text: 'lorem ipsum '.repeat(${Math.ceil(BYTES / 12)}).slice(0, ${Math.max(BYTES - 60, 1)}) });
    }
    await nango.batchSave(page, 'Item');
  }
} }) };`;

const server = findServer() ? await startServer() : undefined;
const platform = await startPlatform({ databaseUrl: server?.url });
const client = new Client(clientConfig(platform.database));
const agent = new Agent({ keepAlive: true, maxSockets: READERS });
const rounds = {
  bare: [] as number[],
  barePage: [] as number[],
  column: [] as number[],
  http: [] as number[],
  page: [] as number[],
  readers: [] as number[],
  beside: [] as number[],
};
const memory: number[] = [];
const READ_AT_ONCE = ROUNDS * READERS * COUNT;
/** Processor time of all rounds of the readers at once, in milliseconds. */
const used = { node: 0, postgres: 0, deno: 0, reader: 0 };
/** The number before the first record's. */
let origin = 0;
let bare: Awaited<ReturnType<typeof startBeside>> | undefined;
try {
  const stream = await fill();
  const first = await get(platform.port, `/records?model=Item&limit=${LIMIT}`);
  const barePort = await freePort();
  bare = await startBeside('bare', { ...process.env, PORT: String(barePort), SIZE: String(first.bytes) });
  const asBare = async () => ({ ...(await get(barePort, '/bare')), next: 'on' });
  for (let round = -1; round < ROUNDS; round++) {
    const found = { bare: await walk(asBare), column: await walk((after) => columnPage(stream, after)), http: await walk(httpPage) };
    const beside = watchBeside();
    const spent = round < 0 ? undefined : await watch(platform);
    const mine = process.cpuUsage();
    const together = await readers();
    if (spent) add(spent(), process.cpuUsage(mine));
    const others = beside();
    if (round < 0) continue; // warms all three
    rounds.bare.push(found.bare.perSecond);
    rounds.barePage.push(found.bare.p50);
    rounds.column.push(found.column.perSecond);
    rounds.http.push(found.http.perSecond);
    rounds.page.push(found.http.p50);
    rounds.readers.push(together);
    rounds.beside.push(quantile(others, 0.95));
  }
  await walk(httpPage, DRAIN, () => memory.push(use(platform.pid).node));
} finally {
  agent.destroy();
  if (bare) await end(bare.child);
  await client.end();
  await platform.stop();
  await server?.stop();
}

const BARE = 'a bare route with as many bytes';
const PAGE = 'a page of it, p50';
const tenth = Math.ceil(memory.length / 10);
report({
  name: 'listing',
  title: 'Listing records',
  lines: [
    { what: BARE, rounds: rounds.bare, unit: '/s' },
    { what: 'select content, sealed', rounds: rounds.column, unit: '/s' },
    { what: 'GET /records, one reader', rounds: rounds.http, unit: '/s', floor: BARE },
    { what: `GET /records, ${READERS} readers`, rounds: rounds.readers, unit: '/s', floor: BARE, goal: { atLeast: 100_000 } },
    { what: 'GET /health beside these, 95 of 100', rounds: rounds.beside, unit: 'ms' },
    { what: PAGE, rounds: rounds.barePage, unit: 'ms' },
    { what: 'GET /records, a page, p50', rounds: rounds.page, unit: 'ms', floor: PAGE },
    { what: 'memory in the first tenth of the drain, largest', rounds: [Math.max(...memory.slice(0, tenth))], unit: 'MB' },
    { what: 'memory in the last tenth, largest', rounds: [Math.max(...memory.slice(-tenth))], unit: 'MB' },
    { what: 'memory in all of it, 99 of 100', rounds: [quantile(memory, 0.99)], unit: 'MB' },
  ],
  notes: [
    `${spentText(`a record, read by ${READERS} at once`, used, READ_AT_ONCE)} Their reader takes ${((used.reader / READ_AT_ONCE) * 1000).toFixed(1)} µs more.`,
    `Records of ${BYTES.toLocaleString('en-US')} bytes, ${LIMIT} a page, ${server?.version ?? 'the embedded Postgres'}; ${COUNT.toLocaleString('en-US')} a round, the drain ${DRAIN.toLocaleString('en-US')}.`,
    `Memory is the PSS of the platform's process, looked at with every page; its median is ${Math.round(median(memory))} MB.`,
  ],
});

/** All come from a sync, so that the stream is a real one and its records are sealed. @returns the stream's id */
async function fill(): Promise<number> {
  await deploy(platform, 'sync', 'items', code, ['Item']);
  await new Promise((resolve) => setTimeout(resolve, 500)); // the sync of the connection is made by an event
  await runSync(platform, 'items');
  await client.connect();
  const { rows } = await client.query<{ id: number; seq: string }>('select id, seq from record_streams');
  await client.query('vacuum analyze records');
  await client.query('checkpoint');
  origin = Number(rows[0]?.seq) - DRAIN;
  return rows[0]?.id ?? 0;
}

function add({ node, postgres }: Spent, { user, system }: NodeJS.CpuUsage): void {
  used.node += node;
  used.postgres += postgres;
  used.reader += (user + system) / 1000;
}

type Next = string | undefined;
type Page = { count: number; next: Next };

async function walk(
  page: (after: Next) => Promise<Page>,
  count = COUNT,
  look: () => void = () => {},
): Promise<{ perSecond: number; p50: number }> {
  const times: number[] = [];
  const started = performance.now();
  let read = 0;
  let after: Next;
  while (read < count) {
    const sent = performance.now();
    const { count: more, next } = await page(after);
    times.push(performance.now() - sent);
    if (more !== LIMIT) throw new Error(`a page had ${more} records`);
    read += more;
    after = next;
    look();
  }
  return { perSecond: read / ((performance.now() - started) / 1000), p50: median(times) };
}

/** @returns how many all of them read a second */
async function readers(): Promise<number> {
  const started = performance.now();
  await Promise.all(Array.from({ length: READERS }, () => walk(httpPage)));
  return (READERS * COUNT) / ((performance.now() - started) / 1000);
}

/** How long others wait meanwhile. @returns ends it: the milliseconds of each request */
function watchBeside(): () => number[] {
  const times: number[] = [];
  let isOver = false;
  const watching = async () => {
    while (!isOver) {
      const sent = performance.now();
      await (await fetch(`http://127.0.0.1:${platform.port}/health`)).text();
      times.push(performance.now() - sent);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const watched = watching();
  return () => {
    isOver = true;
    void watched;
    return times;
  };
}

async function columnPage(stream: number, after: Next): Promise<Page> {
  const { rows } = await client.query<{ seq: number; line: string }>(
    'select seq, content as line from records where stream_id = $1 and stream_id + 0 = $1 and seq > $2 order by seq limit $3',
    [stream, Number(after ?? origin), LIMIT],
  );
  return { count: rows.length, next: String(rows.at(-1)?.seq) };
}

function httpPage(after: Next): Promise<Page> {
  return get(platform.port, `/records?model=Item&limit=${LIMIT}${after ? `&cursor=${encodeURIComponent(after)}` : ''}`, after);
}

/** Over a bare socket's worth of client: the answer is received, not parsed; its end names the next page. */
function get(port: number, path: string, after?: string): Promise<Page & { bytes: number }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${platform.apiKey}`, ...target };
    const asked = request({ port, host: '127.0.0.1', path, agent, headers }, (response) => {
      let bytes = 0;
      let last: Buffer = Buffer.alloc(0);
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        last = chunk.length >= 300 ? chunk : Buffer.concat([last.subarray(-300), chunk]);
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode !== 200) return reject(new Error(`${path}: ${response.statusCode}`));
        const next = /"next_cursor":"([^"]+)"\}$/.exec(last.toString('latin1').slice(-300))?.[1];
        resolve({ bytes, count: next === undefined ? LIMIT : positionOf(next) - positionOf(after), next });
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** Records are numbered one after the other here, so a cursor's place tells how many there were. */
function positionOf(cursor: string | undefined): number {
  return cursor === undefined ? origin : Number(Buffer.from(cursor, 'base64').toString().split(':')[1]);
}
