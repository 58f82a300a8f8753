/** Sandboxes: how long until a function answers (cold, warm, kept), what a process weighs, and a hundred of them at once, alone and under a platform. */
import { loadavg } from 'node:os';
import { join } from 'node:path';
import type { RunSpec } from '@bowline/api/protocol';
import pino from 'pino';
import { createSandboxes, type Sandboxes, type SandboxOptions } from '../packages/sandbox/src/pool.ts';
import { startEcho, startHello } from './echo.ts';
import { deploy, end, freePort, startBeside, startPlatform, targetOf } from './platform.ts';
import { use } from './process-memory.ts';
import { median, quantile, report } from './report.ts';
import { root } from './root.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const PER_ROUND = Number(process.env.PER_ROUND ?? 10);
const CROWD = 100;
const CALLS = 3;

const trivial = `module.exports = { exec: async (nango, input) => input };`;
const asking = `module.exports = { exec: async (nango) => { for (let n = 0; n < ${CALLS}; n++) await nango.getToken(); return nango.connectionId; } };`;
const spec: RunSpec = {
  kind: 'action',
  name: 'bench',
  connectionId: 'bench',
  providerConfigKey: 'bench',
  provider: 'bench',
  environmentId: 1,
  environmentName: 'dev',
  nangoConnectionId: 1,
  activityLogId: 'bench',
  variant: 'base',
  models: [],
  isCLI: false,
};
const rounds = <Name extends string>(names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>; // each name was just given a list

const times = rounds(['hello', 'frame', 'cold', 'warm', 'kept']);
const memory = rounds(['blank', 'ran']);
const crowd = rounds(['time', 'memory']);
const echo = startEcho();
const hello = await startHello();
for (let round = 0; round < ROUNDS; round++) {
  times.hello.push(await medianOf(hello));
  times.frame.push(await echo.p50());
  times.cold.push(await cold());
  await warmAndKept();
  await aHundred();
}
echo.stop();
const platform = await underPlatform();

const HELLO = 'a bare Deno process until its first word, p50';
const FRAME = 'frame to a Deno process and back, p50';
report({
  name: 'sandbox',
  title: 'Sandboxes',
  lines: [
    { what: HELLO, rounds: times.hello, unit: 'ms' },
    { what: FRAME, rounds: times.frame, unit: 'ms' },
    { what: 'cold: no process, until its answer, p50', rounds: times.cold, unit: 'ms', floor: HELLO },
    { what: 'warm: a blank process, until its answer, p50', rounds: times.warm, unit: 'ms', floor: FRAME, goal: { atMost: 50 } },
    { what: 'kept: a process that ran it before, p50', rounds: times.kept, unit: 'ms', floor: FRAME, goal: { atMost: 5 } },
    { what: 'memory of a blank process', rounds: memory.blank, unit: 'MB', goal: { atMost: 80 } },
    { what: 'memory of a process that ran', rounds: memory.ran, unit: 'MB', goal: { atMost: 100 } },
    { what: `${CROWD} processes at once from none, until all answered`, rounds: crowd.time, unit: 's' },
    { what: 'memory of all of them, most', rounds: crowd.memory, unit: 'MB' },
    { what: `${CROWD} connections at once over HTTP, until all answered`, rounds: platform.time, unit: 's' },
    { what: 'memory of platform, Postgres and sandboxes, most', rounds: platform.memory, unit: 'MB' },
    { what: 'GET /health beforehand, p99', rounds: platform.calm, unit: 'ms' },
    { what: 'GET /health meanwhile, p99', rounds: platform.busy, unit: 'ms', floor: 'GET /health beforehand, p99' },
  ],
  notes: [
    'Memory is PSS: pages that processes share count once. A process of a pool of one, so nearly nothing is shared; with more each weighs less.',
    `Each of the hundred is another key, so another process; its function makes ${CALLS} calls to its host, the last of which is answered when all have made it. Under the platform at most 32 run at once and the others wait.`,
    'Processes are started two at a time.',
    `Load average of the machine meanwhile: ${(loadavg()[0] ?? 0).toFixed(0)}. Beyond the number of its cores others were at work too, and times say little.`,
  ],
});

function open(options: Partial<SandboxOptions>): Sandboxes {
  return createSandboxes({ log: pino({ level: 'silent' }), runnerPath: join(root, 'packages/runner/dist/runner.js'), ...options });
}

async function run(
  sandboxes: Sandboxes,
  key: string,
  code = trivial,
  answer: () => Promise<unknown> = async () => undefined,
): Promise<number> {
  const started = performance.now();
  const outcome = await sandboxes.run({
    owner: key,
    key,
    code,
    run: { ...spec, connectionId: key, input: 1 },
    timeoutMs: 60_000,
    signal: new AbortController().signal,
    onCall: async () => {
      await answer();
      return { value: 'token' };
    },
    onLog: () => undefined,
  });
  if (!outcome.ok) throw new Error(outcome.error.message);
  if (code === asking && JSON.parse(outcome.output.toString()) !== key) throw new Error(`${key} got another's answer`);
  return performance.now() - started;
}

async function medianOf(once: () => Promise<number>): Promise<number> {
  const taken: number[] = [];
  for (let n = 0; n < PER_ROUND; n++) taken.push(await once());
  return median(taken);
}

async function cold(): Promise<number> {
  return medianOf(async () => {
    const sandboxes = open({ warm: 0, idleMs: 0 });
    const took = await run(sandboxes, 'cold');
    await sandboxes.close();
    return took;
  });
}

async function warmAndKept(): Promise<void> {
  const sandboxes = open({ warm: 1 });
  const blank = () => until(() => sandboxes.stats().blank === 1 && sandboxes.stats().starting === 0 && sandboxes.stats().cleaning === 0);
  await blank();
  await sleep(1000); // it takes its picture and collects its garbage
  memory.blank.push(use(process.pid).deno - echoWeight());
  let key = 0;
  times.warm.push(
    await medianOf(async () => {
      await blank();
      await sleep(150);
      return run(sandboxes, `warm ${key++}`);
    }),
  );
  await sandboxes.close();
  const kept = open({ warm: 0 });
  for (let n = 0; n < 5; n++) {
    await run(kept, 'kept');
    await until(() => kept.stats().cleaning === 0);
  }
  times.kept.push(
    await medianOf(async () => {
      await until(() => kept.stats().cleaning === 0);
      return run(kept, 'kept');
    }),
  );
  await until(() => kept.stats().cleaning === 0);
  await sleep(300);
  memory.ran.push(use(process.pid).deno - echoWeight());
  await kept.close();
}

/** The other Deno process below this one. Its shared pages are counted in part, which is why this is looked at each time. */
function echoWeight(): number {
  return use(echo.pid).deno;
}

async function aHundred(): Promise<void> {
  const sandboxes = open({ warm: 0, idleMs: 0, runsMax: CROWD });
  const watch = watching(() => use(process.pid).deno);
  // The last call of each is answered when all have asked for it: then a hundred live at once.
  let asked = 0;
  let all: () => void = () => undefined;
  const together = new Promise<void>((resolve) => {
    all = resolve;
  });
  const answer = (own: { calls: number }) => async () => {
    own.calls += 1;
    if (own.calls < CALLS) return;
    asked += 1;
    if (asked === CROWD) all();
    await together;
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: CROWD }, (_, n) => run(sandboxes, `crowd ${n}`, asking, answer({ calls: 0 }))));
  crowd.time.push((performance.now() - started) / 1000);
  crowd.memory.push(watch());
  await sandboxes.close();
}

async function underPlatform() {
  const found = rounds(['time', 'memory', 'calm', 'busy']);
  const upstream = await freePort();
  const beside = await startBeside('upstream', { ...process.env, PORT: String(upstream) });
  const running = await startPlatform({ upstream, connections: CROWD });
  try {
    for (let round = 0; round < Math.min(ROUNDS, 3); round++) {
      // Code of its own each round, so that no process that was kept serves it.
      await deploy(running, 'action', 'asks', `// ${round}\n${asking}`);
      const health = () => fetch(`${running.url}/health`).then((answer) => answer.arrayBuffer());
      found.calm.push(await p99(health, async () => sleep(1500)));
      const watch = watching(() => Object.values(use(running.pid)).reduce((sum, one) => sum + one));
      const all = async () => {
        const started = performance.now();
        const answers = await Promise.all(
          Array.from({ length: CROWD }, (_, n) => running.call('POST', '/action/trigger', { action_name: 'asks' }, targetOf(n))),
        );
        found.time.push((performance.now() - started) / 1000);
        for (const [n, answer] of answers.entries()) if (answer !== `bench-${n}`) throw new Error(`${n} got another's answer`);
      };
      found.busy.push(await p99(health, all));
      found.memory.push(watch());
    }
  } finally {
    await running.stop();
    await end(beside.child);
  }
  return found;
}

/** Of a request made again and again, 5 ms apart, while something goes on. */
async function p99(request: () => Promise<unknown>, meanwhile: () => Promise<unknown>): Promise<number> {
  const taken: number[] = [];
  let over = false;
  const done = meanwhile().finally(() => {
    over = true;
  });
  while (!over) {
    const started = performance.now();
    await request();
    taken.push(performance.now() - started);
    await sleep(5);
  }
  await done;
  return quantile(taken, 0.99);
}

/** @returns what ends it and tells the most that was seen */
function watching(look: () => number): () => number {
  let most = 0;
  const see = () => {
    try {
      most = Math.max(most, look());
    } catch {
      // a process ended while it was looked at
    }
  };
  const timer = setInterval(see, 200);
  return () => {
    clearInterval(timer);
    return most;
  };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(2);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
