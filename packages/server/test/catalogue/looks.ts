/** Ways to look at a request and at an entry: its fields, what is left of templates, whether an address is of a template's form. Pure. */
import type { Provider } from '@bowline/providers/provider';
import type { Access } from '../../src/credentials/access.ts';
import { scopesOf } from './perform.ts';
import type { Asked } from './recorder.ts';

/** A text of the entry by its key. */
export function given(provider: Provider, key: string): string | undefined {
  const value: unknown = Object.entries(provider).find(([name]) => name === key)?.[1];
  return typeof value === 'string' ? value : undefined;
}

export const scopeOf = (provider: Provider) => scopesOf(provider).join(given(provider, 'scope_separator') ?? ' ');

/** Parameters of the body, and of the query. */
export function fieldsOf({ url, body }: Asked): Record<string, string> {
  const query = Object.fromEntries(url.searchParams);
  if (!/^[[{]/.test(body)) return { ...query, ...Object.fromEntries(new URLSearchParams(body)) };
  const parsed: unknown = JSON.parse(body);
  return { ...query, ...Object.fromEntries(Object.entries(Object(parsed)).map(([name, value]) => [name, String(value)])) };
}

/** What of a template, or of a value that is none, went out. */
export function leftOver({ url, headers, body }: Asked): string[] {
  const text = [url.href, body, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)].join('\n');
  const inText = text.match(/\$\{[^}]*\}?|%24%7B|\bundefined\b|\[object Object\]|\bNaN\b/g) ?? [];
  return [...inText, ...(url.pathname.match(/%7B[^/]*/g) ?? [])];
}

/** Whether an address begins as one of the template's alternatives does, whatever stands for its placeholders. */
export function begins(template: string, href: string): boolean {
  const target = decoded(href);
  return template.split(' || ').some((side) => new RegExp(`^${pattern(side.trim())}`, 'i').test(target));
}

const decoded = (text: string) => decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '%25'));

function pattern(side: string): string {
  let source = '';
  let rest = side.replace(/\/+$/, '');
  while (rest !== '') {
    const open = rest.indexOf('${');
    const literal = open === -1 ? rest : rest.slice(0, open);
    source += decoded(literal).replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
    if (open === -1) break;
    source += source === '' ? 'https?:\\/\\/[^?#]+' : /[?&][^=]*=$/.test(source) ? '[^&#]+' : '[^?#]+';
    rest = rest.slice(end(rest, open));
  }
  return `${source}(?=[/?#&]|$)`;
}

/** Behind the brace that closes the placeholder. */
function end(text: string, from: number): number {
  let depth = 0;
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at + 1;
  }
  return text.length;
}

/** Everything of a connection's credentials that opens something. */
export function secretsIn({ credentials, integration }: Access, { without = [] }: { readonly without?: readonly string[] } = {}): string[] {
  const texts = (value: unknown): string[] =>
    typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
  const { type: _type, ...held } = { type: '', ...credentials };
  const presets = integration.provider.auth_mode === 'TWO_STEP' ? Object.values(integration.custom) : [];
  return [...texts(held), ...presets].filter((text) => text.length >= 3 && !without.includes(text));
}
