/** What the functions of a project save, take and answer, as the type argument of the SDK's client. Pure. */
import type { Compiled } from '../compile/compiled.ts';
import { keyOf, typeOf } from './typescript.ts';

type Named = { name: string; from: string; type: string };

/** @returns TypeScript with a type a model, and `Project` */
export function projectText(compiled: readonly Compiled[]): string {
  const models = merged(compiled.flatMap(modelsOf));
  const actions = compiled.flatMap(actionsOf);
  const inputs = new Map(merged(actions.map(({ name, from, input }) => ({ name, from, type: input }))).map((one) => [one.name, one.type]));
  const outputs = merged(actions.map(({ name, from, output }) => ({ name, from, type: output })));
  const lines = outputs.map(({ name, from, type }) => {
    const input = inputs.get(name) ?? 'undefined';
    return `    /** ${from} */\n    ${keyOf(name)}: { input${input === 'undefined' ? '?' : ''}: ${input}; output: ${type} };`;
  });
  return [
    '// Made by `bowline generate`; changes made here are lost.',
    '',
    ...models.map(({ name, from, type }) => `/** ${from} */\nexport type ${name} = ${type};\n`),
    '/** `new Bowline<Project>({ secretKey })` knows these models and actions. */',
    'export type Project = {',
    `  models: {${models.map(({ name }) => ` ${keyOf(name)}: ${name};`).join('')} };`,
    `  actions: {\n${lines.join('\n')}\n  };`,
    '};',
    '',
  ].join('\n');
}

function modelsOf({ definition, schemas }: Compiled): Named[] {
  if (definition.kind !== 'sync' || !schemas) return [];
  const { integration, name } = definition.entry;
  return schemas.models.map((model) => ({
    name: model,
    from: `${integration} → ${name}`,
    type: typeOf(schemas.schema.definitions[model]),
  }));
}

function actionsOf({ definition, schemas }: Compiled) {
  const [output] = schemas?.models ?? [];
  if (definition.kind !== 'action' || !schemas || output === undefined) return [];
  const { integration, name } = definition.entry;
  const input = typeOf(schemas.schema.definitions[schemas.input ?? ''], '    ');
  return [
    {
      name,
      from: `${integration} → ${name}`,
      input: input === 'null' ? 'undefined' : input,
      output: typeOf(schemas.schema.definitions[output], '    '),
    },
  ];
}

/** A name that two integrations have stands for either. */
function merged(all: readonly Named[]): Named[] {
  const byName = new Map<string, Named>();
  for (const one of all) {
    const before = byName.get(one.name);
    if (!before) byName.set(one.name, one);
    else {
      const type = before.type.split(' /* or */ | ').includes(one.type) ? before.type : `${before.type} /* or */ | ${one.type}`;
      byName.set(one.name, { name: one.name, from: `${before.from}, ${one.from}`, type });
    }
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
