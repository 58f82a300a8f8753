/** A JSON text that rarely changes: made once, sent with an ETag, and not again to who has it. */
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

export type CachedText = (request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/** @param make called at the first request */
export function cachedText(make: () => unknown): CachedText {
  let kept: { text: string; etag: string } | undefined;
  return (request, reply) => {
    kept ??= seal(JSON.stringify(make()));
    reply.headers({ etag: kept.etag, 'cache-control': 'no-cache' }).type('application/json; charset=utf-8');
    return matches(request.headers['if-none-match'], kept.etag) ? reply.code(304).send() : reply.send(kept.text);
  };
}

function seal(text: string): { text: string; etag: string } {
  return { text, etag: `W/"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` };
}

function matches(given: string | undefined, etag: string): boolean {
  return given === '*' || (given ?? '').split(',').some((one) => one.trim().replace(/^(W\/)?/, 'W/') === etag);
}
