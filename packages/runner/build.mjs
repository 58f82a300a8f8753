/**
 * Builds the runner into one file for Deno: the realm is bundled first and put into the supervisor as text, because a process without any
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
  const realm = await esbuild.build({
    ...settings,
    entryPoints: [join(here, 'src', 'realm.ts')],
    write: false,
    minify: true,
    keepNames: true,
    plugins: [englishOnly],
  });
  const source = realm.outputFiles[0].text;
  const embed = {
    name: 'realm-source',
    setup(builder) {
      builder.onResolve({ filter: /^realm:source$/ }, () => ({ path: 'realm', namespace: 'realm' }));
      builder.onLoad({ filter: /.*/, namespace: 'realm' }, () => ({ contents: `export const realmSource = ${JSON.stringify(source)};` }));
    },
  };
  await esbuild.build({ ...settings, entryPoints: [join(here, 'src', 'main.ts')], outfile, plugins: [embed] });
  await buildLibraries(dirname(outfile));
  return outfile;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await build();
