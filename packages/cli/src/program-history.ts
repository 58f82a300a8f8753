/** The words of the commands about what was deployed when: names, flags, help. */
import type { Command } from 'commander';
import { type DeploymentsOptions, deploymentsCommand } from './commands/deployments.ts';
import { type ReplayOptions, replayCommand } from './commands/replay.ts';
import { type RollbackOptions, rollbackCommand } from './commands/rollback.ts';
import { type VersionsOptions, versionsCommand } from './commands/versions.ts';
import { upTo, withTarget, withTypes } from './program-target.ts';
import type { Terminal } from './terminal.ts';

/** @param root the project's folder, once the words are parsed */
export const addHistoryCommands = (program: Command, root: () => string, terminal: Terminal): void => {
  withTarget(program.command('deployments'))
    .description('list the deployments of the environment, newest first, with who made them and what they changed')
    .option('--limit <count>', 'how many at most', upTo(100), 20)
    .action((options: DeploymentsOptions) => deploymentsCommand(root(), options, terminal));

  withTarget(program.command('replay'))
    .description(
      'execute a captured run again on this machine, without the provider and without any token, and show what comes out differently',
    )
    .argument('<run>', 'the number of the run, or the id of its operation: see `bowline logs`')
    .option('--local', 'with the code of this folder instead of the deployed version that ran')
    .action((run: string, options: ReplayOptions) => replayCommand(root(), run, options, terminal));

  withTarget(withTypes(program.command('versions')))
    .description('list the versions of a deployed function, newest first, also when it was deleted')
    .argument('<integration>')
    .argument('<name>')
    .action((integration: string, name: string, options: VersionsOptions) =>
      versionsCommand(root(), { integration, name }, options, terminal),
    );

  withTarget(withTypes(program.command('rollback')))
    .description('go back: one function to an earlier version, or without names everything to how it was after a deployment')
    .argument('[integration]')
    .argument('[name]')
    .requiredOption(
      '--to <version>',
      'of a function: a number of `bowline versions`, or v and its label; else a number of `bowline deployments`',
    )
    .option('--plan', 'show what would change and stop')
    .option('--allow-destructive', 'delete what was not there then without asking')
    .action((integration: string | undefined, name: string | undefined, options: RollbackOptions) =>
      rollbackCommand(root(), { integration, name }, { ...options, ...program.opts<{ autoConfirm?: boolean }>() }, terminal),
    );
};
