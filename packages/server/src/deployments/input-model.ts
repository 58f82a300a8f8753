/** The JSON schema of a function's input, found by its name among the definitions that came with the deployment. Pure. */
import type { FunctionConfig } from './function.ts';

type Declared = Pick<FunctionConfig, 'input' | 'schema'>;
export type Model = Record<string, unknown>;

/** Undefined when nothing is declared, or nothing by this name. A definition that only points to another is followed. */
export function inputModel({ input, schema }: Declared): Model | undefined {
  const definitions = schema?.definitions ?? {};
  let name = input;
  // A pointer that leads back to itself ends, too.
  for (let step = 0; step <= Object.keys(definitions).length; step += 1) {
    if (name === undefined || !Object.hasOwn(definitions, name)) return undefined;
    const model: Model = { ...definitions[name] };
    const [, referred] = /^#\/definitions\/(.+)$/.exec(String(model.$ref)) ?? [];
    if (referred === undefined) return model;
    name = referred;
  }
  return undefined;
}

/** An author who writes `z.void()` or `z.null()` takes no input. */
export const isNothing = (model: Model | undefined): boolean => model?.type === 'null';

/** The model with the definitions it leads to, so that it can be read alone. */
export function withDefinitions({ schema }: Declared, model: Model): Model {
  const definitions = schema?.definitions ?? {};
  const used = new Map<string, object>();
  const open: object[] = [model];
  for (let next = open.pop(); next; next = open.pop()) {
    for (const [, name = ''] of JSON.stringify(next).matchAll(/"\$ref":"#\/definitions\/([^"\\]+)"/g)) {
      const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
      if (!definition || used.has(name)) continue;
      used.set(name, definition);
      open.push(definition);
    }
  }
  return used.size === 0 ? model : { ...model, definitions: { ...Object(model.definitions), ...Object.fromEntries(used) } };
}
