/**
 * Where the command finds its own tools: the compiler, zod, and the types authors write against. A project needs no node_modules of its own.
 * This file must stay one folder below the package, in `src/` as in the bundled `dist/`: everything is resolved from there.
 */
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const require = createRequire(import.meta.url);

/** The folder of an installed package, whichever way node_modules is laid out. */
const folderOf = (name: string): string => dirname(require.resolve(`${name}/package.json`));

export const toolbox = {
  version: z.object({ version: z.string() }).parse(require('../package.json')).version,
  versionOf: (name: string): string => z.object({ version: z.string() }).parse(require(`${name}/package.json`)).version,
  /** Where the code is that compiles: bundled into one folder, or in the sources of the packages. */
  ownFolders: (): string[] => {
    const folder = dirname(fileURLToPath(import.meta.url));
    return basename(folder) === 'dist'
      ? [folder]
      : [folder, dirname(require.resolve('@bowline/compile/bundle')), dirname(toolbox.functionsPath())];
  },
  folder: () => fileURLToPath(new URL('..', import.meta.url)),
  /** TypeScript 7 is a native program; the script that finds and starts it costs 50 ms, which who saves a file waits for. */
  tscCommand: (): [string, ...string[]] => {
    const folder = folderOf('typescript');
    try {
      const program = `@typescript/typescript-${process.platform}-${process.arch}`;
      const installed = dirname(createRequire(join(folder, 'package.json')).resolve(`${program}/package.json`));
      return [join(installed, 'lib', process.platform === 'win32' ? 'tsc.exe' : 'tsc')];
    } catch {
      return [process.execPath, join(folder, 'bin/tsc')]; // which says what is missing
    }
  },
  /** The TypeScript source of what authors import as `bowline` or `nango`. */
  functionsPath: () => require.resolve('@bowline/functions'),
  /** What tests of one's own import as `nango/test`. */
  mockPath: () => fileURLToPath(new URL('./mock.ts', import.meta.url)),
  zodTypesPath: () => join(folderOf('zod'), 'index.d.cts'),
  typeRoots: () => [dirname(folderOf('@types/node'))],
  /** The sandbox's program, as the server runs it. */
  runnerPath: () => fileURLToPath(new URL('../../runner/dist/runner.js', import.meta.url)),
  /** The functions to start from, with all they need; see `template/collect.ts`. */
  templatesPath: () => fileURLToPath(new URL('../dist/templates.json', import.meta.url)),
  /** The platform, built, and the program that runs it below `bowline dev`. */
  serverPath: () => fileURLToPath(new URL('../../server/dist/main.js', import.meta.url)),
  devPlatformPath: () => fileURLToPath(new URL('../bin/dev-platform.js', import.meta.url)),
  /** Loads a module for the evaluation of a bundle. */
  load: (name: string): unknown => require(name),
};
