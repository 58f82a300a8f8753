/** Starts a TypeScript file as a process of its own (Node 20 does not run TypeScript, so it is bundled first) and reads its first line. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { onTestFinished } from 'vitest';

/** @returns the path of a bundle that plain `node` runs */
export async function bundle(entry: URL): Promise<string> {
  const dist = fileURLToPath(new URL('../../dist/', import.meta.url)); // below the package, so that its dependencies resolve
  mkdirSync(dist, { recursive: true });
  const outfile = join(mkdtempSync(join(dist, 'test-')), 'main.mjs');
  // Our own packages are TypeScript too, so they go into the bundle.
  const source = (name: string) => [`@bowline/${name}`, fileURLToPath(new URL(`../../../${name}/src`, import.meta.url))] as const;
  const alias = Object.fromEntries(['api', 'providers', 'functions'].map(source));
  await build({ entryPoints: [fileURLToPath(entry)], bundle: true, platform: 'node', format: 'esm', packages: 'external', alias, outfile });
  return outfile;
}

export type Started = { child: ChildProcess; line: string; stderr: () => string; exited: Promise<unknown> };

/** Resolves with the first line of output, or with an empty line when the process ended before it wrote one. */
export async function start(file: string, args: string[]): Promise<Started> {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const exited = once(child, 'close');
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([once(lines, 'line').then(([text]) => String(text)), exited.then(() => '')]);
  return { child, line, stderr: () => stderr, exited };
}
