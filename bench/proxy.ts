/** What the platform adds to a call through the proxy: against the upstream asked directly, and against the barest proxy Node can do. */
import { type Load, load } from './load.ts';
import { end, freePort, startBeside, startPlatform, targetOf } from './platform.ts';
import { type Spent, spentText, watch } from './processor-time.ts';
import { report } from './report.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const SECONDS = Number(process.env.SECONDS ?? 3);

const [upstream, rawPort] = [await freePort(), await freePort()];
const besides = [
  await startBeside('upstream', { ...process.env, PORT: String(upstream) }),
  await startBeside('raw-proxy', { ...process.env, PORT: String(rawPort), UPSTREAM: `http://127.0.0.1:${upstream}` }),
];
const platform = await startPlatform({ upstream, connections: 50 });
const headers = (n: number) => ({ authorization: `Bearer ${platform.apiKey}`, ...targetOf(n) });
const calls = {
  direct: { port: upstream, path: '/items' },
  raw: { port: rawPort, path: '/proxy/items' },
  ours: { port: platform.port, path: '/proxy/items', headers },
} as const;
type Call = keyof typeof calls;
const names = Object.keys(calls) as Call[]; // the keys of a constant
const many: Record<Call, Load[]> = { direct: [], raw: [], ours: [] };
const single: Record<Call, Load[]> = { direct: [], raw: [], ours: [] };
const spent: { -readonly [kind in keyof Spent]: number } = { node: 0, postgres: 0, deno: 0 };
let counted = 0;
/** Calls of many through the platform, and what they took of its processors. */
async function oursCounted(): Promise<Load> {
  const since = await watch(platform);
  const loaded = await load({ ...calls.ours, connections: 50, seconds: SECONDS });
  for (const [kind, ms] of Object.entries(since())) spent[kind as keyof Spent] += ms; // its own keys
  counted += loaded.count;
  return loaded;
}
try {
  for (const name of names) await load({ ...calls[name], connections: 50, seconds: 1 });
  for (let round = 0; round < ROUNDS; round++)
    for (const name of names) {
      many[name].push(name === 'ours' ? await oursCounted() : await load({ ...calls[name], connections: 50, seconds: SECONDS }));
      single[name].push(await load({ ...calls[name], connections: 1, seconds: SECONDS / 2 }));
    }
} finally {
  await platform.stop();
  for (const { child } of besides) await end(child);
}
const errors = Object.values({ ...many, ...single })
  .flat()
  .reduce((sum, one) => sum + one.errors, 0);
if (errors > 0) throw new Error(`${errors} calls were not answered with 2xx`);

const rate = (name: Call) => many[name].map(({ perSecond }) => perSecond);
const p50 = (name: Call) => single[name].map((one) => one.p50);
const added = single.ours.map((one, round) => one.p50 - (single.direct[round]?.p50 ?? Number.NaN));
report({
  name: 'proxy',
  title: 'Proxy',
  lines: [
    { what: 'upstream directly, 50 connections', rounds: rate('direct'), unit: '/s' },
    { what: 'raw node:http + undici.stream, 50 connections', rounds: rate('raw'), unit: '/s' },
    {
      what: 'through the platform, 50 connections',
      rounds: rate('ours'),
      unit: '/s',
      floor: 'raw node:http + undici.stream, 50 connections',
      goal: { atLeast: 3_000 },
    },
    { what: 'upstream directly, one connection, p50', rounds: p50('direct'), unit: 'ms' },
    { what: 'raw, one connection, p50', rounds: p50('raw'), unit: 'ms' },
    { what: 'through the platform, one connection, p50', rounds: p50('ours'), unit: 'ms', floor: 'raw, one connection, p50' },
    { what: 'added at one connection', rounds: added, unit: 'ms', goal: { atMost: 1 } },
    { what: 'through the platform, 50 connections, p99', rounds: many.ours.map((one) => one.p99), unit: 'ms' },
  ],
  notes: [
    'An answer of 1 KB; OAuth 2 credentials, sealed; every call leaves an entry in the activity log.',
    spentText('a call, 50 connections', spent, counted),
  ],
});
