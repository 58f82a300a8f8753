/**
 * Loads a program that was built as one script, with what V8 compiled of it before (`cache-program.mjs`): of the server's 8 MB that is half of what loading takes.
 * Of another Node, or with other flags, V8 refuses the cache and compiles as ever. The build puts this file beside the program.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Script } from 'node:vm';

/**
 * @param {string} url of the module that stands for the program, `main.js` for `main.cjs` and `main.cache`. Its stacks name that module, so that its source map is
 * the program's; what it requires is looked for beside it.
 */
export function loadProgram(url) {
  const beside = (extension) => new URL(url.replace(/\.js$/, extension));
  const cache = beside('.cache');
  const script = new Script(readFileSync(beside('.cjs'), 'latin1'), {
    filename: url,
    cachedData: existsSync(cache) ? readFileSync(cache) : undefined,
  });
  const module = { exports: {} };
  script.runInThisContext()(module, module.exports, createRequire(url), url);
  return { exports: module.exports, script };
}
