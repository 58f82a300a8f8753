/** Values no route should trip over. Some cannot be made by JSON.stringify; they are markers that `textOf` puts in as they are. */
import type { Random } from './random.ts';

const MARK = '\uE000';
const raw = (json: string) => `${MARK}${json}${MARK}`;

/** JSON text, markers replaced by what they stand for. */
export function textOf(value: unknown): string {
  return JSON.stringify(value).replaceAll(new RegExp(`"${MARK}((?:[^"\\\\]|\\\\.)*)${MARK}"`, 'g'), (_, escaped: string) =>
    JSON.parse(`"${escaped}"`),
  );
}

const DEPTH = 10_000;
const deepArray = raw('['.repeat(DEPTH) + ']'.repeat(DEPTH));
const deepObject = raw(`${'{"a":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`);

const texts = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udc00\ud800',
  '\u202eright to left',
  `e${'\u0301'.repeat(1000)}`,
  '👩‍👩‍👧‍👦',
  'ﷺ',
  '\ufeff',
  '\r\nX-Injected: 1',
  '../../../../etc/passwd',
  '..\\..\\windows',
  '%00',
  '%2e%2e%2f',
  "' or '1'='1",
  '"; drop table connections; --',
  `\${accessToken}\${env.PATH}`,
  '{{7*7}}',
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  'NaN',
  'true',
  '-1',
  '0x10',
  '1e308',
  '99999999999999999999',
  '9999-99-99T99:99:99Z',
  '2026-02-30T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  'http://127.0.0.1:1/',
  'http://[::1]/',
  'http://169.254.169.254/latest/meta-data',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'every 0 seconds',
  'every 1e308 years',
  'a'.repeat(255),
  'a'.repeat(256),
  'a'.repeat(512),
  'a,'.repeat(2000),
  '('.repeat(5000),
  'x'.repeat(100_000),
  '\u0301'.repeat(50_000),
];
const numbers: unknown[] = [
  0,
  -0,
  -1,
  1.5,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  1e308,
  raw('1e309'),
  raw('-1e309'),
  raw('1E-400'),
  raw('12345678901234567890123'),
];
const shapes: unknown[] = [
  null,
  true,
  false,
  [],
  {},
  [[]],
  [null],
  [{}],
  Array.from({ length: 10_000 }, () => 'x'),
  Array.from({ length: 10_000 }, () => ({})),
  Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key${index}`, index])),
  deepArray,
  deepObject,
  raw('{"__proto__":{"polluted":true}}'),
  raw('{"constructor":{"prototype":{"polluted":true}}}'),
  raw('{"a":1,"a":2}'),
  raw('{"":1}'),
  { length: 3 },
  raw('{"toJSON":1,"then":1}'),
];

export const hostileText = (random: Random): string => random.pick(texts);
export function hostileValue(random: Random): unknown {
  return random.pick([() => hostileText(random), () => random.pick(numbers), () => structuredClone(random.pick(shapes))])();
}

export const strangeKeys = [
  'surprising_key',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '',
  'a'.repeat(1000),
  '\u0000',
  'ключ',
  '$ref',
  'length',
] as const;

/** Bodies that are no JSON, or are hardly any. */
export const strangeBodies: readonly (string | Buffer)[] = [
  '{',
  '[',
  '"',
  '\u0000',
  '\ufeff{}',
  '{}{}',
  '{"a":1,}',
  "{'a':1}",
  '//',
  'NaN',
  'undefined',
  ' ',
  '-',
  '1e',
  '"\\ud800"',
  '"\\x"',
  '['.repeat(100_000),
  `${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`,
  Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]),
  Buffer.from([0xc0, 0x80, 0xed, 0xa0, 0x80]),
  Buffer.alloc(1000, 0x80),
];

export const contentTypes = [
  'text/plain',
  'application/xml',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-16',
  'application/json; charset=nonsense',
  'application/json, application/json',
  'application/jsonp',
  'APPLICATION/JSON',
  'application/json;',
  ';',
  '/',
  'x'.repeat(5000),
] as const;

/** As they stand in a path, percent signs and all. */
export const pathTexts = [
  '%00',
  '%',
  '%zz',
  '%E0%A4%A',
  '%C0%AE%C0%AE%2F',
  '..%2f..%2fetc%2fpasswd',
  '..;',
  '%2e%2e',
  '%F0%9F%92%A5',
  '%ED%A0%80',
  '__proto__',
  'constructor',
  "'%20or%201=1--",
  'x'.repeat(300),
  'x'.repeat(3000),
  '-1',
  '0',
  ':id',
  '*',
  '%3F%23',
] as const;
