/** Runs the compiler over files of a test, as users would. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const typeRoots = [fileURLToPath(new URL('../../../node_modules/@types', import.meta.url))];

/** Strict, and then some. */
const strictness = ['strict', 'noUncheckedIndexedAccess', 'exactOptionalPropertyTypes', 'noImplicitReturns'];

/** @returns what the compiler says; nothing when all is well */
export async function compile(files: readonly string[], options: Record<string, unknown> = {}): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bowline-compile-'));
  const config = join(folder, 'tsconfig.json');
  const compilerOptions = {
    module: 'nodenext',
    moduleResolution: 'nodenext',
    target: 'es2022',
    lib: ['es2023'],
    noEmit: true,
    typeRoots,
    types: ['node'],
    ...Object.fromEntries(strictness.map((name) => [name, true])),
    ...options,
  };
  writeFileSync(config, JSON.stringify({ compilerOptions, files }));
  const said = await new Promise<string>((resolve) => {
    execFile(process.execPath, [tsc, '-p', config, '--pretty', 'false'], (_error, stdout, stderr) => resolve(stdout + stderr));
  });
  rmSync(folder, { recursive: true });
  return said;
}
