/** Where a function lies in a project, and the line of `index.ts` that it needs: written after the function, so no line names what is not there. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Name, ProviderConfigKey } from '@bowline/api/fields';
import { exitCodes, Failure } from '../failure.ts';
import { isYamlProject } from '../yaml/read.ts';
import { importedEntries } from './find.ts';

export const folders = { sync: 'syncs', action: 'actions', 'on-event': 'on-events' } as const;
export type FunctionType = keyof typeof folders;
export type TypeFlags = { sync?: boolean; action?: boolean; onEvent?: boolean };

/** @throws Failure when several are given */
export const typeOfFlags = ({ sync, action, onEvent }: TypeFlags): FunctionType | undefined => {
  const given = [sync && 'sync', action && 'action', onEvent && 'on-event'].filter((one): one is FunctionType => typeof one === 'string');
  if (given.length > 1) throw usage(`Give one of ${given.map((one) => `--${one}`).join(' and ')}.`);
  return given[0];
};

/** @throws Failure for names that no function can have */
export const placeOf = (integration: string, type: FunctionType, name: string): string => {
  if (!ProviderConfigKey.safeParse(integration).success || /^\.|^(?:node_modules|build|dist|providers)$/.test(integration))
    throw usage(
      `"${integration}" cannot be the folder of an integration. It is the integration's unique key: letters, digits, spaces and ~ : . @ _ -.`,
    );
  if (!Name.safeParse(name).success) throw usage(`"${name}" cannot be the name of a function. Use letters, digits, _ and -.`);
  return `${integration}/${folders[type]}/${name}.ts`;
};

export const requireFolder = (root: string): void => {
  if (!existsSync(root)) throw usage(`There is no folder ${root}. Check --cwd.`);
};

/** Functions of a `nango.yaml` are declared there. */
export const refuseYaml = (root: string, how: string): void => {
  requireFolder(root);
  if (isYamlProject(root))
    throw usage(`${root} declares its functions in nango.yaml. ${how} Or turn it into a project in code: bowline migrate.`);
};

/**
 * Writes the function, then its import where `index.ts` imports functions; without one every file in the known folders counts.
 * @returns the files that were written
 * @throws Failure when the file is there, unless `overwrite`
 */
export const writeFunction = async (root: string, file: string, text: string, overwrite = false): Promise<string[]> => {
  importedEntries(root); // a broken line is told before anything is written
  const path = join(root, file);
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(path, text, { flag: overwrite ? 'w' : 'wx' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      throw usage(`${file} is there already. Choose another name, or remove it.`);
    throw error;
  }
  return (await addImports(root, [file])) ? [file, 'index.ts'] : [file];
};

/** Lines for those that `index.ts` does not import yet, where it imports functions at all. @returns whether it was changed */
export const addImports = async (root: string, files: readonly string[]): Promise<boolean> => {
  const imported = importedEntries(root);
  const missing = files.filter((file) => !imported.includes(file));
  if (imported.length === 0 || missing.length === 0) return false;
  const index = join(root, 'index.ts');
  const source = readFileSync(index, 'utf8');
  const end = source.includes('\r\n') ? '\r\n' : '\n';
  const apart = source === '' || source.endsWith('\n') ? '' : end;
  await writeFile(index, `${source}${apart}${missing.map((file) => `${importLine(file)}${end}`).join('')}`);
  return true;
};

/** With slashes on every system: the line is read by all of them. */
export const importLine = (file: string): string => `import './${file.replaceAll('\\', '/').replace(/\.ts$/, '.js')}';`;

const usage = (message: string): Failure => new Failure(exitCodes.usage, message);
