/**
 * What it costs to take a webhook of a provider: verified, stored and put in the queue in one transaction before it is answered, against a route that only
 * reads the body. DATABASE_URL: an empty database of a server, instead of the embedded one.
 */
import { createHmac } from 'node:crypto';
import { type Load, load } from './load.ts';
import { end, freePort, startBeside, startPlatform } from './platform.ts';
import { report } from './report.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SECONDS = Number(process.env.SECONDS ?? 3);
const CONNECTIONS = Number(process.env.CONNECTIONS ?? 50);
const SECRET = 'bench-webhook-secret';
const body = JSON.stringify({
  id: 1,
  account_id: 'bench',
  status: 'success',
  filler: 'x'.repeat(800),
});
const headers = {
  'content-type': 'application/json',
  'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
};

const barePort = await freePort();
const bare = await startBeside('bare', { ...process.env, PORT: String(barePort), SIZE: '2' });
const platform = await startPlatform({ databaseUrl: process.env.DATABASE_URL, env: { BOWLINE_WEBHOOK_LIMIT_PER_MINUTE: '0' } });
const found: { bare: Load[]; taken: Load[] } = { bare: [], taken: [] };
try {
  const credentials = { type: 'OAUTH2', client_id: 'bench', client_secret: 'bench', webhook_secret: SECRET };
  await platform.call('POST', '/integrations', { provider: 'github', unique_key: 'hooked', credentials });
  const { data } = (await platform.call('GET', '/integrations/hooked?include=webhook')) as { data: { webhook_url: string } };
  const path = new URL(data.webhook_url).pathname;
  const shots = {
    bare: { port: barePort, path: '/bare', method: 'POST' as const, headers, body, connections: CONNECTIONS },
    taken: { port: platform.port, path, method: 'POST' as const, headers, body, connections: CONNECTIONS },
  };
  for (const name of ['bare', 'taken'] as const) await load({ ...shots[name], seconds: 1 });
  for (let round = 0; round < ROUNDS; round++)
    for (const name of ['bare', 'taken'] as const) found[name].push(await load({ ...shots[name], seconds: SECONDS }));
} finally {
  await Promise.all([platform.stop(), end(bare.child)]);
}
const errors = [...found.bare, ...found.taken].reduce((sum, one) => sum + one.errors, 0);
if (errors > 0) throw new Error(`${errors} calls were not answered with 2xx`);

const floor = `a bare Fastify route, ${CONNECTIONS} connections`;
report({
  name: 'webhooks-in',
  title: 'Webhooks in',
  lines: [
    { what: floor, rounds: found.bare.map(({ perSecond }) => perSecond), unit: '/s' },
    {
      what: `a webhook of 1 KB verified, sealed, stored and queued, ${CONNECTIONS} connections`,
      rounds: found.taken.map(({ perSecond }) => perSecond),
      unit: '/s',
      floor,
      goal: { atLeast: 1_500 },
    },
    { what: 'from the first byte to the 2xx, median', rounds: found.taken.map(({ p50 }) => p50), unit: 'ms', goal: { atMost: 50 } },
    { what: 'from the first byte to the 2xx, 99 of 100', rounds: found.taken.map(({ p99 }) => p99), unit: 'ms' },
  ],
  notes: [
    `The worker of the same process sees to the webhooks at the same time; no function asks for them. Postgres is ${process.env.DATABASE_URL ? 'a server' : 'the embedded one'}, on the same cores.`,
    'Those that arrive at about the same time are one statement.',
  ],
});
