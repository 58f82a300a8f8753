/**
 * Headers of every answer: what other origins may do (CORS), and what browsers must not.
 * Public routes may be called from any page, without cookies; the dashboard's own (`/api`) from ours only.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';

const ALLOWED = [
  ['Authorization', 'Content-Type', 'Accept', 'Origin', 'X-Requested-With', 'X-Request-Id', 'If-None-Match'],
  ['Connection-Id', 'Provider-Config-Key', 'Retries', 'Retry-On', 'Base-Url-Override', 'Decompress', 'Forward-Headers-On-Redirect'],
  ['X-Async', 'X-Max-Retries', 'Nango-Activity-Log-Id', 'Nango-Is-Dry-Run', 'Nango-Is-Sync', 'Nango-Is-Script', 'Sentry-Trace', 'Baggage'],
  ['Mcp-Protocol-Version', 'Mcp-Method', 'Mcp-Name'],
].flat();
const EXPOSED = [
  ['Authorization', 'Etag', 'Content-Type', 'Content-Length', 'X-Nango-Signature', 'X-Request-Id', 'Bowline-Request-Id'],
  ['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset', 'Retry-After'],
].flat();
/** What a caller sends on through the proxy has any name behind these, and a list in a preflight's answer holds no patterns. */
const PASSED_ON = /^(nango|bowline)-proxy-[a-z0-9_-]{1,100}$/i;
const PASSED_ON_MAX = 100;

/** A page sets its own policy over this one; an answer to a program is no page, whoever opens it. */
const common = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
  'referrer-policy': 'strict-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};
const anyOrigin = { 'access-control-allow-origin': '*', 'access-control-expose-headers': EXPOSED.join(', ') };
const overHttps = { 'strict-transport-security': 'max-age=5184000' };

/** @param secure browsers reach us over https */
export function createHeaders(secure: boolean): (request: FastifyRequest, reply: FastifyReply) => void {
  const own = { ...common, ...(secure ? overHttps : {}) };
  const open = { ...own, ...anyOrigin };
  return (request, reply) => {
    const isOwn = request.url.startsWith('/api/');
    reply.headers(isOwn ? own : open).header('x-request-id', request.id);
    if (request.method === 'OPTIONS' && !isOwn) reply.headers(preflight(request));
  };
}

function preflight({ headers }: FastifyRequest): Record<string, string> {
  const requested = String(headers['access-control-request-headers'] ?? '').split(',');
  const passedOn = requested.map((name) => name.trim()).filter((name) => PASSED_ON.test(name));
  return {
    'access-control-allow-methods': 'GET,HEAD,PUT,PATCH,POST,DELETE',
    'access-control-allow-headers': [...ALLOWED, ...passedOn.slice(0, PASSED_ON_MAX)].join(', '),
    'access-control-max-age': '600',
    vary: 'Access-Control-Request-Headers',
  };
}
