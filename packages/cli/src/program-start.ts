/** The words of `bowline start`: names, flags, help. */
import type { Command } from 'commander';
import { type StartOptions, startCommand } from './commands/start.ts';
import { upTo } from './program-target.ts';
import type { Terminal } from './terminal.ts';

export const addStartCommand = (program: Command, terminal: Terminal): void => {
  program
    .command('start')
    .description('run the platform, or one of several processes of it on the same DATABASE_URL')
    .option('--role <roles>', 'what it does: all, or a list of api, worker and scheduler; else BOWLINE_ROLES, else all')
    .option('--port <port>', 'its port; else PORT, else 3003', upTo(65_535))
    .action((options: StartOptions) => startCommand(options, terminal));
};
