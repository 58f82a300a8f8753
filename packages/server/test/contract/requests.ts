/** Requests made of an operation: one that fits its schemas, with names of things that exist, then spoilt in a few places. */
import { contentTypes, hostileText, hostileValue, pathTexts, strangeBodies, strangeKeys, textOf } from './hostile.ts';
import type { Operation, Parameter, Schema } from './operations.ts';
import type { Random } from './random.ts';
import type { Outgoing } from './send.ts';

/** Values by the name of their field: so that requests get past the first look-up. Any other text is made up. */
export type Dictionary = {
  fields: Record<string, readonly unknown[]>;
  /** Values that fit together, one of these for each request. */
  scenes: readonly Record<string, unknown>[];
  tokens: { apiKey: string; accountKey: string; session: string };
  /** What made-up secrets begin with. */
  secret: string;
};
type Draft = {
  path: Map<string, string>;
  query: [string, string][];
  headers: [string, string][];
  body: unknown;
  token: string | undefined;
  contentType: string;
  rawBody?: string | Buffer;
};
type Given = { random: Random; dictionary: Dictionary };
type Source = Given & { scene: Record<string, unknown> };

/** A third are left as they are, the others spoilt in one place or two. */
export function makeRequest(operation: Operation, { random, dictionary }: Given): Outgoing {
  const source = { random, dictionary, scene: random.pick(dictionary.scenes) };
  const draft = fitting(operation, source);
  const spoils = random.pick([0, 0, 1, 1, 1, 2]);
  for (let index = 0; index < spoils; index++) random.pick(spoilsOf(operation))(draft, source);
  return finish(operation, draft);
}

function fitting(operation: Operation, source: Source): Draft {
  const { random, dictionary } = source;
  const at = (place: Parameter['in']) => operation.parameters.filter((one) => one.in === place && (one.required || random.chance(0.4)));
  const text = ({ name, in: place, schema }: Parameter) => {
    const value = fit(schema, place === 'header' ? name.toLowerCase() : name, source);
    return typeof value === 'string' ? value : textOf(value);
  };
  const usual = operation.security.some((one) => 'accountKey' in one) ? dictionary.tokens.accountKey : dictionary.tokens.apiKey;
  const bySession = operation.security.some((one) => 'connectSession' in one) && (operation.security.length === 1 || random.chance(0.3));
  return {
    path: new Map(
      at('path').map((one) => [one.name, /^\/(proxy|v1)\//.test(operation.path) ? text(one) : encodeURIComponent(wellFormed(text(one)))]),
    ),
    query: [
      ...at('query').map((one): [string, string] => [one.name, text(one)]),
      ...(operation.security.some((one) => 'connectSessionInQuery' in one)
        ? [['connect_session_token', dictionary.tokens.session] satisfies [string, string]]
        : []),
    ],
    headers: at('header').map((one) => [one.name.toLowerCase(), text(one)]),
    body: operation.body && fit(operation.body, '', source),
    token: operation.security.length === 0 ? undefined : bySession ? dictionary.tokens.session : usual,
    contentType: 'application/json',
  };
}

const SECRET = /^(apiKey|access_token|refresh_token|client_secret|password|token|webhook_secret|api_key|oauth_client_secret_override)$/;
const DEPTH_MAX = 6;

function fit(schema: Schema, name: string, source: Source, depth = 0): unknown {
  const { random, dictionary, scene } = source;
  if (name in scene) return structuredClone(scene[name]);
  const known = dictionary.fields[name];
  if (known && schema.type !== 'array' && random.chance(0.95)) return structuredClone(random.pick(known));
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return random.pick(schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fit(random.pick(choices), name, source, depth);
  if (schema.type === 'object') return depth > DEPTH_MAX ? {} : fitObject(schema, source, depth);
  if (schema.type === 'array') return Array.from({ length: random.int(3) }, () => fit(schema.items ?? {}, name, source, depth + 1));
  if (schema.type === 'boolean') return random.chance(0.5);
  if (schema.type === 'integer' || schema.type === 'number') return random.int(20);
  if (schema.type === 'null') return null;
  if (schema.type !== 'string') return random.pick([null, 1, 'text', { a: 1 }, ['b']]);
  if (SECRET.test(name)) return `${dictionary.secret}-${random.int(1000)}`;
  if (schema.format === 'email') return 'ann@example.test';
  if (schema.format === 'uuid') return '00000000-0000-4000-8000-000000000000';
  if (schema.format === 'date-time') return new Date(Date.now() - random.int(1e9)).toISOString();
  if (schema.format === 'uri') return 'https://example.test/';
  return random.pick(['Model', 'a', 'one_two', `n${random.int(50)}`]);
}

function fitObject({ properties = {}, required = [], additionalProperties }: Schema, source: Source, depth: number): object {
  const { random } = source;
  const entries = Object.entries(properties)
    .filter(([name]) => required.includes(name) || random.chance(0.3))
    .map(([name, one]) => [name, fit(one, name, source, depth + 1)]);
  const free = typeof additionalProperties === 'object' ? additionalProperties : undefined;
  const more = free ? Array.from({ length: random.int(3) }, () => [random.pick(['a', 'b', 'team']), fit(free, '', source, depth + 1)]) : [];
  return Object.fromEntries([...entries, ...more]);
}

type Spoil = (draft: Draft, source: Source) => void;

function spoilsOf(operation: Operation): Spoil[] {
  const places = (place: Parameter['in']) => operation.parameters.filter((one) => one.in === place);
  return [
    ...(places('path').length > 0 ? [spoilPath, spoilPath] : []),
    ...(operation.body ? [spoilBody, spoilBody, spoilBody, spoilBody, spoilBodyText] : []),
    ...(places('header').length > 0 ? [spoilHeader] : []),
    spoilQuery,
    spoilQuery,
    spoilCaller,
    spoilContentType,
    addHeader,
  ];
}

const spoilPath: Spoil = ({ path }, { random }) => {
  const name = random.pick([...path.keys()]);
  path.set(name, random.chance(0.5) ? random.pick(pathTexts) : encodeURIComponent(wellFormed(hostileText(random)).slice(0, 2000)) || '%20');
};

const spoilQuery: Spoil = ({ query }, { random }) => {
  const names = [...query.map(([name]) => name), ...strangeKeys];
  const name = random.pick(names);
  const value = wellFormed(hostileText(random));
  random.pick([
    () => void query.push([name, value]),
    () => void query.push([name, value], [name, value]),
    () => void query.push([`${name}[${random.pick(strangeKeys)}]`, value]),
    () => void query.push([`${name}[]`, value]),
    () => void query.push([`${name}${'[a]'.repeat(200)}`, value]),
    () => void query.push(...Array.from({ length: 300 }, (): [string, string] => [name, 'x'])),
    () => void query.splice(random.int(query.length + 1), 1),
    () => void query.splice(0, query.length, ...query.map(([key, old]): [string, string] => [key, key === name ? value : old])),
  ])();
};

const spoilHeader: Spoil = ({ headers }, { random }) => {
  const index = random.int(Math.max(headers.length, 1));
  const [name = 'connection-id'] = headers[index] ?? [];
  const value = latin1(hostileText(random));
  random.pick([
    () => void headers.splice(index, 1),
    () => void headers.splice(index, 1, [name, value]),
    () => void headers.push([name, value]),
  ])();
};

const addHeader: Spoil = ({ headers }, { random }) => {
  const names = [
    'x-bowline-environment',
    'cookie',
    'x-forwarded-for',
    'x-async',
    'x-max-retries',
    'accept',
    'accept-encoding',
    'origin',
    'if-none-match',
    'range',
    'x-http-method-override',
    'expect-ct',
    'traceparent',
  ];
  headers.push([random.pick(names), latin1(hostileText(random))]);
};

const spoilCaller: Spoil = (draft, { random, dictionary }) => {
  const { apiKey, session } = dictionary.tokens;
  const tokens = [
    undefined,
    '',
    'x',
    apiKey.toUpperCase(),
    `${apiKey} `,
    `${apiKey}0`,
    session,
    session.slice(0, -1),
    `Bearer ${apiKey}`,
    'x'.repeat(5000),
    '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  ];
  draft.token = random.pick(tokens);
};

const spoilContentType: Spoil = (draft, { random }) => {
  draft.contentType = random.pick(contentTypes);
};

const spoilBodyText: Spoil = (draft, { random }) => {
  draft.rawBody = random.pick(strangeBodies);
};

/** Somewhere in the body, at any depth: another value, a key more or a key less. */
const spoilBody: Spoil = (draft, { random }) => {
  const holders = holdersOf(draft.body);
  if (holders.length === 0 || random.chance(0.1)) {
    draft.body = hostileValue(random);
    return;
  }
  const holder = random.pick(holders);
  const keys = Object.keys(holder);
  const set = (key: string, value: unknown) =>
    Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
  const kind = random.int(5);
  if (kind === 0 && keys.length > 0) Reflect.deleteProperty(holder, random.pick(keys));
  else if (kind === 1 || keys.length === 0)
    set(Array.isArray(holder) ? String(holder.length) : random.pick(strangeKeys), hostileValue(random));
  else set(random.pick(keys), hostileValue(random));
};

function holdersOf(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(holdersOf)].slice(0, 200);
}

function finish({ method, path }: Operation, { query, headers, token, body, rawBody, contentType, ...draft }: Draft): Outgoing {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => draft.path.get(name) ?? '');
  const search = query.map(([name, value]) => `${encodeURIComponent(wellFormed(name))}=${encodeURIComponent(wellFormed(value))}`).join('&');
  const content = rawBody ?? (body === undefined ? undefined : textOf(body));
  const sent: Record<string, string[]> = {};
  for (const [name, value] of headers) sent[name] = [...(sent[name] ?? []), value];
  if (token !== undefined) sent.authorization = [`Bearer ${token}`];
  if (content !== undefined) sent['content-type'] = [contentType];
  return {
    method,
    path: search === '' ? filled : `${filled}?${search}`,
    headers: Object.fromEntries(Object.entries(sent).map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values])),
    ...(content === undefined ? {} : { body: content }),
  };
}

/** Node's client sends only these in a header. */
const latin1 = (text: string) => text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?').slice(0, 20_000);
const wellFormed = (text: string) => text.toWellFormed();
