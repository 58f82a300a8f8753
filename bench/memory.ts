/** Memory of the whole process tree (Node, Postgres, sandboxes) as PSS: shared pages counted once. Idle after a start, and idle again after some work. */
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from './load.ts';
import { deploy, end, freePort, runSync, startBeside, startPlatform, target } from './platform.ts';
import { kinds, type Use, use } from './process-memory.ts';
import { type Line, report } from './report.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const IDLE_MS = Number(process.env.IDLE_MS ?? 15_000);
/** Beyond the 30 s that sandboxes wait for work and the pool keeps unused connections. */
const CALM_MS = 40_000;

const code = `const { createSync } = require('bowline');
module.exports = { default: createSync({ models: {}, exec: async (nango) => {
  const text = 'lorem ipsum '.repeat(78).slice(0, 940);
  for (let start = 0; start < 20000; start += 1000) {
    const page = [];
    for (let n = start; n < start + 1000; n++) page.push({ id: 'rec_' + n, text });
    await nango.batchSave(page, 'Item');
  }
} }) };`;

const idle: Use[] = [];
const after: Use[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const upstream = await freePort();
  const beside = await startBeside('upstream', { ...process.env, PORT: String(upstream) });
  const platform = await startPlatform({ upstream });
  try {
    await sleep(IDLE_MS);
    idle.push(use(platform.pid));
    if (round > 0) continue; // the second figure takes 40 s of waiting
    await deploy(platform, 'sync', 'items', code, ['Item']);
    await sleep(500); // the sync of the connection is made by an event
    await runSync(platform, 'items');
    const headers = { authorization: `Bearer ${platform.apiKey}`, ...target };
    await load({ port: platform.port, path: '/proxy/items', headers, connections: 20, seconds: 3 });
    await sleep(CALM_MS);
    after.push(use(platform.pid));
  } finally {
    await platform.stop();
    await end(beside.child);
  }
}
const sum = (one: Use) => one.node + one.postgres + one.deno;
report({
  name: 'memory',
  title: 'Memory, idle',
  lines: [
    { what: 'everything', rounds: idle.map(sum), unit: 'MB', goal: { atMost: 350 } },
    ...kinds.map((kind): Line => ({ what: `of it ${kind}`, rounds: idle.map((one) => one[kind]), unit: 'MB' })),
    { what: 'everything, 40 s after 20,000 records and some thousand proxy calls', rounds: after.map(sum), unit: 'MB' },
    ...kinds.map((kind): Line => ({ what: `of it ${kind}, then`, rounds: after.map((one) => one[kind]), unit: 'MB' })),
  ],
  notes: [`PSS of the process tree, ${IDLE_MS / 1000} s after the start.`],
});
