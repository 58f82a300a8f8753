/**
 * Compiles a project: types, bundles, definitions; all problems of all files are reported at once.
 * The type-checker is its own process, so it runs beside the bundler and the evaluation.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle } from '@bowline/compile/bundle';
import { type Definition, readDefinition } from '@bowline/compile/definition';
import type { Diagnostic } from '@bowline/compile/diagnostic';
import { schemasOf } from '@bowline/compile/json-schema';
import { findMistakes } from '@bowline/compile/rules';
import { exitCodes, Failure } from '../failure.ts';
import { writeEditorConfig } from '../project/editor.ts';
import type { Project } from '../project/find.ts';
import { counted, type Terminal } from '../terminal.ts';
import { toolbox } from '../toolbox.ts';
import { definitionOf, evaluateAll } from '../yaml/definitions.ts';
import { modelsFile, modelsText } from '../yaml/models-file.ts';
import { bundle } from './bundle.ts';
import type { Compiled } from './compiled.ts';
import { findConflicts } from './conflicts.ts';
import { evaluate } from './evaluate.ts';
import { writeBuild } from './manifest.ts';
import { typecheck } from './typecheck.ts';

type Result = { compiled: Compiled[]; warnings: Diagnostic[] };

/** Writes `build/` and the manifest too. */
export const compile = async (project: Project, terminal: Terminal): Promise<Result> => {
  const result = await compileOnly(project, terminal);
  await writeBuild(project.root, result.compiled);
  await writeEditorConfig(project.root);
  return result;
};

/** `types: false` for what only runs functions: the bundler reads past types, and the editor and `compile` check them. */
export const compileOnly = async (project: Project, terminal: Terminal, { types = true } = {}): Promise<Result> => {
  const { root, entries, warnings, yaml } = project;
  if (yaml) await writeFile(join(root, modelsFile), modelsText(yaml.project.models));
  const checking = types
    ? settle(
        terminal.step(
          'Types',
          () => typecheck(root, entries),
          countProblems,
          (diagnostics) => diagnostics.length === 0,
        ),
      )
    : settle(Promise.resolve([]));
  const building = settle(terminal.step('Bundles', () => bundle(root, entries), countFunctions));
  const [checked, built] = [await checking, await building];
  const read = built.ok
    ? await (yaml ? readDeclared(root, built.value, yaml) : readAll(root, built.value))
    : { definitions: [], problems: failureOf(built.error) };
  const found = unique([...warnings, ...(checked.ok ? checked.value : failureOf(checked.error)), ...read.problems]);
  const errors = found.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Failure(exitCodes.compile, `${counted(errors.length, 'problem')}; nothing was written.`, found);
  terminal.report(found);
  const compiled = await terminal.step('Definitions', async () => read.definitions.map(withSchemas), countFunctions);
  return { compiled, warnings: found };
};

/** A helper that two functions import is read twice. */
const unique = (diagnostics: readonly Diagnostic[]): Diagnostic[] => [
  ...new Map(diagnostics.map((item) => [JSON.stringify(item), item])).values(),
];

const countProblems = (problems: readonly unknown[]): string => (problems.length === 0 ? '' : counted(problems.length, 'problem'));
const countFunctions = (functions: readonly unknown[]): string => counted(functions.length, 'function');

type Settled<T> = { ok: true; value: T } | { ok: false; error: unknown };
const settle = <T>(promise: Promise<T>): Promise<Settled<T>> =>
  promise.then(
    (value): Settled<T> => ({ ok: true, value }),
    (error: unknown): Settled<T> => ({ ok: false, error }),
  );

const failureOf = (error: unknown): readonly Diagnostic[] => {
  if (!(error instanceof Failure)) throw error;
  return error.diagnostics.length > 0 ? error.diagnostics : [{ severity: 'error', message: error.message }];
};

const readAll = async (
  root: string,
  bundles: readonly Bundle[],
): Promise<{ definitions: { definition: Definition; js: string }[]; problems: Diagnostic[] }> => {
  const definitions: { definition: Definition; js: string }[] = [];
  const problems: Diagnostic[] = [];
  for (const built of bundles) {
    const evaluated = evaluate(built);
    if (!evaluated.ok) {
      problems.push(evaluated.problem);
      continue;
    }
    const source = await readFile(join(root, built.entry.file), 'utf8');
    const read = readDefinition(built.entry, source, evaluated.exported);
    problems.push(...read.problems, ...findMistakes(built));
    if (read.definition) definitions.push({ definition: read.definition, js: built.js });
  }
  return { definitions, problems: [...problems, ...findConflicts(definitions.map(({ definition }) => definition))] };
};

/** Of a project that declares its functions in `nango.yaml`: the bundles only have to be functions. */
const readDeclared = async (root: string, bundles: readonly Bundle[], { project, located }: NonNullable<Project['yaml']>) => {
  const schemas = evaluateAll(project);
  const read = bundles.map((built) => {
    const evaluated = evaluate(built);
    const mistakes = findMistakes(built);
    if (!evaluated.ok) return { problems: [evaluated.problem, ...mistakes] };
    if (typeof evaluated.exported !== 'function') return { problems: [noFunction(built), ...mistakes] };
    const found = located.find(({ entry }) => entry === built.entry);
    const definition = found && definitionOf(found, root, schemas);
    return { problems: mistakes, ...(definition ? { definition: { definition, js: built.js } } : {}) };
  });
  const definitions = read.flatMap(({ definition }) => definition ?? []);
  return {
    definitions,
    problems: [...read.flatMap(({ problems }) => problems), ...findConflicts(definitions.map(({ definition }) => definition))],
  };
};

const noFunction = ({ entry }: Bundle): Diagnostic => ({
  severity: 'error',
  code: 'invalid_default_export',
  file: entry.file,
  message: 'The default export must be a function. Write: export default async function fetchData(nango: NangoSync) {…}',
});

const withSchemas = ({ definition, js }: { definition: Definition; js: string }): Compiled => ({
  definition,
  js,
  schemas: definition.kind === 'onEvent' ? undefined : schemasOf(definition, loadZod().z.toJSONSchema),
});

/** The copy of zod the bundles were evaluated with. */
const loadZod = (): typeof import('zod') => toolbox.load('zod') as typeof import('zod'); // proof: the module that name resolves to
