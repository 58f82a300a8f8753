/** From a bundle to what is known of the function: what it declares, its schemas, and what is wrong or doubtful. */
import type { Bundle } from '@bowline/compile/bundle';
import { type Declared, type Definition, declaredOf, readDefinition } from '@bowline/compile/definition';
import type { Diagnostic } from '@bowline/compile/diagnostic';
import { type ModelSchemas, schemasOf } from '@bowline/compile/json-schema';
import { findMistakes } from '@bowline/compile/rules';
import type { Project } from '../project/find.ts';
import { toolbox } from '../toolbox.ts';
import { definitionOf, evaluateAll } from '../yaml/definitions.ts';
import { evaluate } from './evaluate.ts';

export type Outcome = { problems: Diagnostic[]; found?: { definition: Declared; schemas: ModelSchemas | undefined } };
type Read = { problems: Diagnostic[]; definition?: Definition | undefined };

/** @returns how to read the bundles of a project, one after the other */
export const createReader = ({ root, yaml }: Project) => {
  const schemas = yaml && evaluateAll(yaml.project);
  const read = (bundle: Bundle, source: string): Read => {
    const evaluated = evaluate(bundle);
    if (!evaluated.ok) return { problems: [evaluated.problem] };
    if (!yaml) return readDefinition(bundle.entry, source, evaluated.exported);
    // The bundles of a project that declares its functions in `nango.yaml` only have to be functions.
    if (typeof evaluated.exported !== 'function') return { problems: [noFunction(bundle)] };
    const located = yaml.located.find(({ entry }) => entry === bundle.entry);
    return { problems: [], definition: located && schemas && definitionOf(located, root, schemas) };
  };
  return {
    outcome: (bundle: Bundle, source: string): Outcome => {
      const { problems, definition } = read(bundle, source);
      const all = [...problems, ...findMistakes(bundle, yaml && definition ? outsideOf(definition) : undefined)];
      if (!definition) return { problems: all };
      return { problems: all, found: { definition: declaredOf(definition), schemas: schemasFor(definition) } };
    },
  };
};
export type Reader = ReturnType<typeof createReader>;

const outsideOf = (definition: Definition) =>
  definition.kind === 'sync'
    ? { models: Object.keys(definition.models), trackDeletes: definition.trackDeletes, incremental: definition.syncType === 'incremental' }
    : undefined;

const schemasFor = (definition: Definition): ModelSchemas | undefined =>
  definition.kind === 'onEvent' ? undefined : schemasOf(definition, loadZod().z.toJSONSchema);

const noFunction = ({ entry }: Bundle): Diagnostic => ({
  severity: 'error',
  code: 'invalid_default_export',
  file: entry.file,
  message: 'The default export must be a function. Write: export default async function fetchData(nango: NangoSync) {…}',
});

/** The copy of zod the bundles were evaluated with. */
const loadZod = (): typeof import('zod') => toolbox.load('zod') as typeof import('zod'); // proof: the module that name resolves to
