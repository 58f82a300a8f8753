/**
 * Makes of a program one script beside what V8 compiled of it, which `load-program.mjs` loads. Why, and what it saves: decisions/057.
 * `main.js` stands for it: a module, as what imports it expects.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownMap } from './own-map.mjs';

const beside = (name) => fileURLToPath(new URL(name, import.meta.url));

/**
 * @param {string} output `main.js`
 * @param {(path: string, options: object) => Promise<void>} bundle by esbuild
 */
export async function makeProgram(output, bundle) {
  const named = (extension) => output.replace(/\.js$/, extension);
  rmSync(named('.cache'), { force: true }); // V8 tells whose it is by the length of the text
  await bundle(named('.cjs'), {
    format: 'cjs',
    supported: { 'dynamic-import': false }, // becomes `require`: a script that comes out of the cache has lost who answers to `import()`
    define: { 'import.meta.url': '__url' },
    banner: { js: '(function (module, exports, require, __url) {' },
    footer: { js: '})' },
  });
  // Read as Latin 1, a byte a character. Only comments and patterns of npm's code still have others than ASCII.
  const text = readFileSync(named('.cjs'), 'utf8').replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  writeFileSync(named('.cjs'), text);
  writeFileSync(`${output}.map`, JSON.stringify(ownMap(JSON.parse(readFileSync(named('.cjs.map'), 'utf8')))));
  rmSync(named('.cjs.map'));
  const folder = dirname(output);
  copyFileSync(beside('load-program.mjs'), join(folder, 'load-program.js'));
  writeFileSync(
    output,
    [
      "import { loadProgram } from './load-program.js';",
      'export const { start } = loadProgram(import.meta.url).exports;',
      `//# sourceMappingURL=${basename(output)}.map`,
      '',
    ].join('\n'),
  );
  const { status } = spawnSync(process.execPath, [beside('cache-program.mjs'), output], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${output} could not be loaded`);
}
