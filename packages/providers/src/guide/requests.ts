/** How requests are made: base URL, what authentication adds, a call through the proxy; how lists are paged and limits kept. Pure. */
import type { Provider } from '../provider.ts';
import { readsRequest } from '../request-values.ts';
import { placeholders } from '../template.ts';
import { type Block, code, codes, type Line, paragraph, type Section, say } from './blocks.ts';
import type { GuidePlace } from './place.ts';
import { readable, sides } from './words.ts';

export function requestsSection(provider: Provider, place: GuidePlace): Section {
  return {
    id: 'requests',
    title: 'Requests',
    blocks: [
      ...baseUrl(provider),
      ...authentication(provider),
      { kind: 'code', language: 'bash', code: curl(provider, place) },
      ...verification(provider),
    ],
  };
}

function baseUrl(provider: Provider): Block[] {
  const base = provider.proxy?.base_url;
  if (base === undefined)
    return [paragraph(say`There is no base URL: every request names its own in the header ${code('Base-Url-Override')}.`)];
  const all = sides(base).map((side) => readable(side, provider));
  const [first = '', ...others] = all;
  const [other] = others;
  return [
    paragraph(
      other === undefined ? say`Base URL: ${code(first)}` : say`Base URL: ${code(first)}, or ${code(other)} where that is not known.`,
    ),
  ];
}

/** What each mode adds by itself, unless the provider's own headers say it. */
const byMode: Partial<Record<Provider['auth_mode'], Line>> = {
  OAUTH2: say`Each request carries the access token: ${code('Authorization: Bearer …')}.`,
  OAUTH2_CC: say`Each request carries the access token: ${code('Authorization: Bearer …')}.`,
  MCP_OAUTH2: say`Each request carries the access token: ${code('Authorization: Bearer …')}.`,
  MCP_OAUTH2_GENERIC: say`Each request carries the access token: ${code('Authorization: Bearer …')}.`,
  APP: say`Each request carries the token of the installation: ${code('Authorization: Bearer …')}.`,
  CUSTOM: say`Each request carries the token of the installation: ${code('Authorization: Bearer …')}.`,
  BASIC: say`Each request carries the login: ${code('Authorization: Basic …')}.`,
  INSTALL_PLUGIN: say`Each request carries the login of the plugin: ${code('Authorization: Basic …')}.`,
  OAUTH1: say`Each request is signed (OAuth 1.0a, RFC 5849).`,
  TBA: say`Each request is signed (OAuth 1.0a with HMAC-SHA256).`,
  AWS_SIGV4: say`Each request is signed with temporary credentials of the role (Signature Version 4).`,
  NONE: say`Nothing is added to your requests.`,
};

function authentication(provider: Provider): Block[] {
  const parts = [
    ...Object.entries(provider.proxy?.headers ?? {}).map(([name, template]) => ({ place: `${name}: `, template })),
    ...Object.entries(provider.proxy?.query ?? {}).map(([name, template]) => ({ place: `?${name}=`, template })),
    ...bodyParts(provider.proxy?.body, ''),
  ].map(({ place, template }) => ({ isSecret: template.includes('${'), line: [code(place + readable(template, provider))] }));
  const secret = parts.filter(({ isSecret }) => isSecret).map(({ line }) => line);
  const fixed = parts.filter(({ isSecret }) => !isSecret).map(({ line }) => line);
  const mode = addedByMode(provider);
  const certificate = 'require_client_certificate' in provider && provider.require_client_certificate;
  return [
    ...(mode ? [paragraph(mode)] : []),
    ...(secret.length > 0
      ? [paragraph(say`Added to each request${mode ? ' as well' : ''}:`), { kind: 'list' as const, items: secret }]
      : []),
    ...(Object.values(provider.proxy?.headers ?? {}).some(readsRequest)
      ? [paragraph(say`The signature is made anew for each attempt.`)]
      : []),
    ...(certificate ? [paragraph(say`The connection's certificate is presented on every call (mutual TLS).`)] : []),
    ...(fixed.length > 0 ? [paragraph(say`Sent unless you send your own:`), { kind: 'list' as const, items: fixed }] : []),
    ...(provider.auth_mode === 'API_KEY' && provider.integration_config?.keyName
      ? [paragraph(say`The key goes where the integration says: into the header or the query parameter named there.`)]
      : []),
  ];
}

function addedByMode({ auth_mode: mode, proxy }: Provider): Line | undefined {
  const headers = proxy?.headers ?? {};
  if (headers.authorization !== undefined) return undefined;
  if (!madeHere.has(mode)) return byMode[mode];
  const elsewhere = Object.values(headers).some((header) => placeholders(header).some((name) => tokenNames.has(name)));
  return elsewhere ? undefined : say`Each request carries the token: ${code('Authorization: Bearer …')}.`;
}

/** Modes whose token goes into `Authorization` unless a header of the provider's reads it. */
const madeHere = new Set<Provider['auth_mode']>(['JWT', 'SIGNATURE', 'TWO_STEP']);
const tokenNames = new Set(['accessToken', 'token', 'credentials.token', 'credentials._cookies']);

function bodyParts(body: Readonly<Record<string, unknown>> | undefined, at: string): { place: string; template: string }[] {
  return Object.entries(body ?? {}).flatMap(([name, value]) => {
    if (typeof value === 'object' && value !== null) return bodyParts(Object.fromEntries(Object.entries(value)), `${at}${name}.`);
    return [{ place: `body ${at}${name} = `, template: String(value) }];
  });
}

function curl(provider: Provider, { serverUrl, integrationKey = provider.name }: GuidePlace): string {
  return [
    `curl '${serverUrl}/proxy${samplePath(provider)}' \\`,
    `  -H 'Authorization: Bearer <secret key>' \\`,
    `  -H 'Connection-Id: <connection ID>' \\`,
    `  -H 'Provider-Config-Key: ${integrationKey}'${provider.proxy ? '' : ' \\'}`,
    ...(provider.proxy ? [] : [`  -H 'Base-Url-Override: https://api.example.com'`]),
  ].join('\n');
}

/** What is asked to try credentials is a request that exists. */
function samplePath(provider: Provider): string {
  const { method = 'GET', endpoints = [], base_url_override: elsewhere } = provider.proxy?.verification ?? {};
  const [path] = endpoints;
  return path !== undefined && method === 'GET' && elsewhere === undefined ? readable(path, provider) : '/<path of the API>';
}

function verification(provider: Provider): Block[] {
  const { method = 'GET', endpoints = [] } = provider.proxy?.verification ?? {};
  if (endpoints.length === 0) return [];
  const paths = endpoints.map((path) => `${method} ${readable(path, provider)}`);
  return [paragraph(say`Credentials are tried with ${codes(paths, 'or')} when somebody connects.`)];
}

export function limitsSection(provider: Provider): Section | undefined {
  if (provider.proxy === undefined) return undefined;
  return { id: 'limits', title: 'Pages and limits', blocks: [paragraph(pages(provider)), paragraph(retries(provider))] };
}

function pages({ proxy }: Provider): Line {
  const rules = proxy?.paginate;
  if (!rules)
    return say`How lists are paged is not recorded: it may differ by endpoint, or there are no pages. Say it in the ${code('paginate')} of the call.`;
  const size = rules.limit_name_in_request ? say` ${code(rules.limit_name_in_request)} sets how many a page has.` : [];
  const items = rules.response_path ? say` The items are at ${code(rules.response_path)}.` : [];
  const end = say`${items}${size} ${code('nango.paginate')} of a function follows this by itself.`;
  switch (rules.type) {
    case 'cursor':
      return say`Lists are paged with a cursor: an answer holds it at ${code(rules.cursor_path_in_response)}, and the next request sends it as ${code(rules.cursor_name_in_request)}.${end}`;
    case 'link':
      return rules.link_path_in_response_body
        ? say`Lists are paged with links: an answer holds the address of the next page at ${code(rules.link_path_in_response_body)}.${end}`
        : say`Lists are paged with links: the header ${code('Link')} holds the address of the next page (${code(`rel="${rules.link_rel_in_response_header ?? 'next'}"`)}).${end}`;
    case 'offset':
      return rules.offset_calculation_method === 'per-page'
        ? say`Lists are paged with a number, ${code(rules.offset_name_in_request)}, that goes up by one with each page${from(rules.offset_start_value)}.${end}`
        : say`Lists are paged with an offset, ${code(rules.offset_name_in_request)}, that goes up by the number of items received${from(rules.offset_start_value)}.${end}`;
  }
}

const from = (start: number | undefined): Line => (start === undefined ? [] : say`, from ${start} on`);

function retries({ proxy }: Provider): Line {
  const { after = [], at = [], remaining, in_body: body, error_code: statuses } = proxy?.retry ?? {};
  const which = statuses
    ? say`With the header ${code('Retries')}, answers of ${codes(statuses, 'and')} are tried again.`
    : say`With the header ${code('Retries')}, answers of ${code('429')} and ${code('5xx')} are tried again.`;
  const waits = [...new Set(['retry-after', ...after])];
  const until = at.length > 0 ? say`; when the limit is used up, until the moment in ${codes(at, 'or')}` : [];
  const seen = remaining ? say` A limit is also seen by ${code(`${remaining}: 0`)}.` : [];
  const told = body ? say` The error's ${code(body.path)} tells the wait, too.` : [];
  return say`${which} The wait is as long as ${codes(waits, 'or')} says${until}, else it grows with each try.${seen}${told} A ${code('401')} renews the credentials once, where they can be.`;
}
