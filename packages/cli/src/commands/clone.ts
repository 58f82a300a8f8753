/** `bowline clone`: copies functions of the built-in catalogue into a project, with the files they import and their recordings. */
import { exitCodes, Failure } from '../failure.ts';
import { placeOf, refuseYaml } from '../project/place.ts';
import { planFiles, writeFiles } from '../project/write.ts';
import { labelOf, readTemplates, type Template } from '../template/catalogue.ts';
import { namedTemplates, pickTemplates } from '../template/choose.ts';
import { placeTemplates } from '../template/place.ts';
import { printWritten } from '../template/show.ts';
import { counted, type Terminal } from '../terminal.ts';

export type CloneOptions = { force?: boolean; as?: string };

export const cloneCommand = async (root: string, wanted: readonly string[], options: CloneOptions, terminal: Terminal): Promise<void> => {
  const { functions } = readTemplates();
  const chosen = wanted.length > 0 ? namedTemplates(functions, wanted) : await pickTemplates(functions, terminal);
  if (chosen === undefined)
    throw new Failure(
      exitCodes.usage,
      `Say which: bowline clone <provider> or <provider>/<name>. There are templates for ${providersOf(functions).join(', ')}.`,
    );
  if (chosen.length === 0) throw new Failure(exitCodes.usage, 'Nothing was chosen.');
  await copyTemplates(root, chosen, options, terminal);
};

/** @throws Failure when files would be lost and nobody agreed to that */
export const copyTemplates = async (
  root: string,
  chosen: readonly Template[],
  options: CloneOptions,
  terminal: Terminal,
): Promise<void> => {
  refuseYaml(root, 'A copied function would not be found.');
  const providers = providersOf(chosen);
  if (options.as !== undefined && providers.length > 1)
    throw new Failure(exitCodes.usage, `--as names one integration; these are functions of ${providers.join(', ')}. Copy them one by one.`);
  if (options.as !== undefined) placeOf(options.as, 'sync', 'name');
  const placed = placeTemplates(readTemplates(), chosen, options.as);
  const planned = planFiles(root, placed);
  const differing = planned.filter(({ state }) => state === 'differs').map(({ file }) => file);
  if (differing.length > 0 && !options.force) await confirm(differing, terminal);
  const written = await writeFiles(root, planned, { overwrite: true });
  const entries = placed.filter(({ entry }) => entry).map(({ file }) => file);
  const integration = options.as ?? providers[0] ?? '';
  if (written.length === 0) terminal.print(`All ${counted(planned.length, 'file')} are there already, the same.`);
  else {
    terminal.print(`Copied ${chosen.length > 5 ? counted(chosen.length, 'function') : chosen.map(labelOf).join(', ')}`);
    printWritten(written, entries, terminal);
    if (written.includes('index.ts')) terminal.print('Imported in index.ts');
    terminal.print(
      terminal.colours.dim(
        `Try: bowline test -i ${integration}. To deploy, the environment needs an integration ${providers.length > 1 ? 'for each' : `"${integration}"`}.`,
      ),
    );
  }
  terminal.result({ ok: true, functions: entries, written });
};

const providersOf = (functions: readonly Template[]): string[] => [...new Set(functions.map(({ provider }) => provider))];

const confirm = async (differing: readonly string[], { io, json }: Terminal): Promise<void> => {
  const what = `${differing.join(', ')} ${differing.length === 1 ? 'differs' : 'differ'} from the template.`;
  if (json || !io.ask) throw new Failure(exitCodes.usage, `${what} Nothing was written; -f overwrites.`);
  const answer = await io.ask(`${what} Overwrite? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure(exitCodes.usage, 'Nothing was written.');
};
