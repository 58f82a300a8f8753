/** Where the API is: the first server that the internet can reach, with its variables as fields of the connection. */
import { type ApiDocument, dict, isDict, list, text } from './document.ts';
import type { Notes } from './notes.ts';

export type DraftField = Readonly<Record<string, unknown>> & {
  readonly type: 'string';
  readonly title: string;
  readonly description: string;
};
export type Fields = Record<string, DraftField>;
export type Address = {
  readonly baseUrl: string;
  readonly connectionConfig: Fields;
  readonly integrationConfig: Fields;
  readonly variables: Variables;
};
/** What a `{name}` of an address becomes in a template. */
export type Variables = ReadonlyMap<string, string>;

type Server = { readonly url: string; readonly description: string | undefined; readonly variables: Readonly<Record<string, unknown>> };

export type AddressOptions = {
  /** The base URL that the author names. */
  readonly given: string | undefined;
  /** Whether the host is the developer's to say: whoever names the host of a token endpoint receives the client secret. */
  readonly guarded: boolean;
};

export const readAddress = (document: ApiDocument, { given, guarded }: AddressOptions, notes: Notes): Address => {
  if (given !== undefined) return { baseUrl: trimEnd(given), connectionConfig: {}, integrationConfig: {}, variables: new Map() };
  const servers = list(document.root.servers)
    .filter(isDict)
    .map((server) => readServer(document, server));
  const usable = servers.filter(({ url }) => isAddress(url) && !isTemplate(url));
  const [server] = [...usable].sort((a, b) => unfit(a) - unfit(b));
  if (server === undefined) return unknownAddress(servers, notes);
  const others = usable
    .filter(({ url }) => withoutScheme(url) !== withoutScheme(server.url))
    .map(({ url, description }) => `  ${url}${description ? ` (${description})` : ''}`);
  if (others.length > 0) notes.add('proxy.base_url', ['The document names other servers too:', ...others.slice(0, 12)].join('\n'));
  return withFields(server, guarded, notes);
};

/** Lowest first; what is equal keeps the document's order. */
const unfit = ({ url, description }: Server): number =>
  (/^(?:https?:)?\/\/(?:localhost|127\.|0\.0\.0\.0|10\.|192\.168\.|[^/]*\.(?:local|internal|test)\b)/i.test(url) ? 4 : 0) +
  (/sandbox|staging|\bdev\b|development|\btest\b|mock|demo/i.test(`${url} ${description ?? ''}`) ? 2 : 0) +
  (/^http:/i.test(url) ? 1 : 0);

const readServer = (document: ApiDocument, server: Readonly<Record<string, unknown>>): Server => {
  const written = text(server.url) ?? '';
  const base = /^https?:/i.test(document.where) ? document.where : undefined;
  const absolute = /^[a-z]+:|^\{/i.test(written) || base === undefined ? written : resolveKeepingBraces(written, base);
  const url = /^\/\//.test(absolute) ? `https:${absolute}` : absolute;
  return { url, description: text(server.description)?.split('\n')[0], variables: dict(server.variables) };
};

const resolveKeepingBraces = (relative: string, base: string): string =>
  URL.parse(relative, base)?.href.replaceAll('%7B', '{').replaceAll('%7D', '}') ?? relative;

const unknownAddress = (servers: readonly Server[], notes: Notes): Address => {
  const path = servers.map(({ url }) => url).find((url) => url.startsWith('/') && url.length > 1);
  const only = path === undefined ? '' : `, only that its paths begin with ${path}`;
  return unknownBaseUrl(`The document does not say at which host the API is${only}.`, path, notes);
};

/** The developer is asked for it, once, at the integration. */
export const unknownBaseUrl = (why: string, path: string | undefined, notes: Notes): Address => {
  notes.check('proxy.base_url', `${why} The integration asks for it; if there is only one, write it here and remove integration_config.`);
  const field: DraftField = {
    type: 'string',
    title: 'API base URL',
    description: 'What the paths of requests are appended to.',
    example: `https://api.example.com${path === undefined ? '' : trimEnd(path)}`,
    pattern: urlPattern,
  };
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of the provider
  return { baseUrl: '${integrationConfig.baseUrl}', connectionConfig: {}, integrationConfig: { baseUrl: field }, variables: new Map() };
};

const withFields = (server: Server, guarded: boolean, notes: Notes): Address => {
  const connectionConfig: Fields = {};
  const integrationConfig: Fields = {};
  const variables = new Map<string, string>();
  for (const [, name = ''] of server.url.matchAll(/\{([^{}]+)\}/g)) {
    if (variables.has(name)) continue;
    const variable = dict(server.variables[name]);
    const fixed = fixedValue(server.url, name, variable);
    if (fixed !== undefined && isAddress(server.url.replaceAll(`{${name}}`, () => fixed)) && !isTemplate(fixed)) {
      variables.set(name, fixed);
      continue;
    }
    const key = fieldName(name);
    const ofIntegration = guarded && isHost(server.url, name);
    (ofIntegration ? integrationConfig : connectionConfig)[key] = variableField(server.url, name, variable);
    variables.set(name, `\${${ofIntegration ? 'integrationConfig' : 'connectionConfig'}.${key}}`);
    if (server.variables[name] === undefined)
      notes.check(
        `${ofIntegration ? 'integration_config' : 'connection_config'}.${key}`,
        `The document does not declare {${name}} of its server address.`,
      );
  }
  return { baseUrl: trimEnd(fillVariables(server.url, variables)), connectionConfig, integrationConfig, variables };
};

export const fillVariables = (url: string, variables: Variables): string =>
  url.replace(/\{([^{}]+)\}/g, (whole, name: string) => variables.get(name) ?? whole);

/** What leaves no choice is written down: a scheme, the only value there is, a path of several parts (as a value its slashes would be encoded). */
const fixedValue = (url: string, name: string, variable: Readonly<Record<string, unknown>>): string | undefined => {
  const choices = list(variable.enum).map(String);
  const preset = variable.default === undefined ? undefined : String(variable.default);
  if (url.startsWith(`{${name}}://`)) return choices.includes('http') && !choices.includes('https') ? 'http' : 'https';
  if (choices.length === 1) return choices[0];
  if (choices.length === 0 && preset !== undefined && (preset.includes('/') || preset === ''))
    return preset.replace(/^https?:\/\/(?=.)/, isWhole(url, name) ? '$&' : '');
  return /^v\d+(?:\.\d+)*$/.test(preset ?? '') && choices.length === 0 ? preset : undefined;
};

const isWhole = (url: string, name: string): boolean => url.startsWith(`{${name}}`);

const variableField = (url: string, name: string, variable: Readonly<Record<string, unknown>>): DraftField => {
  const at = url.indexOf(`{${name}}`);
  const inHost = at < hostEnd(url);
  const pattern = inHost ? patternAt(url, name) : undefined;
  const fits = (value: string): boolean => value !== '' && (pattern === undefined || new RegExp(pattern).test(value));
  const choices = list(variable.enum).map(String).filter(fits);
  const preset = [variable.default].flatMap((value) => (value === undefined ? [] : [String(value)])).find(fits);
  const placeholder = preset !== undefined && choices.length === 0 && isPlaceholder(preset, name);
  const chosen = preset !== undefined && !placeholder && (choices.length === 0 || choices.includes(preset));
  const [before, after] = [url.slice(0, at), url.slice(at + name.length + 2, hostEnd(url))];
  const alone = inHost && /^https?:\/\/$/.test(before) && choices.length === 0 && !after.includes('{');
  return {
    type: 'string',
    title: titleOf(name),
    description: shorten(text(variable.description) ?? `Part of the address of the API: ${url}`),
    ...(placeholder && { example: preset }),
    ...(chosen && { default_value: preset }),
    ...(choices.length > 0 && { enum: choices }),
    ...(pattern !== undefined && choices.length === 0 && { pattern }),
    ...(alone && { prefix: before, ...(/^\.[a-z0-9.-]+$/i.test(after) && { suffix: after }) }),
  };
};

/** Whether a default is one that nobody means, as `your-domain` and `example.com` are. */
const isPlaceholder = (preset: string, name: string): boolean =>
  /your|\bmy|example|sample|company|tenant|customer|subdomain|acme|demo|foo|xxx|change|<|\*/i.test(preset) ||
  preset.toLowerCase() === name.toLowerCase();

/** Whether it can be asked once its variables have values. */
export const isAddress = (url: string): boolean => {
  const filled = url
    .replace(/^\$?\{[^{}]+\}(?=:\/\/)/, 'https')
    .replace(/^\$?\{[^{}]+\}/, 'https://x.example')
    .replace(/:\$?\{[^{}]+\}/g, ':1')
    .replace(/\$?\{[^{}]+\}/g, 'x');
  return /^https?:\/\/[^/?#\s]/i.test(filled) && !filled.includes('$') && URL.canParse(filled);
};

/** What a variable in the host may be: a whole address, a port, a label or several. */
export const patternAt = (url: string, name: string): string => {
  if (isWhole(url, name)) return urlPattern;
  return url.slice(0, url.indexOf(`{${name}}`)).endsWith(':') ? '^[0-9]{1,5}$' : hostPart;
};

/** Of a field that decides a host: nothing that changes what follows it. */
const hostPart = '^[A-Za-z0-9][A-Za-z0-9.-]*$';
/** Of a field that is a whole address. */
export const urlPattern = '^https?://[^\\s/?#@]+(?:[/?][^\\s#]*)?$';
export const hostEnd = (url: string): number => {
  const end = url.slice(url.indexOf('://') + 3).search(/[/?#]/);
  return end === -1 ? url.length : url.indexOf('://') + 3 + end;
};

/** Whether nothing after a variable fixes whose host it is: its value may name anybody's. */
export const isHost = (url: string, name: string): boolean => {
  const at = url.indexOf(`{${name}}`);
  const before = url.slice(url.indexOf('://') + 3, at).replace(/\{[^}]+\}/g, '');
  const after = url.slice(at + name.length + 2, hostEnd(url)).replace(/\{[^}]+\}/g, '');
  return at < hostEnd(url) && !before.includes(':') && !/[a-z0-9]\.[a-z]/i.test(after);
};
const withoutScheme = (url: string): string => trimEnd(url.replace(/^https?:/i, ''));

/** What a document says must not be taken for a template of ours. */
export const isTemplate = (words: string): boolean => words.includes('${');

/** A name as fields may have it. */
export const fieldName = (name: string): string =>
  name
    .replace(/[^A-Za-z0-9_-]+/g, '_')
    .replace(/^[^A-Za-z]+/, '')
    .replace(/^(?:constructor|prototype)$/, '$&_') || 'value';

/** `accountId`, `account_id` → `Account id` */
export const titleOf = (name: string): string => {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[^A-Za-z0-9]+/g, ' ')
    .trim();
  return words === '' ? name : words[0]?.toUpperCase() + words.slice(1).replace(/[A-Z](?=[a-z])/g, (letter) => letter.toLowerCase());
};

/** The first sentence or so of what a document says. */
export const shorten = (long: string, max = 160): string => {
  const line = long.replace(/\s+/g, ' ').trim();
  return line.length <= max ? line : `${line.slice(0, line.lastIndexOf(' ', max) > 0 ? line.lastIndexOf(' ', max) : max)} …`;
};

export const trimEnd = (url: string): string => url.replace(/\/+$/, '');
