/**
 * Reading records over HTTP, 1,000 a page: against a bare route that answers as many bytes, and against the bare column read through pg.
 * Then one drain of a million, during which the memory of the platform's process is watched. RECORDS=20000 DRAIN=100000 for a shorter run.
 */
import { Agent, request } from 'node:http';
import { Client } from 'pg';
import { clientConfig } from '../packages/server/src/base/postgres.ts';
import { findServer, startServer } from '../packages/server/test/postgres-server.ts';
import { deploy, end, freePort, runSync, startBeside, startPlatform, target } from './platform.ts';
import { use } from './process-memory.ts';
import { median, quantile, report } from './report.ts';

const COUNT = Number(process.env.RECORDS ?? 50_000);
const DRAIN = Number(process.env.DRAIN ?? 1_000_000);
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const LIMIT = 1_000;

const code = `const { createSync } = require('bowline');
module.exports = { default: createSync({ models: {}, exec: (nango) => nango.batchSave([{ id: 'first' }], 'Item') }) };`;

const server = findServer() ? await startServer() : undefined;
const platform = await startPlatform({ databaseUrl: server?.url });
const client = new Client(clientConfig(platform.database));
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const rounds = { bare: [] as number[], barePage: [] as number[], column: [] as number[], http: [] as number[], page: [] as number[] };
const memory: number[] = [];
let bare: Awaited<ReturnType<typeof startBeside>> | undefined;
try {
  const stream = await fill();
  const first = await get(platform.port, `/records?model=Item&limit=${LIMIT}`);
  const barePort = await freePort();
  bare = await startBeside('bare', { ...process.env, PORT: String(barePort), SIZE: String(first.bytes) });
  const asBare = async () => ({ ...(await get(barePort, '/bare')), next: 'on' });
  for (let round = -1; round < ROUNDS; round++) {
    const found = { bare: await walk(asBare), column: await walk((after) => columnPage(stream, after)), http: await walk(httpPage) };
    if (round < 0) continue; // warms all three
    rounds.bare.push(found.bare.perSecond);
    rounds.barePage.push(found.bare.p50);
    rounds.column.push(found.column.perSecond);
    rounds.http.push(found.http.perSecond);
    rounds.page.push(found.http.p50);
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
    { what: 'select payload::text', rounds: rounds.column, unit: '/s' },
    { what: 'GET /records', rounds: rounds.http, unit: '/s', floor: BARE, goal: { atLeast: 60_000 } },
    { what: PAGE, rounds: rounds.barePage, unit: 'ms' },
    { what: 'GET /records, a page, p50', rounds: rounds.page, unit: 'ms', floor: PAGE },
    { what: 'memory in the first tenth of the drain, largest', rounds: [Math.max(...memory.slice(0, tenth))], unit: 'MB' },
    { what: 'memory in the last tenth, largest', rounds: [Math.max(...memory.slice(-tenth))], unit: 'MB' },
    { what: 'memory in all of it, 99 of 100', rounds: [quantile(memory, 0.99)], unit: 'MB' },
  ],
  notes: [
    `Records of 1 KB, ${LIMIT} a page, one reader, ${server?.version ?? 'the embedded Postgres'}; ${COUNT.toLocaleString('en-US')} a round, the drain ${DRAIN.toLocaleString('en-US')}.`,
    `Memory is the PSS of the platform's process, looked at with every page; its median is ${Math.round(median(memory))} MB.`,
  ],
});

/** The first record comes from a sync, so that the stream is a real one; the others are copied in beside it. @returns the stream's id */
async function fill(): Promise<number> {
  await deploy(platform, 'sync', 'items', code, ['Item']);
  await new Promise((resolve) => setTimeout(resolve, 500)); // the sync of the connection is made by an event
  await runSync(platform, 'items');
  await client.connect();
  const { rows } = await client.query<{ id: number }>('delete from records returning stream_id as id');
  const id = rows[0]?.id ?? 0;
  for (let start = 0; start < DRAIN; start += 50_000)
    await client.query(
      `insert into records (stream_id, external_id, payload, size, hash, seq, created_at, updated_at)
       select $1, id, json_build_object('id', id, 'name', 'Name of ' || n, 'text', repeat('lorem ipsum ', 78)), 1000, '\\x00', n, now(), now()
         from (select n, 'rec_' || lpad(n::text, 8, '0') as id from generate_series($2::int, $3::int) n) numbered`,
      [id, start + 1, Math.min(start + 50_000, DRAIN)],
    );
  await client.query('update record_streams set seq = $2::int, live = $2::int where id = $1', [id, DRAIN]);
  await client.query('vacuum analyze records');
  await client.query('checkpoint');
  return id;
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

async function columnPage(stream: number, after: Next): Promise<Page> {
  const { rows } = await client.query<{ seq: number; line: string }>(
    'select seq, payload::text as line from records where stream_id = $1 and seq > $2 order by seq limit $3',
    [stream, Number(after ?? 0), LIMIT],
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

/** Records are numbered from 1 here, so a cursor's place tells how many there were. */
function positionOf(cursor: string | undefined): number {
  return cursor === undefined ? 0 : Number(Buffer.from(cursor, 'base64').toString().split(':')[1]);
}
