/** `bowline dev` as a process on a project of the test's, and what it says with `--json`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { root, until } from './platform.ts';
import { descendants, isAlive, killOne, postmaster } from './processes.ts';

const command = join(root, 'packages/cli/dist/bowline.js');
/** On a machine with much else to do, a platform takes long to start. */
const waitMsMax = 90_000;
/** A line of `--json`: what it holds depends on its type. */
// biome-ignore lint/suspicious/noExplicitAny: the test looks into it
type Line = any;
export type Dev = ReturnType<typeof startDev>;

/** In a folder that the Postgres of a test run by root may pass through. */
export function makeFolder(files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'bowline-dev-'));
  chmodSync(folder, 0o711);
  write(folder, files);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  return folder;
}

export function write(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** Not `spawnSync`: the server that the command asks may be one of this process. */
export async function bowline(
  cwd: string,
  words: string[],
  env: Record<string, string> = {},
): Promise<{ status: number | null; stdout: string }> {
  const options = { cwd, env: { ...clean(), ...env, NO_COLOR: '1' } };
  const child = spawn(process.execPath, [command, ...words], { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  await once(child, 'close');
  return { status: child.exitCode, stdout };
}

export function startDev(project: string, words: string[] = [], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [command, 'dev', '--json', ...words], {
    cwd: project,
    env: { ...clean(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: Line[] = [];
  let text = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (text + chunk).split('\n');
    text = parts.pop() ?? '';
    lines.push(...parts.map((line) => JSON.parse(line)));
  });
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const exited = once(child, 'close').then(() => child.exitCode);
  const home = join(project, '.bowline/dev');
  onTestFinished(() => end(child, home, exited));
  let read = 0;
  return {
    child,
    home,
    exited,
    lines,
    /** The first line from here on that fits; those before it are passed by. */
    next: (what: string, fits: (line: Line) => boolean): Promise<Line> =>
      until(
        what,
        () => {
          const at = lines.findIndex((line, index) => index >= read && fits(line));
          if (at < 0) return ended(child) ? Promise.reject(new Error(`bowline dev ended: ${errors}${JSON.stringify(lines)}`)) : undefined;
          read = at + 1;
          return lines[at];
        },
        waitMsMax,
      ),
    /** Everything that it started, itself included. */
    tree: (): number[] => [child.pid ?? 0, ...descendants(child.pid ?? 0), ...postmaster(home)],
  };
}

const ended = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

async function end(child: ChildProcess, home: string, exited: Promise<unknown>): Promise<void> {
  const below = [...descendants(child.pid ?? 0), ...postmaster(home)];
  if (!ended(child)) child.kill('SIGTERM');
  await exited;
  for (const pid of below) if (isAlive(pid)) killOne(pid);
}

/** The surrounding settings belong to another platform. */
function clean(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || /^(BOWLINE_|NANGO_|DATABASE_URL$|PORT$|CI$)/.test(name) ? [] : [[name, value]],
    ),
  );
}
