/**
 * `.nango/tsconfig.json`, which a project's own tsconfig.json extends: an editor finds the types of `bowline`, `nango` and `zod` where the command
 * lies, so nothing has to be installed. Written anew by each compile, because the command may have moved; never committed (decisions/038).
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { compilerOptions } from '../compile/typecheck.ts';
import { writeChanged } from '../compile/write.ts';
import { toolbox } from '../toolbox.ts';

export const writeEditorConfig = async (root: string): Promise<void> => {
  const options = compilerOptions();
  const tests = Object.fromEntries(['nango/test', 'bowline/test'].map((name) => [name, [toolbox.mockPath()]]));
  const config = { compilerOptions: { ...options, paths: { ...options.paths, ...tests } } };
  await mkdir(join(root, '.nango'), { recursive: true });
  await writeChanged(join(root, '.nango/tsconfig.json'), `${JSON.stringify(config, null, 2)}\n`);
};

/** The project's own, for its editor. */
export const projectTsconfig = `${JSON.stringify(
  { extends: './.nango/tsconfig.json', include: ['**/*.ts'], exclude: ['build', 'node_modules'] },
  null,
  2,
)}\n`;
