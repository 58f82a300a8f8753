/** `node bench/run.mjs records`: bundles a benchmark with its sources (Node 20 runs no TypeScript) and runs it. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const [name = ''] = process.argv.slice(2);
const dist = join(root, 'packages/server/dist'); // below the package, so that its dependencies resolve
mkdirSync(dist, { recursive: true });
const folder = mkdtempSync(join(dist, 'bench-'));
const outfile = join(folder, 'main.mjs');
const alias = Object.fromEntries(['api', 'providers', 'functions'].map((own) => [`@bowline/${own}`, join(root, 'packages', own, 'src')]));
try {
  await build({
    entryPoints: [join(root, 'bench', `${name}.ts`)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    alias,
    outfile,
  });
  await import(pathToFileURL(outfile).href);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
