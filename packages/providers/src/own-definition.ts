/**
 * A provider that is not of the catalogue: its definition as somebody wrote it, checked as the catalogue's files are, all at once and each
 * finding where it was written. Pure: what it extends is handed in.
 */
import type { z } from 'zod';
import { refuseDefinition } from './gates/refuse.ts';
import { patternWeight } from './pattern-weight.ts';
import { type ProviderDefinition, providerDefinition } from './provider.ts';
import { merge } from './source.ts';
import { type Finding, readYaml, type YamlText } from './yaml-text.ts';

export type { Finding } from './yaml-text.ts';
/** A definition that was read, and what it says it extends. */
export type Written = YamlText & { readonly parent: string | undefined };
type Refused = { readonly findings: readonly Finding[] };

/** Texts are copied into requests, and templates among them are read at each. The longest of the catalogue has 700 characters. */
const TEXT_MAX = 4_096;
/** Of a pattern: the heaviest of the catalogue has 611. */
const WEIGHT_MAX = 1_000;
/** With what is inherited, as JSON. */
const SIZE_MAX = 262_144;

/** @returns what was written, or why it cannot be read */
export function readDefinition(text: string): Written | Refused {
  const read = readYaml(text);
  if ('findings' in read) return read;
  const { extends: parent, ...content } = read.content;
  if (parent === undefined || typeof parent === 'string') return { ...read, content, parent };
  return { findings: [{ path: ['extends'], message: 'must be the name of a provider', ...read.placeOf(['extends']) }] };
}

/**
 * @param options.parent the definition of what it extends; `http`: whether addresses may be plain http
 * @returns the definition with what it inherits, or all that is wrong with it
 */
export function settleDefinition(
  { content, placeOf }: Written,
  { parent, http }: { readonly parent: ProviderDefinition | undefined; readonly http: boolean },
): { readonly definition: ProviderDefinition } | Refused {
  const whole = parent ? merge(parent, content) : content;
  const found = (path: readonly PropertyKey[], message: string): Finding => {
    const names = path.map(String);
    return { path: names, message, ...placeOf(names) };
  };
  const large = textsOf(whole, []).flatMap(([path, text]) => tooLarge(path, text).map((message) => found(path, message)));
  if (large.length > 0) return { findings: large };
  if (JSON.stringify(whole).length > SIZE_MAX)
    return { findings: [found([], `is longer than ${SIZE_MAX} characters with what it inherits`)] };
  const parsed = providerDefinition.safeParse(whole);
  if (!parsed.success)
    return { findings: parsed.error.issues.flatMap((issue) => ofIssue(issue).map(([path, message]) => found(path, message))) };
  const wrong = refuseDefinition(parsed.data, { http }).map(({ path, message }) => found(stepsOf(parsed.data, path), message));
  return wrong.length > 0 ? { findings: wrong } : { definition: parsed.data };
}

/** Gates write `proxy.headers.x.y`; a key may hold dots itself. */
function stepsOf(value: unknown, path: string): string[] {
  if (path === '') return [];
  const names = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const [name, inner] = names.find(([key]) => path === key || path.startsWith(`${key}.`)) ?? [];
  return name === undefined ? path.split('.') : [name, ...stepsOf(inner, path.slice(name.length + 1))];
}

/** Each unknown key is a finding of its own, at the key. */
function ofIssue(issue: z.core.$ZodIssue): [path: PropertyKey[], message: string][] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => [[...issue.path, key], issue.message]);
  if (issue.code === 'invalid_key') return [[issue.path, issue.issues[0]?.message ?? issue.message]];
  return [[issue.path, issue.message]];
}

function textsOf(value: unknown, path: readonly string[]): [path: readonly string[], text: string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsOf(inner, [...path, key]));
}

/** Patterns are weighed before anything compiles them: that alone takes RE2 a second for a heavy one. */
function tooLarge(path: readonly string[], text: string): string[] {
  if (text.length > TEXT_MAX) return [`is longer than ${TEXT_MAX} characters`];
  const isPattern = path.at(-1) === 'pattern' || path.join('.') === 'proxy.retry.in_body.value';
  if (!isPattern || patternWeight(text) <= WEIGHT_MAX) return [];
  return [`is longer than ${WEIGHT_MAX} steps once its counts, such as {8,64}, are written out`];
}
