/**
 * The fields a person fills in to connect, taken from a provider's definition. Checks here only help the person; the server has the last word.
 * Prefix and suffix are shown around the input and never become part of the value.
 */
import * as z from 'zod';

const Definition = z.looseObject({
  title: z.string().default(''),
  description: z.string().default(''),
  example: z.string().optional(),
  pattern: z.string().optional(),
  format: z.string().optional(),
  enum: z.array(z.string()).optional(),
  order: z.number().optional(),
  default_value: z.string().optional(),
  hidden: z.boolean().optional(),
  automated: z.boolean().optional(),
  optional: z.boolean().optional(),
  secret: z.boolean().optional(),
  prefix: z.string().optional(),
  suffix: z.string().optional(),
  visible_when: z.object({ field: z.string(), equals: z.string() }).optional(),
});
export type ConnectField = z.output<typeof Definition> & { name: string; group: FieldGroup };
export type FieldGroup = 'credentials' | 'connection_config' | 'integration_config';
export type Values = Record<string, string>;

const Definitions = z.record(z.string(), Definition).catch({});
/** Fields without an order of their own: what names the account comes before the credentials. */
const ORDER = { connection_config: 0, integration_config: 0, credentials: 100 } as const;

/** The fields of some groups of one provider, in the order they are asked. */
export function fieldsOf(provider: Record<string, unknown>, groups: FieldGroup[]): ConnectField[] {
  const found = groups.flatMap((group) =>
    Object.entries(Definitions.parse(provider[group] ?? {})).map(([name, field], index) => ({
      ...field,
      name,
      group,
      rank: field.order ?? ORDER[group] + index,
    })),
  );
  return found
    .filter((field) => !field.automated)
    .sort((a, b) => a.rank - b.rank)
    .map(({ rank: _, ...field }) => field);
}

export function fieldId({ group, name }: ConnectField): string {
  return `${group}.${name}`;
}

/** Defaults, and the first choice of a required choice. */
export function startingValues(fields: ConnectField[]): Values {
  return Object.fromEntries(
    fields.map((field) => [fieldId(field), field.default_value ?? (field.optional ? '' : (field.enum?.[0] ?? ''))]),
  );
}

export function isShown(field: ConnectField, values: Values): boolean {
  if (field.hidden) return false;
  return !field.visible_when || values[`${field.group}.${field.visible_when.field}`] === field.visible_when.equals;
}

const formats: Record<string, RegExp> = {
  hostname: /^[a-zA-Z0-9.-]+$/,
  uri: /^https?:\/\/\S+$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  email: /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
};
const formatWords: Record<string, string> = {
  hostname: 'a host name such as acme.example.com',
  uri: 'an address that starts with https://',
  uuid: 'a UUID',
  email: 'an e-mail address',
};

/** What is wrong with a value, in words for who typed it. */
export function refusal(field: ConnectField, value: string): string | undefined {
  const title = field.title || field.name;
  if (value === '') return field.optional || field.default_value !== undefined ? undefined : `${title} is needed`;
  if (field.format && formats[field.format]?.test(value) === false) return `${title} must be ${formatWords[field.format]}`;
  if (field.pattern && !matches(field.pattern, value)) {
    return `${title} does not look right${field.example ? `; it should look like ${field.example}` : ''}`;
  }
  return undefined;
}

/** The values of one group by field name; what was left empty is left out. */
export function valuesOf(fields: ConnectField[], values: Values, group: FieldGroup): Values {
  const own = fields.filter((field) => field.group === group).map((field) => [field.name, values[fieldId(field)] ?? ''] as const);
  return Object.fromEntries(own.filter(([, value]) => value !== ''));
}

function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern).test(value);
  } catch {
    return true; // a pattern this browser cannot read must not stand in anyone's way
  }
}
