/** The words of `bowline provider …`: names, flags, help. */
import type { Command } from 'commander';
import {
  providerAddCommand,
  providerCheckCommand,
  providerListCommand,
  providerRemoveCommand,
  providerShowCommand,
} from './commands/provider.ts';
import { type NewOptions, providerNewCommand } from './commands/provider-new.ts';
import type { TargetOptions } from './deploy/target.ts';
import { withTarget } from './program-target.ts';
import { kindNames } from './provider/start.ts';
import type { Terminal } from './terminal.ts';

/** @param root the project's folder, once the words are parsed */
export const addProviderCommands = (program: Command, root: () => string, terminal: Terminal): void => {
  const provider = program.command('provider').description('draft, check and store providers of your own');

  provider
    .command('new')
    .description('draft providers/<name>.yaml from an OpenAPI or discovery document, or from a start')
    .argument(
      '[document]',
      'an OpenAPI 2.0, 3.0 or 3.1 document, or one of .well-known/openid-configuration or oauth-authorization-server: a file or an address',
    )
    .option('--name <name>', "the provider's name; else made of the document's title")
    .option('--out <file>', 'where to write it; - for standard output')
    .option('--force', 'overwrite the file')
    .option('--security <scheme>', 'which security scheme of the document to use')
    .option('--base-url <url>', 'where the API is, when the document does not say')
    .option('--kind <kind>', `start without a document: ${kindNames.join(', ')}`)
    .option('--host <url>', 'the server whose schema the file names')
    .action((source: string | undefined, options: NewOptions) => providerNewCommand(root(), source, options, terminal));

  withTarget(provider.command('check'))
    .description('try provider files with the server, which stores nothing')
    .argument('[files...]', 'else every providers/*.yaml of the project')
    .action((files: string[], options: TargetOptions) => providerCheckCommand(root(), files, options, terminal));

  withTarget(provider.command('add'))
    .description('store provider files, or change those that are stored')
    .argument('<files...>')
    .action((files: string[], options: TargetOptions) =>
      providerAddCommand(
        root(),
        files,
        { ...options, autoConfirm: program.opts<{ autoConfirm?: boolean }>().autoConfirm === true },
        terminal,
      ),
    );

  withTarget(provider.command('list'))
    .description('list the providers of the catalogue and your own')
    .option('--search <text>', 'only those with this text in their name')
    .option('--custom', 'only your own')
    .action((options: TargetOptions & { search?: string; custom?: boolean }) => providerListCommand(root(), options, terminal));

  withTarget(provider.command('show'))
    .description('show the definition of a provider')
    .argument('<name>')
    .option('--source', 'as its file was written; only of your own')
    .action((name: string, options: TargetOptions & { source?: boolean }) => providerShowCommand(root(), name, options, terminal));

  withTarget(provider.command('remove'))
    .description('delete a provider of your own that nothing uses')
    .argument('<name>')
    .option('--allow-destructive', 'delete without asking')
    .action((name: string, options: TargetOptions & { allowDestructive?: boolean }) =>
      providerRemoveCommand(root(), name, options, terminal),
    );
};
