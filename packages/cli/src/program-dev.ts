/** The words of `bowline dev`: names, flags, help. */
import { type Command, InvalidArgumentError } from 'commander';
import { type DevOptions, devCommand } from './commands/dev.ts';
import { upTo } from './program-target.ts';
import type { Terminal } from './terminal.ts';

/** @param root the project's folder, once the words are parsed */
export const addDevCommand = (program: Command, root: () => string, terminal: Terminal): void => {
  program
    .command('dev')
    .description('run the platform on this machine and deploy every save of the project to it')
    .option('--data <folder>', 'where the local platform keeps its data; default .bowline/dev in the project')
    .option('--port <port>', 'its port; else the one of the last time, else 3003 or the next one that is free', upTo(65_535))
    .option('--server <url>', 'use this server instead of one of your own; else BOWLINE_HOST where -e is given')
    .option(
      '-e, --environment <name>',
      'use an existing server, with BOWLINE_SECRET_KEY_<ENVIRONMENT>; with --webhooks-from: whose webhooks',
    )
    .option('--secret-key <key>', "the API key of that server's environment; better in .env")
    .option(
      '--provider <key=provider>',
      'which provider an integration is of that is not called as its provider; repeatable',
      pairs,
      new Map(),
    )
    .option('--webhooks-from <url>', 'have the webhooks that providers send to this Bowline come here, with the key of -e')
    .option('--integration <key...>', 'with --webhooks-from: only those of these integrations')
    .option('--run <function>', 'run it again after each deployment: <name> or <integration>/<name>')
    .option('--connection <id>', 'the connection that --run runs for; default: the only one there is')
    .option('-i, --input <value>', "an action's input for --run: JSON, @file.json or a text")
    .action((options: DevOptions) => devCommand(root(), options, terminal));
};

const pairs = (text: string, before: ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
  const [, key, provider] = /^([^=]+)=([^=]+)$/.exec(text) ?? [];
  if (key === undefined || provider === undefined)
    throw new InvalidArgumentError('Write <integration>=<provider>, for example my-hub=github.');
  return new Map([...before, [key, provider]]);
};
