/**
 * A form made of the fields that a provider's definition names: which are asked, in which order, with what they start and what is wrong with a value.
 * Pure and without schemas, so that pages can load it. Checks here only help the person; the server has the last word.
 */
import type { ProviderField } from './providers.ts';

export type FieldGroup = 'credentials' | 'connection_config' | 'integration_config' | 'assertion_option';
/** Where the definition keeps its fields. */
type Definitions = { [Group in FieldGroup]?: Record<string, ProviderField> | undefined };
export type FormField = ProviderField & { name: string; group: FieldGroup };
/** By `fieldId`. */
export type Values = Record<string, string>;

/** Fields without an order of their own: what names the account comes before the credentials. */
const ORDER: Record<FieldGroup, number> = { connection_config: 0, integration_config: 0, credentials: 100, assertion_option: 200 };

/** The fields of some groups, in the order they are asked. What the platform fills in itself is not asked. */
export function fieldsOf(definitions: Definitions, groups: readonly FieldGroup[]): FormField[] {
  return groups
    .flatMap((group) =>
      Object.entries(definitions[group] ?? {}).map(([name, field], index) => ({
        field: { ...field, name, group },
        rank: field.order ?? ORDER[group] + index,
      })),
    )
    .filter(({ field }) => !field.automated)
    .sort((a, b) => a.rank - b.rank)
    .map(({ field }) => field);
}

export function fieldId({ group, name }: Pick<FormField, 'group' | 'name'>): string {
  return `${group}.${name}`;
}

/** Defaults, and the first choice of a required choice. */
export function startingValues(fields: readonly FormField[]): Values {
  return Object.fromEntries(
    fields.map((field) => [fieldId(field), field.default_value ?? (field.optional ? '' : (field.enum?.[0] ?? ''))]),
  );
}

export function isShown(field: FormField, values: Values): boolean {
  if (field.hidden) return false;
  return !field.visible_when || values[`${field.group}.${field.visible_when.field}`] === field.visible_when.equals;
}

const formats = {
  hostname: /^[a-zA-Z0-9.-]+$/,
  uri: /^https?:\/\/\S+$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  email: /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
};
export type FieldFormat = keyof typeof formats;
export type Refusal = 'needed' | 'pattern' | FieldFormat;

/** What is wrong with a value, or undefined. */
export function refusal(field: ProviderField, value: string): Refusal | undefined {
  if (value === '') return field.optional || field.default_value !== undefined ? undefined : 'needed';
  const format = formatOf(field);
  if (format && !formats[format].test(value)) return format;
  return field.pattern && !matches(field.pattern, value) ? 'pattern' : undefined;
}

/** The values of one group by field name; what was left empty is left out. */
export function valuesOf(fields: readonly FormField[], values: Values, group: FieldGroup): Values {
  const own = fields.filter((field) => field.group === group).map((field) => [field.name, values[fieldId(field)] ?? ''] as const);
  return Object.fromEntries(own.filter(([, value]) => value !== ''));
}

/** Whether every field that is shown may be sent as it is. */
export function isComplete(fields: readonly FormField[], values: Values): boolean {
  return fields.every((field) => !isShown(field, values) || !refusal(field, values[fieldId(field)] ?? ''));
}

/** A format that this version does not know is left to the server. */
function formatOf({ format }: ProviderField): FieldFormat | undefined {
  return format !== undefined && format in formats ? (format as FieldFormat) : undefined; // a key of the table
}

function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern).test(value);
  } catch {
    return true; // a pattern this browser cannot read must not stand in anyone's way
  }
}
