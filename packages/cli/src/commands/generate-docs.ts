/** `bowline generate:docs`: a page of Markdown beside each function. What an author wrote below the divider is kept. */
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { compileOnly } from '../compile/compile.ts';
import { exitCodes, Failure } from '../failure.ts';
import { pageOf } from '../generate/docs.ts';
import { findProject } from '../project/find.ts';
import { counted, type Terminal } from '../terminal.ts';

export type DocsOptions = { path?: string };

export const generateDocsCommand = async (root: string, { path }: DocsOptions, terminal: Terminal): Promise<void> => {
  const project = findProject(root);
  const below = path === undefined ? '' : belowProject(root, path, terminal.io.cwd);
  const entries = project.entries.filter(({ file }) => below === '' || file === below || file.startsWith(`${below}/`));
  if (entries.length === 0)
    throw new Failure(exitCodes.usage, `There are no functions in ${path}. -p takes a folder or a file of the project.`);
  const { compiled } = await compileOnly({ ...project, entries }, terminal, { types: false });
  const written: string[] = [];
  for (const one of compiled) {
    const file = one.definition.entry.file.replace(/\.ts$/, '.md');
    const before = await attempt(join(root, file), 'read', async (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined));
    const text = pageOf(one, before);
    if (text === before) continue;
    await attempt(join(root, file), 'written', (path) => writeFile(path, text));
    written.push(file);
    terminal.print(`  ${before === undefined ? terminal.colours.green('+') : terminal.colours.cyan('~')} ${file}`);
  }
  terminal.print(written.length === 0 ? 'Every page is up to date.' : `Wrote ${counted(written.length, 'page')}.`);
  terminal.result({ ok: true, files: compiled.map(({ definition }) => definition.entry.file.replace(/\.ts$/, '.md')), written });
};

/** As the project names it. */
const belowProject = (root: string, path: string, cwd: string): string => {
  const [here, there] = [resolve(cwd, path), resolve(root, path)];
  const chosen = existsSync(here) ? here : there;
  const below = relative(root, chosen).replaceAll('\\', '/');
  if (below.startsWith('..')) throw new Failure(exitCodes.usage, `${path} is outside the project ${root}.`);
  return below;
};

const attempt = async <T>(path: string, what: string, work: (path: string) => Promise<T>): Promise<T> => {
  try {
    return await work(path);
  } catch (error) {
    throw new Failure(exitCodes.other, `${path} cannot be ${what}: ${error instanceof Error ? error.message : String(error)}.`);
  }
};
