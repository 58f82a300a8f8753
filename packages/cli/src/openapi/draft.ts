/** From an OpenAPI document to the draft of a provider's file: what is written, why, and what the author must check. Pure. */
import { exitCodes, Failure } from '../failure.ts';
import { type Access, givesClientSecret, toAccess } from './access.ts';
import { findVerification, fixedHeaders, readRetry, scopesNeeded } from './calls.ts';
import { type ApiDocument, type Dict, dict, text } from './document.ts';
import { createNotes, type Notes } from './notes.ts';
import { readOperations } from './operations.ts';
import { describePagination, guessPagination } from './pagination.ts';
import { describeScheme, readSchemes, type Scheme } from './schemes.ts';
import { readAddress } from './servers.ts';

export type Draft = {
  readonly displayName: string;
  /** Keys of the file, in the order they are written. */
  readonly content: Dict;
  readonly notes: Notes;
  /** For the report, by what it is about. */
  readonly understood: Readonly<Record<string, string>>;
};
export type DraftOptions = { readonly security?: string | undefined; readonly baseUrl?: string | undefined };

/** @throws Failure when the document has no way in of the name that was asked for */
export const draftProvider = (document: ApiDocument, { security, baseUrl }: DraftOptions): Draft => {
  const notes = createNotes();
  const displayName = nameOf(document);
  const operations = readOperations(document);
  const { usable, unusable } = readSchemes(document, operations);
  const scheme = choose(usable, unusable, security, document.where);
  const address = readAddress(document, { given: baseUrl, guarded: scheme !== undefined && givesClientSecret(scheme.kind) }, notes);
  const fixed = fixedHeaders(operations, notes);
  const verification = findVerification(operations, scheme, Object.keys(fixed));
  const access: Access = scheme
    ? toAccess(scheme, { address, product: displayName, notes, scopes: scopesNeeded(verification, scheme.name) })
    : { mode: 'NONE', keys: {} };
  sayOthers(scheme, usable, unusable, notes);
  const headers = { ...fixed, ...access.headers };
  const retry = readRetry(operations, notes);
  const paginate = guessPagination(document, operations, notes);
  if (verification)
    notes.check('proxy.verification', 'tried with new credentials; a working one must be answered with 2xx, and it must change nothing.');
  else if (scheme)
    notes.add(
      'proxy',
      'No verification: no GET without parameters tells whose credentials it was called with. If there is one, add\n  verification: { endpoints: [/its/path] }',
    );
  notes.check('categories', 'what the product is for, such as crm, payment, support.');
  const content = compact({
    display_name: displayName,
    categories: ['other'],
    auth_mode: access.mode,
    ...access.keys,
    connection_config: { ...address.connectionConfig, ...access.connectionConfig },
    integration_config: { ...address.integrationConfig, ...access.integrationConfig },
    credentials: access.credentials,
    proxy: {
      base_url: address.baseUrl,
      headers,
      query: access.query,
      retry,
      paginate,
      verification: verification && { endpoints: [verification.path] },
    },
    docs: docsOf(document, address.baseUrl, notes),
  });
  const understood = {
    document: `${displayName}, OpenAPI ${document.version}, ${operations.length} requests`,
    address: address.baseUrl,
    auth: scheme ? `${access.mode}, from ${describeScheme(scheme)}` : 'NONE',
    pagination: describePagination(paginate),
    verification: verification ? `GET ${verification.path}` : 'none',
    retry: retry ? Object.values(retry).flat().join(', ') : 'none declared',
  };
  return { displayName, content, notes, understood };
};

const choose = (usable: readonly Scheme[], unusable: readonly string[], wanted: string | undefined, where: string): Scheme | undefined => {
  if (wanted === undefined) return usable[0];
  const found = usable.find(({ id, name }) => id === wanted || name === wanted);
  if (found) return found;
  const has = usable.length > 0 ? `It has: ${usable.map(describeScheme).join('; ')}.` : 'It declares none that can be used.';
  const why = unusable.includes(wanted) ? `${wanted} is none that a server can use.` : `${where} has no security scheme ${wanted}.`;
  throw new Failure(exitCodes.usage, `${why} ${has}`);
};

const sayOthers = (scheme: Scheme | undefined, usable: readonly Scheme[], unusable: readonly string[], notes: Notes): void => {
  const others = usable.filter((other) => other !== scheme);
  if (scheme) notes.add('auth_mode', `From the security scheme ${describeScheme(scheme)}.`);
  else
    notes.check(
      'auth_mode',
      unusable.length > 0
        ? `none of the security schemes can be used: ${unusable.join(', ')}.`
        : 'the document declares no security, so nothing is sent. `bowline provider new --kind api-key` starts from another mode.',
    );
  if (others.length > 0)
    notes.add('auth_mode', ['Others, chosen by --security:', ...others.map((other) => `  ${describeScheme(other)}`)].join('\n'));
  if (scheme && unusable.length > 0) notes.add('auth_mode', `Not usable from here: ${unusable.join(', ')}.`);
};

/** `Swagger Petstore - OpenAPI 3.0`, `ACME REST API v2`: the product without what every such title says. */
const nameOf = ({ root, where }: ApiDocument): string => {
  const title = text(dict(root.info).title)?.replace(/\s+/g, ' ').replaceAll('${', '{');
  if (title === undefined)
    return (
      where
        .split(/[/\\]/)
        .at(-1)
        ?.replace(/\.\w+$/, '') || 'API'
    );
  const bare = title
    .replace(/\s*[-–—:|]?\s*\(?(?:OpenAPI|Swagger)(?:\s*(?:3|2)(?:\.\d)*)?(?:\s+(?:spec(?:ification)?|definition|document))?\)?\s*$/i, '')
    .replace(
      /(?:\s+(?:public|rest(?:ful)?|http|web|open|api|apis|v\d+(?:\.\d+)*|reference|documentation|specification|\(v?\d+(?:\.\d+)*\)))+\s*$/i,
      '',
    )
    .replace(/[\s:|–—-]+$/, '')
    .trim();
  return bare === '' ? title : bare;
};

const docsOf = ({ root, where }: ApiDocument, baseUrl: string, notes: Notes): string => {
  const info = dict(root.info);
  const named = [dict(root.externalDocs).url, dict(info['x-documentation']).url, dict(info.contact).url]
    .map(text)
    .find((url) => url !== undefined && isHttp(url));
  if (named !== undefined) return named;
  notes.check('docs', 'the document names no page of documentation; put the vendor’s here.');
  if (isHttp(where)) return where;
  return isHttp(baseUrl) && !baseUrl.includes('$') ? new URL(baseUrl).origin : 'https://spec.openapis.org/oas/latest.html';
};

const isHttp = (url: string): boolean => /^https?:$/.test(URL.parse(url)?.protocol ?? '');

/** Without what is empty, at any depth but in lists. */
const compact = (value: Dict): Dict =>
  Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      if (inner === undefined) return [];
      if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return [[key, inner]];
      const rest = compact(inner as Dict);
      return Object.keys(rest).length > 0 ? [[key, rest]] : [];
    }),
  );
