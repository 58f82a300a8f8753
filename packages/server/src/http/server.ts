/** The HTTP server itself: routing rules, body parsing, CORS, security headers, request ids. Knows nothing of what it serves. */
import { problem } from '@bowline/api/problem';
import cookie from '@fastify/cookie';
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import qs from 'qs';
import { sendError } from './answer.ts';

/** 75 MB, the limit the published clients expect. */
const BODY_LIMIT_BYTES = 75 * 1024 * 1024;

export async function createServer(options: { log: FastifyBaseLogger; uuid: () => string; secure: boolean }): Promise<FastifyInstance> {
  const app: FastifyInstance = fastify({
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    // One hop: the reverse proxy in front of us.
    trustProxy: (_address, hop) => hop < 1,
    genReqId: () => options.uuid(),
    // Old clients call `/records/?…` and mixed-case paths; nested query keys such as `tags[a]=b` are part of the wire.
    routerOptions: {
      caseSensitive: false,
      ignoreTrailingSlash: true,
      maxParamLength: 1024, // an id has up to 255 characters, each up to three as written in a path; the default is 100
      querystringParser: (text) => qs.parse(text, { arrayLimit: 100, depth: 4 }),
    },
    // A path that cannot be decoded reaches no route and no error handler.
    frameworkErrors: (error, request, reply) => sendError(request, reply, error),
    forceCloseConnections: 'idle',
  });
  await app.register(cookie);
  parseBodies(app);
  app.addHook('onRequest', (request, reply, done) => {
    headers(request, reply, options.secure);
    if (request.method === 'OPTIONS') reply.code(204).send();
    else done();
  });
  app.setErrorHandler((error, request, reply) => sendError(request, reply, error));
  return app;
}

/** JSON only; an empty body is no body, because clients send the header on every GET and DELETE. */
function parseBodies(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'ignore');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else parseJson(request, String(body), done);
  });
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    if (body.length === 0) done(null, undefined);
    else done(problem('invalid_content_type'));
  });
}

const CORS_HEADERS = [
  'Authorization, Content-Type, Accept, Origin, X-Requested-With, Connection-Id, Provider-Config-Key, Retries, Retry-On, Base-Url-Override, Decompress',
  'X-Async, X-Max-Retries, Forward-Headers-On-Redirect, Nango-Activity-Log-Id, Nango-Is-Dry-Run, Nango-Is-Sync, Sentry-Trace, Baggage',
].join(', ');

/** Public routes may be called from any page, without cookies; the dashboard's own (`/api`) from ours only. */
function headers(request: FastifyRequest, reply: FastifyReply, secure: boolean): void {
  reply.headers({
    'x-request-id': request.id,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'SAMEORIGIN',
    'referrer-policy': 'strict-origin',
  });
  if (secure) reply.header('strict-transport-security', 'max-age=5184000');
  if (request.url.startsWith('/api/')) return;
  reply.headers({
    'access-control-allow-origin': '*',
    'access-control-expose-headers':
      'Authorization, Etag, Content-Type, Content-Length, X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset',
  });
  if (request.method !== 'OPTIONS') return;
  reply.headers({
    'access-control-allow-methods': 'GET,HEAD,PUT,PATCH,POST,DELETE',
    'access-control-allow-headers': CORS_HEADERS,
    'access-control-max-age': '600',
  });
}
