/**
 * Compiling a project of 6,000 functions with the command as it is installed: from nothing, again, and after a change; memory is the largest sum over the
 * process tree. The floors are what no pipeline could save: the same files through esbuild without plugins, and through tsc as one program.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { helperOf, writeProject } from './compile-project.ts';
import { treeOf } from './process-memory.ts';
import { report } from './report.ts';
import { root } from './root.ts';

const COUNT = Number(process.env.FUNCTIONS ?? 6000);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const command = join(root, 'packages/cli/bin/bowline.js');
const folder = mkdtempSync(join(tmpdir(), 'bowline-bench-'));
const project = join(folder, 'project');
const functions = writeProject(project, COUNT);
const [one = ''] = functions;
const again = join(root, 'packages/cli/dist/bench-compile-again.js');

const children = new Set<ChildProcess>();
try {
  await measure();
} finally {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true });
  rmSync(again, { force: true });
}

async function measure(): Promise<void> {
  const esbuild = await bareEsbuild();
  const tsc = await bareTscOf(functions);
  await buildWatcher(); // beside the command, whose files are part of what is remembered: before the first compile
  const compile = () => run([command, 'compile', '--cwd', project]);
  const cold = await compile();
  const unchanged = await rounds(compile);
  const alone = await rounds(() => changing(one, compile));
  const watcher = await startWatcher();
  const idle = await rounds(watcher);
  const file = await rounds(() => changing(one, watcher));
  const helper = await rounds(() => changing(helperOf(0, 1), watcher));
  const FLOOR = 'esbuild and tsc alone, one after the other';
  const ONE = 'tsc alone, one function';
  const oneFile = await rounds(() => bareTscOf([one]));
  const count = COUNT.toLocaleString('en-US');
  report({
    name: 'compile',
    title: `Compiling ${count} functions`,
    lines: [
      { what: 'esbuild alone', rounds: [esbuild.seconds], unit: 's' },
      { what: 'tsc alone, one program', rounds: [tsc.seconds], unit: 's' },
      { what: FLOOR, rounds: [esbuild.seconds + tsc.seconds], unit: 's' },
      { what: 'from nothing', rounds: [cold.seconds], unit: 's', floor: FLOOR, goal: { atMost: 90 } },
      { what: 'from nothing, CPU time', rounds: [cold.cpuSeconds], unit: 's' },
      { what: 'tsc alone, memory', rounds: [tsc.megabytes], unit: 'MB' },
      { what: 'from nothing, memory', rounds: [cold.megabytes], unit: 'MB', floor: 'tsc alone, memory', goal: { atMost: 2000 } },
      { what: ONE, rounds: oneFile.map(({ seconds }) => seconds), unit: 's' },
      { what: 'watching, one function changed', rounds: file.map(({ seconds }) => seconds), unit: 's', floor: ONE, goal: { atMost: 1 } },
      { what: 'watching, a helper of 50 functions changed', rounds: helper.map(({ seconds }) => seconds), unit: 's', floor: ONE },
      { what: 'watching, nothing changed', rounds: idle.map(({ seconds }) => seconds), unit: 's' },
      { what: 'the command, one function changed', rounds: alone.map(({ seconds }) => seconds), unit: 's', floor: ONE },
      { what: 'the command, nothing changed', rounds: unchanged.map(({ seconds }) => seconds), unit: 's' },
    ],
    notes: [
      `A made-up project: ${count} functions with models and helpers of their own. Types, bundles, definitions, rules and the manifest.`,
      'Memory is the largest sum of resident memory over the process tree, looked at every 100 ms.',
    ],
  });
}

type Cost = { seconds: number; megabytes: number; cpuSeconds: number };

async function rounds<T>(work: () => Promise<T>): Promise<T[]> {
  const found: T[] = [];
  for (let round = 0; round < ROUNDS; round++) found.push(await work());
  return found;
}

async function changing<T>(file: string, work: () => Promise<T>): Promise<T> {
  appendFileSync(join(project, file), `export type Changed${Date.now()} = string;\n`);
  return await work();
}

function run(words: string[]): Promise<Cost> {
  const started = performance.now();
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  children.add(child);
  let [megabytes, cpuSeconds] = [0, 0];
  const timer = setInterval(() => {
    const now = treeOf(child.pid ?? 0).map(usageOf);
    megabytes = Math.max(megabytes, sum(now.map((use) => use.megabytes)));
    cpuSeconds = Math.max(cpuSeconds, sum(now.map((use) => use.cpuSeconds)));
  }, 100);
  return new Promise((resolve, reject) => {
    child.on('close', (code) => {
      clearInterval(timer);
      children.delete(child);
      if (code === 0) resolve({ seconds: (performance.now() - started) / 1000, megabytes, cpuSeconds });
      else reject(new Error(`${words.join(' ')} ended with ${code}`));
    });
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

/** What it used itself and what its children had used that ended; the kernel counts in hundredths of a second. */
function usageOf(pid: number): { megabytes: number; cpuSeconds: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const times = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 15)
      .map(Number);
    return { megabytes: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024, cpuSeconds: sum(times) / 100 };
  } catch {
    return { megabytes: 0, cpuSeconds: 0 }; // ended meanwhile
  }
}

async function bareEsbuild(): Promise<{ seconds: number }> {
  const started = performance.now();
  await build({
    entryPoints: functions.map((file) => join(project, file)),
    outdir: join(folder, 'bare'),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'esnext',
    sourcemap: 'inline',
    external: ['zod', 'bowline'],
    tsconfigRaw: {},
  });
  return { seconds: (performance.now() - started) / 1000 };
}

/** With the options the command type-checks with, which it leaves in the project. */
function bareTscOf(files: readonly string[]): Promise<Cost> {
  const config = join(folder, 'bare.json');
  const require = createRequire(join(root, 'packages/cli/package.json'));
  const options = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    module: 'nodenext',
    moduleResolution: 'nodenext',
    target: 'esnext',
    skipLibCheck: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    types: ['node'],
    typeRoots: [dirname(dirname(require.resolve('@types/node/package.json')))],
    paths: {
      bowline: [join(root, 'packages/functions/src/index.ts')],
      zod: [require.resolve('zod').replace(/index\.cjs$/, 'index.d.cts')],
    },
  };
  writeFileSync(config, JSON.stringify({ compilerOptions: options, files: files.map((file) => join(project, file)) }));
  return run([join(dirname(require.resolve('typescript/package.json')), 'bin/tsc'), '-p', config]);
}

async function buildWatcher(): Promise<void> {
  mkdirSync(dirname(again), { recursive: true });
  await build({
    entryPoints: [join(root, 'bench/compile-again.ts')],
    outfile: again,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    alias: Object.fromEntries(['compile', 'functions'].map((own) => [`@bowline/${own}`, join(root, 'packages', own, 'src')])),
  });
}

/** The first compile, which takes what the command left, is not counted. */
async function startWatcher(): Promise<() => Promise<{ seconds: number }>> {
  const child = fork(again, [project]);
  children.add(child);
  const compile = () =>
    new Promise<{ seconds: number }>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the watcher ended with ${code}`)));
      child.once('message', (answer) => {
        child.removeAllListeners('exit');
        resolve({ seconds: typeof answer === 'object' && 'ms' in answer ? Number(answer.ms) / 1000 : Number.NaN });
      });
      child.send('compile');
    });
  await compile();
  return compile;
}
