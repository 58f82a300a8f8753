/**
 * Compiles a project: types, bundles, definitions; all problems of all files are reported at once. What did not change since it last compiled, by the
 * hash of everything that goes in, is taken from what was remembered, and nothing is written that is there already (decisions/036).
 */
import { join } from 'node:path';
import type { Diagnostic } from '@bowline/compile/diagnostic';
import type { Entry } from '@bowline/compile/entry';
import { exitCodes, Failure } from '../failure.ts';
import { writeEditorConfig } from '../project/editor.ts';
import type { Project } from '../project/find.ts';
import { counted, type Terminal } from '../terminal.ts';
import { modelsFile, modelsText } from '../yaml/models-file.ts';
import { bundleAll } from './bundle.ts';
import { type Kept, writeCache } from './cache.ts';
import type { Compiled } from './compiled.ts';
import { findConflicts } from './conflicts.ts';
import { digest, type Inputs, readGraph } from './graph.ts';
import { manifestParts, writeManifest } from './manifest.ts';
import { forgetful, type Memory, remembered } from './memory.ts';
import { createReader, type Reader } from './outcome.ts';
import { lookAtBuilt, readBuilt, writeBuilt } from './output.ts';
import { typecheck } from './typecheck.ts';
import { writeChanged } from './write.ts';

export type Result = { compiled: Compiled[]; warnings: Diagnostic[] };

/** Writes `build/` and the manifest too. @param strict whether a warning is an error */
export const compile = (project: Project, terminal: Terminal, { strict = false } = {}): Promise<Result> =>
  compileWith(project, terminal, { types: true, write: true, strict, memory: remembered(project.root) });

/**
 * `types: false` for what only runs functions: the bundler reads past types, and the editor and `compile` check them.
 * `remember: false` for one function out of many, where there is nothing to gain.
 */
export const compileOnly = (project: Project, terminal: Terminal, { types = true, remember = true } = {}): Promise<Result> =>
  compileWith(project, terminal, { types, write: false, memory: remember ? remembered(project.root) : forgetful() });

type Options = { types: boolean; write: boolean; strict?: boolean; memory: Memory };

/** @param memory is changed: it holds what was found right, also where the whole fails */
export const compileWith = async (
  project: Project,
  terminal: Terminal,
  { types, write, strict = false, memory }: Options,
): Promise<Result> => {
  const { root, entries, yaml, warnings } = project;
  if (yaml) await writeChanged(join(root, modelsFile), modelsText(yaml.project.models));
  const tasks = plan(project, memory);
  const checking = settle(types ? checkTypes(root, tasks, terminal) : Promise.resolve([]));
  lookForBundles(root, tasks, memory);
  const reader = createReader(project);
  const building = await settle(build(root, tasks, reader, memory, terminal));
  // Of 6,000 functions what needs no types takes 0.15 s, and the compiler of types is still at work.
  const compiled = tasks.flatMap((task) => compiledOf(root, task, memory));
  const [conflicts, manifest] = [findConflicts(compiled), write ? manifestParts(compiled) : []];
  const checked = await checking;
  const [typed, read] = [findingsOf(checked), findingsOf(building)];
  keep(tasks, types && checked.ok ? typed : undefined, memory);
  const all = unique([...warnings, ...typed, ...read, ...tasks.flatMap(({ kept }) => kept?.warnings ?? []), ...conflicts]);
  const found = strict ? all.map((one): Diagnostic => ({ ...one, severity: 'error' })) : all;
  const errors = found.filter(({ severity }) => severity === 'error');
  if (errors.length === 0 && write) await writeOutput(root, tasks, manifest, memory);
  if (memory.isKept) {
    forget(entries, memory);
    await writeCache(root, memory.cache);
  }
  if (errors.length > 0) throw new Failure(exitCodes.compile, `${counted(errors.length, 'problem')}; nothing was written.`, found);
  terminal.report(found);
  return { compiled, warnings: found };
};

type Task = {
  readonly entry: Entry;
  readonly inputs: Inputs;
  /** Undefined where nothing may be remembered. */
  readonly key: string | undefined;
  readonly typesKey: string | undefined;
  /** What is known of the function as it is now. */
  kept: Kept | undefined;
  /** Whether its bundle is where it should be, or waits to be written. */
  hasBundle: boolean;
};

const plan = ({ root, entries, yaml }: Project, { cache, sources }: Memory): Task[] => {
  const declared = yaml ? JSON.stringify(yaml.project) : '';
  const graph = readGraph(root, entries, sources);
  return [...graph].map(([entry, inputs]) => {
    const key = inputs.hash && digest([inputs.hash, declared]);
    const known = cache.get(entry.file);
    const kept = known !== undefined && known.key === key ? known : undefined;
    return { entry, inputs, key, typesKey: inputs.typesHash, kept, hasBundle: false };
  });
};

/** Of 6,000 functions it takes 0.1 s, while the compiler of types is at work already. */
const lookForBundles = (root: string, tasks: readonly Task[], { unwritten }: Memory): void => {
  for (const task of tasks) {
    const { entry, kept } = task;
    if (!kept) continue;
    const stamp = lookAtBuilt(root, entry, kept);
    task.hasBundle = stamp !== undefined || digest([unwritten.get(entry.file) ?? '']) === kept.jsHash;
    if (stamp !== undefined && stamp !== kept.stamp) task.kept = { ...kept, stamp };
  }
};

const checkTypes = (root: string, tasks: readonly Task[], terminal: Terminal): Promise<Diagnostic[]> => {
  const unsure = tasks.filter(({ typesKey, kept }) => typesKey === undefined || kept?.typesKey !== typesKey);
  return terminal.step(
    'Types',
    () =>
      typecheck(
        root,
        unsure.map(({ entry }) => entry),
      ),
    (problems) => (problems.length === 0 ? partOf(unsure, tasks) : counted(problems.length, 'problem')),
    (problems) => problems.length === 0,
  );
};

/** @returns what is wrong; what is right is in the tasks */
const build = async (root: string, tasks: readonly Task[], reader: Reader, memory: Memory, terminal: Terminal): Promise<Diagnostic[]> => {
  const missing = tasks.filter(({ kept, hasBundle }) => !kept || !hasBundle);
  const byEntry = new Map(missing.map((task) => [task.entry, task]));
  const wrong: Diagnostic[] = [];
  const work = async (): Promise<void> => {
    const batches = bundleAll(root, [...byEntry.keys()], (entry) => byEntry.get(entry)?.inputs.files ?? []);
    for await (const { bundles, problems } of batches) {
      wrong.push(...problems);
      for (const bundle of bundles) {
        const task = byEntry.get(bundle.entry);
        if (task) wrong.push(...take(task, bundle.js, reader, memory));
      }
    }
  };
  await terminal.step(
    'Bundles',
    work,
    () => (wrong.length === 0 ? partOf(missing, tasks) : counted(wrong.length, 'problem')),
    () => wrong.length === 0,
  );
  return wrong;
};

/** Of a bundle that is as it was, everything is known. */
const take = (task: Task, js: string, reader: Reader, { unwritten }: Memory): Diagnostic[] => {
  const { entry, inputs, key = '' } = task;
  const jsHash = digest([js]);
  task.hasBundle = true;
  unwritten.set(entry.file, js);
  if (task.kept?.jsHash === jsHash) return [];
  const { problems, found } = reader.outcome({ entry, js }, inputs.source);
  const errors = problems.filter(({ severity }) => severity === 'error');
  task.kept = undefined;
  if (errors.length > 0 || !found) return problems;
  const { definition, schemas } = found;
  task.kept = { key, typesKey: '', jsHash, stamp: '', definition: { ...definition, source: '' }, schemas, warnings: problems };
  return [];
};

/** Only where nothing is wrong: what is wrong is looked at again. @param typed undefined when types were not looked at */
const keep = (tasks: readonly Task[], typed: readonly Diagnostic[] | undefined, { cache }: Memory): void => {
  const wrong = new Set(typed?.map(({ file }) => file));
  for (const task of tasks) {
    const { entry, inputs, typesKey = '' } = task;
    if (!task.kept) {
      cache.delete(entry.file);
      continue;
    }
    if (typed) {
      const isRight = !wrong.has(undefined) && !inputs.files.some((file) => wrong.has(file));
      const now = isRight ? typesKey : '';
      if (task.kept.typesKey !== now) task.kept = { ...task.kept, typesKey: now };
    }
    cache.set(entry.file, task.kept);
  }
};

const forget = (entries: readonly Entry[], { cache }: Memory): void => {
  const files = new Set(entries.map(({ file }) => file));
  for (const file of cache.keys()) if (!files.has(file)) cache.delete(file);
};

const compiledOf = (root: string, { entry, inputs, kept }: Task, { unwritten }: Memory): Compiled[] => {
  if (!kept) return [];
  const { definition, schemas, jsHash } = kept;
  const made = unwritten.get(entry.file);
  const read = (): string => made ?? readBuilt(root, entry, jsHash);
  return [
    {
      definition: { ...definition, entry, source: inputs.source },
      schemas,
      get js() {
        return read();
      },
    },
  ];
};

const writeOutput = async (root: string, tasks: readonly Task[], manifest: readonly Buffer[], memory: Memory): Promise<void> => {
  const bundles = tasks.flatMap(({ entry }) => {
    const js = memory.unwritten.get(entry.file);
    return js === undefined ? [] : [{ entry, js }];
  });
  const stamps = await writeBuilt(root, bundles);
  for (const [at, { entry }] of bundles.entries()) {
    const kept = memory.cache.get(entry.file);
    if (kept) memory.cache.set(entry.file, { ...kept, stamp: stamps[at] ?? '' });
  }
  await writeManifest(root, manifest);
  await writeEditorConfig(root);
  memory.unwritten.clear();
};

/** A helper that two functions import is read twice. */
const unique = (diagnostics: readonly Diagnostic[]): Diagnostic[] => [
  ...new Map(diagnostics.map((item) => [JSON.stringify(item), item])).values(),
];

const partOf = (some: readonly unknown[], all: readonly unknown[]): string =>
  some.length === all.length
    ? counted(all.length, 'function')
    : `${some.length} of ${counted(all.length, 'function')}, the others as before`;

type Settled = { ok: true; value: Diagnostic[] } | { ok: false; error: unknown };
const settle = (promise: Promise<Diagnostic[]>): Promise<Settled> =>
  promise.then(
    (value): Settled => ({ ok: true, value }),
    (error: unknown): Settled => ({ ok: false, error }),
  );

const findingsOf = (settled: Settled): readonly Diagnostic[] => {
  if (settled.ok) return settled.value;
  if (!(settled.error instanceof Failure)) throw settled.error;
  const { diagnostics, message } = settled.error;
  return diagnostics.length > 0 ? diagnostics : [{ severity: 'error', message }];
};
