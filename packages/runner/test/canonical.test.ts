import { describe, expect, test } from 'vitest';
import { canonical } from '../src/canonical.ts';

/** A small generator with a seed, so that a failure can be run again. */
function generator(seed: number) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const pick = <T>(items: T[]): T => items[Math.floor(next() * items.length)] as T;
  const names = [
    'id',
    'name',
    'ä',
    'Z',
    'a',
    '10',
    '2',
    '-1',
    '',
    'a"b',
    'a\\b',
    '__proto__',
    'constructor',
    'toString',
    '😀',
    'line\nbreak',
    'é',
  ];
  const leaves = [
    0,
    -0,
    1.5,
    1e21,
    -3,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    true,
    false,
    null,
    undefined,
    '',
    'text',
    '"quoted"',
    'tab\t',
    '\ud800',
    '😀',
    new Date(0),
  ];
  const value = (depth: number): unknown => {
    const roll = next();
    if (depth === 0 || roll < 0.4) return pick<unknown>(leaves);
    if (roll < 0.6) return Array.from({ length: Math.floor(next() * 4) }, () => value(depth - 1));
    return object(depth);
  };
  const object = (depth: number): Record<string, unknown> => {
    const made: Record<string, unknown> = {};
    for (let n = Math.floor(next() * 8); n > 0; n--) put(made, pick(names), value(depth - 1));
    return made;
  };
  return { object, next };
}

function put(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/** The same data with the keys of every object in another order. */
function shuffled(value: unknown, next: () => number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, next));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const entries = Object.entries(value).map((entry) => [next(), entry] as const);
  const made = {};
  for (const [, [key, item]] of entries.sort(([a], [b]) => a - b)) put(made, key, shuffled(item, next));
  return made;
}

/** The definition, written for clarity: sort the keys of what JSON.stringify would write, by code unit. */
function reference(value: unknown): string | undefined {
  const text = JSON.stringify(value);
  return text === undefined ? undefined : write(JSON.parse(text));
}

function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${write(Object.getOwnPropertyDescriptor(value, key)?.value)}`).join(',')}}`;
}

describe('canonical JSON', () => {
  test('is the same for every order of keys, and equals a plain recursive sort (2,000 random values)', () => {
    const { object, next } = generator(20_26);
    for (let round = 0; round < 2000; round++) {
      const value = object(4);
      const text = canonical(value);
      expect(text).toBe(reference(value));
      expect(canonical(shuffled(value, next))).toBe(text);
    }
  });

  test('treats undefined, functions, dates, toJSON, boxed values and collections as JSON.stringify does', () => {
    const odd = {
      u: undefined,
      f: () => 1,
      s: Symbol('s'),
      d: new Date(5),
      j: { toJSON: () => ({ b: 1, a: [undefined] }) },
      n: Object(3),
      t: Object('t'),
      m: new Map([[1, 2]]),
    };
    expect(canonical(odd)).toBe(reference(odd));
    expect(canonical([undefined, () => 1])).toBe('[null,null]');
    expect(canonical(undefined)).toBeUndefined();
  });

  test('removes NUL characters from values and keys, and nothing that only looks like one', () => {
    expect(canonical({ 'a\0b': 'x\0y', kept: '\\u0000' })).toBe('{"ab":"xy","kept":"\\\\u0000"}');
  });

  test('refuses what JSON cannot hold with a message that names it', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(() => canonical(circle)).toThrow('contains itself');
    expect(() => canonical({ n: 1n })).toThrow('BigInt');
  });
});
