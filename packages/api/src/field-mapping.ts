/**
 * A field mapping: which field of an app is filled from which field of a provider. The rules, pure, and the messages between the component of
 * `@bowline/browser` and the handler of `@bowline/node`, so that both judge alike.
 */

/**
 * What a field holds.
 *
 * @example
 * const type: FieldType = 'number';
 */
export type FieldType = 'string' | 'number' | 'boolean' | 'date';

/**
 * A field of your app that is to be filled.
 *
 * @example
 * const fields: AppField[] = [{ name: 'priority', label: 'Priority', type: 'number', required: true }];
 */
export type AppField = {
  /** As your sync reads it from the metadata. */
  name: string;
  label?: string | undefined;
  /** What fits: anything may fill a string. Default: `string`. */
  type?: FieldType | undefined;
  required?: boolean | undefined;
};

/**
 * A field that the provider has, such as a custom field of this customer.
 *
 * @example
 * const available: ProviderField[] = [{ id: 'custom_field_1', label: 'Urgency', type: 'number' }];
 */
export type ProviderField = {
  id: string;
  label?: string | undefined;
  /** Unknown: it fits everywhere. */
  type?: FieldType | undefined;
};

/**
 * The name of each field of your app with the id of the provider's field that fills it; null for none. It is stored in the connection's metadata.
 *
 * @example
 * const mapping: Mapping = { priority: 'custom_field_1', owner: null };
 */
export type Mapping = Record<string, string | null>;

/**
 * What is wrong with one field of a mapping.
 *
 * @example
 * const tell = ({ field, message }: MappingIssue) => `${field}: ${message}`;
 */
export type MappingIssue = {
  field: string;
  code: 'required' | 'unknown_field' | 'wrong_type' | 'duplicate';
  message: string;
};

/**
 * What there is to map, and how it is mapped now.
 *
 * @example
 * const mappable: Mappable = { fields: [{ name: 'priority' }], available: [{ id: 'custom_field_1' }], mapping: {} };
 */
export type Mappable = { fields: AppField[]; available: ProviderField[]; mapping: Mapping };

/** What the component asks of the handler, as JSON in a POST. */
export type MappingRequest = { do: 'list' | 'start' } | { do: 'preview' | 'save'; mapping: Mapping };

const fits: Record<FieldType, readonly FieldType[]> = {
  string: ['string', 'number', 'boolean', 'date'],
  number: ['number'],
  boolean: ['boolean'],
  date: ['date'],
};

export function isFitting({ type = 'string' }: AppField, field: ProviderField): boolean {
  return field.type === undefined || fits[type].includes(field.type);
}

/** In the order of the fields, at most one for each. */
export function judgeMapping({ fields, available, mapping }: Mappable): MappingIssue[] {
  const taken = new Map<string, AppField>();
  return fields.flatMap((field): MappingIssue[] => {
    const issue = (code: MappingIssue['code'], message: string) => [{ field: field.name, code, message }];
    const id = mapping[field.name] ?? '';
    if (id === '') return field.required ? issue('required', `Choose a field for ${nameOf(field)}`) : [];
    const chosen = available.find((one) => one.id === id);
    if (!chosen) return issue('unknown_field', `The field ${id} no longer exists`);
    if (!isFitting(field, chosen)) return issue('wrong_type', `${nameOf(field)} takes a ${field.type}, not a ${chosen.type}`);
    const other = taken.get(id);
    if (other) return issue('duplicate', `${chosen.label ?? id} fills ${nameOf(other)} already`);
    taken.set(id, field);
    return [];
  });
}

/** A record as the app gets it. */
export function applyMapping(record: Readonly<Record<string, unknown>>, mapping: Mapping): Record<string, unknown> {
  return Object.fromEntries(Object.entries(mapping).map(([name, id]) => [name, id === null ? null : (record[id] ?? null)]));
}

/** What is stored: the app's fields alone, null for those that nothing fills. */
export function cleanMapping(fields: readonly AppField[], mapping: Readonly<Record<string, unknown>>): Mapping {
  return Object.fromEntries(fields.map(({ name }) => [name, typeof mapping[name] === 'string' ? mapping[name] || null : null]));
}

function nameOf({ label, name }: AppField): string {
  return label ?? name;
}
