/**
 * Bounds how long a body may take to arrive, so that nobody holds a socket with a byte a minute. Not Node's `requestTimeout`:
 * that one would also cut long uploads through the proxy, which has no end of its own and says so with `config.streams`.
 */
import { problem } from '@bowline/api/problem';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendError } from './answer.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route passes its body on as it comes. */
    streams?: true;
  }
}

export function boundBodies(app: FastifyInstance, bodyMs: number): void {
  app.addHook('preParsing', (request, reply, _payload, done) => {
    if (hasBody(request) && !request.routeOptions.config.streams) bound(request, reply, bodyMs);
    done();
  });
}

const hasBody = ({ headers }: FastifyRequest) => headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;

function bound(request: FastifyRequest, reply: FastifyReply, bodyMs: number): void {
  const timer = setTimeout(() => {
    if (request.raw.complete) return;
    if (reply.sent) request.raw.destroy();
    else {
      const message = `The body did not arrive within ${Math.ceil(bodyMs / 1000)} s`;
      sendError(request, reply.header('connection', 'close'), problem('request_timeout', { message }));
    }
  }, bodyMs).unref();
  for (const event of ['end', 'close']) request.raw.once(event, () => clearTimeout(timer));
}

/** After a refusal: what is left of the body is read to its end, so that the caller sees the refusal, but not forever. */
export function boundRest(request: FastifyRequest): void {
  if (request.raw.complete || !hasBody(request)) return;
  const timer = setTimeout(() => request.raw.destroy(), REST_MS).unref();
  request.raw.once('close', () => clearTimeout(timer));
}
const REST_MS = 30_000;
