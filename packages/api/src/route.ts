/** One HTTP route as data: the single source of the handler's types, the client's types and openapi.json. */
import type * as z from 'zod';
import type { ProblemCode } from './problems.ts';
import type { Scope } from './scopes.ts';

/**
 * Who may call. `apiKey`: an environment's API key, or a signed-in member who names the environment in `X-Bowline-Environment`
 * (so the dashboard uses the public routes). `accountKey`: an account's key, or such a member. `connectSession`: the short-lived token a browser
 * holds. `connectSessionInQuery`: the same in the query, as published clients send it, or in the header. `connectSessionOrExpired`: one that only expired counts too.
 * `member`: dashboard only.
 */
export type Caller =
  | 'public'
  | 'apiKey'
  | 'accountKey'
  | 'connectSession'
  | 'connectSessionOrExpired'
  | 'connectSessionOrApiKey'
  | 'connectSessionInQuery'
  | 'member';

export type Route = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: `/${string}`;
  readonly summary: string;
  /** What a caller must know besides the summary, in one to four sentences. */
  readonly description?: string;
  readonly caller: Caller;
  /** The last path parameter may hold slashes as they are: published clients do not encode it. Routes that match more closely win. */
  readonly slashes?: true;
  /** What a key must be granted; several mean any one of them. */
  readonly scope?: readonly Scope[];
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly headers?: z.ZodType;
  readonly body?: z.ZodType;
  readonly answer: z.ZodType;
  /** Status of success, 200 unless said. */
  readonly status?: 200 | 201 | 202 | 204;
  /** Answered with 202 instead: to a caller who asks to be told the outcome later, or (`z.undefined()`) to one who is to be told nothing. */
  readonly accepted?: z.ZodType;
  /** Its own; what any route of its kind can answer besides is in `answers.ts`. */
  readonly problems: readonly ProblemCode[];
  /** How a problem is worded on this route, where the wire asks for another code or status than the table has. */
  readonly wording?: Partial<Record<ProblemCode, { code?: ProblemCode; status?: number }>>;
};

type Part<R, K extends string> = R extends { readonly [_ in K]: infer T extends z.ZodType } ? T : never;
type PartName = 'params' | 'query' | 'headers' | 'body';
type Parts<R extends Route> = { [K in PartName as Part<R, K> extends never ? never : K]: Part<R, K> };

/** What a handler receives: parsed. */
export type Parsed<R extends Route> = { [K in keyof Parts<R>]: z.output<Parts<R>[K] & z.ZodType> };
/** What a client sends: unparsed. */
export type Sent<R extends Route> = { [K in keyof Parts<R>]: z.input<Parts<R>[K] & z.ZodType> };
type Answers<R extends Route> = R['answer'] | (R extends { readonly accepted: infer T extends z.ZodType } ? T : never);
/** What a handler returns. */
export type Answer<R extends Route> = z.input<Answers<R>>;
/** What a client gets. */
export type Received<R extends Route> = z.output<Answers<R>>;

export function defineRoute<const R extends Route>(route: R): R {
  return route;
}
