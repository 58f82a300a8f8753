/** The words of `bowline dryrun`: names, flags, help. */
import { type Command, Option } from 'commander';
import { type DryrunOptions, dryrunCommand } from './commands/dryrun.ts';
import { kinds } from './dryrun/choose.ts';
import type { Terminal } from './terminal.ts';

/** @param root the project's folder, once the words are parsed */
export const addDryrunCommand = (program: Command, root: () => string, terminal: Terminal): void => {
  program
    .command('dryrun')
    .description('run a function on this machine with a connection of the server; nothing is stored')
    .argument('[name]', 'the function: <name> or <integration>/<name>; asked for when missing')
    .argument('[connection_id]', 'the connection it runs for; asked for when missing')
    .option('-e, --environment <name>', 'chooses the key: BOWLINE_SECRET_KEY_<ENVIRONMENT>', 'dev')
    .option('--host <url>', 'the server; else BOWLINE_HOST, else http://localhost:3003')
    .option('--secret-key <key>', "the environment's API key; better in BOWLINE_SECRET_KEY_<ENVIRONMENT> or .env")
    .option('--integration-id <key>', 'the integration, where several have a function of this name')
    .addOption(new Option('--type <type>', 'which of several functions of one name; webhook: the onWebhook of a sync').choices(kinds))
    .option('-i, --input <value>', "an action's input: JSON, @file.json or a text")
    .option('--payload <value>', 'what onWebhook is called with: JSON, @file.json or a text')
    .option('-m, --metadata <value>', "seen instead of the connection's metadata: JSON or @file.json")
    .option('-c, --checkpoint <value>', 'the checkpoint to start from: JSON or @file.json')
    .option('-l, --lastSyncDate <date>', 'nango.lastSyncDate, as 2026-01-31 or 2026-01-31T08:00:00Z')
    .option('--variant <name>', 'the variant of a sync', 'base')
    .option('--read-only', 'refuse every request that may change something at the provider')
    .option('--allow <path...>', 'with --read-only: paths that only read though they are not GET; * stands for anything')
    .option('--validate, --validation', 'hold input, output and records to the declared schemas')
    .option('--save, --save-responses', 'record the run as <integration>/tests/<name>.test.json, for `bowline test`')
    .option('--case <name>', 'save it as one more case: <name>.<case>.test.json')
    .option('--save-failure', 'save a run that fails as one that is expected to')
    .option('--diagnostics', 'tell duration, requests, bytes and memory')
    .action((name: string | undefined, connectionId: string | undefined, options: DryrunOptions) =>
      dryrunCommand(
        root(),
        { name, connectionId },
        { ...options, autoConfirm: program.opts<{ autoConfirm?: boolean }>().autoConfirm === true },
        terminal,
      ),
    );
};
