/** How long a caller waits for an action that does nothing, against a bare JSON route and against one frame sent to a sandbox and back. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { denoArguments, findDeno } from '../packages/sandbox/src/deno.ts';
import { load } from './load.ts';
import { deploy, makeFolder, startPlatform, target } from './platform.ts';
import { median, report } from './report.ts';

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
    { what: 'action, one caller, p50', rounds: rounds.action, unit: 'ms', floor: FLOOR, goal: { atMost: 6 } },
    { what: 'action, one caller, p99', rounds: rounds.p99, unit: 'ms' },
    { what: 'action, eight callers', rounds: rounds.eight, unit: '/s' },
  ],
});

/** A sandbox's pipe without a sandbox: a Deno process that sends back what it reads. */
function startEcho() {
  const folder = makeFolder();
  mkdirSync(join(folder, 'scratch'));
  const script = join(folder, 'echo.js');
  writeFileSync(script, 'for await (const piece of Deno.stdin.readable) Deno.stdout.writeSync(piece);');
  const env = { DENO_DIR: join(folder, 'scratch'), HOME: folder, DENO_NO_UPDATE_CHECK: '1' };
  const child = spawn(findDeno(join(folder, 'scratch')), denoArguments(script, 64), { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const frame = Buffer.alloc(500, 'x');
  const once = () =>
    new Promise<number>((resolve) => {
      const sent = performance.now();
      let received = 0;
      const take = (piece: Buffer) => {
        received += piece.length;
        if (received < frame.length) return;
        child.stdout.off('data', take);
        resolve(performance.now() - sent);
      };
      child.stdout.on('data', take);
      child.stdin.write(frame);
    });
  return {
    p50: async () => {
      const times: number[] = [];
      for (let n = 0; n < 500; n++) times.push(await once());
      return median(times.slice(100));
    },
    stop: () => child.kill('SIGKILL'),
  };
}
