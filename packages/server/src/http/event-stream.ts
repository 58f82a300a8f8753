/** A stream of server-sent events as an answer: what proxies and browsers want of its beginning. */
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/** From here on whoever calls it writes. */
export function openEventStream(reply: FastifyReply): ServerResponse {
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value);
  reply.raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // nginx would hold events back in its buffer.
    'x-accel-buffering': 'no',
  });
  reply.raw.write('retry: 2000\n\n');
  return reply.raw;
}
