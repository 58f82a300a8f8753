/**
 * A new function of a `nango.yaml` project: its script, and the lines that declare it, which compile together as they stand. The lines are told, not
 * written: the file is the author's, with comments and an order of its own.
 */
import { stringify } from 'yaml';
import type { FunctionType } from '../project/place.ts';
import type { YamlFunction, YamlProject } from '../yaml/read.ts';
import { capital, modelOf, wordsOf } from './scaffold.ts';

type Named = { readonly integration: string; readonly type: FunctionType; readonly name: string };
/** `lines`: undefined where the file declares it already. */
export type YamlScaffold = { readonly text: string; readonly lines: string | undefined };

const kinds = { sync: 'sync', action: 'action', 'on-event': 'onEvent' } as const;

/** Pure. */
export const yamlScaffoldOf = ({ integration, type, name }: Named, { functions, models }: YamlProject): YamlScaffold => {
  const known = models.map((model) => model.name);
  const declared = functions.find((fn) => fn.kind === kinds[type] && fn.integration === integration && fn.name === name);
  const fresh = modelOf(name);
  const model = known.includes(fresh) ? `${fresh}Record` : fresh;
  const [input, output] = declared ? typesOf(declared, known) : type === 'sync' ? [undefined, model] : [`${model}Input`, `${model}Output`];
  // A run that reads only what changed must not take the rest for deleted, and one declared so is tracked as it is.
  const tracks = declared?.kind !== 'sync' || (declared.syncType === 'full' && !declared.trackDeletes);
  const text = scripts[type](name, { input, output, tracks });
  if (declared) return { text, lines: undefined };
  const { declaration, shapes } = declarations[type](name, input, output);
  return { text, lines: stringify({ integrations: { [integration]: declaration }, ...(shapes && { models: shapes }) }, { lineWidth: 0 }) };
};

/** Only models have a type that a script can import. */
const typesOf = (fn: YamlFunction, known: readonly string[]): [string | undefined, string | undefined] => {
  const model = (text: string | undefined) => (text !== undefined && known.includes(text) ? text : undefined);
  if (fn.kind === 'action') return [model(fn.input), model(fn.output)];
  return [undefined, fn.kind === 'sync' ? model(fn.models[0]) : undefined];
};

type Parts = { readonly input: string | undefined; readonly output: string | undefined; readonly tracks: boolean };
type Script = (name: string, parts: Parts) => string;

const importing = (names: readonly (string | undefined)[]): string =>
  `import type { ${[...new Set(names.filter((one) => one !== undefined))].toSorted().join(', ')} } from '../../models';`;

const scripts: Readonly<Record<FunctionType, Script>> = {
  sync: (name, { output, tracks }) => {
    const model = output ?? 'Item';
    const before = `  // What is not saved until trackDeletesEnd counts as deleted: where the API has pages, read all of them (nango.paginate).
  await nango.trackDeletesStart('${model}');
`;
    return `${importing(['NangoSync', output])}

export default async function fetchData(nango: NangoSync): Promise<void> {
${tracks ? before : ''}  const { data } = await nango.get<${output ?? '{ id: string }'}[]>({ endpoint: '/${name}', retries: 3 });
  await nango.batchSave(data, '${model}');
${tracks ? `  await nango.trackDeletesEnd('${model}');\n` : ''}}
`;
  },
  action: (name, { input = 'unknown', output = 'unknown' }) => `${importing(['NangoAction', ...[input, output].filter(isModel)])}

export default async function runAction(nango: NangoAction, input: ${input}): Promise<${output}> {
  const { data } = await nango.post<${output}>({ endpoint: '/${name}', data: input });
  return data;
}
`,
  'on-event': () => `${importing(['NangoAction'])}

export default async function onEvent(nango: NangoAction): Promise<void> {
  await nango.log('A connection was made.');
}
`,
};
const isModel = (type: string): boolean => type !== 'unknown';

type Declared = { declaration: object; shapes?: object };
const declarations: Readonly<Record<FunctionType, (name: string, input?: string, output?: string) => Declared>> = {
  sync: (name, _, output = '') => ({
    declaration: { syncs: { [name]: { description: `Keeps ${wordsOf(name)} up to date`, runs: 'every hour', output } } },
    shapes: { [output]: { id: 'string', name: 'string' } },
  }),
  action: (name, input = '', output = '') => ({
    declaration: { actions: { [name]: { description: capital(wordsOf(name)), input, output } } },
    shapes: { [input]: { name: 'string' }, [output]: { id: 'string' } },
  }),
  'on-event': (name) => ({ declaration: { 'on-events': { 'post-connection-creation': [name] } } }),
};
