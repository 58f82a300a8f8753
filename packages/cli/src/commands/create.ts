/** `bowline create`: a new function that compiles as it stands, in its place. Never overwrites a file. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { exitCodes, Failure } from '../failure.ts';
import { type FunctionType, folders, placeOf, requireFolder, type TypeFlags, typeOfFlags, writeFunction } from '../project/place.ts';
import type { Terminal } from '../terminal.ts';
import { isYamlProject, readYamlProject } from '../yaml/read.ts';
import { scaffoldOf } from './scaffold.ts';
import { yamlScaffoldOf } from './scaffold-yaml.ts';

type Names = { integration: string | undefined; name: string | undefined };

export const createCommand = async (root: string, names: Names, flags: TypeFlags, terminal: Terminal): Promise<void> => {
  requireFolder(root);
  const given = typeOfFlags(flags);
  const integration = names.integration ?? (await answer(`Integration, its unique key${known(root)}: `, '[integration]', terminal));
  const type = given ?? typeOf(await answer('sync, action or on-event: ', '--sync, --action or --on-event', terminal));
  const name = names.name ?? (await answer(`Name of the ${type}: `, '[name]', terminal));
  const file = placeOf(integration, type, name);
  const { text, lines } = isYamlProject(root)
    ? yamlScaffoldOf({ integration, type, name }, readYamlProject(root))
    : { text: scaffoldOf(type, name, packageOf(root)), lines: undefined };
  const files = await writeFunction(root, file, text);
  terminal.print(`Created ${type}: ${file}`);
  if (files.includes('index.ts')) terminal.print('Imported in index.ts');
  if (lines !== undefined)
    terminal.print(`Declare it in nango.yaml; what lies under a key that is there already goes under that one:\n\n${lines}`);
  terminal.print(terminal.colours.dim(`Replace the path and the fields, then try it: bowline dryrun ${integration}/${name} <connection>`));
  terminal.result({ ok: true, type, integration, name, file, written: files, ...(lines !== undefined && { declare: lines }) });
};

const answer = async (question: string, missing: string, { io, json }: Terminal): Promise<string> => {
  const text = json || !io.ask ? '' : (await io.ask(question)).trim();
  if (text !== '') return text;
  throw new Failure(exitCodes.usage, `Missing ${missing}. Write: bowline create <integration> <name> --sync`);
};

const typeOf = (text: string): FunctionType => {
  if (isType(text)) return text;
  throw new Failure(exitCodes.usage, `"${text}" is none of sync, action and on-event.`);
};
const isType = (text: string): text is FunctionType => text in folders;

/** Those that have functions already. */
const known = (root: string): string => {
  const isIntegration = (name: string): boolean => Object.values(folders).some((folder) => existsSync(join(root, name, folder)));
  const names = readdirSync(root).filter(isIntegration);
  return names.length > 0 ? ` (as ${names.slice(0, 5).join(', ')})` : '';
};

const manifest = z.object({
  dependencies: z.record(z.string(), z.unknown()).optional(),
  devDependencies: z.record(z.string(), z.unknown()).optional(),
});

/** Both names mean the same package to the compiler; the editor knows the one that is installed. */
const packageOf = (root: string): 'nango' | 'bowline' => {
  const path = join(root, 'package.json');
  if (!existsSync(path)) return 'bowline';
  const read = manifest.safeParse(parse(readFileSync(path, 'utf8')));
  const names = { ...read.data?.dependencies, ...read.data?.devDependencies };
  return 'nango' in names && !('bowline' in names) ? 'nango' : 'bowline';
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
