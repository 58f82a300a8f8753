/**
 * `npm run bench [name…]`: builds what is to be measured, then runs each benchmark as a process of its own, one after the other.
 * Bundles benchmarks with their sources first, because Node 20 runs no TypeScript. `--json` prints the results as one JSON line each.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build as bundle } from 'esbuild';
import { build } from '../scripts/build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const known = [
  'start',
  'memory',
  'catalogue',
  'edge',
  'proxy',
  'rate-limits',
  'action',
  'sandbox',
  'connection',
  'listing',
  'sync',
  'schedule',
  'webhooks-in',
  'webhooks-out',
  'records',
  'compile',
  'scale',
  'scale-model',
];
const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
const names = positionals.length > 0 ? positionals : known;
const unknown = names.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}; there are ${known.join(', ')}.`);
  process.exit(1);
}

if (values.json) console.log = console.error; // what the build says; the results alone go to stdout
await build();
const folder = mkdtempSync(join(root, 'packages/server/dist/bench-')); // below the package, so that its dependencies resolve
const alias = Object.fromEntries(
  ['api', 'providers', 'functions', 'sandbox'].map((own) => [`@bowline/${own}`, join(root, 'packages', own, 'src')]),
);
let failed = false;
try {
  await bundle({
    entryPoints: Object.fromEntries([...names, 'beside'].map((name) => [name, join(root, 'bench', `${name}.ts`)])),
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    alias,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    define: { BENCH_ROOT: JSON.stringify(root) },
  });
  for (const name of names) failed = (await run(join(folder, `${name}.mjs`))) !== 0 || failed;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);

function run(path) {
  const child = spawn(process.execPath, [path, ...(values.json ? ['--json'] : [])], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.on('close', resolve));
}
