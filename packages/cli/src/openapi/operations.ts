/** The requests of a document that read something: their parameters, what a success answers, and what protects them. */
import { type ApiDocument, type Dict, dict, isDict, list, text } from './document.ts';

export type Parameter = {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: Dict;
  readonly from: Dict;
};
export type Operation = {
  readonly path: string;
  readonly method: string;
  readonly parameters: readonly Parameter[];
  /** Of its answers with 2xx. */
  readonly schema: Dict;
  /** In lower case, of all its answers, with what the document says of them. */
  readonly headers: ReadonlyMap<string, Dict>;
  readonly succeeds: boolean;
  /** Each alternative as the schemes it takes together; none: no credentials are wanted. */
  readonly security: readonly Dict[];
  /** It is served from another address than the rest. */
  readonly elsewhere: boolean;
};

const methods = ['get', 'post', 'put', 'patch', 'delete'];

export const readOperations = (document: ApiDocument): Operation[] =>
  Object.entries(dict(document.root.paths)).flatMap(([path, item]) => {
    if (!path.startsWith('/')) return [];
    const shared = document.follow(item);
    return methods.filter((method) => isDict(shared[method])).map((method) => readOperation(document, path, method, shared));
  });

const readOperation = (document: ApiDocument, path: string, method: string, shared: Dict): Operation => {
  const own = dict(shared[method]);
  const responses = Object.entries(dict(own.responses)).map(([status, response]) => ({ status, response: document.follow(response) }));
  const success = responses.find(({ status }) => /^2/.test(status));
  return {
    path,
    method,
    parameters: parametersOf(document, [...list(shared.parameters), ...list(own.parameters)]),
    schema: document.follow(jsonSchema(dict(success?.response.content))),
    headers: new Map(
      responses.flatMap(({ response }) =>
        Object.entries(dict(response.headers)).map(([name, header]) => [name.toLowerCase(), document.follow(header)] as const),
      ),
    ),
    succeeds: success !== undefined,
    security: (Array.isArray(own.security) ? own.security : list(document.root.security)).filter(isDict),
    elsewhere: list(own.servers).length > 0 || list(shared.servers).length > 0,
  };
};

/** Those of the operation stand in for those of its path. */
const parametersOf = (document: ApiDocument, raw: readonly unknown[]): Parameter[] => {
  const found = new Map<string, Parameter>();
  for (const each of raw) {
    const from = document.follow(each);
    const name = text(from.name);
    const place = text(from.in);
    if (name === undefined || place === undefined) continue;
    const schema = document.follow(from.schema);
    found.set(`${place} ${name}`, { name, in: place, required: from.required === true || place === 'path', schema, from });
  }
  return [...found.values()];
};

const jsonSchema = (content: Dict): unknown => {
  const type = Object.keys(content).find((name) => /[/+]json\b|^\*\/\*/.test(name));
  return type === undefined ? undefined : dict(content[type]).schema;
};

/** `type` is a list in version 3.1. */
export const isOfType = (schema: Dict, ...types: string[]): boolean =>
  [schema.type].flat().some((type) => typeof type === 'string' && types.includes(type));

/** The properties of an object, those of what it is put together from too. */
export const propertiesOf = (document: ApiDocument, schema: Dict, depth = 0): ReadonlyMap<string, Dict> => {
  const found = new Map<string, Dict>();
  if (depth > 8) return found;
  for (const part of [...list(schema.allOf), ...(schema.properties ? [] : [...list(schema.oneOf), ...list(schema.anyOf)].slice(0, 1))])
    for (const [name, property] of propertiesOf(document, document.follow(part), depth + 1)) found.set(name, property);
  for (const [name, property] of Object.entries(dict(schema.properties))) found.set(name, document.follow(property));
  return found;
};
