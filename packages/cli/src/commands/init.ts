/** `bowline init`: a project of the functions that were chosen, or of one to start from. It compiles and passes its tests at once; nothing there is overwritten. */
import { existsSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import { exitCodes, Failure } from '../failure.ts';
import { writeEditorConfig } from '../project/editor.ts';
import { refuseYaml } from '../project/place.ts';
import { planFiles, writeFiles } from '../project/write.ts';
import { readTemplates, type Template } from '../template/catalogue.ts';
import { namedTemplates, pickTemplates } from '../template/choose.ts';
import { placeTemplates } from '../template/place.ts';
import { printWritten } from '../template/show.ts';
import type { Terminal } from '../terminal.ts';
import { projectFiles, starterFiles } from './starter.ts';

export type InitOptions = { template?: readonly string[]; yes?: boolean };

export const initCommand = async (root: string, options: InitOptions, terminal: Terminal): Promise<void> => {
  if (statSync(root, { throwIfNoEntry: false })?.isFile())
    throw new Failure(exitCodes.usage, `${root} is a file. Give the folder of the project: bowline init <path>.`);
  if (existsSync(root)) refuseYaml(root, 'There is nothing to begin.');
  const functions = await functionsOf(options, terminal);
  const entries = functions.filter(({ entry }) => entry).map(({ file }) => file);
  const own = Object.entries(projectFiles(entries)).map(([file, text]) => ({ file, text, entry: false }));
  const planned = planFiles(root, [...own, ...functions]);
  const kept = planned.filter(({ state }) => state !== 'new').map(({ file }) => file);
  const added = planned.filter(({ state }) => state === 'new').map(({ file }) => file);
  if (kept.length > 0 && !options.yes) await confirm(root, { kept, added }, terminal);
  const written = await writeFiles(root, planned);
  await writeEditorConfig(root);
  printWritten(written, [...entries, ...own.map(({ file }) => file)], terminal);
  if (kept.length > 0) tellKept(kept, terminal);
  tellNext(relative(terminal.io.cwd, root), terminal);
  terminal.result({ ok: true, path: root, files: written, kept, functions: entries });
};

const functionsOf = async ({ template = [], yes }: InitOptions, terminal: Terminal) => {
  const chosen = await chosenTemplates(template, yes === true, terminal);
  if (chosen.length > 0) return placeTemplates(readTemplates(), chosen);
  return Object.entries(starterFiles).map(([file, text]) => ({ file, text, entry: !file.includes('/tests/') }));
};

const chosenTemplates = async (wanted: readonly string[], yes: boolean, terminal: Terminal): Promise<readonly Template[]> => {
  if (wanted.length > 0) return namedTemplates(readTemplates().functions, wanted);
  return (yes || !terminal.io.choose ? undefined : await pickTemplates(readTemplates().functions, terminal)) ?? [];
};

type Plan = { readonly kept: readonly string[]; readonly added: readonly string[] };

const confirm = async (root: string, { kept, added }: Plan, { io, json, print }: Terminal): Promise<void> => {
  const what = `${root} already holds ${listOf(kept)}.`;
  if (added.length === 0) throw new Failure(exitCodes.usage, `${what} There is nothing to add. More functions: bowline clone.`);
  const more = `${kept.length === 1 ? 'It stays as it is' : 'They stay as they are'}; added would be ${listOf(added)}.`;
  if (json || !io.ask)
    throw new Failure(exitCodes.usage, `${what} ${more}\nNothing was written. --yes adds them; another folder: bowline init <path>.`);
  print(`${what} ${more}`);
  if (/^n/i.test((await io.ask('Add them? [Y/n] ')).trim())) throw new Failure(exitCodes.usage, 'Nothing was written.');
};

const listOf = (names: readonly string[]): string =>
  names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ');

/** What of the kept files init would have put in. */
const tellKept = (kept: readonly string[], { print, colours }: Terminal): void => {
  print(colours.dim(`Kept as they are: ${listOf(kept)}`));
  if (kept.includes('tsconfig.json'))
    print(colours.dim('For types in your editor, tsconfig.json needs: "extends": "./.nango/tsconfig.json"'));
};

const tellNext = (folder: string, { print, colours }: Terminal): void => {
  const steps = [
    ...(folder === '' ? [] : [[`cd ${folder}`, '']]),
    ['bowline test', 'play the recordings, offline'],
    ['bowline dev', 'a server of your own that follows each save'],
    ['bowline deploy dev', 'to a server; copy .env.example to .env first'],
  ];
  print('\nNext:');
  for (const [step = '', why = ''] of steps) print(`  ${step.padEnd(20)}${why && colours.dim(why)}`.trimEnd());
};
