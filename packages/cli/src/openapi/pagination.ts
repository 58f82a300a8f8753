/** How lists are paged, guessed from the names of parameters and the shape of answers; only where most of the paged requests agree. Pure. */
import { type ApiDocument, type Dict, isDict, text } from './document.ts';
import type { Notes } from './notes.ts';
import { isOfType, type Operation, type Parameter, propertiesOf } from './operations.ts';
import { mostCommon } from './schemes.ts';

/** What one request shows: the rule, and how sure its kind is; less is better where a request allows two. */
type Sign = { readonly rule: Dict; readonly limit: string | undefined; readonly items: string | undefined };

/** @returns `proxy.paginate`, or nothing where it is not clear */
export const guessPagination = (document: ApiDocument, operations: readonly Operation[], notes: Notes): Dict | undefined => {
  const lists = operations.filter(({ method, parameters }) => method === 'get' && parameters.some(isPaging));
  const signs = lists.flatMap((operation) => signOf(document, operation));
  const common = mostCommon(signs.map(({ rule }) => JSON.stringify(rule)));
  if (common === undefined) {
    if (lists.length > 0)
      notes.add(
        'proxy',
        `No pagination: ${lists.length} requests have parameters of one (such as ${lists[0]?.path}), but not in a way that is clear. See \`paginate\` of other providers.`,
      );
    return undefined;
  }
  const alike = signs.filter(({ rule }) => JSON.stringify(rule) === common);
  if (alike.length < lists.length / 2) {
    notes.add('proxy', `No pagination: the ${lists.length} paged requests do it in different ways. Functions name theirs where they page.`);
    return undefined;
  }
  notes.check(
    'proxy.paginate',
    `guessed from ${alike.length} of the ${lists.length} requests that are paged, such as ${lists.find((operation) => signs.length > 0 && signOf(document, operation).some(({ rule }) => JSON.stringify(rule) === common))?.path}.`,
  );
  return withCommon(JSON.parse(common), alike);
};

const withCommon = (rule: Dict, alike: readonly Sign[]): Dict => {
  const most = (values: readonly (string | undefined)[]): string | undefined => {
    const value = mostCommon(values.flatMap((each) => each ?? []));
    return value !== undefined && values.filter((each) => each === value).length > values.length / 2 ? value : undefined;
  };
  const limit = most(alike.map((sign) => sign.limit));
  const items = most(alike.map((sign) => sign.items));
  return { ...rule, ...(limit !== undefined && { limit_name_in_request: limit }), ...(items !== undefined && { response_path: items }) };
};

const bare = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '');
const cursorNames = [
  'cursor',
  'nextcursor',
  'pagetoken',
  'nextpagetoken',
  'nexttoken',
  'continuationtoken',
  'continuation',
  'paginationtoken',
  'startcursor',
  'aftercursor',
  'pagecursor',
  'after',
  'pageafter',
  'marker',
];
const pageNames = ['page', 'pagenumber', 'pageno', 'pagenum', 'pageindex', 'currentpage'];
const offsetNames = ['offset', 'skip', 'start', 'startat', 'startindex', 'pageoffset'];
const limitNames = [
  'limit',
  'perpage',
  'pagesize',
  'pagelimit',
  'size',
  'count',
  'maxresults',
  'maxitems',
  'top',
  'first',
  'take',
  'resultsperpage',
  'itemsperpage',
  'maxpagesize',
];

const isPaging = ({ name, in: place }: Parameter): boolean =>
  place === 'query' && [...cursorNames, ...pageNames, ...offsetNames].includes(bare(name));
const named = (parameters: readonly Parameter[], names: readonly string[]): Parameter | undefined =>
  parameters.filter(({ in: place }) => place === 'query').find(({ name }) => names.includes(bare(name)));

const signOf = (document: ApiDocument, { parameters, schema, headers }: Operation): Sign[] => {
  const properties = flatten(document, schema);
  const common = {
    limit: named(parameters, limitNames)?.name,
    items: isOfType(schema, 'array')
      ? undefined
      : properties.find(({ path, property }) => isOfType(property, 'array') && path.split('.').length <= 2)?.path,
  };
  const rule = linkHeader(headers) ?? cursor(parameters, properties) ?? linkInBody(properties) ?? counted(parameters);
  return rule ? [{ rule, ...common }] : [];
};

type Property = { readonly path: string; readonly property: Dict };

/** The properties of an answer and of the objects directly in it. */
const flatten = (document: ApiDocument, schema: Dict, prefix = ''): Property[] => {
  const own = [...propertiesOf(document, schema)].map(([name, property]) => ({ path: prefix + name, property }));
  if (prefix.split('.').length > 3) return own;
  const inside = own.filter(({ path }) => /(?:meta|pag|link|cursor|next|result|response|data)\w*$/i.test(path.split('.').at(-1) ?? ''));
  return [...own, ...inside.flatMap(({ path, property }) => (isOfType(property, 'array') ? [] : flatten(document, property, `${path}.`)))];
};

const linkHeader = (headers: Operation['headers']): Dict | undefined =>
  headers.has('link') ? { type: 'link', link_rel_in_response_header: 'next' } : undefined;

/** `next_cursor`, `meta.next_cursor`, `paging.next.after`, `nextPageToken`: a text in the answer that the parameter takes. */
const cursor = (parameters: readonly Parameter[], properties: readonly Property[]): Dict | undefined => {
  const parameter =
    named(parameters, cursorNames) ??
    parameters.find(({ name, in: place, schema }) => place === 'query' && bare(name) === 'offset' && isOfType(schema, 'string'));
  if (parameter === undefined) return undefined;
  const found = properties.find(({ path, property }) => isTextual(property) && !isLink(property) && isNextCursor(path, parameter.name));
  return found && { type: 'cursor', cursor_path_in_response: found.path, cursor_name_in_request: parameter.name };
};

const isNextCursor = (path: string, parameter: string): boolean => {
  const parts = path.split('.').map(bare);
  const last = parts.at(-1) ?? '';
  if (/^next(?:page)?(?:cursor|token|pagetoken|continuationtoken|marker|after|startkey)$/.test(last) || last === 'continuationtoken')
    return true;
  const inNext = parts
    .slice(0, -1)
    .some((part) => part.startsWith('next') || part.startsWith('pag') || part.startsWith('cursor') || part === 'meta');
  return inNext && (last === bare(parameter) || last === 'after' || last === 'next' || last === 'endcursor');
};

const isTextual = (property: Dict): boolean => property.type === undefined || isOfType(property, 'string');
const isLink = (property: Dict): boolean =>
  ['uri', 'url', 'uri-reference'].includes(String(property.format)) ||
  /^https?:/.test(String(property.example ?? '')) ||
  /\bur[il]\b|\blink to\b/i.test(text(property.description) ?? '');

/** `links.next`, `_links.next.href`, `next_page_url`, `@odata.nextLink`, and `next` where the document says that it is an address. */
const linkInBody = (properties: readonly Property[]): Dict | undefined => {
  const found = properties.find(({ path, property }) => {
    if (!isTextual(property)) return false;
    if (/(?:^|\.)(?:@odata\.nextLink|next_?(?:page_?)?(?:url|link|uri)|_?links\.next(?:\.href|\.url)?)$/i.test(path)) return true;
    return /(?:^|\.)next(?:_?page)?$/i.test(path) && isLink(property);
  });
  return found && { type: 'link', link_path_in_response_body: found.path };
};

const counted = (parameters: readonly Parameter[]): Dict | undefined => {
  const isNumber = ({ schema }: Parameter): boolean => schema.type === undefined || isOfType(schema, 'integer', 'number');
  const page = named(parameters, pageNames);
  if (page && isNumber(page)) {
    const first = [page.schema.default, page.schema.minimum].find((value) => value === 0 || value === 1) ?? 1;
    return { type: 'offset', offset_name_in_request: page.name, offset_start_value: first, offset_calculation_method: 'per-page' };
  }
  const offset = named(parameters, offsetNames);
  // Without a size beside it, `start` may as well be a date.
  return offset && isNumber(offset) && named(parameters, limitNames)
    ? { type: 'offset', offset_name_in_request: offset.name, offset_calculation_method: 'by-response-size' }
    : undefined;
};

/** For the report. */
export const describePagination = (rule: Dict | undefined): string => {
  if (!isDict(rule)) return 'none that is clear';
  const name = rule.cursor_name_in_request ?? rule.offset_name_in_request ?? rule.link_path_in_response_body ?? 'header link';
  return `${rule.offset_calculation_method === 'per-page' ? 'page' : String(rule.type)} (${String(name)})`;
};
