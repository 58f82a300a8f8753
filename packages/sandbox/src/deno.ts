/**
 * The Deno binary that comes with the `@deno/<platform>` packages, and the flags under which it may do nothing but talk over its pipes.
 * Spawned directly: the `deno` wrapper package needs an install script, which many installations skip.
 */
import { accessSync, chmodSync, constants, copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const packageNames: Record<string, string> = {
  'linux-x64': '@deno/linux-x64-glibc',
  'linux-arm64': '@deno/linux-arm64-glibc',
  'darwin-x64': '@deno/darwin-x64',
  'darwin-arm64': '@deno/darwin-arm64',
};

/** Path of an executable Deno. `scratch` takes a copy when the installed one lacks its exec bit and cannot be given it. */
export function findDeno(scratch: string): string {
  const platform = `${process.platform}-${process.arch}`;
  const name = packageNames[platform];
  if (name === undefined) throw new Error(`No sandbox runs on ${platform}. Use Linux (glibc) or macOS on x64 or arm64.`);
  let installed: string;
  try {
    installed = join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'deno');
  } catch {
    throw new Error(`The package ${name} is not installed. Reinstall with optional dependencies: npm install --include=optional`);
  }
  return executable(installed) ?? copied(installed, scratch);
}

function executable(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}

function copied(path: string, scratch: string): string {
  try {
    chmodSync(path, 0o755);
    return path;
  } catch {
    mkdirSync(scratch, { recursive: true });
    const copy = join(scratch, 'deno');
    copyFileSync(path, copy);
    chmodSync(copy, 0o755);
    return copy;
  }
}

/**
 * No permission is granted, nothing may be fetched, nothing may be asked; `heapMb` bounds each thread's JavaScript heap. The realm collects its garbage
 * once before it waits. Young objects get 8 MB from the start: a tenth less of a processor until a function runs, and as much while it makes objects.
 */
export function denoArguments(script: string, heapMb: number): string[] {
  const closed = ['--no-prompt', '--no-remote', '--no-npm', '--no-config', '--no-lock', '--cached-only', '--ignore-env'];
  return ['run', ...closed, `--v8-flags=--max-old-space-size=${heapMb},--min-semi-space-size=8,--expose-gc`, script];
}
