/** Canonical JSON: keys sorted at every depth, no spaces, no NUL. Equal contents are equal texts, which makes them fit for hashing and signing. */

export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? 'null';
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return typeof value === 'string' ? value.replaceAll('\0', '') : value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key.replaceAll('\0', ''), sorted(value[key])]));
}

/** A plain object as JSON has it; anything with its own `toJSON` is left to that. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('toJSON' in value);
}
