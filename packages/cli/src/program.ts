/** The command line: names, flags, help, and the one place where failures become exit codes and output. */
import { resolve } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { compileCommand } from './commands/compile.ts';
import { type DeployOptions, deployCommand } from './commands/deploy.ts';
import { type GenerateOptions, generateCommand } from './commands/generate.ts';
import { migrateCommand } from './commands/migrate.ts';
import { type TestOptions, testCommand } from './commands/test.ts';
import { type ExitCode, exitCodes, Failure } from './failure.ts';
import { addDevCommand } from './program-dev.ts';
import { addDryrunCommand } from './program-dryrun.ts';
import { addExamples, overview } from './program-examples.ts';
import { addGenerateCommands } from './program-generate.ts';
import { addHistoryCommands } from './program-history.ts';
import { addProjectCommands } from './program-project.ts';
import { addProviderCommands } from './program-provider.ts';
import { addRemoteCommands } from './program-remote.ts';
import { addStartCommand } from './program-start.ts';
import { addTemplateCommands } from './program-template.ts';
import { projectFolder } from './project/find.ts';
import { createTerminal, type Terminal, type TerminalIo } from './terminal.ts';
import { toolbox } from './toolbox.ts';

/** In: the words after the command's name. Out: the exit code. Throws nothing. */
export const run = async (words: readonly string[], io: TerminalIo): Promise<number> => {
  const alone = words.includes('--no-interactive') || Boolean(io.env.CI);
  const quiet = words.includes('--quiet') || words.includes('-q');
  const terminal = createTerminal(alone ? { ...io, ask: undefined, choose: undefined } : io, words.includes('--json'), quiet);
  try {
    if (words.length === 0) terminal.print(overview);
    else await createProgram(words, terminal).parseAsync([...words], { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    return fail(error, terminal);
  }
};

const createProgram = (words: readonly string[], terminal: Terminal): Command => {
  const { io } = terminal;
  const program = new Command('bowline')
    .description('Compile and deploy integration functions.')
    .option('--cwd <folder>', 'the project, when it is not the current folder')
    .option('--json', 'print one JSON document instead of text')
    .option('-q, --quiet', 'leave out how far things are')
    .option('-y, --auto-confirm', 'answer yes to questions, except about deleting')
    .configureOutput({ writeOut: io.write, writeErr: terminal.json ? () => {} : io.writeError })
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  for (const flag of acceptedFlags) program.addOption(new Option(flag).hideHelp());
  if (io.env.BOWLINE_AUTO_CONFIRM === 'true') program.setOptionValueWithSource('autoConfirm', true, 'env');
  const folder = (): string => resolve(io.cwd, program.opts<{ cwd?: string }>().cwd ?? (io.env.NANGO_INTEGRATIONS_LOCATION || '.'));
  const root = (): string => projectFolder(folder());

  addDeployCommand(program, root, terminal);

  program
    .command('compile')
    .description('check and bundle the functions into build/')
    .option('--strict', 'take warnings for errors, as in CI')
    .action((options: { strict?: boolean }) => compileCommand(root(), options, terminal));

  addDevCommand(program, root, terminal);
  addStartCommand(program, terminal);
  addDryrunCommand(program, root, terminal);
  addHistoryCommands(program, root, terminal);

  program
    .command('test')
    .description('play the recordings of the project again, offline, and show what differs')
    .argument('[names...]', 'only of these functions: <name>, <integration>/<name> or a file')
    .option('-i, --integration <key>', 'only of one integration')
    .option('-u, --update', 'take what the functions do now for what is expected')
    .action((names: string[], options: TestOptions) => testCommand(root(), names, options, terminal));

  program
    .command('generate')
    .description("write the project's types, JSON Schemas and OpenAPI document")
    .option('-o, --out <folder>', 'where to; else `generated` in the project')
    .option('--host <url>', 'the server that the OpenAPI document names', 'http://localhost:3003')
    .action((options: GenerateOptions) => generateCommand(root(), options, terminal));

  program
    .command('migrate')
    .alias('migrate-to-zero-yaml')
    .description('turn a nango.yaml project into one in code')
    .action(() => migrateCommand(root(), terminal));

  addTemplateCommands(program, { folder, root }, terminal);
  addGenerateCommands(program, root, terminal);
  addRemoteCommands(program, root, terminal);
  addProviderCommands(program, root, terminal);
  addProjectCommands(program, root, terminal);
  addExamples(program);
  // Flags of the whole command are taken wherever they stand, and `--version` of a function is one's own.
  const names = program.commands.map((command) => command.name());
  if (!words.some((word) => names.includes(word))) program.version(toolbox.version, '-v, --version');
  return program;
};

const addDeployCommand = (program: Command, root: () => string, terminal: Terminal): void => {
  program
    .command('deploy')
    .description('compile and deploy the functions of the project')
    .argument('[environment]', 'chooses the key, BOWLINE_SECRET_KEY_<ENVIRONMENT>, and must be the one it belongs to (default: "dev")')
    .option('--host <url>', 'the server; else BOWLINE_HOST, else http://localhost:3003')
    .option('--secret-key <key>', "the environment's API key; better in BOWLINE_SECRET_KEY_<ENVIRONMENT> or .env")
    .option('-i, --integration <key>', 'only the functions of one integration')
    .option('-s, --sync <name>', 'only this sync; deletes nothing')
    .option('-a, --action <name>', 'only this action; deletes nothing')
    .option('-v, --version <version>', 'the version of every function that is sent')
    .option('--plan', 'show what would change and stop')
    .option('--allow-destructive', 'delete what the project no longer has without asking')
    .action((environment: string | undefined, options: DeployOptions) => deployCommand(root(), environment, options, terminal));
};

/** Flags that CI recipes of the reference command carry. Nothing here installs packages or phones home, so all but the first change nothing. */
const acceptedFlags = ['--no-interactive', '--no-dependency-update', '--no-telemetry', '--debug'];

const fail = (error: unknown, terminal: Terminal): ExitCode => {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.ok;
    terminal.result({ ok: false, error: { exitCode: exitCodes.usage, message: error.message.replace(/^error: /, ''), diagnostics: [] } });
    return exitCodes.usage;
  }
  const failure =
    error instanceof Failure
      ? error
      : new Failure(exitCodes.other, `Unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const { exitCode, message, diagnostics, document } = failure;
  terminal.report(diagnostics);
  terminal.fail(message);
  terminal.result({ ok: false, error: { exitCode, message, diagnostics }, ...document });
  return exitCode;
};
