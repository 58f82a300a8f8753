/**
 * Bundles each function with its own files into one CommonJS text; zod and the like stay external, the sandbox provides them.
 * The `create*` calls are replaced by three lines, so a bundle never loads what authors import them from. Imports used only as types vanish.
 */
import { join } from 'node:path';
import { type BuildFailure, build, type Message, type Plugin } from 'esbuild';
import { type Diagnostic, exitCodes, Failure } from '../failure.ts';
import type { Entry } from '../project/entry.ts';
import { disallowedImport, isAuthoringModule, isRuntimeModule } from './modules.ts';

export type Bundle = { entry: Entry; js: string };

export const bundle = async (root: string, entries: readonly Entry[]): Promise<Bundle[]> => {
  const outdir = join(root, 'build');
  try {
    const { outputFiles } = await build({
      absWorkingDir: root,
      entryPoints: entries.map(({ file, out }) => ({ in: join(root, file), out })),
      outdir,
      outExtension: { '.js': '.cjs' },
      bundle: true,
      write: false,
      format: 'cjs',
      platform: 'node',
      target: 'esnext',
      charset: 'utf8',
      sourcemap: 'inline',
      logLevel: 'silent',
      // The project's own tsconfig is for its editor; a `paths` there must not decide what is bundled.
      tsconfigRaw: { compilerOptions: { useDefineForClassFields: true } },
      plugins: [imports],
    });
    const texts = new Map(outputFiles.map((file) => [file.path, file.text]));
    return entries.map((entry) => ({ entry, js: texts.get(join(outdir, `${entry.out}.cjs`)) ?? '' }));
  } catch (error) {
    if (isBuildFailure(error)) throw new Failure(exitCodes.compile, 'The functions could not be bundled.', error.errors.map(diagnosticOf));
    throw error;
  }
};

/** An error returned here is placed by esbuild at the import statement, in whichever file it stands. */
const imports: Plugin = {
  name: 'imports',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      if (kind === 'entry-point') return undefined;
      if (isAuthoringModule(path)) return { path: 'create', namespace: 'authoring' };
      if (isRuntimeModule(path)) return { path, external: true };
      return { errors: [{ detail: 'disallowed_import', text: disallowedImport(path) }] };
    });
    onLoad({ filter: /.*/, namespace: 'authoring' }, () => ({ contents: create, loader: 'js' }));
  },
};

/** The kind comes first, so that a `type` the author wrote wins, as it does in the functions package. */
const create = ['sync', 'action', 'onEvent']
  .map((type) => `export const create${type[0]?.toUpperCase()}${type.slice(1)} = (options) => ({ type: '${type}', ...options });`)
  .join('\n');

const isBuildFailure = (error: unknown): error is BuildFailure =>
  error instanceof Error && 'errors' in error && Array.isArray(error.errors);

const diagnosticOf = ({ detail, text, location }: Message): Diagnostic => ({
  severity: 'error',
  message: text,
  ...(typeof detail === 'string' && { code: detail }),
  ...(location && { file: location.file.replaceAll('\\', '/'), line: location.line, column: location.column + 1 }),
});
