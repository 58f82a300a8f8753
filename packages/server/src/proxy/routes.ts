/** The door of the proxy: any method and any path below `/proxy`. Bodies stream both ways; bytes, status and headers pass as they are. */
import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { problem } from '@bowline/api/problem';
import { ProxyHeaders, proxyProblems, proxyScope, proxyWording } from '@bowline/api/proxy';
import { granted } from '@bowline/api/scopes';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { World } from '../base/world.ts';
import { findWithIntegration } from '../connections/find.ts';
import { issuesOf, sendError } from '../http/answer.ts';
import type { Scope } from '../http/scope.ts';
import type { Authenticators } from '../http/serve.ts';
import { type OperationHandle, resumeOperation, startOperation } from '../logs/operation.ts';
import { answerHeaders } from './request.ts';
import { type Sending, sendThrough } from './send.ts';

/** Bodies up to here are kept so that they can be sent again; longer ones stream and are sent once. */
const REPLAYED_BYTES_MAX = 1024 * 1024;
const MORE_METHODS = ['PROPFIND', 'REPORT'];

export function bindProxyRoutes(server: FastifyInstance, world: World, authenticators: Authenticators): void {
  for (const method of MORE_METHODS) server.addHttpMethod(method, { hasBody: true });
  server.register(async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _payload, done) => done(null)); // the raw stream is ours
    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      try {
        const scope = await authenticators.apiKey(request);
        if (!granted(scope.grants, proxyScope)) throw problem('forbidden', { message: `This key may not do this: it needs ${proxyScope}` });
        await forward(world, scope, request, reply);
      } catch (error) {
        if (reply.raw.headersSent || reply.raw.destroyed) reply.raw.destroy();
        else sendError(request, reply, error, proxyRoute);
      }
      return reply;
    };
    const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', ...MORE_METHODS];
    app.route({ method: methods, url: '/proxy', handler, exposeHeadRoute: false });
    app.route({ method: methods, url: '/proxy/*', handler, exposeHeadRoute: false });
  });
}

const proxyRoute = { path: '/proxy', wording: proxyWording, problems: proxyProblems } as const;

async function forward(world: World, scope: Scope, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const parsed = ProxyHeaders.safeParse(request.headers);
  if (!parsed.success) throw problem('invalid_headers', { errors: issuesOf(parsed.error) });
  const headers = parsed.data;
  const target = await findWithIntegration(world, scope, {
    connectionId: headers['connection-id'],
    providerConfigKey: headers['provider-config-key'],
  });
  const path = (request.raw.url ?? '').slice('/proxy'.length);
  const operation = openOperation(world, scope, { headers, method: request.method, path, provider: target.integration.provider });
  const abort = new AbortController();
  // After a whole answer there is nothing left to abort, and the error it would make costs 10 µs.
  reply.raw.on('close', () => reply.raw.writableFinished || abort.abort());
  try {
    const body = await readBody(request, headers);
    const response = await sendThrough(
      world,
      scope,
      target,
      { ...sendingOf(request, headers, path), body, signal: abort.signal },
      operation,
    );
    reply.hijack();
    reply.raw.writeHead(response.status, {
      'x-request-id': request.id,
      'access-control-allow-origin': '*',
      ...answerHeaders(response.headers),
    });
    await passOn(response.body, reply.raw);
    const failed = response.status >= 400;
    operation.end({ state: failed ? 'failed' : 'success', ...(failed ? { error: `The provider answered ${response.status}` } : {}) });
  } catch (error) {
    operation.end({
      state: 'failed',
      error: abort.signal.aborted
        ? 'The caller went away before the answer was complete'
        : error instanceof Error
          ? error.message
          : String(error),
    });
    throw error;
  }
}

/** Not `pipeline`: it makes an AbortController and an abort error for every call, 6 % of what a call costs us. */
function passOn(body: Readable, caller: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      body.destroy();
      caller.destroy();
      reject(error);
    };
    body.once('error', fail);
    caller.once('error', fail);
    caller.once('finish', resolve);
    caller.once('close', () => caller.writableFinished || fail(new Error('The caller went away')));
    if (caller.destroyed) fail(new Error('The caller went away'));
    else body.pipe(caller);
  });
}

type Opening = { headers: ProxyHeaders; method: string; path: string; provider: string };

/** A caller that works on an operation of its own (a function, a script) has its calls logged there. */
function openOperation(world: World, scope: Scope, { headers, method, path, provider }: Opening): OperationHandle {
  const existing = headers['nango-activity-log-id'];
  if (existing) return { ...resumeOperation(world, scope, existing), end: () => {} };
  return startOperation(world, scope, {
    type: 'proxy',
    action: 'call',
    title: `${method} ${path.split('?')[0] || '/'}`.slice(0, 500),
    integration: headers['provider-config-key'],
    provider,
    connection: headers['connection-id'],
  });
}

function sendingOf(request: FastifyRequest, headers: ProxyHeaders, path: string): Omit<Sending, 'body'> {
  const override = headers['base-url-override'];
  const forwarded = request.headers['nango-proxy-content-type'] ?? request.headers['bowline-proxy-content-type'];
  const own = request.headers['content-type'];
  // Without a boundary of its own a multipart type can only mean the one the body was made with.
  const type = forwarded === undefined || forwarded === 'multipart/form-data' ? own : undefined;
  const { 'nango-proxy-content-type': _replaced, ...rest } = request.headers;
  return {
    call: {
      method: request.method,
      path,
      headers: type === undefined ? request.headers : { ...rest, 'nango-proxy-content-type': type },
      ...(override ? { baseUrlOverride: override } : {}),
    },
    retries: headers.retries ?? 0,
    retryOn: headers['retry-on']?.split(',').map(Number),
    keepHeadersOnRedirect: headers['forward-headers-on-redirect'] ?? false,
  };
}

async function readBody(request: FastifyRequest, headers: ProxyHeaders): Promise<Sending['body']> {
  const length = Number(request.headers['content-length'] ?? (request.headers['transfer-encoding'] ? Number.POSITIVE_INFINITY : 0));
  if (length === 0) return undefined;
  if (length > REPLAYED_BYTES_MAX && (headers.retries ?? 0) === 0) return request.raw;
  if (length > REPLAYED_BYTES_MAX * 75)
    throw problem('request_too_large', { message: 'A body that is to be retried may have 75 MB; send Retries: 0 to stream a longer one' });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.raw) {
    size += chunk.length;
    if (size > REPLAYED_BYTES_MAX * 75) throw problem('request_too_large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
