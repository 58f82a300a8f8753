/**
 * `bowline deploy`: compiles, shows what would change, asks before anything is deleted, stores providers, then deploys the functions.
 * A provider that the project does not have is never deleted: others are made in the dashboard and by other projects (decisions/030).
 */
import type { Diagnostic } from '@bowline/compile/diagnostic';
import { compile } from '../compile/compile.ts';
import type { Compiled } from '../compile/compiled.ts';
import { type DeployBody, deployBody } from '../deploy/body.ts';
import { deploy, previewDeploy } from '../deploy/client.ts';
import { confirmEnvironment, environmentOf, otherEnvironment } from '../deploy/environment.ts';
import { deletions, type Plan, printPlan } from '../deploy/plan.ts';
import { type Selection, select } from '../deploy/select.ts';
import { openSources } from '../deploy/sources.ts';
import { findTarget, sharedKey, type Target } from '../deploy/target.ts';
import { exitCodes, Failure } from '../failure.ts';
import { findProject, isEmptiedProject, nothingFound } from '../project/find.ts';
import { type ProviderFile, projectProviders } from '../provider/files.ts';
import { describeChanges, planProviders, printChanges } from '../provider/plan.ts';
import { type Change, storeProvider } from '../provider/server.ts';
import { remoteOf } from '../remote/server.ts';
import { counted, type Terminal } from '../terminal.ts';
import { toolbox } from '../toolbox.ts';

export type DeployOptions = Selection & { host?: string; secretKey?: string; allowDestructive?: boolean; plan?: boolean; version?: string };

/** @param named the environment that was asked for; without one it is whichever the key belongs to */
export const deployCommand = async (root: string, named: string | undefined, options: DeployOptions, terminal: Terminal): Promise<void> => {
  const { host, secretKey, allowDestructive = false } = options;
  const target = findTarget({ environment: named ?? 'dev', host, secretKey, root, env: terminal.io.env, cwd: terminal.io.cwd });
  const files = choosesFunctions(options) ? [] : projectProviders(root);
  const { body, warnings } = await compileBody(root, files, options, terminal);
  const { changes, plan } = await terminal.step('Plan', () => planAll(target, { files, body }, terminal));
  if (body?.allowEmpty && plan && files.length === 0 && deletions(plan).length === 0) throw nothingFound(root);
  const actual = await environmentOf(remoteOf(target));
  const environment = actual ?? target.environment;
  terminal.print(`\nPlan for ${actual === undefined ? '' : `${actual} at `}${target.host}, with the key from ${target.keySource}:`);
  const shared = sharedKey(target);
  if (shared) terminal.print(terminal.colours.dim(shared));
  printChanges(changes, terminal);
  if (plan) printPlan(plan, terminal);
  const result = { ok: true, environment, host: target.host, providers: describeChanges(changes), plan };
  const other = named === undefined ? undefined : otherEnvironment(target, actual);
  if (options.plan && other) terminal.note(other);
  if (options.plan) return terminal.result({ ...result, warnings });
  if (named !== undefined) await confirmEnvironment(target, actual, terminal);
  if (plan) await confirmDeletions(plan, allowDestructive, terminal);
  terminal.print();
  const stored = await storeProviders(target, changes, terminal);
  const deployed = body
    ? await terminal.step('Deploy', () => afterProviders(stored, () => deploy(target, body, terminal.note, sourceOf(terminal))))
    : [];
  const changed = deployed.filter(({ change }) => change !== 'unchanged');
  for (const { name, version, providerConfigKey } of changed)
    terminal.print(`  ${providerConfigKey} → ${name}${version ? ` v${version}` : ''}`);
  const rest = deployed.length === changed.length ? '' : `; ${deployed.length - changed.length} unchanged`;
  terminal.print(`Deployed ${counted(changed.length, 'function')} to ${environment}${rest}`);
  terminal.result({ ...result, deployed, warnings });
};

/** Who names functions means them alone. */
const choosesFunctions = ({ integration, sync, action }: Selection): boolean =>
  [integration, sync, action].some((name) => name !== undefined);

/** A project that lost its last function is sent empty, and says that it is meant. A folder that never had one is nothing to compare with. */
const compileBody = async (
  root: string,
  files: readonly ProviderFile[],
  options: DeployOptions,
  terminal: Terminal,
): Promise<{ body?: DeployBody; warnings: readonly Diagnostic[] }> => {
  const isEmptied = !choosesFunctions(options) && isEmptiedProject(root);
  const project = findProject(root, files.length > 0 || isEmptied);
  const sources = openSources(root);
  if (project.entries.length === 0)
    return { warnings: project.warnings, ...(isEmptied && { body: deployBody([], 'all', toolbox.version, sources) }) };
  const { compiled, warnings } = await compile(project, terminal);
  const { mode, chosen } = select(compiled, options);
  const body = deployBody(
    chosen.map((one) => withVersion(one, options.version)),
    mode,
    toolbox.version,
    sources,
  );
  if (sources.left.length > 0)
    terminal.note(
      `Too large to keep with the function, so \`bowline pull\` will not give them back: files that ${sources.left.join(', ')} import.`,
    );
  return { body, warnings };
};

type Wanted = { readonly files: readonly ProviderFile[]; readonly body: DeployBody | undefined };

const planAll = async (target: Target, { files, body }: Wanted, { note }: Terminal) => {
  const changes = await planProviders(remoteOf(target, { tell: note }), files);
  try {
    return { changes, plan: body && (await previewDeploy(target, body, note)) };
  } catch (error) {
    const added = changes.filter(({ change }) => change === 'new').map(({ file }) => file.file);
    // An integration of a new provider cannot be there yet, and functions need theirs.
    if (added.length === 0 || !(error instanceof Failure && error.message.includes('unknown_provider_config'))) throw error;
    const hint = `Where it is to be of a provider of this project, store that one first: bowline provider add ${added.join(' ')}`;
    throw new Failure(error.exitCode, `${error.message}\n${hint}`);
  }
};

/** @returns how many were stored */
const storeProviders = async (target: Target, changes: readonly Change[], terminal: Terminal): Promise<number> => {
  const wanted = changes.filter(({ change }) => change !== 'unchanged');
  if (wanted.length === 0) return 0;
  const server = remoteOf(target);
  await terminal.step(`Store ${counted(wanted.length, 'provider')}`, async () => {
    for (const [index, change] of wanted.entries()) await afterProviders(index, () => storeProvider(server, change));
  });
  return wanted.length;
};

/** What fails half-way says how far it came. */
const afterProviders = async <T>(stored: number, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (stored === 0 || !(error instanceof Failure)) throw error;
    throw new Failure(error.exitCode, `${error.message}\n${counted(stored, 'provider')} had been stored before that.`, error.diagnostics);
  }
};

/** `--auto-confirm` alone is not enough: it is in every CI recipe, and a wrong branch would delete customers' records. */
const confirmDeletions = async (plan: Plan, allowed: boolean, { io, json, print }: Terminal): Promise<void> => {
  const lost = deletions(plan);
  if (lost.length === 0 || allowed) return;
  const what = `This deletes ${lost.join(', ')}, with schedules and records.`;
  if (json || !io.ask) throw new Failure(exitCodes.deploy, `${what} Nothing was deployed. Pass --allow-destructive if that is meant.`);
  print(`\n${what}`);
  const answer = await io.ask('Deploy and delete? [y/N] ');
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure(exitCodes.deploy, 'Nothing was deployed.');
};

const withVersion = (one: Compiled, version: string | undefined): Compiled =>
  version === undefined ? one : { ...one, definition: { ...one.definition, version } };

const sourceOf = ({ io: { env } }: Terminal): 'repo' | 'standalone' =>
  (env.BOWLINE_DEPLOY_SOURCE ?? env.NANGO_DEPLOY_SOURCE) === 'standalone' ? 'standalone' : 'repo';
