/** Reading records over HTTP, 1,000 a page, against the bare column read through pg page by page. RECORDS=20000 for a shorter run. */
import { Client } from 'pg';
import { clientConfig } from '../packages/server/src/base/postgres.ts';
import { deploy, runSync, startPlatform, target } from './platform.ts';
import { median, report } from './report.ts';

const COUNT = Number(process.env.RECORDS ?? 20_000);
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const LIMIT = 1_000;

const code = `const { createSync } = require('bowline');
module.exports = { default: createSync({ models: {}, exec: async (nango) => {
  const text = 'lorem ipsum '.repeat(78).slice(0, 940);
  for (let start = 0; start < ${COUNT}; start += 1000) {
    const page = [];
    for (let n = start; n < start + 1000; n++) page.push({ id: 'rec_' + String(n).padStart(8, '0'), name: 'Name of ' + n, text });
    await nango.batchSave(page, 'Item');
  }
} }) };`;

const platform = await startPlatform();
const client = new Client(clientConfig(platform.database));
const found = { floor: [] as number[], floorPage: [] as number[], http: [] as number[], httpPage: [] as number[] };
try {
  await deploy(platform, 'sync', 'items', code, ['Item']);
  await new Promise((resolve) => setTimeout(resolve, 500)); // the sync of the connection is made by an event
  await runSync(platform, 'items');
  await client.connect();
  await client.query('vacuum analyze records');
  for (let round = -1; round < ROUNDS; round++) {
    const [bare, http] = [await walk(barePage), await walk(httpPage)];
    if (round < 0) continue; // warms both
    found.floor.push(bare.perSecond);
    found.floorPage.push(bare.p50);
    found.http.push(http.perSecond);
    found.httpPage.push(http.p50);
  }
} finally {
  await client.end();
  await platform.stop();
}

const [FLOOR, PAGE] = ['select payload::text', 'select payload::text, a page, p50'];
report({
  name: 'listing',
  title: 'Listing records',
  lines: [
    { what: FLOOR, rounds: found.floor, unit: '/s' },
    { what: 'GET /records', rounds: found.http, unit: '/s', floor: FLOOR },
    { what: PAGE, rounds: found.floorPage, unit: 'ms' },
    { what: 'GET /records, a page, p50', rounds: found.httpPage, unit: 'ms', floor: PAGE },
  ],
  notes: [`${COUNT.toLocaleString('en-US')} records of 1 KB, ${LIMIT} a page, one reader; the answer is received, not parsed.`],
});

type Next = string | undefined;

async function walk(page: (after: Next) => Promise<{ count: number; next: Next }>): Promise<{ perSecond: number; p50: number }> {
  const times: number[] = [];
  const started = performance.now();
  let read = 0;
  let after: Next;
  do {
    const sent = performance.now();
    const { count, next } = await page(after);
    times.push(performance.now() - sent);
    read += count;
    after = next;
  } while (after !== undefined);
  if (read !== COUNT) throw new Error(`${read} records were read instead of ${COUNT}`);
  return { perSecond: COUNT / ((performance.now() - started) / 1000), p50: median(times) };
}

async function barePage(after: Next): Promise<{ count: number; next: Next }> {
  const { rows } = await client.query<{ seq: number; line: string }>(
    'select seq, payload::text as line from records where seq > $1 order by seq limit $2',
    [Number(after ?? 0), LIMIT],
  );
  const last = rows.at(-1)?.seq;
  return { count: rows.length, next: last === undefined || rows.length < LIMIT || last === COUNT ? undefined : String(last) };
}

async function httpPage(after: Next): Promise<{ count: number; next: Next }> {
  const response = await fetch(`${platform.url}/records?model=Item&limit=${LIMIT}${after ? `&cursor=${encodeURIComponent(after)}` : ''}`, {
    headers: { authorization: `Bearer ${platform.apiKey}`, ...target },
  });
  const text = Buffer.from(await response.arrayBuffer()).toString('latin1');
  const next = /"next_cursor":"([^"]+)"\}$/.exec(text.slice(-300))?.[1];
  return { count: text.split('"_nango_metadata":').length - 1, next };
}
