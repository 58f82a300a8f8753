/** `node cache-program.mjs <main.js>`: loads a built program once and keeps what V8 compiled of it meanwhile, for `load-program.mjs`. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [path = ''] = process.argv.slice(2);
const folder = dirname(path);
const { loadProgram } = await import(pathToFileURL(join(folder, 'load-program.js')).href);
const { script } = loadProgram(pathToFileURL(path).href);
writeFileSync(path.replace(/\.js$/, '.cache'), script.createCachedData());
process.exit(0);
