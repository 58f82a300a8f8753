/** `scripts/make-program.mjs`, on a program of a few lines: what the server's bundle relies on. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, expect, test } from 'vitest';
import { makeProgram } from '../scripts/make-program.mjs';

const folder = mkdtempSync(join(tmpdir(), 'bowline-program-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, 'dist'));
const [source, output] = [join(folder, 'start.ts'), join(folder, 'dist/main.js')];
writeFileSync(
  source,
  `import { basename } from 'node:path';
type Failing = { fail: boolean };
export async function start({ fail }: Failing) {
  if (fail) throw new Error('as asked');
  const { word } = await import('./beside.cjs');
  return [word, basename(import.meta.url), /[é€]/.test('a€'), 'né😀'];
}
`,
);
writeFileSync(join(folder, 'dist/beside.cjs'), "exports.word = 'from beside';");
await makeProgram(output, async (outfile, options) => {
  await build({ entryPoints: [source], outfile, bundle: true, platform: 'node', sourcemap: true, external: ['./beside.cjs'], ...options });
});

/** In a process of its own, as a server is. */
function run(fail: boolean): string {
  const script = `const { start } = await import(${JSON.stringify(output)});
    process.stdout.write(await start({ fail: ${fail} }).then((answer) => JSON.stringify(answer), ({ stack }) => stack));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--enable-source-maps', '--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  return stdout + stderr;
}

function isRefused(): string {
  const script = `const { loadProgram } = await import(${JSON.stringify(join(folder, 'dist/load-program.js'))});
    process.stdout.write(String(loadProgram(${JSON.stringify(`file://${output}`)}).script.cachedDataRejected));`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).stdout;
}

const answer = JSON.stringify(['from beside', 'main.js', true, 'né😀']);

test('a program is loaded with what was compiled of it, finds what lies beside it, and keeps every character', () => {
  expect(isRefused()).toBe('false');
  expect(run(false)).toBe(answer);
});

test('its stacks name the source', () => {
  expect(run(true)).toMatch(/^Error: as asked\n {4}at (\w+ \()?[^\n]*start\.ts:4:\d+/);
});

test('with what was compiled of another program, with rubbish or with none it runs all the same', () => {
  const cache = join(folder, 'dist/main.cache');
  const whole = readFileSync(cache);
  const foreign = Buffer.from(whole);
  foreign.writeUInt32LE(foreign.readUInt32LE(8) + 1, 8); // the length of the text that it is of
  for (const other of [foreign, Buffer.from('rubbish'), Buffer.alloc(0), whole.subarray(0, whole.length / 2)]) {
    writeFileSync(cache, other);
    expect(isRefused()).toBe('true');
    expect(run(false)).toBe(answer);
  }
  rmSync(cache);
  expect(isRefused()).toBe('undefined');
  expect(run(false)).toBe(answer);
  expect(run(true)).toContain('start.ts:4:');
});
