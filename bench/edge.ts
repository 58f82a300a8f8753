/** What a request costs before it does anything: a route without a key, and one with, counted against a limit and not. */
import { type Load, load } from './load.ts';
import { startPlatform } from './platform.ts';
import { report } from './report.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SECONDS = Number(process.env.SECONDS ?? 3);

const platforms = [await startPlatform(), await startPlatform({ rateLimit: 999_999_999 })] as const;
const [free, limited] = platforms;
const keyOf = ({ port, apiKey }: typeof free) => ({ port, headers: { authorization: `Bearer ${apiKey}` } });
const calls = {
  'GET /health': { port: free.port, path: '/health' },
  'GET /providers/bench, not limited': { ...keyOf(free), path: '/providers/bench' },
  'GET /providers/bench, limited': { ...keyOf(limited), path: '/providers/bench' },
  'GET /integrations, not limited': { ...keyOf(free), path: '/integrations' },
  'GET /integrations, limited': { ...keyOf(limited), path: '/integrations' },
} as const;
type Call = keyof typeof calls;
const names = Object.keys(calls) as Call[]; // the keys of a constant
const found = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Call, Load[]>; // the same keys
try {
  for (const name of names) await load({ ...calls[name], connections: 20, seconds: 1 });
  for (let round = 0; round < ROUNDS; round++)
    for (const name of names) found[name].push(await load({ ...calls[name], connections: 20, seconds: SECONDS }));
} finally {
  for (const platform of platforms) await platform.stop();
}
const errors = Object.values(found)
  .flat()
  .reduce((sum, one) => sum + one.errors, 0);
if (errors > 0) throw new Error(`${errors} calls were not answered with 2xx`);

report({
  name: 'edge',
  title: 'Edge',
  lines: names.map((what) => ({
    what: `${what}, 20 connections`,
    rounds: found[what].map(({ perSecond }) => perSecond),
    unit: '/s',
    ...(what.endsWith(', limited') ? { floor: `${what.replace(', limited', ', not limited')}, 20 connections` } : {}),
  })),
  notes: ['`GET /providers/:provider` reads memory alone, so it shows what the key and the count cost; `GET /integrations` asks Postgres.'],
});
