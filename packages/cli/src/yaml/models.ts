/** The models of `nango.yaml` as one TypeScript text of zod schemas: what functions import, and what this command evaluates. Pure. */
import type { Diagnostic } from '@bowline/compile/diagnostic';
import { z } from 'zod';
import { modelName, type Names, type YamlCode, zodOf } from './type.ts';

export type Model = { name: string; text: string; names: string[] };
type Complain = (path: readonly string[], message: string, severity: Diagnostic['severity'], code: YamlCode) => void;

/** In an order in which each is declared before it is used; a circle is left to zod's getters. */
export function readModels(given: Readonly<Record<string, unknown>>, complain: Complain): Model[] {
  const known = new Set(Object.keys(given));
  const models = new Map<string, Model>();
  for (const [name, value] of Object.entries(given)) {
    if (!modelName.test(name)) {
      complain(['models', name], `${name}: a model's name has letters, digits and _ only`, 'error', 'invalid_model_name');
      continue;
    }
    const fields = withParents(name, given, complain);
    const read = attempt(() => zodOf(fields ?? value, namesFor(known, ['models', name], complain)));
    if (read) models.set(name, { name, ...read });
  }
  for (const name of models.keys())
    if (reaches(models, name, name))
      complain(['models', name], `${name} holds itself; it is checked as deep as it goes`, 'warning', 'cyclic_model');
  return ordered(models);
}

/** Whether a model is used by another, at any depth. */
function reaches(models: ReadonlyMap<string, Model>, from: string, wanted: string, seen = new Set<string>()): boolean {
  return (models.get(from)?.names ?? []).some((used) => {
    if (used === wanted) return true;
    if (seen.has(used)) return false;
    seen.add(used);
    return reaches(models, used, wanted, seen);
  });
}

export function namesFor(models: ReadonlySet<string>, path: readonly string[], complain: Complain): Names {
  return {
    models,
    warn: (message, code) => complain(path, message, 'warning', code),
    refuse: (message, code) => {
      complain(path, message, 'error', code);
      throw new Refused();
    },
  };
}

class Refused extends Error {}

export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

/** Own fields win, then those of the first parent. */
function withParents(
  name: string,
  given: Readonly<Record<string, unknown>>,
  complain: Complain,
  seen: readonly string[] = [],
): object | undefined {
  const own = given[name];
  if (typeof own !== 'object' || own === null || Array.isArray(own)) return undefined;
  const fields = Object.fromEntries(Object.entries(own).filter(([field]) => field !== '__extends'));
  const parents: unknown = Reflect.get(own, '__extends');
  const named = typeof parents === 'string' ? parents.split(',').map((one) => one.trim()) : [];
  const inherited = named.map((parent) => {
    const refuse = (message: string) => complain(['models', name, '__extends'], message, 'error', 'model_extends_not_found');
    if (!Object.hasOwn(given, parent)) refuse(`${name} extends ${parent}, which is no model`);
    else if (parent === name || seen.includes(parent)) refuse(`${name} extends itself through ${parent}`);
    else return withParents(parent, given, complain, [...seen, name]) ?? {};
    return {};
  });
  return Object.assign({}, ...inherited.reverse(), fields);
}

function ordered(models: ReadonlyMap<string, Model>): Model[] {
  const done: Model[] = [];
  const visit = (model: Model, above: readonly string[]): void => {
    if (done.includes(model) || above.includes(model.name)) return;
    for (const name of model.names) {
      const used = models.get(name);
      if (used) visit(used, [...above, model.name]);
    }
    done.push(model);
  };
  for (const model of models.values()) visit(model, []);
  return done;
}

/** Where a model uses itself, or one that comes after it, the use is put off with `z.lazy`. */
export function declarations(models: readonly Model[]): string[] {
  const declared = new Set<string>();
  return models.map(({ name, text, names }) => {
    const later = names.filter((used) => !declared.has(used));
    declared.add(name);
    const put = text.replace(/"(?:[^"\\]|\\.)*"|(?<![\w.])\w+/g, (token) =>
      later.includes(token) ? `z.lazy((): z.ZodType => ${token})` : token,
    );
    return `export const ${name} = ${put};\nexport type ${name} = z.infer<typeof ${name}>;\n`;
  });
}

/** The schemas themselves. The names are checked and everything else is written by `zodOf`, so nothing of the file is run. */
export function evaluateModels(models: readonly Model[], extra: Readonly<Record<string, string>> = {}): Record<string, z.ZodType> {
  const bodies = declarations(models).map((text) =>
    (text.split('\nexport type')[0] ?? '').replace('export const', 'const').replace(/\(\): z\.ZodType =>/g, '() =>'),
  );
  const extras = Object.entries(extra).map(([name, text]) => `${JSON.stringify(name)}: ${text}`);
  const made: unknown = new Function('z', `${bodies.join('\n')}\nreturn { ${[...models.map(({ name }) => name), ...extras].join(', ')} };`)(
    z,
  );
  return z
    .record(
      z.string(),
      z.custom<z.ZodType>((value) => value instanceof z.ZodType),
    )
    .parse(made);
}
