/**
 * The one interpolator for the `${…}` templates of the catalogue (URLs, headers, query, body, token parameters).
 * A template is parsed once and values are copied in as text, so a value that itself contains `${…}` or `$&` is never expanded.
 * `A || B` picks the first side whose every placeholder has a non-empty value.
 */
import type { AwsRequest } from './aws-signature.ts';
import { isMoment, writeMoment } from './moment.ts';
import { requestValues } from './request-values.ts';
import { templateFunctions } from './template-functions.ts';

/** What a template may read. Keys are the roots of placeholders: `connectionConfig`, `credentials`, `metadata`, `apiKey`, … */
export type TemplateScope = {
  readonly values: Readonly<Record<string, unknown>>;
  readonly now?: Date;
  /** A fresh random text, usually a UUID. Freeze it to give several headers of one request the same value. */
  readonly random?: () => string;
  /** The request that a header is for, as it goes out: `method`, `host`, `path`, … and `awsSigV4` read it. */
  readonly request?: AwsRequest;
};

/** `unresolved` holds the placeholders that had no value, as written and without `${}`; their text is left out of `text`. */
export type Filled = { readonly text: string; readonly unresolved: readonly string[] };

type Node = { readonly literal: string } | { readonly path: string } | { readonly call: string; readonly args: readonly Node[][] };
/** `next` is the literal that follows, empty at the end; undefined when another value follows. */
type Encode = (value: string, textBefore: string, next: string | undefined) => string;

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
export function alternatives(template: string): string[] {
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
  const name = call?.[1];
  const takes = name !== undefined && Object.hasOwn(templateFunctions, name) ? templateFunctions[name]?.takes : undefined;
  if (name === undefined || takes === undefined) return { path: text };
  return { call: name, args: split(call?.[2] ?? '', takes).map(parse) };
}

function split(inside: string, takes: 'one' | 'two' | 'list'): string[] {
  const commas: number[] = [];
  for (let at = 0; takes !== 'one' && at < inside.length; at++) {
    if (inside.startsWith('${', at)) at = closing(inside, at + 2, '{', '}') ?? at;
    else if (inside[at] === ',') commas.push(at);
  }
  const cuts = takes === 'two' ? commas.slice(-1) : commas;
  return [...cuts, inside.length].map((end, index) => {
    const part = inside.slice((cuts[index - 1] ?? -1) + 1, end);
    return index === 0 ? part : part.trim();
  });
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
  for (const [index, node] of nodes.entries()) {
    const follower = nodes[index + 1];
    const next = follower === undefined ? '' : 'literal' in follower ? follower.literal : undefined;
    if ('literal' in node) text += node.literal;
    else if ('call' in node) {
      const args = node.args.map((argument) => fillNodes(argument, scope, (value) => value));
      const missing = args.flatMap((argument) => argument.unresolved);
      const texts = args.map((argument) => argument.text);
      const value = missing.length > 0 ? undefined : templateFunctions[node.call]?.run(texts, scope.request);
      if (value !== undefined) text += encode(value, text, next);
      else unresolved.push(...(missing.length > 0 ? missing : [`${node.call}()`]));
    } else {
      const value = read(node.path, scope);
      if (value === undefined) unresolved.push(node.path);
      else if (value === '') blank.push(node.path);
      if (value !== undefined) text += encode(value, text, next);
    }
  }
  return { text, unresolved, blank };
}

function read(path: string, scope: TemplateScope): string | undefined {
  if (isMoment(path)) return writeMoment(path, scope.now ?? new Date());
  if (path === 'random') return scope.random?.();
  if (scope.request && Object.hasOwn(requestValues, path)) return requestValues[path]?.(scope.request);
  const value = dig(scope.values, path.replace(/^connection_config\./, 'connectionConfig.'));
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** Own properties only, so `__proto__` finds nothing. A key that contains dots (`team.id`) wins over the path it spells. */
function dig(from: unknown, path: string): unknown {
  if (typeof from !== 'object' || from === null) return undefined;
  const entries = new Map<string, unknown>(Object.entries(from));
  if (entries.has(path)) return entries.get(path);
  const dot = path.indexOf('.');
  return dot === -1 ? undefined : dig(entries.get(path.slice(0, dot)), path.slice(dot + 1));
}
