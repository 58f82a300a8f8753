/** The HTTP server itself: routing rules, body parsing, request ids, what is refused before a route is known. Knows nothing of what it serves. */
import { problem } from '@bowline/api/problem';
import cookie from '@fastify/cookie';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { sendError } from './answer.ts';
import { HEADER_BYTES_MAX, refuseBroken } from './broken.ts';
import { createHeaders } from './headers.ts';
import { parseQuery } from './query.ts';
import { boundBodies } from './slow-bodies.ts';
import { type Sockets, watchSockets } from './sockets.ts';

export type ServerOptions = {
  log: FastifyBaseLogger;
  uuid: () => string;
  /** Browsers reach us over https. */
  secure: boolean;
  bodyLimitBytes?: number;
  /** How long headers may take, from the connection or the first byte after the last answer. */
  headersMs?: number;
  /** How long a body may take, where the route does not stream it. */
  bodyMs?: number;
};

/** Node's own default for the whole request, which Fastify switches off: 75 MB at 2 Mbit/s. */
const BODY_MS = 300_000;
const HEADERS_MS = 20_000;
/** What a caller may name its request: nothing that means anything to a log or a header. */
const SAFE_ID = /^[\w.:-]{1,64}$/;

export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { log, uuid, secure, bodyLimitBytes = 75 * 1024 * 1024, headersMs = HEADERS_MS, bodyMs = BODY_MS } = options;
  const setHeaders = createHeaders(secure);
  let sockets: Sockets | undefined;
  const app: FastifyInstance = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyLimitBytes,
    // One hop: the reverse proxy in front of us.
    trustProxy: (_address, hop) => hop < 1,
    genReqId: ({ headers: { 'x-request-id': given } }) => (typeof given === 'string' && SAFE_ID.test(given) ? given : uuid()),
    // Old clients call `/records/?…` and mixed-case paths.
    routerOptions: {
      caseSensitive: false,
      ignoreTrailingSlash: true,
      maxParamLength: 1024, // an id has up to 255 characters, each up to three as written in a path; the default is 100
      querystringParser: parseQuery,
    },
    // A path that cannot be decoded reaches no route, no hook and no error handler.
    frameworkErrors: (error, request, reply) => {
      setHeaders(request, reply);
      sendError(request, reply, error);
    },
    http: { maxHeaderSize: HEADER_BYTES_MAX, headersTimeout: headersMs, connectionsCheckingInterval: Math.min(5_000, headersMs) },
    clientErrorHandler: (error, socket) => refuseBroken(error, socket, { isBusy: (one) => sockets?.isBusy(one) ?? false, id: uuid(), log }),
    forceCloseConnections: 'idle',
    return503OnClosing: false, // whoever is still connected while we stop gets its answer, and `Connection: close`
  });
  const watched = watchSockets(app.server);
  sockets = watched;
  await app.register(cookie);
  parseBodies(app);
  boundBodies(app, bodyMs);
  app.addHook('onRequest', (request, reply, done) => {
    watched.begin(request.raw, reply.raw);
    setHeaders(request, reply);
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
