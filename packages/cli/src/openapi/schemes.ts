/** The ways in that a document declares, each with how much of the API it opens, and which of them suits a server that acts for people. Pure. */
import { type ApiDocument, type Dict, dict, list, text } from './document.ts';
import type { Operation } from './operations.ts';

/** In order of preference; each is one auth mode's form. */
const kinds = [
  'code',
  'clientCredentials',
  'bearer',
  'header',
  'query',
  'otherHttp',
  'basic',
  'password',
  'openIdConnect',
  'implicit',
  'cookie',
] as const;
export type Kind = (typeof kinds)[number];

export type Scheme = {
  /** As the document calls it; with its flow behind a dot where it has several. */
  readonly id: string;
  readonly name: string;
  readonly kind: Kind;
  readonly scheme: Dict;
  /** Of an OAuth 2 scheme. */
  readonly flow: Dict;
  /** Other schemes that requests need beside it. */
  readonly companions: readonly { readonly name: string; readonly scheme: Dict }[];
  /** Scopes that the document asks of every request. */
  readonly scopes: readonly string[];
  /** The part of the protected requests that it opens: 0 to 1. */
  readonly share: number;
};

/** @returns best first, and the names of those that no server can use */
export const readSchemes = (document: ApiDocument, operations: readonly Operation[]): { usable: Scheme[]; unusable: string[] } => {
  const declared = Object.entries(dict(dict(document.root.components).securitySchemes)).map(([name, raw]) => ({
    name,
    scheme: document.follow(raw),
  }));
  const found = declared.map(({ name, scheme }) => ({ name, forms: formsOf(scheme) }));
  const schemes = found.flatMap(({ name, forms }) =>
    forms.map(
      (form): Scheme => ({ ...form, id: forms.length > 1 ? `${name}.${form.kind}` : name, name, ...usage(document, operations, name) }),
    ),
  );
  const most = Math.max(0, ...schemes.map(({ share }) => share));
  const rank = ({ share, kind }: Scheme): number => (share >= most / 2 ? 0 : kinds.length) + kinds.indexOf(kind);
  return {
    usable: schemes.sort((a, b) => rank(a) - rank(b) || b.share - a.share),
    unusable: found.filter(({ forms }) => forms.length === 0).map(({ name }) => name),
  };
};

/** The ways in which a scheme can be used; none: a server cannot. */
export const formsOf = (scheme: Dict): { kind: Kind; scheme: Dict; flow: Dict }[] => {
  if (scheme.type === 'oauth2') {
    const flows = dict(scheme.flows);
    const names = {
      authorizationCode: 'code',
      clientCredentials: 'clientCredentials',
      password: 'password',
      implicit: 'implicit',
    } as const;
    const found = Object.entries(names).flatMap(([name, kind]) => (flows[name] ? [{ kind, scheme, flow: dict(flows[name]) }] : []));
    // Where there is another flow, the implicit one is for pages and no choice.
    return found.length > 1 ? found.filter(({ kind }) => kind !== 'implicit') : found;
  }
  const kind = simpleKind(scheme);
  return kind ? [{ kind, scheme, flow: {} }] : [];
};

const simpleKind = (scheme: Dict): Kind | undefined => {
  if (scheme.type === 'openIdConnect') return 'openIdConnect';
  const named = scheme.in === 'query' ? isKey(text(scheme.name)) : isToken(scheme.name);
  if (scheme.type === 'apiKey' && named) return (['header', 'query', 'cookie'] as const).find((place) => place === scheme.in);
  if (scheme.type !== 'http' || !isToken(scheme.scheme)) return undefined;
  const name = String(scheme.scheme).toLowerCase();
  if (name === 'bearer' || name === 'basic') return name;
  // What signs each request, or presents a certificate, no header can say.
  return ['digest', 'hoba', 'mutual', 'negotiate', 'vapid', 'scram-sha-1', 'scram-sha-256'].includes(name) ? undefined : 'otherHttp';
};

/** What may stand as the name of a header (RFC 9110 §5.6.2). */
export const isToken = (name: unknown): boolean => isKey(name) && /^[\w!#$%&'*+.^`|~-]+$/.test(name);

/** What the server refuses as a key. */
const isKey = (name: unknown): name is string =>
  typeof name === 'string' && !['__proto__', 'constructor', 'prototype'].includes(name.toLowerCase());

const usage = (document: ApiDocument, operations: readonly Operation[], name: string) => {
  const guarded = operations.filter(({ security }) => security.some((alternative) => Object.keys(alternative).length > 0));
  const mine = guarded.flatMap(({ security }) => security.filter((alternative) => Object.hasOwn(alternative, name)).slice(0, 1));
  const schemes = dict(dict(document.root.components).securitySchemes);
  const common = mostCommon(mine.map((alternative) => Object.keys(alternative).sort().join('\n')));
  const root = list(document.root.security)
    .map(dict)
    .find((alternative) => Object.hasOwn(alternative, name));
  return {
    companions: (common?.split('\n') ?? [])
      .filter((other) => other !== name && schemes[other])
      .map((other) => ({ name: other, scheme: document.follow(schemes[other]) })),
    scopes: list(root?.[name]).flatMap((scope) => text(scope) ?? []),
    share: guarded.length === 0 ? 1 : mine.length / guarded.length,
  };
};

export const mostCommon = (values: readonly string[]): string | undefined => {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
};

/** For the author who chooses another. */
export const describeScheme = ({ id, kind, scheme }: Scheme): string =>
  `${id} (${words[kind]}${scheme.deprecated === true ? ', deprecated' : ''})`;

const words: Record<Kind, string> = {
  code: 'OAuth 2 with a person’s consent',
  clientCredentials: 'OAuth 2 client credentials',
  password: 'OAuth 2 password grant',
  implicit: 'OAuth 2 implicit flow',
  openIdConnect: 'OpenID Connect',
  bearer: 'bearer token',
  header: 'key in a header',
  query: 'key in the query',
  cookie: 'key in a cookie',
  otherHttp: 'key in the authorization header',
  basic: 'user name and password',
};
