/**
 * The schema of a provider's file as JSON Schema (draft 2020-12), for editors: they complete keys and explain them. One branch for each auth
 * mode; a file that extends another one may leave everything out, and `null` takes a key away. Pure.
 */
import { z } from 'zod';
import { anyDefinition } from './auth-modes.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type Schema = { readonly [key: string]: Json };

/** What an editor is pointed at. Rules that JSON Schema cannot say (templates, patterns) are those of the gates. */
export function providerSchema(): Schema {
  const whole = JSON.parse(JSON.stringify(z.toJSONSchema(anyDefinition, { io: 'input', reused: 'ref' })));
  const strict = object(whole.$defs);
  const modes = list(whole.oneOf).map(object);
  const names = modes.map((mode) => object(object(mode.properties).auth_mode).const ?? null);
  const branches = modes.map((mode, index) => [`mode_${names[index]}`, names[index] === 'API_KEY' ? withApiKey(mode) : mode] as const);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A provider',
    description: 'One external API: how access is granted, what people are asked for, how calls are made.',
    type: 'object',
    properties: { auth_mode: { description: 'How access is granted.', enum: names }, extends: parent },
    if: { required: ['extends'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { $ref: '#/$defs/extending' },
    else: {
      required: ['auth_mode'],
      allOf: names.map((name) => ({
        if: { properties: { auth_mode: { const: name } }, required: ['auth_mode'] },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: { $ref: `#/$defs/mode_${name}` },
      })),
    },
    $defs: {
      ...strict,
      ...Object.fromEntries(branches),
      ...Object.fromEntries(Object.entries(strict).map(([name, schema]) => [`${name}_part`, relaxed(object(schema), strict)])),
      extending: extending(modes, names, strict),
    },
  };
}

const parent: Schema = { type: 'string', description: 'The provider whose entry this one starts from; `null` takes one of its keys away.' };

/** Of any mode: the one that extends may not say which. */
function extending(modes: readonly Schema[], names: readonly Json[], defs: Schema): Schema {
  const { properties } = union(modes, defs);
  const auth_mode = { description: 'How access is granted.', enum: names };
  return { type: 'object', properties: { extends: parent, ...object(properties), auth_mode }, additionalProperties: false };
}

/** One object with the keys of all, each optional, of any form that it has in one of them, or null. */
function union(objects: readonly Schema[], defs: Schema): Schema {
  const variants = new Map<string, Schema[]>();
  for (const [key, value] of objects.flatMap((one) => Object.entries(object(one.properties)))) {
    const known = variants.get(key) ?? [];
    const schema = object(value);
    if (!known.some((other) => JSON.stringify(other) === JSON.stringify(schema))) variants.set(key, [...known, schema]);
  }
  const properties = [...variants].map(([key, schemas]) => [key, orNull(schemas, defs)] as const);
  return { type: 'object', properties: Object.fromEntries(properties), additionalProperties: false };
}

/**
 * The same with nothing required. Lists are replaced as a whole, so what is in them stays as it is. Of several kinds of objects the keys are
 * mixed: who changes the kind takes the keys of the other one away.
 */
function relaxed(schema: Schema, defs: Schema): Schema {
  const { required: _required, oneOf, anyOf, $ref, properties, additionalProperties, ...rest } = schema;
  const choices = [...(oneOf ? list(oneOf) : []), ...(anyOf ? list(anyOf) : [])].map((choice) => resolved(object(choice), defs));
  if (choices.length > 0 && choices.every((choice) => choice.properties)) return { ...rest, ...union(choices, defs) };
  return {
    ...rest,
    ...(typeof $ref === 'string' ? { $ref: `${$ref}_part` } : {}),
    ...(choices.length > 0 ? { anyOf: choices.map((choice) => relaxed(choice, defs)) } : {}),
    ...(properties ? union([schema], defs) : {}),
    ...(isObject(additionalProperties) ? { additionalProperties: orNull([additionalProperties], defs) } : {}),
  };
}

const resolved = (schema: Schema, defs: Schema): Schema =>
  typeof schema.$ref === 'string' ? object(defs[schema.$ref.replace('#/$defs/', '')]) : schema;

/** The description stays outside, where editors look for it. */
function orNull(schemas: readonly Schema[], defs: Schema): Schema {
  const description = schemas.flatMap((schema) => [schema, resolved(schema, defs)]).find((schema) => schema.description)?.description;
  return {
    ...(description === undefined ? {} : { description }),
    anyOf: [...schemas.map((schema) => relaxed(schema, defs)), { type: 'null' }],
  };
}

/** The key itself is a field like any other, and must be there. */
const withApiKey = (mode: Schema): Schema => ({
  ...mode,
  required: [...list(mode.required ?? []), 'credentials'],
  allOf: [{ properties: { credentials: { required: ['apiKey'] } } }],
});

const isObject = (value: Json | undefined): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);
const object = (value: Json | undefined): Schema => (isObject(value) ? value : {});
const list = (value: Json): readonly Json[] => (Array.isArray(value) ? value : []);
