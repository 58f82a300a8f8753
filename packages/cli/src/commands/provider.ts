/** `bowline provider check`, `add`, `list`, `show` and `remove`: providers of the environment's own, from files and on the server. */
import type { TargetOptions } from '../deploy/target.ts';
import { exitCodes, Failure } from '../failure.ts';
import { type ProviderFile, projectProviders, providersFolder, readProviders } from '../provider/files.ts';
import { describeChanges, planProviders, printChanges } from '../provider/plan.ts';
import { asking, type Change, storedSource, storeProvider } from '../provider/server.ts';
import { openRemote } from '../remote/server.ts';
import { counted, type Terminal } from '../terminal.ts';

/** Tries the files with the server, which stores nothing. */
export const providerCheckCommand = async (
  root: string,
  paths: readonly string[],
  options: TargetOptions,
  terminal: Terminal,
): Promise<void> => {
  const files = chosen(root, paths);
  const server = openRemote(root, options, terminal);
  const changes = await terminal.step(`Check ${counted(files.length, 'provider')}`, () => planProviders(server, files));
  printChanges(changes, terminal);
  terminal.result({ ok: true, host: server.target.host, providers: describeChanges(changes) });
};

export const providerAddCommand = async (
  root: string,
  paths: readonly string[],
  { autoConfirm, ...options }: TargetOptions & { autoConfirm: boolean },
  terminal: Terminal,
): Promise<void> => {
  const files = chosen(root, paths);
  const server = openRemote(root, options, terminal);
  const changes = await terminal.step('Plan', () => planProviders(server, files));
  terminal.print(`\nPlan for ${server.target.host}, with the key from ${server.target.keySource}:`);
  printChanges(changes, terminal);
  if (!autoConfirm) await confirmChanges(changes, terminal);
  for (const change of changes) await storeProvider(server, change);
  const stored = changes.filter(({ change }) => change !== 'unchanged');
  terminal.print(stored.length === 0 ? 'Nothing to do.' : `Stored ${counted(stored.length, 'provider')}.`);
  terminal.result({ ok: true, host: server.target.host, providers: describeChanges(changes) });
};

const chosen = (root: string, paths: readonly string[]): ProviderFile[] => {
  const files = paths.length > 0 ? readProviders(root, paths) : projectProviders(root);
  if (files.length === 0)
    throw new Failure(
      exitCodes.usage,
      `There is no ${providersFolder}/*.yaml in ${root}. Start one with \`bowline provider new\`; another folder: --cwd.`,
    );
  return files;
};

/** The connections of an integration follow its provider at once, so somebody must mean it. */
const confirmChanges = async (changes: readonly Change[], { io, json, print }: Terminal): Promise<void> => {
  const used = changes.filter(({ change, usedBy }) => change === 'update' && usedBy.length > 0);
  if (used.length === 0) return;
  const what = `This changes what ${[...new Set(used.flatMap(({ usedBy }) => usedBy))].join(', ')} and their connections use, at once.`;
  if (json || !io.ask) throw new Failure(exitCodes.deploy, `${what} Nothing was stored. Pass -y if that is meant.`);
  print(`\n${what}`);
  if (!(await saysYes(io.ask, 'Store? [y/N] '))) throw new Failure(exitCodes.deploy, 'Nothing was stored.');
};

const saysYes = async (ask: (question: string) => Promise<string>, question: string): Promise<boolean> =>
  /^y(es)?$/i.test((await ask(question)).trim());

export const providerListCommand = async (
  root: string,
  { search, custom = false, ...options }: TargetOptions & { search?: string; custom?: boolean },
  terminal: Terminal,
): Promise<void> => {
  const server = openRemote(root, options, terminal);
  const { data } = await asking(server, 'The list of providers', () => server.api.providers.list({ query: { search } }));
  const shown = data.filter((provider) => !custom || provider.custom === true);
  const width = Math.max(0, ...shown.map(({ name }) => name.length));
  const { colours, print } = terminal;
  for (const { name, display_name, auth_mode, custom: own } of shown)
    print(`${name.padEnd(width)}  ${auth_mode.padEnd(18)}  ${display_name}${own === true ? colours.cyan('  (own)') : ''}`);
  if (shown.length === 0)
    print(custom ? 'The environment has no providers of its own. Make one: bowline provider new' : 'No provider matches.');
  terminal.result({
    ok: true,
    providers: shown.map(({ name, display_name, auth_mode, categories = [], custom: own }) => ({
      name,
      display_name,
      auth_mode,
      categories,
      custom: own === true,
    })),
  });
};

export const providerShowCommand = async (
  root: string,
  name: string,
  { source = false, ...options }: TargetOptions & { source?: boolean },
  terminal: Terminal,
): Promise<void> => {
  const server = openRemote(root, options, terminal);
  if (source) {
    const yaml = await storedSource(server, name, name);
    if (yaml === undefined)
      throw new Failure(
        exitCodes.other,
        `The environment has no provider ${name} of its own, and only those have a source. Without --source its definition is shown.`,
      );
    terminal.io.write(terminal.json ? '' : yaml);
    return terminal.result({ ok: true, name, yaml });
  }
  const { data } = await asking(server, name, () => server.api.providers.get({ params: { provider: name }, query: {} }));
  const { stringify } = await import('yaml');
  terminal.print(stringify(data, { lineWidth: 0 }).trimEnd());
  terminal.result({ ok: true, provider: data });
};

/** The server refuses while anything uses it; `--auto-confirm` does not answer questions about deleting. */
export const providerRemoveCommand = async (
  root: string,
  name: string,
  { allowDestructive = false, ...options }: TargetOptions & { allowDestructive?: boolean },
  terminal: Terminal,
): Promise<void> => {
  const { io, json, print } = terminal;
  const server = openRemote(root, options, terminal);
  if (!allowDestructive) {
    const what = `This deletes the provider ${name} from ${server.target.host}.`;
    if (json || !io.ask) throw new Failure(exitCodes.deploy, `${what} Nothing was deleted. Pass --allow-destructive if that is meant.`);
    if (!(await saysYes(io.ask, `${what} Delete? [y/N] `))) throw new Failure(exitCodes.deploy, 'Nothing was deleted.');
  }
  await asking(server, name, () => server.api.customProviders.remove({ params: { provider: name }, query: {} }));
  print(`Deleted the provider ${name}.`);
  terminal.result({ ok: true, name });
};
