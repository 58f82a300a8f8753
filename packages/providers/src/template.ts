/**
 * The one interpolator for the `${…}` templates of the catalogue (URLs, headers, query, body, token parameters).
 * A template is parsed once and values are copied in as text, so a value that itself contains `${…}` or `$&` is never expanded.
 * `A || B` picks the first side whose every placeholder has a non-empty value.
 */
import { createHash, createHmac } from 'node:crypto';

/** What a template may read. Keys are the roots of placeholders: `connectionConfig`, `credentials`, `metadata`, `apiKey`, … */
export type TemplateScope = {
  readonly values: Readonly<Record<string, unknown>>;
  readonly now?: Date;
  /** A fresh random text, usually a UUID. Freeze it to give several headers of one request the same value. */
  readonly random?: () => string;
};

/** `unresolved` holds the placeholders that had no value, as written and without `${}`; their text is left out of `text`. */
export type Filled = { readonly text: string; readonly unresolved: readonly string[] };

type Node = { readonly literal: string } | { readonly path: string } | { readonly call: string; readonly args: readonly Node[][] };
type Encode = (value: string, textBefore: string) => string;

const functions: Readonly<Record<string, (args: readonly string[]) => string>> = {
  base64: ([text = '']) => Buffer.from(text, 'utf8').toString('base64'),
  sha256Hex: ([text = '']) => createHash('sha256').update(text).digest('hex'),
  sha256Base64: ([text = '']) => createHash('sha256').update(text).digest('base64'),
  hmacSha1Hex: ([message = '', key = '']) => createHmac('sha1', key).update(message).digest('hex'),
  /** Of a text with two parts, `id:secret`: what is before its first separator, and what is after it. */
  before: ([text = '', separator = '']) => text.split(separator, 1)[0] ?? '',
  after: ([text = '', separator = '']) => (text.includes(separator) ? text.slice(text.indexOf(separator) + separator.length) : ''),
};

/** Their last comma separates two arguments, so that the first may hold commas. */
const ofTwo = new Set(['hmacSha1Hex', 'before', 'after']);

/** Fills a template. Pure but for `now` and `random`, which come from the scope. Never throws: look at `unresolved`. */
export function fillTemplate(template: string, scope: TemplateScope, encode: Encode = (value) => value): Filled {
  const sides = alternatives(template);
  const missing: string[] = [];
  for (const [index, side] of sides.entries()) {
    const filled = fillNodes(parse(side), scope, encode);
    const last = index === sides.length - 1;
    if (filled.unresolved.length === 0 && (last || (filled.blank.length === 0 && filled.text !== ''))) {
      return { text: filled.text, unresolved: [] };
    }
    missing.push(...filled.unresolved);
    if (last) return { text: filled.text, unresolved: [...new Set(missing)] };
  }
  return { text: '', unresolved: [] };
}

/** The placeholders a template reads, as written: `['connectionConfig.subdomain']`. Functions give the placeholders inside them. */
export function placeholders(template: string): string[] {
  const names = (nodes: readonly Node[]): string[] =>
    nodes.flatMap((node) => ('path' in node ? [node.path] : 'call' in node ? node.args.flatMap(names) : []));
  return [...new Set(alternatives(template).flatMap((side) => names(parse(side))))];
}

/** Splits at ` || ` outside of placeholders. A text without placeholders has no alternatives: it is not a template. */
function alternatives(template: string): string[] {
  if (!template.includes('${') || !template.includes('||')) return [template];
  const sides: string[] = [];
  let start = 0;
  for (let at = 0; at < template.length; at++) {
    if (template.startsWith('${', at)) at = closing(template, at + 2, '{', '}') ?? at;
    else if (template.startsWith('||', at)) {
      sides.push(template.slice(start, at).trim());
      start = at + 2;
      at++;
    }
  }
  sides.push(template.slice(start).trim());
  return sides;
}

function parse(text: string): Node[] {
  const nodes: Node[] = [];
  let rest = text;
  for (;;) {
    const open = rest.indexOf('${');
    const close = open === -1 ? undefined : closing(rest, open + 2, '{', '}');
    if (close === undefined) break;
    if (open > 0) nodes.push({ literal: rest.slice(0, open) });
    nodes.push(expression(rest.slice(open + 2, close).trim()));
    rest = rest.slice(close + 1);
  }
  if (rest !== '') nodes.push({ literal: rest });
  return nodes;
}

function expression(text: string): Node {
  const call = /^([A-Za-z0-9]+)\(([\s\S]*)\)$/.exec(text);
  if (!call?.[1] || !Object.hasOwn(functions, call[1])) return { path: text };
  const inside = call[2] ?? '';
  const comma = ofTwo.has(call[1]) ? inside.lastIndexOf(',') : -1;
  const parts = comma === -1 ? [inside] : [inside.slice(0, comma), inside.slice(comma + 1).trim()];
  return { call: call[1], args: parts.map(parse) };
}

/** Index of the bracket that closes the one before `from`, or undefined when the text ends first. */
function closing(text: string, from: number, open: string, close: string): number | undefined {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === open) depth++;
    else if (text[at] === close && --depth === 0) return at;
  }
  return undefined;
}

function fillNodes(nodes: readonly Node[], scope: TemplateScope, encode: Encode) {
  const unresolved: string[] = [];
  const blank: string[] = [];
  let text = '';
  for (const node of nodes) {
    if ('literal' in node) text += node.literal;
    else if ('call' in node) {
      const args = node.args.map((argument) => fillNodes(argument, scope, (value) => value));
      unresolved.push(...args.flatMap((argument) => argument.unresolved));
      text += encode(functions[node.call]?.(args.map((argument) => argument.text)) ?? '', text);
    } else {
      const value = read(node.path, scope);
      if (value === undefined) unresolved.push(node.path);
      else if (value === '') blank.push(node.path);
      if (value !== undefined) text += encode(value, text);
    }
  }
  return { text, unresolved, blank };
}

function read(path: string, scope: TemplateScope): string | undefined {
  if (path === 'now' || path.startsWith('now:')) return moment(path.slice(4), scope.now ?? new Date());
  if (path === 'random') return scope.random?.();
  const value = dig(scope.values, path.replace(/^connection_config\./, 'connectionConfig.'));
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function moment(format: string, now: Date): string | undefined {
  if (format === '') return now.toISOString();
  if (format === 'X') return String(Math.floor(now.getTime() / 1000));
  return format === 'x' ? String(now.getTime()) : undefined;
}

/** Own properties only, so `__proto__` finds nothing. A key that contains dots (`team.id`) wins over the path it spells. */
function dig(from: unknown, path: string): unknown {
  if (typeof from !== 'object' || from === null) return undefined;
  const entries = new Map<string, unknown>(Object.entries(from));
  if (entries.has(path)) return entries.get(path);
  const dot = path.indexOf('.');
  return dot === -1 ? undefined : dig(entries.get(path.slice(0, dot)), path.slice(dot + 1));
}
