/** `npm run catalogue`: what whoever edits catalogue files asks for. Prints for people, and answers whether all is well. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { builtInFolder, loadCatalogue, readProvider } from './catalogue.ts';
import { compileCatalogue } from './compile.ts';
import type { Finding } from './gates/finding.ts';
import { collisions, inspect } from './gates/inspect.ts';
import { schemaFile, schemaText } from './json-schema-file.ts';
import { lockChanges, lockFile, lockText } from './lock.ts';
import { CatalogueError, readFolder, type Sources } from './source.ts';

type Io = { readonly print: (line: string) => void; readonly cwd: string; readonly folder?: string; readonly compiled?: string };

const usage = `npm run catalogue -- check [names or files…]    holds entries to the gates; all of them when none is named
npm run catalogue -- compile                     makes the one file that a start reads; part of npm run build
npm run catalogue -- schema                      writes provider.schema.json anew, for editors
npm run catalogue -- lock                        writes catalog.lock anew: what each entry says, as a hash`;

/** @returns the exit code */
export function runCatalogue([verb, ...rest]: readonly string[], io: Io): number {
  if (verb === 'check') return check(rest, io);
  if (verb === 'compile') {
    io.print(`${compileCatalogue({ folder: io.folder, file: io.compiled })} entries compiled`);
    return 0;
  }
  if (verb === 'schema') {
    writeFileSync(schemaFile, schemaText());
    io.print(`wrote ${relative(io.cwd, schemaFile)}`);
    return 0;
  }
  if (verb === 'lock') return lock(io);
  io.print(usage);
  return 2;
}

function check(asked: readonly string[], { print, cwd, folder = builtInFolder }: Io): number {
  const sources = readFolder(folder);
  const names = asked.length > 0 ? asked.map((name) => basename(name).replace(/\.ya?ml$/, '')) : [...sources.keys()];
  const shared = collisions(displayNames(sources));
  const wrong = names.flatMap((name) => {
    const collided = shared.filter((collision) => collision.name === name);
    return [...refusals(name, sources, cwd), ...collided.map((finding) => line(short(name, sources, cwd), finding))];
  });
  for (const text of wrong) print(text);
  print(wrong.length === 0 ? `${names.length} entries, nothing to mend` : `${wrong.length} to mend in ${names.length} entries`);
  return wrong.length === 0 ? 0 : 1;
}

/** Says what changed, a parent's change with all that inherit it. */
function lock({ print, cwd }: Io): number {
  const before = existsSync(lockFile) ? readFileSync(lockFile, 'utf8') : '';
  const after = lockText(loadCatalogue().list());
  writeFileSync(lockFile, after);
  for (const change of lockChanges(before, after)) print(change);
  print(`wrote ${relative(cwd, lockFile)}`);
  return 0;
}

function refusals(name: string, sources: Sources, cwd: string): string[] {
  try {
    return inspect(readProvider(name, sources)).map((finding) => line(short(name, sources, cwd), finding));
  } catch (error) {
    if (!(error instanceof CatalogueError)) throw error;
    return error.message.replaceAll(sources.get(name)?.file ?? name, short(name, sources, cwd)).split('\n');
  }
}

const short = (name: string, sources: Sources, cwd: string) => {
  const file = sources.get(name)?.file;
  return file === undefined ? name : relative(cwd, file);
};

const line = (file: string, { path, message }: Finding) => `${file}: ${path}: ${message}`;

/** By a look at the text: parsing every file to check one would take a second. */
function displayNames(sources: Sources): { name: string; display_name: string }[] {
  return [...sources].flatMap(([name, { file }]) => {
    const text = /^display_name:[ \t]*(.+?)[ \t]*$/m.exec(readFileSync(file, 'utf8'))?.[1];
    return text === undefined ? [] : [{ name, display_name: text.replace(/^(["'])(.*)\1$/, '$2') }];
  });
}
