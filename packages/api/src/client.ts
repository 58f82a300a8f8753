/** A typed client made of the contract: one function per route, no code generation. Answers are parsed, problems thrown as ApiError. */
import type { ProblemCode } from './problems.ts';
import type { Received, Route, Sent } from './route.ts';

type Routes = Record<string, Record<string, Route>>;
export type Client<T extends Routes> = {
  [Resource in keyof T]: { [Name in keyof T[Resource]]: (input: Sent<T[Resource][Name]>) => Promise<Received<T[Resource][Name]>> };
};
type Input = { params?: object; query?: object; headers?: object; body?: unknown };
export type ErrorBody = {
  code: ProblemCode | (string & {});
  message?: string;
  payload?: unknown;
  errors?: { message: string; path: string[]; line?: number; column?: number }[];
  /** Names this one request in the server's log. */
  request_id?: string;
};

/** The server refused: `code` is stable, `message` is for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: ErrorBody['code'];
  readonly details: ErrorBody;

  constructor(status: number, details: ErrorBody) {
    super(
      details.message ??
        details.errors?.map(({ message, path }) => `${path.join('.') || 'request'}: ${message}`).join('; ') ??
        details.code,
    );
    this.status = status;
    this.code = details.code;
    this.details = details;
  }
}

export type ClientOptions = {
  /** Such as `http://localhost:3003`; '' for the page's own origin. */
  baseUrl: string;
  /** Headers of every request, asked anew each time. */
  headers?: () => Record<string, string>;
  fetch?: typeof fetch;
};

export function createClient<const T extends Routes>(routes: T, options: ClientOptions): Client<T> {
  const send = options.fetch ?? ((...args: Parameters<typeof fetch>) => fetch(...args));
  const call = async (route: Route, input: Input) => {
    const response = await send(address(options.baseUrl, route, input), {
      method: route.method,
      headers: {
        ...options.headers?.(),
        ...texts(input.headers ?? {}),
        ...(input.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
    });
    const text = await response.text();
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    if (!response.ok) throw new ApiError(response.status, errorOf(body));
    return (response.status === 202 && route.accepted ? route.accepted : route.answer).parse(body);
  };
  const bound = Object.entries(routes).map(([resource, named]) => [
    resource,
    Object.fromEntries(Object.entries(named).map(([name, route]) => [name, (input: Input) => call(route, input ?? {})])),
  ]);
  return Object.fromEntries(bound) as Client<T>; // every entry was made from the route of the same name
}

function address(baseUrl: string, route: Route, input: Input): string {
  const params = texts(input.params ?? {});
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) query.append(name, String(one));
  }
  const search = query.toString();
  return `${baseUrl}${path}${search && `?${search}`}`;
}

function texts(values: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  );
}

function errorOf(body: unknown): ErrorBody {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') return error as ErrorBody; // code proved
  return { code: 'server_error', message: 'The server answered in a form this client does not know' };
}
