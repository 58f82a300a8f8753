/** The door of declared endpoints: any method below `/v1`. An action answers as `/action/trigger` does, a model as `/records`. */
import { EndpointHeaders, endpointMethods, endpointRoute, endpointScopes } from '@bowline/api/endpoints';
import { problem } from '@bowline/api/problem';
import { ListQuery } from '@bowline/api/records';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerAction } from '../actions/answer.ts';
import { type Admit, requireScope } from '../http/admit.ts';
import { issuesOf, sendError } from '../http/answer.ts';
import type { Scope } from '../http/scope.ts';
import { JsonText } from '../http/serve.ts';
import { readPage } from '../records/read.ts';
import type { RunWorld } from '../runs/context.ts';
import { findEndpoint } from './find.ts';

export function bindEndpointRoutes(app: FastifyInstance, world: RunWorld, admit: Admit): void {
  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    try {
      const answer = await answerEndpoint(world, await admit(endpointRoute, request, reply), request, reply);
      return reply.type('application/json; charset=utf-8').send(answer instanceof JsonText ? answer.text : JSON.stringify(answer));
    } catch (error) {
      return sendError(request, reply, error, endpointRoute);
    }
  };
  app.route({ method: [...endpointMethods], url: `${endpointRoute.path}/*`, handler, exposeHeadRoute: false });
}

async function answerEndpoint(world: RunWorld, scope: Scope, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const parsed = EndpointHeaders.safeParse(request.headers);
  if (!parsed.success) throw problem('invalid_headers', { errors: issuesOf(parsed.error) });
  const headers = parsed.data;
  const target = { connectionId: headers['connection-id'], providerConfigKey: headers['provider-config-key'] };
  const path = `/${Object(request.params)['*']}`;
  const found = await findEndpoint(world, scope, { ...target, method: request.method, path });
  requireScope(scope, [endpointScopes[found.kind]]);
  if (found.kind === 'action') {
    const call = { ...target, name: found.name, input: request.body ?? null };
    return answerAction(world, scope, { ...call, later: headers['x-async'], retries: headers['x-max-retries'] }, reply);
  }
  const query = ListQuery.safeParse({ ...Object(request.query), model: found.model });
  if (!query.success) throw problem('invalid_query_params', { errors: issuesOf(query.error) });
  return new JsonText(await readPage(world, scope, target, query.data));
}
