/**
 * One cycle of `bowline dev`: compile, store providers, make integrations, deploy what differs from the last time. What fails leaves everything as it
 * was. The bundles are those of `compile` and `deploy`, byte for byte, and so is the request.
 */
import { createHash } from 'node:crypto';
import type { Diagnostic } from '@bowline/compile/diagnostic';
import type { Compiled } from '../compile/compiled.ts';
import { createCompiler } from '../compile/compiler.ts';
import { deployBody } from '../deploy/body.ts';
import { deploy, previewDeploy } from '../deploy/client.ts';
import { deletions } from '../deploy/plan.ts';
import type { DeployMode } from '../deploy/select.ts';
import { openSources } from '../deploy/sources.ts';
import type { Target } from '../deploy/target.ts';
import { exitCodes, Failure } from '../failure.ts';
import { findProject } from '../project/find.ts';
import { projectProviders } from '../provider/files.ts';
import { planProviders } from '../provider/plan.ts';
import { storeProvider } from '../provider/server.ts';
import { remoteOf } from '../remote/server.ts';
import { createTerminal } from '../terminal.ts';
import { toolbox } from '../toolbox.ts';
import { type Lacking, type Made, makeIntegrations } from './integrations.ts';

export type Deployed = {
  readonly integration: string;
  readonly name: string;
  readonly type: string;
  readonly version: string;
  readonly hash: string;
};
export type Cycle = {
  readonly compiled: readonly Compiled[];
  readonly deployed: readonly Deployed[];
  readonly removed: readonly string[];
  readonly providers: readonly string[];
  readonly made: readonly Made[];
  readonly lacking: readonly Lacking[];
  readonly warnings: readonly Diagnostic[];
  readonly compileMs: number;
  readonly deployMs: number;
};
export type DeployerOptions = {
  readonly root: string;
  /** Asked for each time: a key in `.env` may have changed. */
  readonly target: () => Target;
  /** Of this command alone: it may make integrations and delete functions without asking. */
  readonly isOwn: boolean;
  readonly providers: ReadonlyMap<string, string>;
  readonly choose: ((question: string) => Promise<string>) | undefined;
};

/** @returns one cycle; it throws Failure, and the next one begins from what is deployed */
export const createDeployer = ({ root, target, isOwn, ...making }: DeployerOptions): (() => Promise<Cycle>) => {
  let last: ReadonlyMap<string, string> | undefined;
  const compiler = openCompiler(root);
  const contents = new Map<string, string>();
  return async () => {
    const started = performance.now();
    const files = projectProviders(root);
    const { compiled, changed: fresh, warnings } = await compiler(files.length > 0 || last !== undefined);
    for (const one of fresh) contents.set(nameOf(one), contentOf(one));
    const compiledAt = performance.now();
    const to = target();
    const providers = await storeAll(to, files);
    const keys = [...new Set(compiled.map(({ definition }) => definition.entry.integration))];
    const { made, lacking } = isOwn ? await makeIntegrations(remoteOf(to), keys, making) : { made: [], lacking: [] };
    const ready = compiled.filter(({ definition }) => !lacking.some(({ key }) => key === definition.entry.integration));
    const now = new Map(ready.map((one) => [nameOf(one), contents.get(nameOf(one)) ?? contentOf(one)]));
    const { mode, chosen } = choose(ready, now, last);
    // The last function went away while this ran; one whose integration is lacking did not.
    const isEmptied = compiled.length === 0 && last !== undefined && last.size > 0;
    const body = chosen.length > 0 || isEmptied ? deployBody(chosen, mode, toolbox.version, openSources(root)) : undefined;
    const removed = body && mode === 'all' ? deletions(await previewDeploy(to, body)) : [];
    if (removed.length > 0 && !isOwn) throw new Failure(exitCodes.deploy, wouldDelete(removed, to));
    const answers = body ? await deploy(to, body) : [];
    const before = last;
    last = now;
    const changed = chosen.filter((one) => before?.get(nameOf(one)) !== now.get(nameOf(one)));
    return {
      compiled,
      deployed: changed.map((one) => describe(one, answers)),
      removed,
      providers,
      made,
      lacking,
      warnings,
      compileMs: compiledAt - started,
      deployMs: performance.now() - compiledAt,
    };
  };
};

type Sources = { readonly compiled: readonly Compiled[]; readonly changed: readonly Compiled[]; readonly warnings: readonly Diagnostic[] };

/** The one place where `dev` compiles. Its phases are not shown: a cycle is one line. */
const openCompiler = (root: string): ((mayBeEmpty: boolean) => Promise<Sources>) => {
  const silent = createTerminal({ write: () => {}, writeError: () => {}, env: {}, cwd: root, isTty: false, ask: undefined }, false);
  const compiler = createCompiler(root, silent);
  return async (mayBeEmpty) => {
    try {
      const project = findProject(root, mayBeEmpty);
      if (project.entries.length === 0) return { compiled: [], changed: [], warnings: project.warnings };
      return await compiler.compile();
    } catch (error) {
      // It was deleted or renamed since it was found: the watcher tells of it next.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT' && 'path' in error)
        throw new Failure(exitCodes.compile, `${error.path} went away while it was compiled.`);
      throw error;
    }
  };
};

const storeAll = async (target: Target, files: Parameters<typeof planProviders>[1]): Promise<string[]> => {
  const server = remoteOf(target);
  const changes = (await planProviders(server, files)).filter(({ change }) => change !== 'unchanged');
  for (const change of changes) await storeProvider(server, change);
  return changes.map(({ file }) => file.name);
};

const nameOf = ({ definition: { kind, entry } }: Compiled): string => `${kind} ${entry.integration}/${entry.name}`;

/** Everything a deploy sends of a function: its schedule may change where its bundle does not. */
const contentOf = ({ definition, js, schemas }: Compiled): string => sha256(JSON.stringify([definition, js, schemas]));
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Only syncs and actions can be sent by themselves; when functions come or go, or on-event functions change, all are compared. */
const choose = (
  ready: readonly Compiled[],
  now: ReadonlyMap<string, string>,
  last: ReadonlyMap<string, string> | undefined,
): { mode: DeployMode; chosen: readonly Compiled[] } => {
  if (last === undefined) return { mode: 'all', chosen: ready };
  const changed = ready.filter((one) => last.get(nameOf(one)) !== now.get(nameOf(one)));
  const isWhole = [...last.keys()].some((name) => !now.has(name)) || changed.some(({ definition }) => definition.kind === 'onEvent');
  return isWhole ? { mode: 'all', chosen: ready } : { mode: 'single', chosen: changed };
};

const describe = (one: Compiled, answers: Awaited<ReturnType<typeof deploy>>): Deployed => {
  const { kind, entry } = one.definition;
  const type = kind === 'onEvent' ? 'on-event' : kind;
  const answer = answers.find(
    (deployed) => deployed.providerConfigKey === entry.integration && deployed.name === entry.name && (deployed.type ?? type) === type,
  );
  return { integration: entry.integration, name: entry.name, type, version: answer?.version ?? '', hash: sha256(one.js) };
};

const wouldDelete = (removed: readonly string[], { host }: Target): string =>
  `On ${host} this would delete ${removed.join(', ')}, with schedules and records. Nothing was deployed; \`bowline deploy\` asks and does it.`;
