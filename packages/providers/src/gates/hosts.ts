/** The gate on fields that decide which host is asked: whoever fills one names who receives the client's secret and the tokens. */
import { matches } from '../patterns.ts';
import type { ProviderDefinition } from '../provider.ts';
import { fieldOf } from '../sample.ts';
import { alternatives, placeholders } from '../template.ts';
import type { Finding, Gate } from './finding.ts';
import { urlsOf } from './urls.ts';

/** A field from which a whole host, its registrable end or a whole URL comes says with a `pattern` or an `enum` what it may be. */
export const hostGate: Gate = (definition) => {
  const named = urlsOf(definition).flatMap(([path, template]) =>
    alternatives(template).flatMap((side) => deciding(side).map((from) => ({ path, ...from }))),
  );
  const findings = named.flatMap(({ path, name, whole }) => refuse(definition, path, name, whole));
  return findings.filter(({ path }, index) => findings.findIndex((other) => other.path === path) === index);
};

/** The placeholders that decide a host: those of its end, unless a domain of at least two labels is written behind them. */
function deciding(side: string): { name: string; whole: 'url' | 'host' }[] {
  const scheme = /^https?:\/\//i.exec(side)?.[0];
  if (scheme === undefined)
    return side.startsWith('${') ? placeholders(side.slice(0, closing(side, 0))).map((name) => ({ name, whole: 'url' })) : [];
  let last = '';
  let at = scheme.length;
  let tail = '';
  while (at < side.length && !/[/?#]/.test(side[at] ?? '')) {
    const end = side.startsWith('${', at) ? closing(side, at) : at + 1;
    if (end > at + 1) [last, tail] = [side.slice(at, end), ''];
    else tail += side[at];
    at = end;
  }
  return /\.[a-z0-9-]+\.[a-z]{2,}(?::\d+)?$/i.test(tail) ? [] : placeholders(last).map((name) => ({ name, whole: 'host' }));
}

/** Index behind the brace that closes the placeholder at `from`. */
function closing(text: string, from: number): number {
  let depth = 0;
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at + 1;
  }
  return text.length;
}

function refuse(definition: ProviderDefinition, url: string, name: string, whole: 'url' | 'host'): Finding[] {
  const declared = fieldOf(definition, name);
  const short = name.replace(/^\w+\./, '');
  const fromBrowser = 'redirect_uri_metadata' in definition && (definition.redirect_uri_metadata ?? []).includes(short);
  if (!declared)
    return fromBrowser ? [{ path: `connection_config.${short}`, message: `is missing; ${told(url)}, and a browser brings it` }] : [];
  const { path, field } = declared;
  // What the provider tells in an answer of its own is as good as the provider.
  if (field.enum || (field.automated && !fromBrowser)) return [];
  if (field.pattern === undefined)
    return [{ path: `${path}.pattern`, message: `is missing; ${told(url)}: say what it may be (a format is not enough)` }];
  const taken = probes[whole].find((probe) => matches(field.pattern ?? '', probe));
  return taken === undefined
    ? []
    : [{ path: `${path}.pattern`, message: `takes ${JSON.stringify(taken)}; ${told(url)}: allow nothing beside it` }];
}

const told = (url: string) => `the host of ${url} comes from it`;

/** What no such field may take. */
const probes: Readonly<Record<'url' | 'host', readonly string[]>> = {
  url: ['sample', 'ftp://sample.example.com', 'javascript://sample.example.com', 'https://a@sample.example.com', 'https://a b'],
  host: ['a@sample.example.com', 'sample.example.com?', 'sample.example.com#', 'a b', 'sample.example.com/x?y#z'],
};
