/** An example or two for each command, below its help. A test holds the table to the commands there are. */
import type { Command } from 'commander';

export const examples: Readonly<Record<string, readonly string[]>> = {
  init: ['bowline init flows', 'bowline init flows --template github/issues --template jira', 'bowline init flows --yes'],
  clone: ['bowline clone slack/post-message', 'bowline clone outlook --as my-outlook'],
  create: ['bowline create github open-issues --sync', 'bowline create crm update-contact --action'],
  compile: ['bowline compile', 'bowline compile --cwd flows --json'],
  dev: ['bowline dev', 'bowline dev --run github/issues --connection user-1'],
  dryrun: ['bowline dryrun issues user-1', 'bowline dryrun create-issue user-1 -i \'{"title":"Hi"}\' --save'],
  test: ['bowline test', 'bowline test github/issues', 'bowline test -i github --update'],
  deploy: ['bowline deploy dev --plan', 'bowline deploy prod --auto-confirm --no-interactive', 'bowline deploy dev -i github'],
  pull: ['bowline pull github issues', 'bowline pull github issues --catalog'],
  connections: ['bowline connections --search ann@example.com', 'bowline connections -i github --json'],
  start: ['bowline start', 'bowline start --role api --port 3003', 'bowline start --role worker,scheduler --port 3004'],
  status: ['bowline status github user-1', 'bowline status'],
  records: ['bowline records github user-1 Issue', 'bowline records github user-1 Issue --all --json | jq .title'],
  replay: ['bowline replay 4711', 'bowline replay 4711 --local', 'bowline replay 4711 --local --json | jq .models'],
  trigger: ['bowline trigger github user-1 create-issue -i \'{"title":"Hi"}\'', 'bowline trigger github user-1 issues --reset'],
  listen: ['bowline listen --forward-to localhost:3000/hooks', 'bowline listen --events connection.* sync.failed --json'],
  open: ['bowline open', 'bowline open connections -e prod'],
  doctor: ['bowline doctor', 'bowline doctor -e prod'],
  generate: ['bowline generate', 'bowline generate -o src/generated'],
  'generate:docs': ['bowline generate:docs', 'bowline generate:docs -p github/syncs'],
  'generate:tests': ['bowline generate:tests', 'bowline generate:tests -i github'],
  migrate: ['bowline migrate'],
  completion: ['source <(bowline completion bash)', 'bowline completion fish | source'],
  version: ['bowline version'],
};

/** Adds to each command the examples there are for it. */
export const addExamples = (program: Command): void => {
  for (const command of program.commands) {
    const own = examples[command.name()];
    if (own) command.addHelpText('after', `\nExamples:\n${own.map((line) => `  ${line}`).join('\n')}`);
  }
};

/** What `bowline` alone says. */
export const overview = `bowline: functions for product integrations, from your own repository

  bowline init flows      start a project; choose functions to begin with
  bowline dev             a platform of your own on this machine, which follows each save
  bowline dryrun <name>   run a function with a real connection; nothing is stored
  bowline test            play the recordings, offline
  bowline deploy dev      show what would change, and deploy

All commands: bowline --help. One of them: bowline <command> --help.`;
