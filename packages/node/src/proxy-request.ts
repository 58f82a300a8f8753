/** A proxied call as a request to the server. Everything in it is as the caller gave it; the server adds the credentials. */
import { BowlineError } from './errors.ts';
import type { ResponseType } from './reply.ts';
import type { Settings } from './settings.ts';
import type { Call } from './transport.ts';

type Value = string | number | boolean | null | undefined;
/**
 * Sent as it is when it is text, bytes, a form or a stream; as JSON, or as a form when the headers say so, when it is a plain value.
 *
 * @example
 * import type { ProxyBody } from '@bowline/node';
 * const json: ProxyBody = { title: 'Hello' };
 * const bytes: ProxyBody = new Uint8Array([1, 2, 3]);
 * await client.post({ endpoint: '/repos/octocat/hello-world/issues', providerConfigKey: 'github', connectionId: 'user-1', data: json });
 */
export type ProxyBody = unknown;

/**
 * A request to the provider, sent with the credentials of the connection.
 *
 * @example
 * import type { ProxyCall } from '@bowline/node';
 * const call: ProxyCall = {
 *   method: 'GET',
 *   endpoint: '/search/issues',
 *   params: { q: 'is:open' },
 *   retries: 3,
 *   providerConfigKey: 'github',
 *   connectionId: 'user-1',
 * };
 * const { data } = await client.proxy(call);
 */
export type ProxyCall = {
  /** Default: GET. */
  method?:
    | 'GET'
    | 'POST'
    | 'PUT'
    | 'PATCH'
    | 'DELETE'
    | 'HEAD'
    | 'PROPFIND'
    | 'REPORT'
    | Lowercase<'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'>;
  /** Path and query below the provider's API address. */
  endpoint: string;
  /** Default: the client's. */
  providerConfigKey?: string | undefined;
  /** Default: the client's. */
  connectionId?: string | undefined;
  /** Sent to the provider. */
  headers?: { readonly [name: string]: Value } | undefined;
  /** Query, as an object or as text. A list is sent separated by commas. */
  params?: string | { readonly [name: string]: Value | readonly Value[] } | undefined;
  data?: ProxyBody;
  /** How often the server tries again after a 429, a 5xx or no answer. */
  retries?: number | undefined;
  /** Further statuses to try again on. */
  retryOn?: readonly number[] | null | undefined;
  /** Another API address than the catalogue's. */
  baseUrlOverride?: string | undefined;
  /** Send headers on to where the provider redirects. Default: as the provider's entry in the catalogue says. */
  forwardHeadersOnRedirect?: boolean | undefined;
  decompress?: boolean | undefined;
  responseType?: ResponseType | undefined;
};

type Defaults = Pick<Settings, 'host' | 'connectionId' | 'providerConfigKey' | 'activityLogId'>;

/** @throws BowlineError `invalid_argument` */
export async function proxyRequest(call: ProxyCall, defaults: Defaults): Promise<Call> {
  const { method = 'GET', retryOn, retries } = call;
  const connectionId = call.connectionId ?? defaults.connectionId;
  const providerConfigKey = call.providerConfigKey ?? defaults.providerConfigKey;
  if (!connectionId || !providerConfigKey) {
    throw new BowlineError('invalid_argument', 'Name the connection: connectionId and providerConfigKey, in the call or for the client');
  }
  const headers = Object.entries(call.headers ?? {}).filter(([, value]) => value !== undefined && value !== null);
  const contentType = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  const upper = method.toUpperCase();
  const { body, type } = ['GET', 'HEAD'].includes(upper)
    ? {}
    : await bodyOf(call.data, contentType === undefined ? undefined : String(contentType));
  return {
    method: upper,
    path: pathOf(call, defaults.host),
    headers: {
      ...Object.fromEntries(headers.map(([name, value]) => [`nango-proxy-${name}`, value])),
      'content-type': type ?? contentType,
      'connection-id': connectionId,
      'provider-config-key': providerConfigKey,
      'base-url-override': call.baseUrlOverride || undefined,
      'nango-activity-log-id': defaults.activityLogId || undefined,
      retries: retries || undefined,
      'retry-on': retryOn?.length ? retryOn.join(',') : undefined,
      decompress: call.decompress,
      'forward-headers-on-redirect': call.forwardHeadersOnRedirect,
    },
    ...(body === undefined ? {} : { body }),
    responseType: call.responseType,
    proxied: true,
    unlimited: true,
  };
}

function pathOf({ endpoint, params }: ProxyCall, host: string): string {
  const path = `/proxy${endpoint.startsWith('/') ? '' : '/'}${endpoint}`;
  const inside = `${new URL(host).pathname.replace(/\/$/, '')}/proxy/`;
  // `..` would lead out of the proxy, to routes of the server itself.
  if (!`${new URL(host + path).pathname}/`.startsWith(inside)) {
    throw new BowlineError('invalid_argument', 'The endpoint leads out of the proxy; write it without ".."');
  }
  return withParams(path, params);
}

function withParams(path: string, params: ProxyCall['params']): string {
  const [, beforeHash = path, hash = ''] = /^([^#]*)(.*)$/s.exec(path) ?? [];
  const [bare = '', ...rest] = beforeHash.split('?');
  const own = rest.join('?');
  if (typeof params === 'string') {
    if (own && params) throw new BowlineError('invalid_argument', 'Give the query in the endpoint or as text in params, not both');
    return `${bare}${own || params ? '?' : ''}${own || params.replace(/^\?/, '')}${hash}`;
  }
  const given = Object.entries(params ?? {}).filter(([, value]) => value !== undefined && value !== null);
  if (given.length === 0) return path;
  const query = new URLSearchParams(own);
  for (const [name, value] of given) query.set(name, String(value));
  return `${bare}?${query}${hash}`;
}

type Encoded = { body?: Exclude<Call['body'], undefined>; type?: string | undefined };

/** @param named the content type the caller gave */
async function bodyOf(data: ProxyBody, named: string | undefined): Promise<Encoded> {
  if (data === undefined) return {};
  if (typeof data === 'string') return { body: data, type: named ?? 'application/x-www-form-urlencoded' };
  if (data instanceof ReadableStream || data instanceof ArrayBuffer) return { body: data, type: named ?? 'application/octet-stream' };
  // A copy, since what lies in shared memory cannot be sent.
  if (ArrayBuffer.isView(data)) return { body: copyOf(data), type: named ?? 'application/octet-stream' };
  if (data instanceof FormData || data instanceof URLSearchParams || data instanceof Blob) return encoded(data, named);
  if (isIterable(data)) return { body: streamOf(data), type: named ?? 'application/octet-stream' };
  if (typeof Object(data).pipe === 'function') {
    throw new BowlineError('invalid_argument', 'This kind of stream cannot be sent; for a form use the FormData that the runtime has');
  }
  if (named?.startsWith('application/x-www-form-urlencoded')) return { body: formOf(data), type: named };
  return { body: JSON.stringify(data), type: named ?? 'application/json' };
}

/** Only the runtime knows the boundary of its form, so it encodes first. */
async function encoded(data: FormData | URLSearchParams | Blob, named: string | undefined): Promise<Encoded> {
  const response = new Response(data);
  const own = response.headers.get('content-type') ?? 'application/octet-stream';
  return { body: await response.arrayBuffer(), type: data instanceof FormData ? own : (named ?? own) };
}

const isIterable = (data: unknown): data is AsyncIterable<unknown> => typeof Object(data)[Symbol.asyncIterator] === 'function';

/** A stream of Node, or whatever hands over bytes or text piece by piece. */
function streamOf(source: AsyncIterable<unknown>): ReadableStream {
  const pieces = source[Symbol.asyncIterator]();
  return new ReadableStream({
    pull: async (to) => {
      const { done, value } = await pieces.next();
      if (done) to.close();
      else to.enqueue(typeof value === 'string' ? new TextEncoder().encode(value) : value);
    },
    cancel: async () => void (await pieces.return?.()),
  });
}

function copyOf({ buffer, byteOffset, byteLength }: ArrayBufferView): ArrayBuffer {
  const copy = new Uint8Array(byteLength);
  copy.set(new Uint8Array(buffer, byteOffset, byteLength));
  return copy.buffer;
}

function formOf(data: unknown): string {
  const pairs = Object.entries(Object(data)).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, String(one)]));
  return new URLSearchParams(pairs).toString();
}
