/** The words of the commands that begin from templates: names, flags, help. */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type CloneOptions, cloneCommand } from './commands/clone.ts';
import { type InitOptions, initCommand } from './commands/init.ts';
import type { Terminal } from './terminal.ts';

/** `folder`: the current one or `--cwd`; `root`: the project found there. */
type Where = { readonly folder: () => string; readonly root: () => string };

export const addTemplateCommands = (program: Command, { folder, root }: Where, terminal: Terminal): void => {
  program
    .command('init')
    .description('start a project: choose functions to begin with, or begin with a small one')
    .argument('[path]', 'its folder', 'integrations')
    .option('-t, --template <name>', 'a function, as github/issues, or all of a provider, as github; can be given again', collect)
    .option('--yes', 'ask nothing: the small project, added to what is there')
    .addOption(new Option('--copy', 'only write files; nothing is installed anyway').hideHelp())
    .action((path: string, options: InitOptions) => {
      const yes = options.yes === true || program.opts<{ autoConfirm?: boolean }>().autoConfirm === true;
      return initCommand(resolve(folder(), path), { ...options, yes }, terminal);
    });

  program
    .command('clone')
    .description('copy functions from the built-in templates into the project, with their recordings')
    .argument('[templates...]', 'a provider, as github, or a function, as github/issues; asked for when missing')
    .option('-f, --force', 'overwrite files that differ')
    .option('--as <key>', "the integration's unique key, where it is not the provider's name")
    .action((templates: string[], options: CloneOptions) => cloneCommand(root(), templates, options, terminal));
};

const collect = (value: string, before: readonly string[] = []): string[] => [...before, ...value.split(',').filter(Boolean)];
