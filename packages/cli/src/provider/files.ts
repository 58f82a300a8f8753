/** Provider files of a project: one YAML file a provider, whose name is the file's. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { CustomProviderName, DEFINITION_LENGTH_MAX } from '@bowline/api/providers';
import type { Diagnostic } from '@bowline/compile/diagnostic';
import { exitCodes, Failure } from '../failure.ts';

export type ProviderFile = { readonly file: string; readonly name: string; readonly yaml: string };

export const providersFolder = 'providers';

/** Files of the project, those that others extend before these. @throws Failure that names every file whose name or size will not do */
export const projectProviders = (root: string): ProviderFile[] => {
  const folder = join(root, providersFolder);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  const names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  return readProviders(
    root,
    names.sort().map((name) => `${providersFolder}/${name}`),
  );
};

/** @param paths relative to `root`, or absolute */
export const readProviders = (root: string, paths: readonly string[]): ProviderFile[] => {
  const read = paths.map((path) => readProvider(root, path));
  const problems = [...read.flatMap(({ problem }) => problem ?? []), ...twice(read.map(({ file }) => file))];
  if (problems.length > 0) throw new Failure(exitCodes.compile, 'Nothing was sent.', problems);
  return inOrder(read.map(({ file }) => file));
};

const readProvider = (root: string, path: string): { file: ProviderFile; problem?: Diagnostic } => {
  const file = relative(root, resolve(root, path));
  const name =
    path
      .split(/[/\\]/)
      .at(-1)
      ?.replace(/\.ya?ml$/, '') ?? '';
  const found = statSync(resolve(root, path), { throwIfNoEntry: false });
  if (!found?.isFile()) throw new Failure(exitCodes.usage, `There is no file ${path}. Start one with \`bowline provider new\`.`);
  const refuse = (message: string) => ({ file: { file, name, yaml: '' }, problem: { severity: 'error', file, message } as const });
  if (!CustomProviderName.safeParse(name).success)
    return refuse(
      "The file's name is the provider's: lower-case letters, digits and -, at most 64, beginning with a letter or a digit. Rename it.",
    );
  if (found.size > DEFINITION_LENGTH_MAX * 4) return refuse(tooLong);
  const yaml = readFileSync(resolve(root, path), 'utf8');
  if (yaml.trim() === '') return refuse('The file is empty. `bowline provider new --force` writes a start.');
  return yaml.length > DEFINITION_LENGTH_MAX ? refuse(tooLong) : { file: { file, name, yaml } };
};

const tooLong = `A definition has at most ${DEFINITION_LENGTH_MAX / 1024} KiB. Shorten it.`;

const twice = (files: readonly ProviderFile[]): Diagnostic[] =>
  files.flatMap(({ file, name }, index) => {
    const first = files.findIndex((other) => other.name === name);
    return first < index
      ? [{ severity: 'error', file, message: `${files[first]?.file} defines ${name} too. Keep one of them.` } as const]
      : [];
  });

/** What a file extends, when its text says so at the top level. */
export const parentOf = ({ yaml }: ProviderFile): string | undefined => /^extends:\s*["']?([a-z0-9-]+)/m.exec(yaml)?.[1];

/** Parents first: the server must know what a file extends. A circle keeps its order, and the server says what is wrong with it. */
const inOrder = (files: readonly ProviderFile[]): ProviderFile[] => {
  const placed = new Set<ProviderFile>();
  const place = (file: ProviderFile, above: readonly ProviderFile[]): void => {
    const parent = files.find(({ name }) => name === parentOf(file));
    if (parent && !above.includes(parent)) place(parent, [...above, file]);
    placed.add(file);
  };
  for (const file of files) place(file, [file]);
  return [...placed];
};
