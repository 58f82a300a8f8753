/** Reading one connection with its credentials, over HTTP: against a bare route that answers as many bytes, both bound to one core. */
import { findServer, startServer } from '../packages/server/test/postgres-server.ts';
import { type Load, load } from './load.ts';
import { end, freePort, startBeside, startPlatform, target } from './platform.ts';
import { report } from './report.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SECONDS = Number(process.env.SECONDS ?? 3);
const CONNECTIONS = 10;
const CORE = 0;

const server = findServer() ? await startServer() : undefined;
const platform = await startPlatform({ databaseUrl: server?.url, core: CORE });
const headers = { authorization: `Bearer ${platform.apiKey}` };
const path = `/connections/${target['connection-id']}?provider_config_key=${target['provider-config-key']}`;
const size = (await (await fetch(platform.url + path, { headers })).text()).length;
const barePort = await freePort();
const bare = await startBeside('bare', { ...process.env, PORT: String(barePort), SIZE: String(size - 11), ONE_CORE: String(CORE) });
const calls = {
  bare: { port: barePort, path: '/bare' },
  health: { port: platform.port, path: '/health' },
  read: { port: platform.port, path, headers },
};
const found: Record<keyof typeof calls, Load[]> = { bare: [], health: [], read: [] };
try {
  for (let round = -1; round < ROUNDS; round++)
    for (const name of ['bare', 'health', 'read'] as const) {
      const one = await load({ ...calls[name], connections: CONNECTIONS, seconds: round < 0 ? 1 : SECONDS });
      if (one.errors > 0) throw new Error(`${name}: ${one.errors} answers were not 2xx`);
      if (round >= 0) found[name].push(one);
    }
} finally {
  await platform.stop();
  await end(bare.child);
  await server?.stop();
}

const rate = (name: keyof typeof calls) => found[name].map(({ perSecond }) => perSecond);
const BARE = 'a bare route';
report({
  name: 'connection',
  title: 'Reading one connection',
  lines: [
    { what: BARE, rounds: rate('bare'), unit: '/s' },
    { what: 'GET /health', rounds: rate('health'), unit: '/s', floor: BARE },
    { what: 'GET /connections/:id', rounds: rate('read'), unit: '/s', floor: BARE, goal: { atLeast: 3_000 } },
    { what: 'GET /connections/:id, p50', rounds: found.read.map(({ p50 }) => p50), unit: 'ms' },
    { what: 'GET /connections/:id, p99', rounds: found.read.map(({ p99 }) => p99), unit: 'ms' },
  ],
  notes: [
    `${CONNECTIONS} connections; the platform's process and the bare one are bound to the same core, ${server?.version ?? 'the embedded Postgres'} and the load are not.`,
    `An answer of ${size} bytes; OAuth 2 credentials, opened for each call.`,
  ],
});
