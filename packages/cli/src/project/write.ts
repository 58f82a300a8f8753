/** Writes several files of a project: first what would change, then the files, last the lines of `index.ts`, so no line names what is not there. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { exitCodes, Failure } from '../failure.ts';
import { importedEntries } from './find.ts';
import { addImports } from './place.ts';

export type NewFile = {
  /** Below the project, with slashes. */
  readonly file: string;
  readonly text: string;
  /** A function, which `index.ts` imports where it imports any. */
  readonly entry: boolean;
};
type Planned = NewFile & { readonly state: 'new' | 'same' | 'differs' };

export const planFiles = (root: string, files: readonly NewFile[]): Planned[] => {
  // Broken lines of index.ts are told before anything is written.
  if (existsSync(root)) importedEntries(root);
  return files.map((one) => ({ ...one, state: stateOf(join(root, one.file), one.text) }));
};

/** @returns what was written, by path */
export const writeFiles = async (root: string, planned: readonly Planned[], { overwrite = false } = {}): Promise<string[]> => {
  const due = planned.filter(({ state }) => state === 'new' || (overwrite && state === 'differs'));
  const index = due.find(({ file }) => file === 'index.ts');
  for (const { file, text } of due) {
    if (file === 'index.ts') continue;
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
  if (index) await writeFile(join(root, index.file), index.text);
  const entries = planned.filter(({ entry }) => entry).map(({ file }) => file);
  const added = index ? false : await addImports(root, entries);
  return [...due.map(({ file }) => file), ...(added ? ['index.ts'] : [])];
};

export const stateOf = (path: string, text: string): Planned['state'] => {
  if (!existsSync(path)) return 'new';
  try {
    return readFileSync(path, 'utf8') === text ? 'same' : 'differs';
  } catch (error) {
    throw new Failure(exitCodes.usage, `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
};
