/**
 * How lists are paged, as transcripts: what a function asks for, what the API answers in turn, and what must come of it: the requests as the API
 * saw them, the pages the function got, and what `on_page` was told after which page. `{api}` stands for the API's address.
 */

export type Transcript = {
  readonly what: string;
  /** Whose defaults apply; `none` has none. */
  readonly provider?: 'none' | 'cursor' | 'link' | 'offset' | 'body';
  readonly call: {
    readonly method?: string;
    readonly endpoint?: string;
    readonly params?: unknown;
    readonly data?: unknown;
    readonly paginate?: Readonly<Record<string, unknown>>;
  };
  /** The function leaves its loop after so many pages. */
  readonly breakAfter?: number;
  readonly answers?: readonly { readonly body: unknown; readonly link?: string; readonly status?: number }[];
  readonly requests: readonly string[];
  readonly pages: readonly unknown[];
  /** `<pages handed out by then>: <nextPageParam>` */
  readonly told: readonly string[];
  readonly fails?: string;
};

/** The defaults of each provider, as its file has them. */
export const defaults: Readonly<Record<NonNullable<Transcript['provider']>, object | undefined>> = {
  none: undefined,
  cursor: {
    type: 'cursor',
    cursor_name_in_request: 'after',
    cursor_path_in_response: 'next',
    limit_name_in_request: 'size',
    response_path: 'items',
  },
  link: { type: 'link', link_rel_in_response_header: 'next', limit_name_in_request: 'per_page' },
  offset: {
    type: 'offset',
    offset_name_in_request: 'page',
    offset_start_value: 1,
    offset_calculation_method: 'per-page',
    response_path: 'items',
  },
  body: { type: 'cursor', cursor_name_in_request: 'page.after', cursor_path_in_response: 'next', response_path: 'items', in_body: true },
};

const cursor = { type: 'cursor', cursor_name_in_request: 'after', cursor_path_in_response: 'meta.next', response_path: 'items' };
const page = (items: unknown, next?: unknown) => ({ body: { items, meta: { next } } });
const offset = { type: 'offset', offset_name_in_request: 'skip', response_path: 'items' };
const list = (...items: number[]) => ({ body: { items } });
const nothing = { requests: [], pages: [], told: [] } as const;

const cursors: Transcript[] = [
  {
    what: 'a cursor in the query, with a limit that stays a number',
    call: { params: { q: 'x' }, paginate: { ...cursor, limit: 50, limit_name_in_request: 'per' } },
    answers: [page([1, 2], 'abc'), page([3], 'def'), page([4])],
    requests: ['GET /users?q=x&per=50', 'GET /users?q=x&per=50&after=abc', 'GET /users?q=x&per=50&after=def'],
    pages: [[1, 2], [3], [4]],
    told: ['1: "abc"', '2: "def"', '3: none'],
  },
  {
    what: 'a query given as text keeps its parts',
    call: { params: 'q=x&deep=1', paginate: cursor },
    answers: [page([1], 'abc'), page([2])],
    requests: ['GET /users?q=x&deep=1', 'GET /users?q=x&deep=1&after=abc'],
    pages: [[1], [2]],
    told: ['1: "abc"', '2: none'],
  },
  {
    what: 'a cursor is trimmed, and an empty one is none',
    call: { paginate: cursor },
    answers: [page([1], '  abc '), page([2], '   ')],
    requests: ['GET /users', 'GET /users?after=abc'],
    pages: [[1], [2]],
    told: ['1: "abc"', '2: none'],
  },
  {
    what: 'the number 0 is a cursor',
    call: { paginate: cursor },
    answers: [page([1], 0), page([2], 7), page([3], null)],
    requests: ['GET /users', 'GET /users?after=0', 'GET /users?after=7'],
    pages: [[1], [2], [3]],
    told: ['1: 0', '2: 7', '3: none'],
  },
  ...[null, true, false, { a: 1 }, ['a']].map((next) => ({
    what: `${JSON.stringify(next)} is no cursor`,
    call: { paginate: cursor },
    answers: [page([1], next)],
    requests: ['GET /users'],
    pages: [[1]],
    told: ['1: none'],
  })),
  {
    what: 'an empty page ends it, is not handed out and not told, cursor or not',
    call: { paginate: cursor },
    answers: [page([1], 'abc'), page([], 'def'), page([3])],
    requests: ['GET /users', 'GET /users?after=abc'],
    pages: [[1]],
    told: ['1: "abc"'],
  },
  {
    what: 'a missing list ends it',
    call: { paginate: cursor },
    answers: [{ body: { meta: { next: 'abc' } } }],
    requests: ['GET /users'],
    pages: [],
    told: [],
  },
  {
    what: 'names with dots are looked up whole first',
    call: { paginate: { ...cursor, cursor_path_in_response: '@odata.nextLink', response_path: 'odata.value' } },
    answers: [
      { body: { 'odata.value': [1], '@odata.nextLink': 'abc', '@odata': { nextLink: 'wrong' } } },
      { body: { odata: { value: [2] } } },
    ],
    requests: ['GET /users', 'GET /users?after=abc'],
    pages: [[1], [2]],
    told: ['1: "abc"', '2: none'],
  },
  {
    what: 'paths go into lists',
    call: { paginate: { ...cursor, cursor_path_in_response: 'links[0].cursor', response_path: 'sets[1].rows' } },
    answers: [{ body: { sets: [{}, { rows: [1] }], links: [{ cursor: 'abc' }] } }, { body: { sets: [{}, { rows: [2] }], links: [] } }],
    requests: ['GET /users', 'GET /users?after=abc'],
    pages: [[1], [2]],
    told: ['1: "abc"', '2: none'],
  },
  {
    what: 'without a path the answer itself is the page',
    call: { paginate: { type: 'cursor', cursor_name_in_request: 'after', cursor_path_in_response: 'next' } },
    answers: [{ body: [1, 2] }],
    requests: ['GET /users'],
    pages: [[1, 2]],
    told: ['1: none'],
  },
  {
    what: 'a POST takes cursor and limit in its body, dotted names nested',
    call: {
      method: 'POST',
      endpoint: '/search',
      data: { filter: { a: 1 } },
      paginate: { ...cursor, cursor_name_in_request: 'page.after', limit: 2, limit_name_in_request: 'page.size' },
    },
    answers: [page([1, 2], 'abc'), page([3], 5), page([4])],
    requests: [
      'POST /search {"filter":{"a":1},"page":{"size":2}}',
      'POST /search {"filter":{"a":1},"page":{"size":2,"after":"abc"}}',
      'POST /search {"filter":{"a":1},"page":{"size":2,"after":5}}',
    ],
    pages: [[1, 2], [3], [4]],
    told: ['1: "abc"', '2: 5', '3: none'],
  },
  {
    what: 'a POST may page in its query',
    call: { method: 'post', endpoint: '/search', data: { q: 1 }, paginate: { ...cursor, in_body: false } },
    answers: [page([1], 'abc'), page([2])],
    requests: ['POST /search {"q":1}', 'POST /search?after=abc {"q":1}'],
    pages: [[1], [2]],
    told: ['1: "abc"', '2: none'],
  },
  {
    what: 'a DELETE pages in its body when asked to, and keeps its query',
    call: { method: 'DELETE', endpoint: '/search', params: { v: 2 }, data: {}, paginate: { ...cursor, in_body: true } },
    answers: [page([1], 'abc'), page([2])],
    requests: ['DELETE /search?v=2 {}', 'DELETE /search?v=2 {"after":"abc"}'],
    pages: [[1], [2]],
    told: ['1: "abc"', '2: none'],
  },
  {
    what: 'leaving the loop makes no further request and tells nothing more',
    call: { paginate: cursor },
    breakAfter: 2,
    answers: [page([1], 'a'), page([2], 'b'), page([3], 'c')],
    requests: ['GET /users', 'GET /users?after=a'],
    pages: [[1], [2]],
    told: ['1: "a"'],
  },
  {
    what: 'a page that is refused ends it with the refusal',
    call: { paginate: cursor },
    answers: [page([1], 'a'), { status: 422, body: { why: 'cursor' } }],
    requests: ['GET /users', 'GET /users?after=a'],
    pages: [[1]],
    told: ['1: "a"'],
    fails: 'Request failed with status code 422',
  },
];

const header = { type: 'link', link_rel_in_response_header: 'next', response_path: 'items' };
const inBody = { type: 'link', link_path_in_response_body: 'paging.next', response_path: 'items' };
const linked = (items: unknown, next?: unknown) => ({ body: { items, paging: { next } } });

const links: Transcript[] = [
  {
    what: 'an absolute link in the header takes the place of path and query',
    call: { params: { q: 'x' }, paginate: { ...header, limit: 2, limit_name_in_request: 'per_page' } },
    answers: [
      { ...list(1, 2), link: '<{api}/users?page=1>; rel="prev", <{api}/more?page=2&per_page=2>; rel="next"' },
      { ...list(3), link: '<{api}/users?page=1>; rel="prev"' },
    ],
    requests: ['GET /users?q=x&per_page=2', 'GET /more?page=2&per_page=2'],
    pages: [[1, 2], [3]],
    told: ['1: "{api}/more?page=2&per_page=2"', '2: none'],
  },
  {
    what: 'a relative link is taken as it is',
    call: { params: { q: 'x' }, paginate: inBody },
    answers: [linked([1], '/more?page=2'), linked([2], 'users?page=3'), linked([3], '')],
    requests: ['GET /users?q=x', 'GET /more?page=2', 'GET /users?page=3'],
    pages: [[1], [2], [3]],
    told: ['1: "/more?page=2"', '2: "users?page=3"', '3: none'],
  },
  {
    what: 'the header counts before the body',
    call: { paginate: { ...inBody, link_rel_in_response_header: 'next' } },
    answers: [{ ...linked([1], '/users?from=body'), link: '</more?from=header>; rel=next' }, linked([2], '/users?from=body'), linked([3])],
    requests: ['GET /users', 'GET /more?from=header', 'GET /users?from=body'],
    pages: [[1], [2], [3]],
    told: ['1: "/more?from=header"', '2: "/users?from=body"', '3: none'],
  },
  {
    what: 'a link that is the same as the last ends it',
    call: { paginate: inBody },
    answers: [linked([1], '/users?page=2'), linked([2], '/users?page=2'), linked([3])],
    requests: ['GET /users', 'GET /users?page=2'],
    pages: [[1], [2]],
    told: ['1: "/users?page=2"', '2: "/users?page=2"'],
  },
  {
    what: 'empty and missing pages are handed out all the same',
    call: { paginate: inBody },
    answers: [linked([], '/users?page=2'), linked(undefined, '/users?page=3'), linked([1])],
    requests: ['GET /users', 'GET /users?page=2', 'GET /users?page=3'],
    pages: [[], 'missing', [1]],
    told: ['1: "/users?page=2"', '2: "/users?page=3"', '3: none'],
  },
  {
    what: 'a POST keeps its body from page to page',
    call: { method: 'POST', endpoint: '/search', data: { q: 1 }, paginate: inBody },
    answers: [linked([1], '{api}/search?page=2'), linked([2])],
    requests: ['POST /search {"q":1}', 'POST /search?page=2 {"q":1}'],
    pages: [[1], [2]],
    told: ['1: "{api}/search?page=2"', '2: none'],
  },
  {
    what: 'a link whose name has dots',
    call: { paginate: { type: 'link', link_path_in_response_body: '@odata.nextLink', response_path: 'value' } },
    answers: [{ body: { value: [1], '@odata.nextLink': '{api}/users?$skiptoken=abc' } }, { body: { value: [2] } }],
    requests: ['GET /users', 'GET /users?$skiptoken=abc'],
    pages: [[1], [2]],
    told: ['1: "{api}/users?$skiptoken=abc"', '2: none'],
  },
];

const offsets: Transcript[] = [
  {
    what: 'an offset counts what was read, and an empty page ends it',
    call: { paginate: offset },
    answers: [list(1, 2), list(3), list()],
    requests: ['GET /users?skip=0', 'GET /users?skip=2', 'GET /users?skip=3'],
    pages: [[1, 2], [3]],
    told: ['1: 0', '2: 2'],
  },
  {
    what: 'a page shorter than the limit ends it without a further request, before on_page',
    call: { paginate: { ...offset, limit: 2, limit_name_in_request: 'n' } },
    answers: [list(1, 2), list(3), list(4)],
    requests: ['GET /users?n=2&skip=0', 'GET /users?n=2&skip=2'],
    pages: [[1, 2], [3]],
    told: ['1: 0'],
  },
  {
    what: 'a limit given as text counts too',
    call: { paginate: { ...offset, limit: '2', limit_name_in_request: 'n' } },
    answers: [list(1, 2), list(3)],
    requests: ['GET /users?n=2&skip=0', 'GET /users?n=2&skip=2'],
    pages: [[1, 2], [3]],
    told: ['1: 0'],
  },
  {
    what: 'pages are counted from a start value',
    call: { paginate: { ...offset, offset_name_in_request: 'page', offset_start_value: 1, offset_calculation_method: 'per-page' } },
    answers: [list(1, 2), list(3, 4), list()],
    requests: ['GET /users?page=1', 'GET /users?page=2', 'GET /users?page=3'],
    pages: [
      [1, 2],
      [3, 4],
    ],
    told: ['1: 1', '2: 2'],
  },
  {
    what: 'in a body the offset is a number, dotted names nested',
    call: {
      method: 'PUT',
      endpoint: '/search',
      data: { q: 1 },
      paginate: { ...offset, offset_name_in_request: 'page.from', limit: 2, limit_name_in_request: 'page.size' },
    },
    answers: [list(1, 2), list(3)],
    requests: ['PUT /search {"q":1,"page":{"size":2,"from":0}}', 'PUT /search {"q":1,"page":{"size":2,"from":2}}'],
    pages: [[1, 2], [3]],
    told: ['1: 0'],
  },
  {
    what: 'a missing list ends it',
    call: { paginate: offset },
    answers: [{ body: {} }],
    requests: ['GET /users?skip=0'],
    pages: [],
    told: [],
  },
];

const providers: Transcript[] = [
  {
    what: 'the provider’s rules alone',
    provider: 'cursor',
    call: {},
    answers: [{ body: { items: [1], next: 'abc' } }, { body: { items: [2] } }],
    requests: ['GET /users', 'GET /users?after=abc'],
    pages: [[1], [2]],
    told: [],
  },
  {
    what: 'key by key the caller’s count before the provider’s',
    provider: 'cursor',
    call: { paginate: { limit: 10, response_path: 'rows' } },
    answers: [{ body: { rows: [1], next: 'abc' } }, { body: { rows: [2] } }],
    requests: ['GET /users?size=10', 'GET /users?size=10&after=abc'],
    pages: [[1], [2]],
    told: ['1: "abc"', '2: none'],
  },
  {
    what: 'the provider’s links',
    provider: 'link',
    call: { paginate: { limit: 5 } },
    answers: [{ body: [1], link: '<{api}/users?page=2>; rel="next"' }, { body: [2] }],
    requests: ['GET /users?per_page=5', 'GET /users?page=2'],
    pages: [[1], [2]],
    told: ['1: "{api}/users?page=2"', '2: none'],
  },
  {
    what: 'the provider’s pages',
    provider: 'offset',
    call: { paginate: { limit: 1, limit_name_in_request: 'n' } },
    answers: [list(1), list()],
    requests: ['GET /users?n=1&page=1', 'GET /users?n=1&page=2'],
    pages: [[1]],
    told: ['1: 1'],
  },
  {
    what: 'the provider says that it pages in the body',
    provider: 'body',
    call: { method: 'DELETE', endpoint: '/search', data: { q: 1 } },
    answers: [{ body: { items: [1], next: 'abc' } }, { body: { items: [2] } }],
    requests: ['DELETE /search {"q":1}', 'DELETE /search {"q":1,"page":{"after":"abc"}}'],
    pages: [[1], [2]],
    told: [],
  },
  {
    what: 'the caller says otherwise',
    provider: 'body',
    call: { method: 'POST', endpoint: '/search', data: { q: 1 }, paginate: { in_body: false, cursor_name_in_request: 'after' } },
    answers: [{ body: { items: [1], next: 'abc' } }, { body: { items: [2] } }],
    requests: ['POST /search {"q":1}', 'POST /search?after=abc {"q":1}'],
    pages: [[1], [2]],
    told: ['1: "abc"', '2: none'],
  },
];

const mistakes: Transcript[] = [
  {
    what: 'no rules at all',
    call: {},
    ...nothing,
    fails: 'There was no pagination configuration for this integration or configuration passed in.',
  },
  { what: 'rules without a type', call: { paginate: { limit: 1 } }, ...nothing, fails: 'There was no pagination configuration' },
  { what: 'a type nobody knows', call: { paginate: { type: 'magic' } }, ...nothing, fails: `Pagination type 'magic' is not supported` },
  {
    what: 'a cursor without names',
    call: { paginate: { type: 'cursor' } },
    ...nothing,
    fails: 'cursor_name_in_request and cursor_path_in_response',
  },
  { what: 'a limit without a name', call: { paginate: { ...cursor, limit: 1 } }, ...nothing, fails: 'limit_name_in_request' },
  {
    what: 'links without a place',
    call: { paginate: { type: 'link' } },
    ...nothing,
    fails: 'link_rel_in_response_header or link_path_in_response_body',
  },
  { what: 'an offset without a name', call: { paginate: { type: 'offset' } }, ...nothing, fails: 'offset_name_in_request' },
];

export const transcripts: Readonly<Record<string, readonly Transcript[]>> = {
  'by cursor': cursors,
  'by link': links,
  'by offset': offsets,
  'by the rules of a provider': providers,
  'by rules that cannot work: it fails before any request': mistakes,
};
