/** `npm run check`: every rule that is not a test, in parallel; one line each, and the output of those that failed. */
import { spawn } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @returns {Promise<boolean>} whether all held */
export async function check() {
  const results = await Promise.all([
    tool('types', 'tsc', ['-p', 'tsconfig.json', '--pretty', 'false']),
    tool('runner types', 'tsc', ['-p', 'packages/runner/tsconfig.json', '--pretty', 'false']),
    tool('browser types', 'tsc', ['-p', 'packages/browser/tsconfig.json', '--pretty', 'false']),
    tool('dashboard types', 'tsc', ['-p', 'apps/dashboard/tsconfig.json', '--pretty', 'false']),
    tool('connect types', 'tsc', ['-p', 'apps/connect/tsconfig.json', '--pretty', 'false']),
    tool('format and lint', 'biome', ['check', '--colors=off', '--diagnostic-level=error', '.']),
    tool('dead code', 'knip', ['--no-progress']),
    own('imports', async (sources) => {
      const { checkImports } = await import('./check-imports.mjs');
      return checkImports(root, sources, await import('../architecture.js'));
    }),
    own('tables', async (sources) => (await import('./check-tables.mjs')).checkTables(root, sources)),
    own('sources', async (sources) => (await import('./check-sources.mjs')).checkSources(sources, await import('../architecture.js'))),
  ]);
  for (const { name, output } of results.filter(({ ok }) => !ok)) console.log(`\n── ${name}\n${output.trimEnd()}`);
  return results.every(({ ok }) => ok);
}

async function tool(name, bin, args) {
  const started = performance.now();
  const child = spawn(`${root}node_modules/.bin/${bin}`, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const status = await new Promise((resolve) => {
    child.on('error', (error) => {
      output += error.message;
      resolve(1);
    });
    child.on('close', resolve);
  });
  return report(name, status === 0, output, started);
}

let parsed;
async function own(name, run) {
  const started = performance.now();
  parsed ??= import('./sources.mjs').then(({ parseSources }) => parseSources(root));
  const wrong = await run(await parsed);
  return report(name, wrong.length === 0, wrong.join('\n'), started);
}

function report(name, ok, output, started) {
  console.log(`${ok ? '✓' : '✗'} ${name.padEnd(16)} ${((performance.now() - started) / 1000).toFixed(2)} s`);
  return { name, ok, output };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = (await check()) ? 0 : 1;
