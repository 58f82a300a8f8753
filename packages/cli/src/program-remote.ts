/** The words of the commands that look and act on a server: names, flags, help. */
import { operationStates, operationTypes } from '@bowline/api/logs';
import { Argument, type Command, Option } from 'commander';
import { type ConnectionsOptions, connectionsCommand } from './commands/connections.ts';
import { doctorCommand } from './commands/doctor.ts';
import { type ListenOptions, listenCommand } from './commands/listen.ts';
import { type LogsOptions, logsCommand } from './commands/logs.ts';
import { openCommand, pages } from './commands/open.ts';
import { processesCommand } from './commands/processes.ts';
import { type RecordsOptions, recordsCommand } from './commands/records.ts';
import { statusCommand } from './commands/status.ts';
import { type TriggerOptions, triggerCommand, triggered } from './commands/trigger.ts';
import type { TargetOptions } from './deploy/target.ts';
import { exitCodes, Failure } from './failure.ts';
import { upTo, withTarget } from './program-target.ts';
import type { Terminal } from './terminal.ts';

/** @param root the project's folder, once the words are parsed */
export const addRemoteCommands = (program: Command, root: () => string, terminal: Terminal): void => {
  withTarget(program.command('connections'))
    .description('list the connections of the environment, newest first')
    .option('-i, --integration <key>', 'only those of one integration')
    .option('--search <text>', 'only those with this text in their id or in the name or e-mail address of the end user')
    .option('--limit <count>', 'how many at most', upTo(2000), 100)
    .action((options: ConnectionsOptions) => connectionsCommand(root(), options, terminal));

  addStatusCommand(program, root, terminal);

  ofConnection(program.command('records'))
    .description('read the records that syncs keep, oldest change first; with --json one a line')
    .argument('<model>')
    .option('--cursor <cursor>', 'read on behind this place: the cursor of a record or of a page')
    .option('--limit <count>', 'records a page; default 100, with --all 1000', upTo(10_000))
    .option('--modified-after <date>', 'only what changed since, as 2026-01-31 or 2026-01-31T08:00:00Z')
    .option('--as-of <date>', 'as they were then: a date, or the cursor of a record; for models with a history')
    .option('--filter <changes>', 'only records whose last change is one of these: added,updated,deleted')
    .option('--variant <name>', 'of this variant of the sync')
    .option('--all', 'every page to the end')
    .action((integration: string, connection: string, model: string, options: RecordsOptions) =>
      recordsCommand(root(), { integration, connection, model }, options, terminal),
    );

  ofConnection(program.command('trigger'))
    .description('call a deployed action and print its output, or start a sync')
    .argument('<name>', 'the function; <name>::<variant> for a variant of a sync')
    .option('-i, --input <value>', "an action's input: JSON, @file.json or a text")
    .addOption(new Option('--type <type>', 'which, where a sync and an action share the name').choices(triggered))
    .option('--reset', 'a sync: begin anew instead of going on')
    .option('--empty-cache', 'a sync, with --reset: remove its records first')
    .option('--async', 'an action: do not wait, print where its output will be')
    .action((integration: string, connection: string, name: string, options: TriggerOptions) =>
      triggerCommand(root(), { integration, connection, name }, options, terminal),
    );

  withTarget(program.command('logs'))
    .description('read the activity log: the newest operations, or one with its messages; with --json one JSON a line')
    .argument('[operation]', 'the id of an operation')
    .option('--follow', 'tell new operations and their messages as they come, until Ctrl-C')
    .option('-i, --integration <key>', 'only those of one integration')
    .option('--connection <id>', 'only those of one connection')
    .option('--function <name>', 'only runs of one function')
    .addOption(new Option('--type <type>', 'only of this type').choices(operationTypes))
    .addOption(new Option('--state <state>', 'only those that stand so').choices(operationStates))
    .option('--since <time>', 'only what started since: 30s, 10m, 2h, 3d, or 2026-01-31T08:00:00Z')
    .option('--search <text>', 'only those with this text in title, function, connection, error or messages')
    .option('--limit <count>', 'how many at most', upTo(200), 20)
    .action((id: string | undefined, options: LogsOptions) => logsCommand(root(), id, options, terminal));

  withTarget(program.command('listen'))
    .description('have the events of the environment come to an app on this machine, signed as its webhooks are, until Ctrl-C')
    .option('-f, --forward-to <url>', 'where to, such as localhost:3000/hooks; without it they are only shown')
    .option('--events <names...>', 'only these, such as sync.completed or connection.*')
    .option('--after <cursor>', 'go on behind this place in the feed; default: from now on')
    .action((options: ListenOptions) => listenCommand(root(), options, terminal));

  withTarget(program.command('doctor'))
    .description('look at what a deploy needs, and say what to put right')
    .action((options: TargetOptions) => doctorCommand(root(), options, terminal));

  program
    .command('open')
    .description("print the address of the dashboard, and open it where there's a browser")
    .addArgument(new Argument('[page]').choices(pages).default('overview'))
    .option('-e, --environment <name>', 'the environment to show', 'dev')
    .option('--host <url>', 'the server; else BOWLINE_HOST, else http://localhost:3003')
    .action((page: string, options: { environment: string; host?: string }) => openCommand(root(), page, options, terminal));
};

const ofConnection = (command: Command): Command => withTarget(command).argument('<integration>').argument('<connection>');

const addStatusCommand = (program: Command, root: () => string, terminal: Terminal): void => {
  withTarget(program.command('status'))
    .description('show how the syncs of a connection are doing; without one, the processes of the server and how long work waits')
    .argument('[integration]', 'its unique key')
    .argument('[connection]', 'the id of the connection')
    .action((integration: string | undefined, connection: string | undefined, options: TargetOptions) => {
      if (integration === undefined) return processesCommand(root(), options, terminal);
      if (connection === undefined)
        throw new Failure(exitCodes.usage, `Of which connection of ${integration}? bowline connections lists them.`);
      return statusCommand(root(), { integration, connection }, options, terminal);
    });
};
