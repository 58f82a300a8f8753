/** An example of a JSON Schema (draft 7, as the compiler writes it): the one it names, else one that fits it. Pure, and the same each time. */
import { isRecord } from '@bowline/compile/options';

type Definitions = Readonly<Record<string, unknown>>;

/** Deeper than this a model holds itself. */
const depthMax = 8;

export const exampleOf = (schema: unknown, definitions: Definitions = {}, depth = 0): unknown => {
  if (!isRecord(schema) || depth > depthMax) return null;
  const { $ref, examples, default: preset, const: constant, enum: values } = schema;
  const [named] = Array.isArray(examples) ? examples : [];
  const told = [named, preset, constant, Array.isArray(values) ? values[0] : undefined].find((one) => one !== undefined);
  if (told !== undefined) return told;
  const deeper = (one: unknown): unknown => exampleOf(one, definitions, depth + 1);
  if (typeof $ref === 'string') return $ref === '#' ? null : deeper(definitions[$ref.split('/').at(-1) ?? '']);
  const either = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(either)) return deeper(either.find((one) => !isRecord(one) || one.type !== 'null') ?? either[0]);
  if (Array.isArray(schema.allOf)) return Object.assign({}, ...schema.allOf.map(deeper));
  return ofType(schema, deeper);
};

const ofType = (schema: Record<string, unknown>, deeper: (one: unknown) => unknown): unknown => {
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== 'null') : schema.type;
  switch (type) {
    case 'object':
      return objectOf(schema, deeper);
    case 'array':
      return arrayOf(schema, deeper);
    case 'string':
      return textOf(schema);
    case 'integer':
    case 'number':
      return numberOf(schema);
    case 'boolean':
      return true;
    default:
      return isRecord(schema.properties) ? objectOf(schema, deeper) : null;
  }
};

const objectOf = ({ properties, additionalProperties }: Record<string, unknown>, deeper: (one: unknown) => unknown): unknown => {
  const own = Object.entries(isRecord(properties) ? properties : {}).map(([name, field]) => [name, deeper(field)]);
  if (own.length === 0 && isRecord(additionalProperties)) return { key: deeper(additionalProperties) };
  return Object.fromEntries(own);
};

const arrayOf = ({ items, prefixItems }: Record<string, unknown>, deeper: (one: unknown) => unknown): unknown => {
  const tuple = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : undefined;
  return tuple ? tuple.map(deeper) : isRecord(items) ? [deeper(items)] : [];
};

const formats: Readonly<Record<string, string>> = {
  'date-time': '2026-01-31T08:00:00Z',
  date: '2026-01-31',
  time: '08:00:00',
  email: 'ann@example.com',
  uri: 'https://example.com',
  uuid: '7f0c9c34-9a51-4f3f-9d3a-0d6a1b6f2c11',
};

const textOf = ({ format, minLength }: Record<string, unknown>): string => {
  const text = (typeof format === 'string' && formats[format]) || 'text';
  return typeof minLength === 'number' ? text.padEnd(Math.min(minLength, 100), 'x') : text;
};

const numberOf = ({ minimum, maximum, exclusiveMinimum }: Record<string, unknown>): number => {
  const least = typeof minimum === 'number' ? minimum : typeof exclusiveMinimum === 'number' ? exclusiveMinimum + 1 : 1;
  const most = typeof maximum === 'number' ? maximum : Number.MAX_SAFE_INTEGER;
  // 1 where it fits; zod's integers have the bounds of safe integers.
  return Math.min(Math.max(1, least), most);
};
