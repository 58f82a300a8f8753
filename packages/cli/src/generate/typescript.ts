/** JSON Schema (draft 7, as the compiler writes it) as a TypeScript type. What it cannot say is `unknown`, never something wrong. Pure. */
import type { JsonSchema } from '@bowline/compile/json-schema';
import { isRecord } from '@bowline/compile/options';

export function typeOf(schema: unknown, indent = ''): string {
  if (!isRecord(schema)) return schema === false ? 'never' : 'unknown';
  const { $ref, const: constant, enum: values, anyOf, oneOf, allOf, type } = schema;
  if (typeof $ref === 'string') return 'unknown'; // a model that holds itself
  if (constant !== undefined) return JSON.stringify(constant);
  if (Array.isArray(values)) return union(values.map((value) => JSON.stringify(value)));
  const either = anyOf ?? oneOf;
  if (Array.isArray(either)) return union(either.map((one) => typeOf(one, indent)));
  if (Array.isArray(allOf)) return allOf.map((one) => wrapped(typeOf(one, indent))).join(' & ');
  if (Array.isArray(type)) return union(type.map((one) => typeOf({ ...schema, type: one }, indent)));
  switch (type) {
    case 'object':
      return objectOf(schema, indent);
    case 'array':
      return arrayOf(schema, indent);
    case 'integer':
      return 'number';
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return type;
    default:
      return 'unknown';
  }
}

function objectOf(schema: JsonSchema, indent: string): string {
  const required: unknown[] = Array.isArray(schema.required) ? schema.required : [];
  const deeper = `${indent}  `;
  const fields = Object.entries(Object(schema.properties)).map(([name, field]) => {
    const { description } = Object(field);
    const comment =
      typeof description === 'string' ? `${deeper}/** ${description.replaceAll('*/', '*\u200b/').replace(/\s+/g, ' ')} */\n` : '';
    return `${comment}${deeper}${keyOf(name)}${required.includes(name) ? '' : '?'}: ${typeOf(field, deeper)};`;
  });
  const rest = schema.additionalProperties;
  if (fields.length === 0)
    return rest === false ? 'Record<string, never>' : `Record<string, ${rest === undefined ? 'unknown' : typeOf(rest, indent)}>`;
  // Other keys may be of any type, the named ones included.
  const more = typeof rest === 'object' || rest === true ? [`${deeper}[key: string]: unknown;`] : [];
  return `{\n${[...fields, ...more].join('\n')}\n${indent}}`;
}

function arrayOf({ items, prefixItems }: JsonSchema, indent: string): string {
  const tuple = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : undefined;
  if (tuple) return `[${tuple.map((item) => typeOf(item, indent)).join(', ')}]`;
  return `${wrapped(typeOf(items ?? {}, indent))}[]`;
}

const union = (types: readonly string[]): string => {
  const all = [...new Set(types)];
  return all.includes('unknown') ? 'unknown' : all.map(wrapped).join(' | ') || 'never';
};
/** Outside of braces and texts, an operator binds less than what is put around it. */
const wrapped = (type: string): string => (/^(?:\{|"[^"]*"$|[\w.[\]<>, ]+$)/.test(type) ? type : `(${type})`);

export const keyOf = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));
