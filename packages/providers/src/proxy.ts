/** How calls to a provider's API are made: base URL, what is added to a request, when to try again, how its lists are paged. */
import { z } from 'zod';
import { strict } from './field.ts';

const templates = z.record(z.string(), z.string());
const headers = z.record(z.string().regex(/^[a-z0-9!#$%&'*+.^_`|~-]+$/, 'header names are written in lower case'), z.string());
const statusRule = z
  .union([z.int().transform(String), z.string()])
  .pipe(z.string().regex(/^(?:\d{3}|[1-5]xx|\d{3}-\d{3})$/, 'a status (429), a class (5xx) or a range (500-502)'));

const retry = strict({
  at: z.array(z.string()).optional().describe('Headers that hold the moment to try again: epoch seconds, epoch milliseconds or a date.'),
  after: z.array(z.string()).optional().describe('Headers that hold how long to wait: seconds or an HTTP date.'),
  remaining: z.string().optional().describe('Header that is `0` when the caller is rate limited.'),
  in_body: strict({
    path: z.string().min(1).describe('The path to a text; dots descend.'),
    strategy: z.enum(['at', 'after']).describe('Whether it tells a moment or a number of seconds.'),
    value: z
      .string()
      .refine(hasOneGroup, { error: 'is a regular expression with one group' })
      .optional()
      .describe('A regular expression whose group holds it; all of the text when absent.'),
  })
    .optional()
    .describe('Where a JSON error tells when to try again.'),
  error_code: z.array(statusRule).optional().describe('Statuses that are tried again, in place of 429, 5xx and 401.'),
});

function hasOneGroup(source: string): boolean {
  try {
    return new RegExp(`${source}|`).exec('')?.length === 2;
  } catch {
    return false;
  }
}

const paged = {
  limit_name_in_request: z.string().optional().describe('The parameter that says how many a page holds.'),
  response_path: z.string().optional().describe('Where the list is in an answer; dots descend.'),
  in_body: z
    .boolean()
    .optional()
    .describe('Whether these parameters go into the body of a request instead of its query. When absent: for POST, PUT and PATCH.'),
};
const paginate = z.discriminatedUnion('type', [
  strict({
    type: z.literal('link').describe('An answer holds the address of the next page.'),
    link_rel_in_response_header: z.string().optional().describe('The `rel` of the header `link`.'),
    link_path_in_response_body: z.string().optional().describe('Where the address is in the answer; dots descend.'),
    ...paged,
  }),
  strict({
    type: z.literal('cursor').describe('An answer holds a text that asks for the next page.'),
    cursor_path_in_response: z.string().describe('Where that text is; dots descend.'),
    cursor_name_in_request: z.string().describe('The parameter that takes it.'),
    ...paged,
  }),
  strict({
    type: z.literal('offset').describe('A number says where the next page begins.'),
    offset_name_in_request: z.string().describe('The parameter that says where to begin.'),
    offset_start_value: z.int().optional().describe('The first one; 0 when absent.'),
    offset_calculation_method: z
      .enum(['per-page', 'by-response-size'])
      .optional()
      .describe('`per-page`: the offset counts pages; else what was read.'),
    ...paged,
  }),
]);

const rateLimit = strict({
  of: z
    .enum(['connection', 'integration'])
    .describe('Whose requests count together: those of one connection, or those of all connections of an integration.'),
  part: z
    .string()
    .regex(/^[a-z0-9_-]+$/)
    .optional()
    .describe('Which of several limits it is, as the provider calls it in its answers; absent for the only one.'),
  paths: z
    .array(
      z
        .string()
        .regex(
          /^(?:\/(?:\*|\{[a-z]+\}|[^/*{}?#]+))+$/,
          'is a path, in which a part may be * (any one) or {name} (any one, with a limit of its own)',
        ),
    )
    .min(1)
    .optional()
    .describe(
      'How the paths begin that count against it; all others when absent. A part may be `*`, any one, or `{name}`, any one with a limit of its own.',
    ),
  limit: z.int().positive().optional().describe('Requests in so many seconds, where no header tells. Never exceeded.'),
  seconds: z
    .number()
    .positive()
    .optional()
    .describe('The length of that time, 1 when absent; with headers alone, of the window that they tell of, when they do not say it.'),
  burst: z.int().positive().optional().describe('Requests that may be sent at once after a pause; a second of the limit when absent.'),
  headers: strict({
    remaining: z.string().describe('Header that says how many requests are left.'),
    limit: z.string().optional().describe('Header that says how many there are in a window.'),
    reset: z.string().optional().describe('Header that says when the window ends: a moment, or how many seconds from now.'),
  })
    .optional()
    .describe('Headers that tell of it, where they are not among the usual ones.'),
  docs: z.url({ protocol: /^https$/ }).describe('The page of the vendor that says so.'),
});

/** A request that a working credential answers with 2xx and that changes nothing at the provider. */
const verification = strict({
  method: z.enum(['GET', 'POST']).optional().describe('GET when absent; for POST, `notes` say why it changes nothing.'),
  endpoints: z.array(z.string().startsWith('/')).min(1).describe('Paths below the base URL; the first that answers 2xx settles it.'),
  headers: headers.optional().describe('Headers of this request; values are templates.'),
  data: z.record(z.string(), z.unknown()).optional().describe('Its JSON body.'),
  base_url_override: z.string().optional().describe('Template of the base URL where it is another than for calls.'),
});

export const proxy = strict({
  base_url: z.string().describe('Template of the address that paths of calls are appended to.'),
  headers: headers.optional().describe('Headers of every call, names in lower case; values are templates.'),
  query: templates.optional().describe('Parameters of every call; values are templates.'),
  body: z.record(z.string(), z.unknown()).optional().describe('Keys of every body that is JSON or a form; texts are templates.'),
  decompress: z.boolean().optional().describe('Answers are handed on unpacked.'),
  forward_headers_on_redirect: z.boolean().optional().describe('Sends credentials along when a call is redirected to another host.'),
  retry: retry.optional().describe('When a call that failed is tried again.'),
  rate_limits: z
    .array(rateLimit)
    .max(10)
    .optional()
    .describe(
      'The limits of the provider. Without it each connection is taken to have one, which is learned from what the provider answers.',
    ),
  paginate: paginate.optional().describe('How lists are paged.'),
  verification: verification.optional().describe('A request that good credentials are answered with 2xx, and that changes nothing.'),
});
