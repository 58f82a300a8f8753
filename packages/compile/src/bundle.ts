/**
 * How esbuild bundles a function into one CommonJS text; zod and the like stay external, the sandbox provides them.
 * The `create*` calls are replaced by three lines, so a bundle never loads what authors import them from. Imports used only as types vanish.
 */
import type { BuildFailure, BuildOptions, Message, Plugin } from 'esbuild';
import type { Diagnostic } from './diagnostic.ts';
import type { Entry } from './entry.ts';
import { disallowedImport, isAuthoringModule, isRuntimeModule } from './modules.ts';

export type Bundle = { entry: Entry; js: string };

export const bundling = {
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
} as const satisfies BuildOptions;

/** Of everything that is not a file of the project. An error returned here is placed by esbuild at the import statement, in whichever file it stands. */
export const imports: Plugin = {
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
const creates = ['sync', 'action', 'onEvent'].map(
  (type) => [`create${type[0]?.toUpperCase()}${type.slice(1)}`, `(options) => ({ type: '${type}', ...options })`] as const,
);
const create = creates.map(([name, call]) => `export const ${name} = ${call};`).join('\n');
/** The same as an object, for a function that is not bundled. */
export const createsInline = `{ ${creates.map(([name, call]) => `${name}: ${call}`).join(', ')} }`;

export const isBuildFailure = (error: unknown): error is BuildFailure =>
  error instanceof Error && 'errors' in error && Array.isArray(error.errors);

export const diagnosticOf = ({ detail, text, location }: Message): Diagnostic => ({
  severity: 'error',
  message: text,
  ...(typeof detail === 'string' && { code: detail }),
  ...(location && { file: location.file.replaceAll('\\', '/'), line: location.line, column: location.column + 1 }),
});
