/** Bundles each function of a project with its own files, all in one call of esbuild. */
import { join } from 'node:path';
import { type Bundle, bundling, diagnosticOf, imports, isBuildFailure } from '@bowline/compile/bundle';
import type { Entry } from '@bowline/compile/entry';
import { build } from 'esbuild';
import { exitCodes, Failure } from '../failure.ts';

export const bundle = async (root: string, entries: readonly Entry[]): Promise<Bundle[]> => {
  const outdir = join(root, 'build');
  try {
    const { outputFiles } = await build({
      ...bundling,
      absWorkingDir: root,
      entryPoints: entries.map(({ file, out }) => ({ in: join(root, file), out })),
      outdir,
      outExtension: { '.js': '.cjs' },
      plugins: [imports],
    });
    const texts = new Map(outputFiles.map((file) => [file.path, file.text]));
    return entries.map((entry) => ({ entry, js: texts.get(join(outdir, `${entry.out}.cjs`)) ?? '' }));
  } catch (error) {
    if (isBuildFailure(error)) throw new Failure(exitCodes.compile, 'The functions could not be bundled.', error.errors.map(diagnosticOf));
    throw error;
  }
};
