/**
 * Finds the functions of a project: the `import './…'` lines of `index.ts` when it has any, else every file in the known folders.
 * Commented-out imports do not count. A function on disk that `index.ts` forgets is left out with a warning, never silently.
 */
import { type Dirent, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '@bowline/compile/diagnostic';
import { type Entry, entryOf } from '@bowline/compile/entry';
import { exitCodes, Failure } from '../failure.ts';
import { type Located, locate } from '../yaml/definitions.ts';
import { isYamlProject, readYamlProject, type YamlProject } from '../yaml/read.ts';

export type Project = {
  root: string;
  entries: Entry[];
  warnings: Diagnostic[];
  /** Of a project whose functions are declared in `nango.yaml`. */
  yaml?: { project: YamlProject; located: Located[] };
};

/** @param mayBeEmpty whether a project without functions has other things to deploy */
export const findProject = (root: string, mayBeEmpty = false): Project => {
  if (!existsSync(root)) throw new Failure(exitCodes.usage, `There is no folder ${root}. Check --cwd.`);
  if (isYamlProject(root)) return findYamlProject(root, mayBeEmpty);
  const onDisk = globEntries(root);
  const imported = importedEntries(root);
  const files = imported.length > 0 ? imported : onDisk;
  if (files.length === 0 && !mayBeEmpty) throw nothingFound(root);
  const taken = new Set(files);
  const forgotten = onDisk.filter((file) => !taken.has(file));
  return { root, entries: files.map(entryOf), warnings: forgotten.map(forgottenWarning) };
};

export const nothingFound = (root: string): Failure =>
  new Failure(
    exitCodes.compile,
    `No functions found in ${root}. Write one at <integration>/syncs/<name>.ts, or start with \`bowline init\`. Another folder: --cwd.`,
  );

/** Whether a folder without functions is a project that lost its last one, not any folder: what `init` and `compile` write is still there. */
export const isEmptiedProject = (root: string): boolean => {
  if (isYamlProject(root) || existsSync(join(root, '.nango'))) return true;
  const settings = join(root, 'tsconfig.json');
  return existsSync(settings) && readFileSync(settings, 'utf8').includes('.nango/tsconfig.json');
};

const findYamlProject = (root: string, mayBeEmpty: boolean): Project => {
  const project = readYamlProject(root);
  const { located, problems } = locate(root, project);
  const found = [...project.problems, ...problems];
  const errors = found.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Failure(exitCodes.compile, `${errors.length} in nango.yaml; nothing was written.`, found);
  if (located.length === 0 && !(mayBeEmpty && found.length === 0))
    throw new Failure(exitCodes.compile, `nango.yaml in ${root} declares no syncs, actions or on-events.`, found);
  return { root, entries: located.map(({ entry }) => entry), warnings: found, yaml: { project, located } };
};

/** Where a project begins: the folder itself, or the `nango-integrations` in it, where older projects keep theirs. */
export const projectFolder = (folder: string): string => {
  const inner = join(folder, 'nango-integrations');
  const isProject = existsSync(join(folder, 'index.ts')) || isYamlProject(folder) || !existsSync(inner);
  return isProject ? folder : inner;
};

const forgottenWarning = (file: string): Diagnostic => ({
  severity: 'warning',
  file: 'index.ts',
  message: `${file} is not imported and is left out. Add: import './${file.replace(/\.ts$/, '.js')}';`,
});

/** What `index.ts` imports, in order of appearance, each once. */
export const importedEntries = (root: string): string[] => {
  const index = join(root, 'index.ts');
  if (!existsSync(index)) return [];
  const source = readFileSync(index, 'utf8').replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '));
  const files = new Set<string>();
  const problems: Diagnostic[] = [];
  for (const [at, line] of source.split('\n').entries()) {
    const specifier = /^\s*import\s*(['"])(.+?)\1/.exec(line)?.[2];
    if (specifier === undefined) continue;
    const place = { severity: 'error', file: 'index.ts', line: at + 1, column: line.indexOf('import') + 1 } as const;
    const file = `${specifier.replace(/^\.\//, '').replace(/\.(js|ts)$/, '')}.ts`;
    if (!specifier.startsWith('./') || file.split('/').includes('..')) {
      problems.push({ ...place, message: `'${specifier}' is outside the project. Import functions as './<integration>/syncs/<name>.js'.` });
    } else if (!existsSync(join(root, file))) {
      problems.push({ ...place, message: `There is no file ${file}${otherLetters(root, file)}. Remove the line or restore the function.` });
    } else if (file.split('/').length < 3) {
      problems.push({
        ...place,
        message: `${file} must lie in <integration>/<folder>/<name>.ts, the first folder being the integration's unique key.`,
      });
    } else files.add(file);
  }
  if (problems.length > 0) throw new Failure(exitCodes.compile, 'index.ts imports what is not there.', problems);
  return [...files];
};

/** Some disks take a name in other letters for the same, others do not: then it compiles on one machine only. */
const otherLetters = (root: string, file: string): string => {
  const near = globEntries(root).find((one) => one.toLowerCase() === file.toLowerCase());
  return near === undefined ? '' : `, but ${near}: mind capitals`;
};

const functionFolders = ['syncs', 'actions', 'on-events'];
const notIntegrations = new Set(['node_modules', 'build', 'dist']);

/** A linked folder counts as an integration of its own: its name is another unique key. */
const globEntries = (root: string): string[] =>
  listFolders(root)
    .filter((name) => !name.startsWith('.') && !notIntegrations.has(name))
    .flatMap((integration) => functionFolders.map((folder) => `${integration}/${folder}`))
    .filter((path) => existsSync(join(root, path)))
    .flatMap((path) =>
      readdirSync(join(root, path), { withFileTypes: true })
        .filter((one) => isFunctionFile(one.name) && isFile(join(root, path, one.name), one))
        .map(({ name }) => `${path}/${name}`),
    )
    .sort();

/** A link counts as what it leads to. */
const isFile = (path: string, one: Dirent): boolean =>
  one.isFile() || (one.isSymbolicLink() && statSync(path, { throwIfNoEntry: false })?.isFile() === true);

const isFunctionFile = (name: string): boolean => name.endsWith('.ts') && !name.endsWith('.d.ts') && !name.endsWith('.test.ts');

const listFolders = (root: string): string[] =>
  readdirSync(root).filter((name) => statSync(join(root, name), { throwIfNoEntry: false })?.isDirectory() === true);
