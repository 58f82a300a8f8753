/** The words of the commands that write into a project, and of those about the command itself. */
import { Argument, type Command, Option } from 'commander';
import { completionCommand, isShell, shells, wordsCommand } from './commands/completion.ts';
import { createCommand } from './commands/create.ts';
import { type PullOptions, pullCommand } from './commands/pull.ts';
import { withTarget, withTypes } from './program-target.ts';
import type { TypeFlags } from './project/place.ts';
import type { Terminal } from './terminal.ts';
import { toolbox } from './toolbox.ts';

/** @param root the project's folder, once the words are parsed */
export const addProjectCommands = (program: Command, root: () => string, terminal: Terminal): void => {
  withTypes(program.command('create'))
    .description('start a function that compiles as it stands')
    .argument('[integration]', 'the unique key of the integration; asked for when missing')
    .argument('[name]', "the function's name; asked for when missing")
    .addOption(new Option('--integration <key>').hideHelp())
    .addOption(new Option('--name <name>').hideHelp())
    .action((integration: string | undefined, name: string | undefined, options: TypeFlags & { integration?: string; name?: string }) =>
      createCommand(root(), { integration: integration ?? options.integration, name: name ?? options.name }, options, terminal),
    );

  withTarget(withTypes(program.command('pull')))
    .description('write the source of a deployed function, or of a template, to its place in the project')
    .argument('<integration>')
    .argument('<name>')
    .option('-f, --force', 'overwrite files that differ')
    .option('--version <version>', 'an earlier version: a number of `bowline versions`, or v and its label')
    .addOption(new Option('--env <name>').hideHelp())
    .option('-c, --catalog', 'from the built-in templates instead of the server; the integration is the provider then')
    .option('--as <key>', "with --catalog: the integration's unique key, where it is not the provider's name")
    .action((integration: string, name: string, options: PullOptions) => pullCommand(root(), { integration, name }, options, terminal));

  program
    .command('completion')
    .description('print a script that completes commands and flags in your shell')
    .addArgument(new Argument('<shell>').choices(shells))
    .action((shell: string) => {
      if (isShell(shell)) completionCommand(program, shell, terminal);
    });

  program
    .command('words', { hidden: true })
    .argument('<command>')
    .action((command: string) => wordsCommand(root(), command, terminal));

  program
    .command('cli-location', { hidden: true })
    .alias('cli')
    .description('print where the command lies')
    .action(() => {
      terminal.print(toolbox.folder());
      terminal.result({ ok: true, path: toolbox.folder() });
    });

  program
    .command('version')
    .description('print the version of the command; also -v and --version')
    .action(() => {
      terminal.print(toolbox.version);
      terminal.result({ ok: true, version: toolbox.version });
    });
};
