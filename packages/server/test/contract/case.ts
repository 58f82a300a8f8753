/**
 * The cases of the contract as types: for each route one case for each answer it declares of its own. A route or a problem without a case
 * does not compile; what any route of its kind answers is made from the route's own data in `general.ts`.
 */
import type { endpointRoute } from '@bowline/api/endpoints';
import type { proxyRoute } from '@bowline/api/proxy';
import type { Route, Sent } from '@bowline/api/route';
import type { publicRoutes } from '@bowline/api/routes';
import type * as z from 'zod';
import type { ContractWorld } from './world.ts';

/** A request the schemas of the route accept. */
export type Request<R extends Route = Route> = Sent<R> & {
  /** Instead of the API key of `dev`: another key, or the token of a connect session. */
  token?: string;
  /** Behind the path of a route that takes any, as it is sent. */
  below?: string;
  /** JSON text instead of the body, which JSON.stringify cannot write. */
  text?: string;
  /** Of a route that takes any. */
  method?: Route['method'];
  /** Another server on the same state, of `world.beside`. */
  at?: string;
  /** Says that a body of this size follows, and sends none of it. */
  announcedBytes?: number;
  /** Puts back what the case changed for all, once the answer is there. */
  afterwards?: () => Promise<void>;
};
/** How to produce an answer: the request, or what to prepare for it. */
export type Case<R extends Route = Route> = Request<R> | ((world: ContractWorld) => Request<R> | Promise<Request<R>>);

/** A route that refuses everybody has no success. */
type Success<R extends Route> = R['answer'] extends z.ZodNever ? never : 'success';
type Answers<R extends Route> = Success<R> | R['problems'][number] | (R extends { readonly accepted: object } ? 'accepted' : never);
export type Cases<Routes extends Record<string, Route>> = { [Name in keyof Routes]: Record<Answers<Routes[Name]>, Case<Routes[Name]>> };

type Public = typeof publicRoutes & { proxy: { call: typeof proxyRoute }; endpoints: { call: typeof endpointRoute } };
export type AllCases = { [Resource in keyof Public]: Cases<Public[Resource]> };
