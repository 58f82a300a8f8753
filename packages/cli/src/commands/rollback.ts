/**
 * `bowline rollback`: one function to an earlier version, or everything to how it was after a deployment. It shows what would change and asks;
 * nothing happens to production because a key was pressed too early.
 */
import type { FunctionChange, Rollback } from '@bowline/api/history';
import type { TargetOptions } from '../deploy/target.ts';
import { exitCodes, Failure } from '../failure.ts';
import { type TypeFlags, typeOfFlags } from '../project/place.ts';
import { ask, openRemote, type Remote } from '../remote/server.ts';
import { chooseVersion, severalTypes, versionsOf } from '../remote/versions.ts';
import { counted, type Terminal } from '../terminal.ts';

export type RollbackOptions = TargetOptions & TypeFlags & { to: string; plan?: boolean; autoConfirm?: boolean; allowDestructive?: boolean };
type Names = { integration: string | undefined; name: string | undefined };
/** What to go back with: its plan, and doing it. */
type Way = { readonly title: string; preview(): Promise<Rollback>; go(): Promise<Rollback> };

export const rollbackCommand = async (root: string, names: Names, options: RollbackOptions, terminal: Terminal): Promise<void> => {
  const remote = openRemote(root, options, terminal);
  const way = await wayOf(remote, names, options);
  const plan = await way.preview();
  terminal.print(`${way.title} on ${remote.target.host}, with the key from ${remote.target.keySource}:`);
  printChanges(plan, terminal);
  if (options.plan || plan.changes.length === 0) return terminal.result({ ok: true, planned: true, ...plan });
  await confirm(plan, options, terminal);
  const done = await way.go();
  terminal.print(`Rolled back: deployment ${done.deployment}. Work under way ends with the code it started with.`);
  terminal.result({ ok: true, planned: false, ...done });
};

const wayOf = async (remote: Remote, { integration, name }: Names, options: RollbackOptions): Promise<Way> => {
  const type = typeOfFlags(options);
  if (integration === undefined) return wholeWay(remote, options.to);
  if (name === undefined)
    throw new Failure(exitCodes.usage, 'Name a function, <integration> <name>, or none for everything as it was after a deployment.');
  const list = `bowline versions ${integration} ${name}`;
  const { number, version } = chooseVersion(await versionsOf(remote, { integration, name, type }), options.to, list);
  const input = { params: { uniqueKey: integration, name }, body: { type, version: number } };
  const problem = severalTypes({ integration, name });
  return {
    title: `${integration} → ${name} back to version ${number} (v${version})`,
    preview: async () => (await ask(remote, (api) => api.history.previewRollBackFunction({ ...input, query: {} }), problem)).data,
    go: async () => (await ask(remote, (api) => api.history.rollBackFunction({ ...input, query: {} }), problem)).data,
  };
};

const wholeWay = (remote: Remote, to: string): Way => {
  if (!/^[1-9]\d{0,9}$/.test(to))
    throw new Failure(exitCodes.usage, `${to} is not the number of a deployment: bowline deployments lists them.`);
  const input = { params: { number: Number(to) }, query: {} };
  return {
    title: `Everything back to deployment ${to}`,
    preview: async () => (await ask(remote, (api) => api.history.previewRollBack(input))).data,
    go: async () => (await ask(remote, (api) => api.history.rollBack(input))).data,
  };
};

const printChanges = ({ changes, unchanged, deletedModels }: Rollback, { print, colours }: Terminal): void => {
  const marks: Partial<Record<FunctionChange['change'], string>> = {
    restored: colours.green('+ restore'),
    rolled_back: colours.cyan('~ back   '),
    deleted: colours.red('- delete '),
  };
  const named = (version: FunctionChange['to']) => (version ? `${version.number} (v${version.version})` : '-');
  for (const { change, integration, name, type, from, to } of changes)
    print(
      `  ${marks[change] ?? change} ${type.padEnd(8)} ${integration} → ${name}  ${colours.dim(to ? `${named(from)} → ${named(to)}` : named(from))}`,
    );
  for (const model of deletedModels) print(`  ${colours.red('- delete ')} ${'model'.padEnd(8)} ${model}`);
  if (unchanged > 0) print(colours.dim(`  = ${counted(unchanged, 'function')} unchanged`));
  if (changes.length === 0) print('Nothing would change.');
};

/** As a deploy: `--auto-confirm` alone never deletes. */
const confirm = async (
  { changes, deletedModels }: Rollback,
  { autoConfirm = false, allowDestructive = false }: RollbackOptions,
  { io, json, print }: Terminal,
): Promise<void> => {
  const gone = changes.filter(({ change }) => change === 'deleted').map(({ integration, name }) => `${integration}/${name}`);
  const lost = [...gone, ...deletedModels.map((model) => `model ${model}`)];
  if (lost.length > 0) print(`\nThis deletes ${lost.join(', ')}, with schedules and records.`);
  if (allowDestructive || (autoConfirm && lost.length === 0)) return;
  if (json || !io.ask) {
    const flag = lost.length > 0 ? `This deletes ${lost.join(', ')}. Pass --allow-destructive` : 'Pass --auto-confirm';
    throw new Failure(exitCodes.deploy, `Nothing was changed. ${flag} if that is meant; --plan shows what would change.`);
  }
  const answer = await io.ask(lost.length > 0 ? 'Roll back and delete? [y/N] ' : 'Roll back? [y/N] ');
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure(exitCodes.deploy, 'Nothing was changed.');
};
