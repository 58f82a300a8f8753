/** The door of MCP: a connection's actions as tools. Who may call and which connection is meant is settled as on any route; after that the protocol answers. */
import { mcp } from '@bowline/api/mcp';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { findWithIntegration } from '../connections/find.ts';
import { JsonText, type Serve } from '../http/serve.ts';
import type { RunWorld } from '../runs/context.ts';
import { answerMessage } from './protocol.ts';

export function bindMcpRoutes(serve: Serve, app: FastifyInstance, world: RunWorld): void {
  serve(mcp.call).by(async ({ headers, body }, scope, { request, reply }) => {
    const named = { connectionId: headers['connection-id'], providerConfigKey: headers['provider-config-key'] };
    const { integration } = await findWithIntegration(world, scope, named);
    const caller = { ...named, scope, integrationId: integration.id, requestId: request.id };
    const answer = await answerMessage(world, caller, { headers: protocolHeaders(request), message: body });
    reply.code(answer.status);
    const text = await answer.text();
    return text === '' ? reply.send() : new JsonText(text);
  });
  // There is no stream to listen to and no session to end. Clients ask anyway, and go on when they read this.
  app.route({ method: ['GET', 'DELETE'], url: mcp.call.path, exposeHeadRoute: false, handler: async (_request, reply) => refuse(reply) });
}

/** What the protocol reads, and no key. The answer is always JSON, so callers need not say that they take it. */
function protocolHeaders({ headers }: FastifyRequest): Record<string, string> {
  const own = Object.entries(headers).filter(([name]) => name.startsWith('mcp-'));
  return {
    ...Object.fromEntries(own.map(([name, value]) => [name, String(value)])),
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
}

function refuse(reply: FastifyReply): FastifyReply {
  const error = { code: -32000, message: 'Method not allowed: send each message with POST; there are no streams and no sessions' };
  return reply.code(405).header('allow', 'POST').type('application/json; charset=utf-8').send({ jsonrpc: '2.0', error, id: null });
}
