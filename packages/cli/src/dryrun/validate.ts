/**
 * Holds what went in and what came out to what the function declares. The input by its zod schema, for that says what callers may send, defaults
 * included; output and records by the JSON Schemas that are deployed, for those are what readers of the data go by (decisions/032).
 */
import type { ErrorObject } from 'ajv';
import type { Compiled } from '../compile/compiled.ts';
import type { Ran } from './execute.ts';
import type { Values } from './values.ts';

/** `model` is a model, `input` or `output`; `path` leads into it, `id` names the record. */
export type Mistake = { model: string; id?: string; path: string; message: string };

export function validateInput({ inputSchema }: Compiled, { input }: Values): Mistake[] {
  const schema = inputSchema();
  if (!schema) return [];
  const { type } = schema._zod.def;
  // As the sandbox hands it over: no input is no fields, and nothing where nothing is declared.
  const nothing = type === 'void' || type === 'undefined' ? undefined : type === 'object' ? {} : null;
  const parsed = schema.safeParse(input ?? nothing);
  if (parsed.success) return [];
  return parsed.error.issues.map(({ path, message }) => ({ model: 'input', path: path.map(String).join('.'), message }));
}

export async function validateResult({ definition, schemas }: Compiled, { output, error, done }: Ran): Promise<Mistake[]> {
  if (!schemas || error) return [];
  // Loaded when asked for: no other command needs them.
  const [{ Ajv }, { default: formats }] = await Promise.all([import('ajv'), import('ajv-formats')]);
  const ajv = new Ajv({ allErrors: true, strict: false, validateSchema: false });
  formats.default(ajv);
  const check = (name: string, value: unknown): { path: string; message: string }[] => {
    const schema = schemas.schema.definitions[name];
    if (schema === undefined) return [];
    const validate = ajv.getSchema(name) ?? ajv.addSchema(schema, name).getSchema(name);
    return validate?.(value) ? [] : (validate?.errors ?? []).map(mistakeOf);
  };
  if (definition.kind === 'action') return check(schemas.models[0] ?? '', output).map((one) => ({ model: 'output', ...one }));
  return Object.entries(done.batchSave).flatMap(([model, records]) =>
    records.flatMap((record) => check(model, record).map((one) => ({ model, id: String(Object(record).id), ...one }))),
  );
}

function mistakeOf({ instancePath, message = 'does not fit', keyword, params }: ErrorObject): { path: string; message: string } {
  const path = instancePath.replace(/^\//, '').replaceAll('/', '.');
  if (keyword === 'additionalProperties')
    return { path: [path, params.additionalProperty].filter(Boolean).join('.'), message: 'is not declared' };
  if (keyword === 'required') return { path: [path, params.missingProperty].filter(Boolean).join('.'), message: 'is missing' };
  const allowed = keyword === 'enum' ? ` (${[params.allowedValues].flat().map(String).join(', ')})` : '';
  return { path, message: `${message}${allowed}` };
}

const shownMax = 20;

export function describeMistakes(mistakes: readonly Mistake[]): string {
  const lines = mistakes.slice(0, shownMax).map(({ model, id, path, message }) => {
    const where = [model, id === undefined ? undefined : `id ${id}`, path].filter(Boolean).join(' · ');
    return `  ${where}: ${message}`;
  });
  const more = mistakes.length > shownMax ? [`  … and ${mistakes.length - shownMax} more`] : [];
  return [...lines, ...more].join('\n');
}
