/**
 * Builds the request the proxy sends, from the call and the connection. Pure.
 * The caller's path, query and body go out byte for byte: only the catalogue's own templates are filled, since a `${…}` in a path
 * would let a caller who steers the host read the credentials.
 */
import type { OutboundHeaders } from '../base/outbound.ts';
import type { Access } from '../credentials/access.ts';
import { type Authorized, authorize } from '../credentials/authorize.ts';
import { baseUrl } from '../credentials/base-url.ts';

export type ProxyCall = {
  readonly method: string;
  /** Path and query as received after `/proxy`, undecoded; or an absolute URL below the base. */
  readonly path: string;
  /** The call's headers, names in lower case: those behind `nango-proxy-` or `bowline-proxy-` are sent, all others are ours to read. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly baseUrlOverride?: string;
};

export type ProxyRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: OutboundHeaders;
  /** Mutual TLS: what we present. */
  readonly certificate?: Authorized['certificate'];
  /** Entries to set on top of a body that is an object; empty for nearly every provider. */
  readonly bodyAdditions: Readonly<Record<string, unknown>>;
};

export type BuiltRequest =
  | { readonly ok: true; readonly request: ProxyRequest }
  | { readonly ok: false; readonly code: 'missing_api_url'; readonly message: string };

/** @returns the request, or the problem to answer with */
export function buildRequest(call: ProxyCall, access: Access, authorized: Authorized = authorize(access)): BuiltRequest {
  const base = baseUrl(access, call.baseUrlOverride);
  if (!base.ok) return { ok: false, code: 'missing_api_url', message: base.message };
  const path = withoutBase(call.path, base.url);
  if (/^https?:\/\//i.test(path)) {
    return {
      ok: false,
      code: 'missing_api_url',
      message: `the absolute URL given does not begin with ${base.url}; send Base-Url-Override to reach another host`,
    };
  }
  return {
    ok: true,
    request: {
      method: call.method.toUpperCase(),
      url: withQuery(joined(base.url, path), authorized.query),
      headers: headersOf(call, authorized),
      ...(authorized.certificate ? { certificate: authorized.certificate } : {}),
      bodyAdditions: authorized.body,
    },
  };
}

/** Takes the base off a path that repeats it, at a boundary only: `https://api.test` is no beginning of `https://api.test.evil`. */
function withoutBase(path: string, base: string): string {
  const bare = path.replace(/^\/+(?=https?:\/\/)/i, '');
  if (bare.slice(0, base.length).toLowerCase() !== base.toLowerCase()) return bare;
  const rest = bare.slice(base.length);
  return rest === '' || /^[/?#]/.test(rest) ? rest : bare;
}

function joined(base: string, path: string): string {
  const relative = path.replace(/^\/+/, '');
  if (relative === '') return base;
  return relative.startsWith('?') ? base + relative : `${base}/${relative}`;
}

/** Sets the provider's parameters, replacing the caller's of the same name and leaving every other byte of the query alone. */
function withQuery(url: string, query: Readonly<Record<string, string>>): string {
  const names = new Set(Object.keys(query));
  if (names.size === 0) return url;
  const mark = url.indexOf('?');
  const kept =
    mark === -1
      ? []
      : url
          .slice(mark + 1)
          .split('&')
          .filter((pair) => pair !== '' && !names.has(nameOf(pair)));
  const added = Object.entries(query).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return `${mark === -1 ? url : url.slice(0, mark)}?${[...kept, ...added].join('&')}`;
}

function nameOf(pair: string): string {
  return new URLSearchParams(pair).keys().next().value ?? '';
}

/** Authentication, under the provider's own headers, under the caller's; but the provider's user agent stays. */
function headersOf(call: ProxyCall, authorized: Authorized): OutboundHeaders {
  const headers: OutboundHeaders = { ...authorized.headers };
  const listed = new Set(connectionTokens(call.headers));
  for (const [given, value] of Object.entries(call.headers)) {
    const name = /^(?:nango|bowline)-proxy-(.+)$/i.exec(given)?.[1]?.toLowerCase();
    if (name === undefined || value === undefined || !/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) continue;
    if (hopByHop.has(name) || listed.has(name) || (name === 'user-agent' && authorized.headers['user-agent'] !== undefined)) continue;
    headers[name] = value;
  }
  const type = contentType(call);
  if (type !== undefined) headers['content-type'] = type;
  headers['user-agent'] ??= 'Bowline';
  return headers;
}

/** The body goes out as it came, so it keeps the type it came with unless the caller names another; only ours knows a multipart's boundary. */
function contentType({ headers, method }: ProxyCall): string | undefined {
  const own = headers['content-type'];
  const named = headers['nango-proxy-content-type'] ?? headers['bowline-proxy-content-type'];
  if (typeof own !== 'string' || ['GET', 'HEAD'].includes(method.toUpperCase())) return undefined;
  return named === undefined || (typeof named === 'string' && own.startsWith(`${named};`)) ? own : undefined;
}

/** RFC 9110 §7.6.1, and what describes the connection or a body whose length we compute ourselves. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'content-length',
  'expect',
]);

function connectionTokens(headers: ProxyCall['headers']): string[] {
  const given = Object.entries(headers).flatMap(([name, value]) =>
    /^(?:nango|bowline)-proxy-connection$/i.test(name) ? [value].flat() : [],
  );
  return given.flatMap((value) => (value ?? '').split(',').map((token) => token.trim().toLowerCase()));
}

/** The headers of an answer to hand on: all but hop-by-hop, whatever its status and however it is framed. */
export function answerHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string | string[]> {
  const listed = new Set(
    [headers.connection].flat().flatMap((value) => (value ?? '').split(',').map((token) => token.trim().toLowerCase())),
  );
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || (hopByHop.has(name) && name !== 'content-length') || listed.has(name) || name.startsWith('access-control-')
        ? []
        : [[name, value]],
    ),
  );
}
