/**
 * The schema that a value is held to, made of the one that was deployed. That one is of a whole value as zod gives it back, and what comes in
 * from callers, what the store has made of a record and what is merged into one differ from it in known ways. Pure.
 */
import type { JsonSchema } from './json-schema.ts';

/** What a value is: `metadata` is a connection's, `patch` what is merged into a stored record. */
export type Usage = 'input' | 'metadata' | 'output' | 'record' | 'patch';

export function relaxed(schema: JsonSchema, usage: Usage): JsonSchema {
  switch (usage) {
    case 'output':
      return schema;
    case 'record':
      return withStoredId(schema);
    case 'patch':
      return everywhere(withStoredId(schema), partial);
    case 'input':
      return everywhere(schema, withoutDefaulted);
    case 'metadata': {
      // The syncs of a connection share its metadata, and each declares its own part.
      const { additionalProperties: _, ...open } = everywhere(schema, withoutDefaulted);
      return open;
    }
  }
}

/** An id is stored as text, whatever it was at the provider. */
function withStoredId(schema: JsonSchema): JsonSchema {
  const { id, ...properties } = fields(schema.properties);
  const types = [fields(id).type].flat();
  if (types[0] === undefined || types.includes('string')) return schema;
  return { ...schema, properties: { ...properties, id: {} } };
}

/** Who has a default for a field does not ask for it. */
function withoutDefaulted(schema: JsonSchema): JsonSchema {
  if (!Array.isArray(schema.required)) return schema;
  const properties = fields(schema.properties);
  return { ...schema, required: schema.required.filter((name) => !('default' in fields(properties[name]))) };
}

/** Objects are merged deeply, so any field may be left out; lists are replaced, so what is in them is whole. */
function partial(schema: JsonSchema): JsonSchema {
  const { required: _required, minProperties: _least, dependencies: _with, if: _if, then: _then, else: _else, oneOf, ...rest } = schema;
  // Without their required fields several alternatives may fit.
  return oneOf === undefined ? rest : { ...rest, anyOf: oneOf };
}

type Change = (schema: JsonSchema) => JsonSchema;

/** Those that apply to the value itself or to fields of it. */
const nested = ['additionalProperties', 'if', 'then', 'else'];
const nestedByName = ['properties', 'patternProperties', 'definitions', '$defs'];
const nestedInOrder = ['allOf', 'anyOf', 'oneOf'];

function everywhere(schema: JsonSchema, change: Change): JsonSchema {
  const inside = Object.entries(schema).map(([key, value]): [string, unknown] => {
    if (nested.includes(key)) return [key, within(value, change)];
    if (nestedInOrder.includes(key) && Array.isArray(value)) return [key, value.map((one) => within(one, change))];
    if (nestedByName.includes(key))
      return [key, Object.fromEntries(Object.entries(fields(value)).map(([name, one]) => [name, within(one, change)]))];
    // Defaults count in lists too; merging stops there.
    return [key, key === 'items' && change === withoutDefaulted ? within(value, change) : value];
  });
  return change(Object.fromEntries(inside));
}

const within = (value: unknown, change: Change): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? everywhere(fields(value), change) : value;

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
