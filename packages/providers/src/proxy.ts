/** How calls to a provider's API are made: base URL, what is added to a request, when to try again, how its lists are paged. */
import { z } from 'zod';
import { strict } from './field.ts';

const templates = z.record(z.string(), z.string());
const headers = z.record(z.string().regex(/^[a-z0-9!#$%&'*+.^_`|~-]+$/, 'header names are written in lower case'), z.string());
const statusRule = z
  .union([z.int().transform(String), z.string()])
  .pipe(z.string().regex(/^(?:\d{3}|[1-5]xx|\d{3}-\d{3})$/, 'a status (429), a class (5xx) or a range (500-502)'));

const retry = strict({
  /** Headers that hold the moment to try again: epoch seconds, epoch milliseconds or a date. */
  at: z.array(z.string()).optional(),
  /** Headers that hold how long to wait: seconds or an HTTP date. */
  after: z.array(z.string()).optional(),
  /** Header that is `0` when the caller is rate limited. */
  remaining: z.string().optional(),
  /** Where a JSON error tells it: the path to a text, whose moment or seconds are the group of `value`, or all of it. */
  in_body: strict({
    path: z.string().min(1),
    strategy: z.enum(['at', 'after']),
    value: z.string().refine(hasOneGroup, { error: 'is a regular expression with one group' }).optional(),
  }).optional(),
  /** Replaces the default 429, 5xx, 401. */
  error_code: z.array(statusRule).optional(),
});

function hasOneGroup(source: string): boolean {
  try {
    return new RegExp(`${source}|`).exec('')?.length === 2;
  } catch {
    return false;
  }
}

const paged = { limit_name_in_request: z.string().optional(), response_path: z.string().optional() };
const paginate = z.discriminatedUnion('type', [
  strict({
    type: z.literal('link'),
    link_rel_in_response_header: z.string().optional(),
    link_path_in_response_body: z.string().optional(),
    ...paged,
  }),
  strict({ type: z.literal('cursor'), cursor_path_in_response: z.string(), cursor_name_in_request: z.string(), ...paged }),
  strict({
    type: z.literal('offset'),
    offset_name_in_request: z.string(),
    offset_start_value: z.int().optional(),
    offset_calculation_method: z.enum(['per-page', 'by-response-size']).optional(),
    ...paged,
  }),
]);

/** A request that a working credential answers with 2xx and that changes nothing at the provider. */
const verification = strict({
  method: z.enum(['GET', 'POST']).optional(),
  endpoints: z.array(z.string().startsWith('/')).min(1),
  headers: headers.optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  base_url_override: z.string().optional(),
});

export const proxy = strict({
  base_url: z.string(),
  headers: headers.optional(),
  query: templates.optional(),
  body: z.record(z.string(), z.unknown()).optional(),
  decompress: z.boolean().optional(),
  forward_headers_on_redirect: z.boolean().optional(),
  retry: retry.optional(),
  paginate: paginate.optional(),
  verification: verification.optional(),
});
