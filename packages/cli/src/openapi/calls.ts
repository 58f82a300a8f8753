/** What calls through the proxy need to know beside address and credentials: a request that tries them, when to try again, fixed headers. Pure. */
import { type Dict, list, text } from './document.ts';
import type { Notes } from './notes.ts';
import type { Operation, Parameter } from './operations.ts';
import { isToken, type Scheme } from './schemes.ts';
import { isTemplate } from './servers.ts';

/** Last parts of paths that answer for any valid credentials, best first. */
const selves = [
  /(?:^|\/)(?:me|whoami|who-am-i|who_am_i)$/,
  /\/(?:users?|accounts?|profiles?)[/._-](?:me|current|self)$|\/(?:current[-_]?user|self|myself|viewer|authenticated[-_]?user)$/,
  /\/(?:user|userinfo|profile|account|auth[._/-]test|token[-_/]?info|tokens?\/verify|verify|credentials)$/,
  /\/(?:organization|organisation|workspace|company|team|tenant|settings)$/,
  /\/(?:accounts|users|organizations|workspaces)$/,
];

/**
 * A GET that wants no parameter and does want credentials: one that is open to everybody would call any key good.
 * @param sent headers that every request has anyway, in lower case
 */
export const findVerification = (
  operations: readonly Operation[],
  scheme: Scheme | undefined,
  sent: readonly string[],
): Operation | undefined => {
  if (scheme === undefined) return undefined;
  const safe = operations.filter(
    ({ method, path, parameters, security, succeeds, elsewhere }) =>
      method === 'get' &&
      succeeds &&
      !elsewhere &&
      !path.includes('{') &&
      !parameters.some(({ name, in: place, required }) => required && !(place === 'header' && sent.includes(name.toLowerCase()))) &&
      isGuarded(security, scheme),
  );
  for (const pattern of selves) {
    const [found] = safe
      .filter(({ path }) => pattern.test(path.toLowerCase().replace(/\/+$|\.json$/g, '')))
      .sort((a, b) => a.path.length - b.path.length);
    if (found) return found;
  }
  return undefined;
};

const isGuarded = (security: Operation['security'], { name, companions }: Scheme): boolean =>
  security.length > 0 &&
  security.every((alternative) => Object.keys(alternative).length > 0) &&
  security.some(
    (alternative) =>
      Object.hasOwn(alternative, name) &&
      Object.keys(alternative).every((other) => other === name || companions.some((companion) => companion.name === other)),
  );

/** The scopes that a request asks for. */
export const scopesNeeded = (operation: Operation | undefined, name: string): string[] =>
  list(operation?.security.find((alternative) => Object.hasOwn(alternative, name))?.[name]).flatMap((scope) => text(scope) ?? []);

/** `proxy.retry`, of headers that the document declares. Their meaning is the vendor's; where its words leave it open nothing is written. */
export const readRetry = (operations: readonly Operation[], notes: Notes): Dict | undefined => {
  const headers = new Map(operations.flatMap((operation) => [...operation.headers]));
  const find = (pattern: RegExp): [string, Dict] | undefined => [...headers].find(([name]) => pattern.test(name));
  const remaining = find(/^(?:x-)?rate-?limit-remaining(?:-requests)?$/)?.[0];
  const reset = find(/^(?:x-)?rate-?limit-reset(?:-after)?$/);
  const meaning = reset && meaningOf(...reset);
  if (reset && meaning === undefined)
    notes.check(
      'proxy.retry',
      `${reset[0]} is declared without words on what it holds: a moment belongs under at, seconds to wait under after.`,
    );
  const after = [...(headers.has('retry-after') ? ['retry-after'] : []), ...(reset && meaning === 'after' ? [reset[0]] : [])];
  const retry = {
    ...(reset && meaning === 'at' && { at: [reset[0]] }),
    ...(after.length > 0 && { after }),
    ...(remaining !== undefined && { remaining }),
  };
  return Object.keys(retry).length > 0 ? retry : undefined;
};

const meaningOf = (name: string, header: Dict): 'at' | 'after' | undefined => {
  const schema = header.schema && typeof header.schema === 'object' ? (header.schema as Dict) : header;
  const words = `${text(header.description) ?? ''} ${text(schema.description) ?? ''}`;
  if (/-after$/.test(name)) return 'after';
  if (schema.format === 'date-time' || /epoch|unix|timestamp|\butc\b|date/i.test(words)) return 'at';
  // The drafts of the IETF have seconds there; the older x- form has both, by vendor.
  return /seconds|remaining|until/i.test(words) || name === 'ratelimit-reset' ? 'after' : undefined;
};

/** Headers that nearly every request needs, as a version is: with their value where the document leaves one. */
export const fixedHeaders = (operations: readonly Operation[], notes: Notes): Record<string, string> => {
  const counts = new Map<string, { count: number; parameter: Parameter }>();
  for (const { parameters } of operations)
    for (const parameter of parameters)
      if (parameter.in === 'header' && parameter.required && isToken(parameter.name) && !standard.has(parameter.name.toLowerCase()))
        counts.set(parameter.name, { count: (counts.get(parameter.name)?.count ?? 0) + 1, parameter });
  const found: Record<string, string> = {};
  for (const [name, { count, parameter }] of counts) {
    if (count < operations.length * 0.8) continue;
    const value = onlyValue(parameter);
    if (value === undefined)
      notes.check('proxy.headers', `requests need ${name}, and the document names no value. Functions can send it, or it is written here.`);
    else {
      found[name.toLowerCase()] = value;
      notes.check(`proxy.headers.${name.toLowerCase()}`, 'every request of the document needs it; this is the value it suggests.');
    }
  }
  return found;
};

/** Said by the credentials or by each request. */
const standard = new Set(['authorization', 'content-type', 'accept', 'cookie', 'content-length', 'host']);

const onlyValue = ({ schema, from }: Parameter): string | undefined => {
  const choices = list(schema.enum);
  const value =
    schema.const ??
    schema.default ??
    (choices.length === 1 ? choices[0] : undefined) ??
    (/version/i.test(String(from.name)) ? (from.example ?? schema.example) : undefined);
  return (typeof value === 'string' && !isTemplate(value)) || typeof value === 'number' ? String(value) : undefined;
};
