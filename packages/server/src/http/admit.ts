/**
 * Who comes in: who calls (401), how often (429), what they may (403), in this order. The one place for it, the proxy included.
 * A caller whose points are in hand waits for nothing.
 */
import { problem } from '@bowline/api/problem';
import type { Caller, Route } from '@bowline/api/route';
import { granted } from '@bowline/api/scopes';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Scopes } from './scope.ts';

/** How each kind of caller proves who it is; throws a problem when it can't. */
export type Authenticators = { [C in Caller]: (request: FastifyRequest) => Promise<Scopes[C]> };
/** What is left to a caller after this request. */
export type Ration = {
  readonly admitted: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** When all of it is there again, in epoch seconds. */
  readonly resetAt: number;
  /** Whole seconds until then, at least 1. */
  readonly retryAfter: number;
};
/** Takes one point of a caller's. Undefined: nobody is limited. */
export type RateLimit = (countedAs: string) => Ration | Promise<Ration>;
type Admitting<C extends Caller> = Pick<Route, 'scope'> & { readonly caller: C };
export type Admit = <C extends Caller>(route: Admitting<C>, request: FastifyRequest, reply: FastifyReply) => Promise<Scopes[C]>;

/** @returns what throws the problem, or answers the caller's scope; the caller's ration is in the headers of `reply` then, too */
export function createAdmit(authenticators: Authenticators, limit?: RateLimit): Admit {
  return async (route, request, reply) => {
    const scope = await authenticators[route.caller](request);
    if (limit && scope?.countedAs !== undefined) {
      const ration = limit(scope.countedAs);
      spend(ration instanceof Promise ? await ration : ration, request, reply);
    }
    checkScope(route, scope);
    return scope;
  };
}

/** @throws too_many_request */
export function spend({ admitted, limit, remaining, resetAt, retryAfter }: Ration, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-ratelimit-limit', limit).header('x-ratelimit-remaining', remaining).header('x-ratelimit-reset', resetAt);
  if (admitted) return;
  reply.header('retry-after', retryAfter);
  throw problem('too_many_request', {
    message: `More than ${limit} requests in this minute; go on in ${retryAfter} s`,
    at: { method: request.method, path: request.url.split('?')[0] ?? '' },
  });
}

function checkScope({ caller, scope: required }: Admitting<Caller>, scope: Scopes[Caller]): void {
  if (!required || !scope) return;
  requireScope(scope, required, caller === 'accountKey' ? ', which only a key of the account can have' : '');
}

/** For what a route asks beyond its own scope. @param required any one of them is enough. @throws forbidden */
export function requireScope({ grants }: { readonly grants: readonly string[] }, required: NonNullable<Route['scope']>, whose = ''): void {
  if (required.some((one) => granted(grants, one))) return;
  throw problem('forbidden', { message: `This key may not do this: it needs ${required.join(' or ')}${whose}` });
}
