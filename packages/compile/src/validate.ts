/**
 * Holds values to the JSON Schemas (draft 7) that are deployed with a function: the one validator of the command's dry run and of the server.
 * Compiling makes code of a schema, and a schema may make it slow: where it is a stranger's, this runs in a thread that can be ended
 * (decisions/034).
 */
import type { ErrorObject } from 'ajv';
import type { JsonSchema } from './json-schema.ts';
import { relaxed, type Usage } from './relax.ts';

export type { Usage } from './relax.ts';
/** `path` leads into the value, joined by dots, and is empty for the value itself. The message never holds a value. */
export type Flaw = { path: string; message: string };
export type Validate = (value: unknown) => Flaw[];
export type Definitions = Readonly<Record<string, JsonSchema>>;
/** Undefined when nothing is declared by that name. @throws SchemaError */
export type CompileModel = (definitions: Definitions, name: string, usage: Usage) => Validate | undefined;

/** The schema itself is of no use, whatever the value. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

/** Of one value. Whoever mends these sees the rest. */
const flawsMax = 20;
const schemaCharsMax = 1_000_000;

/** Loads the library when it is first needed: most commands and most servers need none. */
export async function openValidator(): Promise<CompileModel> {
  const [{ Ajv }, { default: formats }] = await Promise.all([import('ajv'), import('ajv-formats')]);
  return (definitions, name, usage) => {
    const schema = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
    if (schema === undefined) return undefined;
    // An instance of its own: what one schema names can never be found by another.
    const ajv = new Ajv({
      allErrors: true,
      strict: false,
      validateSchema: false,
      logger: false,
      code: { regExp: Object.assign(regExp, { code: 'regExp' }) },
    });
    formats.default(ajv);
    const whole = attempt(name, () => documentOf(definitions, schema, usage));
    const validate = attempt(name, () => ajv.compile(whole));
    return (given) => {
      const value = usage === 'input' || usage === 'metadata' ? nothingAs(schema, given) : given;
      if (validate(value)) return [];
      return distinct((validate.errors ?? []).map(flawOf)).slice(0, flawsMax);
    };
  };
}

/** No input is no fields to a function that takes fields, and no fields are no input to one that takes none. */
function nothingAs({ type }: JsonSchema, value: unknown): unknown {
  if (value === null || value === undefined) return type === 'object' ? {} : null;
  const isEmpty = typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0;
  return isEmpty && type === 'null' ? null : value;
}

/** `#` is the model itself; `#/definitions/Other` are its own, and beside them the models it was deployed with. */
function documentOf(definitions: Definitions, schema: JsonSchema, usage: Usage): JsonSchema {
  const { $schema: _meta, $id: _id, $async: _async, ...model } = schema;
  const document = relaxed({ ...model, definitions: { ...definitions, ...Object(model.definitions) } }, usage);
  if (JSON.stringify(document).length > schemaCharsMax) throw new Error(`it is larger than ${schemaCharsMax} characters`);
  return document;
}

function attempt<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const why = error instanceof RangeError ? 'it is nested too deeply' : error instanceof Error ? error.message : String(error);
    throw new SchemaError(`The schema of ${name} cannot be used: ${why}`);
  }
}

/** zod keeps no flags of a pattern: most are meant for Unicode, and what that mode refuses, such as `\-`, is meant without. */
function regExp(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return new RegExp(pattern);
  }
}

function flawOf({ instancePath, message = 'does not fit', keyword, params }: ErrorObject): Flaw {
  const path = instancePath.slice(1).split('/').map(unescaped).join('.');
  if (keyword === 'additionalProperties') return { path: joined(path, params.additionalProperty), message: 'is not declared' };
  if (keyword === 'required') return { path: joined(path, params.missingProperty), message: 'is missing' };
  const allowed = [params.allowedValues ?? params.allowedValue ?? []].flat().map(String).join(', ');
  return { path, message: allowed === '' ? message : `${message} (${allowed})` };
}

const unescaped = (segment: string) => segment.replaceAll('~1', '/').replaceAll('~0', '~');
const joined = (path: string, name: unknown) => [path, name].filter((part) => part !== '').join('.');

function distinct(flaws: readonly Flaw[]): Flaw[] {
  return [...new Map(flaws.map((flaw) => [`${flaw.path}\0${flaw.message}`, flaw])).values()];
}
