/**
 * TypeScript to CommonJS by esbuild, in a process of its own for each source: hostile text can make esbuild overflow its stack and end, which must
 * be nobody else's loss, and its `build` reads globs and source maps that no plugin hears of. Given its input as text esbuild has no files at all.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { bundling } from './bundle.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Entry } from './entry.ts';

export type Transformed = { ok: true; js: string } | { ok: false; problems: Diagnostic[] };

/** Starting esbuild takes 10 ms, a function of 100 KB as long again; nested `if`s of 20 KB become 32 MB of indentation. */
const timeoutMs = 5_000;
const outputBytesMax = 1024 * 1024;
/** 100 KB of `!` take 800 MB of stack; an honest function of that size takes 40. Held where the system tells (`/proc`). */
const residentBytesMax = 256 * 1024 * 1024;
const watchEveryMs = 20;

/** Never rejects for what the source says. */
export const transformSource = async (entry: Entry, source: string): Promise<Transformed> => {
  await takeTurn();
  try {
    return await runEsbuild(entry, source);
  } finally {
    leaveTurn();
  }
};

/** Of this machine's processors and memory, whoever asks: a burst of callers waits instead of starting a process each. */
const atOnceMax = 2;
let running = 0;
const waiting: (() => void)[] = [];

const takeTurn = (): Promise<void> | undefined => {
  if (running >= atOnceMax) return new Promise((resolve) => waiting.push(resolve));
  running += 1;
  return undefined;
};

/** The turn goes to who waited longest, or back. */
const leaveTurn = (): void => {
  const next = waiting.shift();
  if (next) next();
  else running -= 1;
};

const runEsbuild = (entry: Entry, source: string): Promise<Transformed> =>
  new Promise((resolve, reject) => {
    const child = spawn(findEsbuild(), optionsFor(entry), { cwd: tmpdir(), env: { GOMAXPROCS: '1' }, stdio: 'pipe' });
    const output: Buffer[] = [];
    let bytes = 0;
    let errors = '';
    let given: string | undefined;
    const giveUp = (why: string): void => {
      given ??= why;
      child.kill('SIGKILL');
    };
    const timer = setTimeout(() => giveUp(`The code could not be compiled within ${timeoutMs / 1000} seconds.`), timeoutMs);
    const watch = setInterval(() => {
      if (residentBytes(child.pid) > residentBytesMax) giveUp('The code is nested too deeply to be compiled.');
    }, watchEveryMs);
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > outputBytesMax) giveUp(`The code became more than ${outputBytesMax / 1024 / 1024} MB when it was compiled.`);
      else output.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (errors.length < 64 * 1024) errors += chunk.toString('utf8');
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      clearInterval(watch);
      reject(error);
    });
    child.stdin.on('error', () => {}); // it ended before it had read all; how it ended is what counts
    child.on('close', (code) => {
      clearTimeout(timer);
      clearInterval(watch);
      if (code === 0 && given === undefined) resolve({ ok: true, js: Buffer.concat(output).toString('utf8') });
      else resolve({ ok: false, problems: given === undefined ? readErrors(entry, errors) : [failure(entry, given)] });
    });
    child.stdin.end(source);
  });

const optionsFor = ({ file }: Entry): string[] => [
  '--loader=ts',
  `--sourcefile=${file}`,
  `--format=${bundling.format}`,
  `--platform=${bundling.platform}`,
  `--target=${bundling.target}`,
  `--charset=${bundling.charset}`,
  `--sourcemap=${bundling.sourcemap}`,
  `--tsconfig-raw=${JSON.stringify(bundling.tsconfigRaw)}`,
  '--log-level=error',
  '--log-limit=20',
  '--color=false',
];

const pageBytes = 4096;

const residentBytes = (pid: number | undefined): number => {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * pageBytes;
  } catch {
    return 0; // another system, or it has just ended
  }
};

/** Itself, not the script in front of it: that would start Node once more. */
const findEsbuild = (): string => {
  const fromEsbuild = createRequire(createRequire(import.meta.url).resolve('esbuild/package.json'));
  const windows = process.platform === 'win32';
  return fromEsbuild.resolve(`@esbuild/${process.platform}-${process.arch}/${windows ? 'esbuild.exe' : 'bin/esbuild'}`);
};

/** `✘ [ERROR] Unexpected ","`, an empty line, and the place: `    function.ts:2:5:`. */
const readErrors = (entry: Entry, text: string): Diagnostic[] => {
  const errors = [...text.matchAll(/^\S+ \[ERROR\] (.+)\n\n\s+[^\n]*?:(\d+):(\d+):$/gm)];
  if (errors.length === 0) return [failure(entry, 'The code could not be read: it is nested too deeply, or too large.')];
  return errors.map(([, message = '', line, column]) => ({
    severity: 'error',
    message,
    file: entry.file,
    line: Number(line),
    column: Number(column) + 1,
  }));
};

const failure = ({ file }: Entry, message: string): Diagnostic => ({ severity: 'error', code: 'not_compilable', message, file });
