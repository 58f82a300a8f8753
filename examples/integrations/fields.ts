/** Field mappings: the customer chooses, per connection, which of the vendor's fields become which of the app's. */

/** The app's name of a field → the vendor's; a dot leads into a nested object, as in `Account.Industry`. */
export type FieldMapping = Readonly<Record<string, string>>;

/** Reads the mapped fields of a vendor's object. A field that is missing is null; what is no text becomes JSON. */
export const readMapped = (mapping: FieldMapping, source: Readonly<Record<string, unknown>>): Record<string, string | null> =>
  Object.fromEntries(Object.entries(mapping).map(([ours, theirs]) => [ours, asText(valueAt(source, theirs))]));

/** The other way: the app's values under the vendor's names. `unknown` are names that the mapping does not have. */
export const writeMapped = (mapping: FieldMapping, values: Readonly<Record<string, string>> = {}) => ({
  fields: Object.fromEntries(Object.entries(values).flatMap(([ours, value]) => (mapping[ours] ? [[mapping[ours], value]] : []))),
  unknown: Object.keys(values).filter((ours) => !mapping[ours]),
});

/** A custom field's own name may contain a dot, so the whole name is tried first. */
const valueAt = (source: Readonly<Record<string, unknown>>, path: string): unknown =>
  Object.hasOwn(source, path)
    ? source[path]
    : path.split('.').reduce<unknown>((here, part) => (isObject(here) ? here[part] : undefined), source);

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const asText = (value: unknown): string | null =>
  value === null || value === undefined ? null : typeof value === 'string' ? value : JSON.stringify(value);
