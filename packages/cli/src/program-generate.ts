/** The words of `generate:docs` and `generate:tests`. */
import { type Command, Option } from 'commander';
import { type DocsOptions, generateDocsCommand } from './commands/generate-docs.ts';
import { generateTestsCommand, type TestsOptions } from './commands/generate-tests.ts';
import type { Terminal } from './terminal.ts';

/** @param root the project's folder, once the words are parsed */
export const addGenerateCommands = (program: Command, root: () => string, terminal: Terminal): void => {
  program
    .command('generate:docs')
    .description('write a page of Markdown beside each function; what you wrote below its divider is kept')
    .option('-p, --path <path>', 'only of this folder or file')
    .addOption(new Option('--integration-templates').hideHelp())
    .action((options: DocsOptions) => generateDocsCommand(root(), options, terminal));

  program
    .command('generate:tests')
    .description('write Vitest files that play the recordings; `bowline test` needs none')
    .option('-i, --integration <key>', 'only of one integration')
    .option('-s, --sync <name>', 'only of this sync')
    .option('-a, --action <name>', 'only of this action')
    .action((options: TestsOptions) => generateTestsCommand(root(), options, terminal));
};
