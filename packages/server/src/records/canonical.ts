/** Canonical JSON of a record: keys sorted at every depth, no spaces. Equal contents thus hash equally, whatever order the provider sent them in. */
import { hash } from 'node:crypto';

export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? 'null';
}

/** 16 bytes of SHA-256: a collision within a billion records has a chance of 10^-21. */
export function contentHash(line: string | Buffer): Buffer {
  return hash('sha256', line, 'buffer').subarray(0, 16);
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
