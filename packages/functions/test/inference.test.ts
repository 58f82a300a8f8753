import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const here = dirname(fileURLToPath(import.meta.url));

it('infers models, metadata, checkpoints, input and output under the compiler options of functions', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bowline-inference-'));
  const config = join(folder, 'tsconfig.json');
  const strictness = ['noPropertyAccessFromIndexSignature', 'noUncheckedIndexedAccess', 'exactOptionalPropertyTypes', 'noImplicitReturns'];
  writeFileSync(
    config,
    JSON.stringify({
      compilerOptions: {
        module: 'node16',
        moduleResolution: 'node16',
        target: 'esnext',
        strict: true,
        skipLibCheck: true,
        noEmit: true,
        allowImportingTsExtensions: true,
        types: ['node'],
        typeRoots: [join(here, '../../../node_modules/@types')],
        ...Object.fromEntries(strictness.map((name) => [name, true])),
      },
      files: [join(here, 'inference.fixture.ts')],
    }),
  );
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, [tsc, '-p', config, '--pretty', 'false'], { cwd: here }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
  rmSync(folder, { recursive: true });
  expect(output).toBe('');
}, 60_000);
