/** How long a caller waits for an action that does nothing, against a bare JSON route and against one frame sent to a sandbox and back. */
import { startEcho } from './echo.ts';
import { load } from './load.ts';
import { deploy, startPlatform, target } from './platform.ts';
import { report } from './report.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const SECONDS = Number(process.env.SECONDS ?? 3);

const code = `const { createAction } = require('bowline');
module.exports = { default: createAction({ exec: async (nango, input) => ({ pong: input.ping }) }) };`;

const platform = await startPlatform();
const echo = startEcho();
const headers = { authorization: `Bearer ${platform.apiKey}`, 'content-type': 'application/json', ...target };
const action = {
  port: platform.port,
  path: '/action/trigger',
  method: 'POST',
  headers,
  body: '{"action_name":"ping","input":{"ping":1}}',
} as const;
const rounds = { route: [] as number[], frame: [] as number[], action: [] as number[], p99: [] as number[], eight: [] as number[] };
let errors = 0;
try {
  await deploy(platform, 'action', 'ping', code);
  const warm = await load({ ...action, connections: 1, seconds: 2 });
  errors += warm.errors;
  for (let round = 0; round < ROUNDS; round++) {
    rounds.route.push((await load({ port: platform.port, path: '/health', connections: 1, seconds: 1 })).p50);
    rounds.frame.push(await echo.p50());
    const one = await load({ ...action, connections: 1, seconds: SECONDS });
    rounds.action.push(one.p50);
    rounds.p99.push(one.p99);
    const eight = await load({ ...action, connections: 8, seconds: SECONDS });
    rounds.eight.push(eight.perSecond);
    errors += one.errors + eight.errors;
  }
} finally {
  echo.stop();
  await platform.stop();
}
if (errors > 0) throw new Error(`${errors} calls were not answered with 2xx`);

const FLOOR = 'JSON route + frame echo, p50';
report({
  name: 'action',
  title: 'Trivial action',
  lines: [
    { what: 'JSON route round trip, p50', rounds: rounds.route, unit: 'ms' },
    { what: 'frame to a Deno process and back, p50', rounds: rounds.frame, unit: 'ms' },
    { what: FLOOR, rounds: rounds.route.map((time, round) => time + (rounds.frame[round] ?? Number.NaN)), unit: 'ms' },
    { what: 'action, one caller, p50', rounds: rounds.action, unit: 'ms', floor: FLOOR, goal: { atMost: 5 } },
    { what: 'action, one caller, p99', rounds: rounds.p99, unit: 'ms' },
    { what: 'action, eight callers', rounds: rounds.eight, unit: '/s' },
  ],
});
