/** Binds a contract route to a handler: authenticate, check the scope, parse, run, answer. The one place where HTTP meets the domain. */
import { problem } from '@bowline/api/problem';
import type { ProblemCode } from '@bowline/api/problems';
import type { Answer, Caller, Parsed, Route } from '@bowline/api/route';
import { granted } from '@bowline/api/scopes';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { issuesOf, sendError } from './answer.ts';
import type { Scopes } from './scope.ts';

/** How each kind of caller proves who it is; throws a problem when it can't. */
export type Authenticators = { [C in Caller]: (request: FastifyRequest) => Promise<Scopes[C]> };
export type Exchange = { readonly request: FastifyRequest; readonly reply: FastifyReply };
/** Body text that is JSON already, sent as it is, encoded or not: the record listing splices stored text. */
export class JsonText {
  readonly text: string | Buffer;
  constructor(text: string | Buffer) {
    this.text = text;
  }
}
type Handler<R extends Route> = (input: Parsed<R>, scope: Scopes[R['caller']], exchange: Exchange) => Promise<Answer<R> | JsonText>;
export type Serve = <R extends Route>(route: R) => { by(handle: Handler<R>): void };

/** `serve(connections.get).by(async ({ params }, scope) => …)`: two steps, so that the route's types are known before the handler is read. */
export function createServe(app: FastifyInstance, authenticators: Authenticators): Serve {
  return (route) => ({
    by(handle) {
      app.route({
        method: route.method,
        url: route.path,
        handler: async (request, reply) => {
          try {
            const scope = await authenticators[route.caller](request);
            checkScope(route, scope);
            const input = parse(route, request) as Parsed<typeof route>; // parse answers exactly the route's parts
            const answer = await handle(input, scope as Scopes[(typeof route)['caller']], { request, reply }); // same caller on both sides
            return send(reply, route, answer);
          } catch (error) {
            return sendError(request, reply, error, route);
          }
        },
      });
    },
  });
}

function send(reply: FastifyReply, route: Route, answer: unknown): FastifyReply {
  if (reply.sent) return reply;
  if (route.status) reply.code(route.status);
  if (route.status === 204) return reply.send();
  reply.type('application/json; charset=utf-8');
  return reply.send(answer instanceof JsonText ? answer.text : JSON.stringify(answer ?? null));
}

function checkScope(route: Route, scope: Scopes[Caller]): void {
  if (!route.scope || !scope) return;
  if (route.scope.some((required) => granted(scope.grants, required))) return;
  const whose = route.caller === 'accountKey' ? ', which only a key of the account can have' : '';
  throw problem('forbidden', { message: `This key may not do this: it needs ${route.scope.join(' or ')}${whose}` });
}

const parts = [
  ['params', 'invalid_uri_params'],
  ['query', 'invalid_query_params'],
  ['headers', 'invalid_headers'],
  ['body', 'invalid_body'],
] as const satisfies [keyof Route, ProblemCode][];

/** Parses each part the route declares; the first part that is wrong answers. */
function parse(route: Route, request: FastifyRequest): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const [part, code] of parts) {
    const schema = route[part];
    if (!schema) continue;
    const result = schema.safeParse(request[part] ?? (part === 'body' ? undefined : {}));
    if (!result.success) throw problem(code, { errors: issuesOf(result.error) });
    input[part] = result.data;
  }
  return input;
}
