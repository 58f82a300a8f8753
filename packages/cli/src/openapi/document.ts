/**
 * An OpenAPI document as the draft reads it: version 3, whatever it was, and its references followed one at a time where something is read.
 * Nothing outside the document is ever fetched, a circle of references ends, and what is missing reads as empty.
 */
import type { Diagnostic } from '@bowline/compile/diagnostic';
import { exitCodes, Failure } from '../failure.ts';

export type Dict = Readonly<Record<string, unknown>>;
/** `where` is the address or the file it was read from. */
export type ApiDocument = {
  readonly root: Dict;
  readonly version: string;
  readonly where: string;
  readonly follow: (value: unknown) => Dict;
};

export const isDict = (value: unknown): value is Dict => typeof value === 'object' && value !== null && !Array.isArray(value);
export const dict = (value: unknown): Dict => (isDict(value) ? value : {});
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const text = (value: unknown): string | undefined => (typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined);

/**
 * @param source the document, JSON or YAML
 * @throws Failure with the place in the document when it is neither
 */
export const parseDocument = async (source: string, where: string): Promise<Dict> => {
  const parsed = await parseSource(source, where);
  if (isDict(parsed)) return parsed;
  throw notOne(where, 'It holds no map of keys.');
};

/** @throws Failure when it is not of a version that can be read */
export const openDocument = async (parsed: Dict, where: string): Promise<ApiDocument> => {
  const version = text(String(parsed.openapi ?? parsed.swagger ?? ''));
  if (version === undefined) throw notOne(where, otherKind(parsed));
  if (!/^(?:2\.0|3\.\d)/.test(version) && version !== '2')
    throw notOne(where, `It says version ${version}; versions 2.0, 3.0, 3.1 and 3.2 can be read.`);
  const root = version.startsWith('2') ? await fromVersion2(parsed, where) : parsed;
  return { root, version, where, follow: (value) => follow(root, value) };
};

/** JSON first: of 10 MB it takes a tenth of a second, as YAML three. */
const parseSource = async (source: string, where: string): Promise<unknown> => {
  const start = source.trimStart().slice(0, 1);
  if (start === '<')
    throw notOne(where, 'It is a web page. Give the address of the document behind it, often /openapi.json or /swagger.json.');
  if (start === '') throw notOne(where, 'It is empty.');
  try {
    if (start === '{') return JSON.parse(source);
  } catch {
    // Read as YAML, whose errors have a place; and some documents are YAML in JSON's brackets.
  }
  const { load, YAMLException } = await import('js-yaml');
  try {
    return load(source);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const place: Diagnostic = {
      severity: 'error',
      file: where,
      message: `${error.reason}. The document can be read no further.`,
      ...(error.mark && { line: error.mark.line + 1, column: error.mark.column + 1 }),
    };
    throw new Failure(exitCodes.other, 'The document is neither JSON nor YAML.', [place]);
  }
};

const notOne = (where: string, why: string): Failure => new Failure(exitCodes.other, `${where} is not an OpenAPI document. ${why}`);

const otherKind = (parsed: Dict): string => {
  if (parsed.asyncapi !== undefined) return 'It is an AsyncAPI document, which describes messages and no HTTP API.';
  if (text(dict(parsed.info).schema)?.includes('postman')) return 'It is a Postman collection; export it as OpenAPI first.';
  return 'It has neither `openapi: 3.x` nor `swagger: "2.0"` at its top.';
};

/** The converter is loaded for the documents that need it. It throws where a document is broken beyond its reading. */
const fromVersion2 = async (parsed: Dict, where: string): Promise<Dict> => {
  const { upgradeFromTwoToThree } = await import('@scalar/openapi-upgrader/2.0-to-3.0');
  try {
    const servers = parsed.host === undefined ? relativeServer(parsed) : {};
    return { ...dict(upgradeFromTwoToThree({ ...parsed })), ...servers };
  } catch (error) {
    throw notOne(where, `It cannot be read as version 2.0: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** Without a host, version 2.0 means the host that serves the document. */
const relativeServer = (parsed: Dict): Dict => ({ servers: [{ url: text(parsed.basePath) ?? '/' }] });

const hopsMax = 32;

const follow = (root: Dict, value: unknown): Dict => {
  let found = dict(value);
  for (let hops = 0; typeof found.$ref === 'string'; hops++) {
    if (hops === hopsMax || !found.$ref.startsWith('#/')) return {};
    found = dict(pointTo(root, found.$ref.slice(2)));
  }
  return found;
};

/** RFC 6901, in a fragment. */
const pointTo = (root: Dict, pointer: string): unknown =>
  pointer
    .split('/')
    .map((part) => decode(part).replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(
      (at, part) => (Array.isArray(at) ? at[Number(part)] : Object.hasOwn(dict(at), part) ? dict(at)[part] : undefined),
      root,
    );

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};
