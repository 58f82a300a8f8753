/**
 * What an author passes to and gets from a proxied call. The shapes are those that existing functions are written against.
 * Surprise: bodies are untyped by default, see `Untyped`.
 */

/**
 * The body of a provider's answer before anyone has looked at it.
 *
 * This is the one `any` of the package. `response.data.items` must type-check without a type argument: that is the public surface
 * existing functions are written against, and `unknown` would refuse nearly all of them. Authors get safety by parsing with zod.
 */
// biome-ignore lint/suspicious/noExplicitAny: the public surface is specified as `get<T = any>`; every other file refers to this alias.
export type Untyped = any;

/** How `nango.paginate` finds the next page. Keys left out are taken from the provider's definition. */
export type Pagination = Partial<CursorPagination> | Partial<LinkPagination> | Partial<OffsetPagination>;

interface PaginationBase {
  /** Name of the parameter that carries the page size. */
  limit_name_in_request: string;
  /** Page size. */
  limit: number | string;
  /** Path of the items in the answer, as `data.items`; the whole body when left out. */
  response_path: string;
  /** Send the parameters in the body; by default only for POST, PUT and PATCH. */
  in_body: boolean;
  /** Called after each page has been handed out. `nextPageParam` is undefined on the last one. */
  on_page: (page: { nextPageParam?: string | number | undefined; response: ProxyResponse }) => Promise<void> | void;
}

/** Pages that name their successor with an opaque cursor. */
export interface CursorPagination extends PaginationBase {
  type: 'cursor';
  cursor_name_in_request: string;
  cursor_path_in_response: string;
}

/** Pages that link to their successor, in the `Link` header (RFC 8288) or in the body. */
export interface LinkPagination extends PaginationBase {
  type: 'link';
  link_rel_in_response_header: string;
  link_path_in_response_body: string;
}

/** Pages that are counted, by item or by page. */
export interface OffsetPagination extends PaginationBase {
  type: 'offset';
  offset_name_in_request: string;
  offset_start_value: number;
  /** `by-response-size` (default) adds the number of items received; `per-page` adds one. */
  offset_calculation_method: 'per-page' | 'by-response-size';
}

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'get' | 'post' | 'put' | 'patch' | 'delete';

/**
 * One call to the provider's API, authenticated for the connection.
 *
 * @example
 * const config: ProxyConfiguration = { endpoint: '/user/repos', params: { per_page: 100 }, retries: 3 };
 * const response = await nango.get(config);
 */
export interface ProxyConfiguration {
  /** Path below the provider's base URL. */
  endpoint: string;
  providerConfigKey?: string;
  /** Call on behalf of another connection. */
  connectionId?: string;
  method?: HttpMethod;
  headers?: Record<string, string>;
  /** Query, as text or as pairs; lists are joined with commas. */
  params?: string | Record<string, string | number | string[] | number[]>;
  data?: unknown;
  /** Additional attempts on 5xx, 429 and network failures. Default 0. */
  retries?: number;
  /** Further statuses worth another attempt; needs `retries`. */
  retryOn?: number[] | null;
  retryHeader?: { at?: string; after?: string };
  baseUrlOverride?: string;
  decompress?: boolean;
  responseType?: 'arraybuffer' | 'blob' | 'document' | 'json' | 'text' | 'stream';
  paginate?: Pagination;
  forwardHeadersOnRedirect?: boolean;
}

/** A provider's answer, 2xx only: every other status throws an error with `response.status`, `response.data` and `response.headers`. */
export interface ProxyResponse<T = Untyped> {
  data: T;
  status: number;
  statusText: string;
  /** Names in lower case: `response.headers['x-ratelimit-remaining']`. */
  headers: Record<string, Untyped>;
  config: Partial<ProxyConfiguration>;
}
