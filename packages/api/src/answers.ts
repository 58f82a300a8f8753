/**
 * What a route can answer: success, the problems that are its own, and those of its kind. The one list that openapi.json, the server's
 * watch over undeclared problems and the tests of the contract are made of.
 */
import { type ProblemCode, problems } from './problems.ts';
import type { Caller, Route } from './route.ts';

type Kind = Pick<Route, 'method' | 'params' | 'query' | 'headers' | 'body' | 'caller' | 'scope'>;
export type GeneralProblem = (typeof byKey | typeof bySession | typeof byQuery | typeof byBody | typeof byPart)[number] | 'forbidden';

const byBody = ['invalid_json', 'invalid_content_type', 'request_too_large'] as const;
const byPart = ['invalid_body', 'invalid_query_params', 'invalid_headers', 'invalid_uri_params', 'server_error'] as const;
const byKey = [
  'too_many_request',
  'missing_auth_header',
  'malformed_auth_header',
  'invalid_secret_key_format',
  'unknown_account',
  // A member of the dashboard calls these routes too, with a cookie and a header that names the environment.
  'signed_out',
  'invalid_headers',
] as const;
const bySession = ['too_many_request', 'invalid_connect_session_token_format', 'unknown_connect_session_token'] as const;
const byQuery = ['missing_public_key', 'deprecated_authentication'] as const;
const callers = {
  public: [],
  apiKey: byKey,
  accountKey: byKey,
  connectSession: bySession,
  connectSessionOrExpired: bySession,
  connectSessionOrApiKey: [...byKey, ...bySession],
  connectSessionInQuery: [...byQuery, ...bySession],
  member: ['signed_out', 'invalid_headers'],
} as const satisfies Record<Caller, readonly ProblemCode[]>;
type If<R extends Kind, Part extends string, Codes extends readonly ProblemCode[]> = R extends { readonly [_ in Part]: object }
  ? Codes
  : [];

/** What `general` answers for a route, as a tuple type. */
export type General<R extends Kind> = [
  ...(R['method'] extends 'GET' ? [] : typeof byBody),
  ...If<R, 'body', ['invalid_body']>,
  ...If<R, 'query', ['invalid_query_params']>,
  ...If<R, 'headers', ['invalid_headers']>,
  ...If<R, 'params', ['invalid_uri_params']>,
  ...(typeof callers)[R['caller']],
  ...If<R, 'scope', ['forbidden']>,
  ...(R['caller'] extends 'public' ? [] : ['server_error']),
];

/**
 * What any route of this kind can answer besides what it declares. A body is read before anything else, also one that nobody asked for.
 * Telling who calls reads the database, which may fail; a public route that reads it says so itself. */
export function general({ method, params, query, headers, body, caller, scope }: Kind): GeneralProblem[] {
  const codes: GeneralProblem[] = [
    ...(method === 'GET' ? [] : byBody),
    ...(body ? (['invalid_body'] as const) : []),
    ...(query ? (['invalid_query_params'] as const) : []),
    ...(headers ? (['invalid_headers'] as const) : []),
    ...(params ? (['invalid_uri_params'] as const) : []),
    ...callers[caller],
    ...(scope ? (['forbidden'] as const) : []),
    ...(caller === 'public' ? [] : (['server_error'] as const)),
  ];
  return [...new Set(codes)];
}

/** Every problem the route can answer, each once. */
export function declaredProblems(route: Kind & Pick<Route, 'problems'>): ProblemCode[] {
  return [...new Set([...general(route), ...route.problems])];
}

/** How the wire says a problem on this route. */
export function wording(route: Pick<Route, 'wording'> | undefined, code: ProblemCode): { code: ProblemCode; status: number } {
  const own = route?.wording?.[code];
  const wireCode = own?.code ?? code;
  return { code: wireCode, status: own?.status ?? problems[wireCode].status };
}
