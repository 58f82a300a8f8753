/** What `npm run build` keeps of `examples/integrations`: each function with the files it imports and its recordings, in one text. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { parseSync } from 'oxc-parser';
import { compileOnly } from '../compile/compile.ts';
import type { Compiled } from '../compile/compiled.ts';
import { findProject } from '../project/find.ts';
import { createTerminal } from '../terminal.ts';
import type { Template, TemplateCatalogue } from './catalogue.ts';

/**
 * @public what `npm run build` calls
 * @returns JSON text: the catalogue that `readTemplates` reads
 */
export const collectTemplates = async (root: string): Promise<string> => {
  const silent = { write: () => {}, writeError: () => {}, env: {}, cwd: root, isTty: false, ask: undefined };
  const { compiled } = await compileOnly(findProject(root), createTerminal(silent, false), { types: false });
  const functions = compiled.map((one) => templateOf(root, one));
  const names = [...new Set(functions.flatMap(({ file, helpers, recordings }) => [file, ...helpers, ...recordings]))].sort();
  const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(root, name), 'utf8')]));
  return JSON.stringify({ functions, files } satisfies TemplateCatalogue);
};

const types = { sync: 'sync', action: 'action', onEvent: 'on-event' } as const;

const templateOf = (root: string, { definition }: Compiled): Template => {
  const { entry, kind, description, scopes } = definition;
  const { integration, name, file } = entry;
  const tests = `${integration}/tests`;
  const recordings = existsSync(join(root, tests))
    ? readdirSync(join(root, tests)).filter((one) => one.endsWith('.test.json') && one.split('.', 1)[0] === name)
    : [];
  return {
    provider: integration,
    name,
    type: types[kind],
    description,
    scopes,
    file,
    helpers: helpersOf(root, file),
    recordings: recordings.sort().map((one) => `${tests}/${one}`),
  };
};

/** Every file of the project that the function imports, and what those import. */
const helpersOf = (root: string, file: string): string[] => {
  const met = new Set([file]);
  for (const one of met) for (const imported of importsOf(root, one)) met.add(imported);
  met.delete(file);
  return [...met].sort();
};

const importsOf = (root: string, file: string): string[] => {
  const { module } = parseSync(file, readFileSync(join(root, file), 'utf8'));
  const imports = module.staticImports.map(({ moduleRequest }) => moduleRequest.value);
  const exports = module.staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []));
  return [...imports, ...exports]
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(dirname(file), specifier).replace(/\.js$/, '.ts'));
};
