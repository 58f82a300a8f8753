/**
 * `npm start` until the platform answers, after the build: on an empty data folder and on an existing one.
 * The floor is what no platform could save: starting the same Postgres on the same data, and an empty Node process.
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { startEmbedded } from '../packages/server/src/base/embedded.ts';
import { end, foreign, freePort, makeFolder } from './platform.ts';
import { report } from './report.ts';
import { root } from './root.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const home = join(makeFolder(), 'home');
const found = { empty: [] as number[], existing: [] as number[], node: [] as number[], postgres: [] as number[] };
for (let round = 0; round < ROUNDS; round++) {
  rmSync(home, { recursive: true, force: true });
  found.empty.push(await untilAnswering());
  found.existing.push(await untilAnswering());
  found.node.push(await emptyNode());
  found.postgres.push(await barePostgres());
}
const FLOOR = 'Postgres + empty Node process';
report({
  name: 'start',
  title: 'Start',
  lines: [
    { what: 'empty Node process', rounds: found.node, unit: 's' },
    { what: 'Postgres alone, same data', rounds: found.postgres, unit: 's' },
    { what: FLOOR, rounds: found.node.map((time, round) => time + (found.postgres[round] ?? Number.NaN)), unit: 's' },
    { what: 'started to ready, existing data', rounds: found.existing, unit: 's', floor: FLOOR, goal: { atMost: 2 } },
    { what: 'started to ready, empty folder', rounds: found.empty, unit: 's', floor: FLOOR, goal: { atMost: 5 } },
  ],
  notes: [
    '`scripts/start.mjs` as `npm start` runs it, up-to-date build, without the demo, until `GET /health` answers. npm itself adds 0.1 to 0.2 s.',
  ],
});

async function untilAnswering(): Promise<number> {
  const port = await freePort();
  const started = performance.now();
  const child = spawn(process.execPath, [join(root, 'scripts/start.mjs')], {
    env: { ...foreign(process.env), BOWLINE_HOME: home, BOWLINE_DEMO: '0', PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  while (child.exitCode === null) {
    const ok = await fetch(`http://127.0.0.1:${port}/health`).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const seconds = (performance.now() - started) / 1000;
  if (child.exitCode !== null) throw new Error(`the platform ended with ${child.exitCode} before it answered`);
  await end(child);
  return seconds;
}

function emptyNode(): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, ['-e', '0']);
  return new Promise((resolve) => child.on('close', () => resolve((performance.now() - started) / 1000)));
}

async function barePostgres(): Promise<number> {
  const started = performance.now();
  const embedded = await startEmbedded({ home, log: pino({ level: 'error' }) });
  const seconds = (performance.now() - started) / 1000;
  await embedded.stop();
  return seconds;
}
