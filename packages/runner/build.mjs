/**
 * Builds the runner for Deno: the supervisor is its main module, the realm lies beside it and comes by the pipe, because a process without any
 * permission may read nothing but its own main module.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import esbuild from 'esbuild';
import { buildLibraries } from './libraries.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const settings = {
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  target: 'es2024',
  external: ['node:*'],
  legalComments: 'none',
};

/** Zod's 50 languages are half its size and parsed for every realm; functions get English. */
const englishOnly = {
  name: 'english-only',
  setup(builder) {
    builder.onResolve({ filter: /locales\/index\.js$/ }, ({ resolveDir }) => ({
      path: join(resolveDir, '../locales/en.js'),
      namespace: 'english',
    }));
    builder.onLoad({ filter: /.*/, namespace: 'english' }, ({ path }) => ({
      contents: `export { default as en } from ${JSON.stringify(path)};`,
      resolveDir: dirname(path),
    }));
  },
};

/** Returns the path of the built file, for `createSandboxes({ runnerPath })`; the libraries lie beside it. */
export async function build(outfile = join(here, 'dist', 'runner.js')) {
  const folder = dirname(outfile);
  await esbuild.build({ ...settings, entryPoints: [join(here, 'src', 'main.ts')], outfile });
  await esbuild.build({
    ...settings,
    format: 'iife', // it is evaluated, not imported: Deno reads a module with a compiler of its own first, which takes 65 of 215 ms
    entryPoints: [join(here, 'src', 'realm.ts')],
    outfile: join(folder, 'realm.js'),
    // Not the names: authors see those of errors and classes, and setting them while the text runs takes longer than reading longer ones.
    minifySyntax: true,
    minifyWhitespace: true,
    plugins: [englishOnly],
  });
  await buildLibraries(folder);
  return outfile;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await build();
