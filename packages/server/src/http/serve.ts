/** Binds a contract route to a handler: authenticate, check the scope, parse, run, answer. The one place where HTTP meets the domain. */
import { problem } from '@bowline/api/problem';
import type { ProblemCode } from '@bowline/api/problems';
import type { Answer, Parsed, Route } from '@bowline/api/route';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Admit } from './admit.ts';
import { issuesOf, sendError } from './answer.ts';
import { isRefused } from './query.ts';
import type { Scopes } from './scope.ts';

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
export function createServe(app: FastifyInstance, admit: Admit): Serve {
  return (route) => ({
    by(handle) {
      const handler = async (request: FastifyRequest, reply: FastifyReply) => {
        try {
          const scope = await admit(route, request, reply);
          const input = parse(route, request) as Parsed<typeof route>; // parse answers exactly the route's parts
          const answer = await handle(input, scope as Scopes[(typeof route)['caller']], { request, reply }); // same caller on both sides
          return send(reply, route, answer);
        } catch (error) {
          return sendError(request, reply, error, route);
        }
      };
      app.route({ method: route.method, url: route.path, handler });
      if (route.slashes) bindSlashes(app, route, handler);
    },
  });
}

/** The same route for a last parameter that holds slashes as they are. The router comes here only when nothing else fits. */
function bindSlashes(
  app: FastifyInstance,
  { method, path }: Route,
  handler: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
) {
  const name = path.slice(path.lastIndexOf(':') + 1);
  app.route<{ Params: Record<string, string> }>({
    method,
    url: path.replace(/:\w+$/, '*'),
    handler: (request, reply) => {
      const { '*': value = '', ...params } = request.params;
      request.params = { ...params, [name]: value };
      return handler(request, reply);
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

const parts = [
  ['params', 'invalid_uri_params'],
  ['query', 'invalid_query_params'],
  ['headers', 'invalid_headers'],
  ['body', 'invalid_body'],
] as const satisfies [keyof Route, ProblemCode][];

/** Parses each part the route declares; the first part that is wrong answers. */
function parse(route: Route, request: FastifyRequest): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  if (route.query && isRefused(request.query))
    throw problem('invalid_query_params', { message: 'The query has more than 1,000 parameters, or one over 100 times' });
  for (const [part, code] of parts) {
    const schema = route[part];
    if (!schema) continue;
    const result = schema.safeParse(request[part] ?? (part === 'body' ? undefined : {}));
    if (!result.success) throw problem(code, { errors: issuesOf(result.error) });
    input[part] = result.data;
  }
  return input;
}
