/** The door of the proxy: any method and any path below `/proxy`. Bodies stream both ways; bytes, status and headers pass as they are. */
import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { dashboard } from '@bowline/api/dashboard';
import { Problem, problem } from '@bowline/api/problem';
import { ProxyHeaders, proxyRoute } from '@bowline/api/proxy';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { World } from '../base/world.ts';
import { findWithIntegration } from '../connections/find.ts';
import type { Admit } from '../http/admit.ts';
import { issuesOf, sendError } from '../http/answer.ts';
import type { Scope } from '../http/scope.ts';
import type { Serve } from '../http/serve.ts';
import { boundRest } from '../http/slow-bodies.ts';
import { type OperationHandle, resumeOperation, startOperation } from '../logs/operation.ts';
import { retryAfterOf } from './budget.ts';
import { answerHeaders } from './request.ts';
import { type Sending, sendThrough } from './send.ts';
import { rateLimitsOf } from './spent.ts';

/** Bodies up to here are kept so that they can be sent again; longer ones stream and are sent once, unless retries are asked for. */
const REPLAYED_BYTES_MAX = 1024 * 1024;
const MORE_METHODS = ['PROPFIND', 'REPORT'];

export function bindRateLimits(serve: Serve, world: World): void {
  serve(dashboard.rateLimits).by(({ params, query }, scope) =>
    rateLimitsOf(world, scope, { providerConfigKey: params.providerConfigKey, connectionId: query.connection_id }),
  );
}

export function bindProxyRoutes(server: FastifyInstance, world: World, admit: Admit): void {
  for (const method of MORE_METHODS) server.addHttpMethod(method, { hasBody: true });
  server.register(async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _payload, done) => done(null)); // the raw stream is ours
    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      try {
        const scope = await admit(proxyRoute, request, reply);
        await forward(world, scope, request, reply);
      } catch (error) {
        if (reply.raw.headersSent || reply.raw.destroyed) reply.raw.destroy();
        else sendError(request, withRetryAfter(reply, error, world.clock.now()), error, proxyRoute);
        boundRest(request);
      }
      return reply;
    };
    const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', ...MORE_METHODS];
    const options = { method: methods, handler, exposeHeadRoute: false, config: { streams: true } } as const;
    app.route({ ...options, url: '/proxy' });
    app.route({ ...options, url: '/proxy/*' });
  });
}

/** As the provider itself would say it. */
function withRetryAfter(reply: FastifyReply, error: unknown, now: Date): FastifyReply {
  const seconds = error instanceof Problem ? retryAfterOf(error, now) : undefined;
  return seconds === undefined ? reply : reply.header('retry-after', seconds);
}

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
  const meta = { request_id: request.id };
  const abort = new AbortController();
  // After a whole answer there is nothing left to abort, and the error it would make costs 10 µs.
  reply.raw.on('close', () => reply.raw.writableFinished || abort.abort());
  try {
    const body = await readBody(request, headers, world.config.bodyLimitBytes);
    const response = await sendThrough(
      world,
      scope,
      target,
      { ...sendingOf(request, headers, path), body, heldBytesMax: world.config.bodyLimitBytes, signal: abort.signal },
      operation,
    );
    reply.hijack();
    reply.raw.writeHead(response.status, { ...ownHeaders(request, reply, response.headers), ...answerHeaders(response.headers) });
    await passOn(response.body, reply.raw);
    const failed = response.status >= 400;
    operation.end(failed ? { state: 'failed', error: `The provider answered ${response.status}`, meta } : { state: 'success' });
  } catch (error) {
    operation.end({
      state: 'failed',
      error: abort.signal.aborted
        ? 'The caller went away before the answer was complete'
        : error instanceof Error
          ? error.message
          : String(error),
      meta,
    });
    throw error;
  }
}

/**
 * Ours, below the provider's. Its limits are what most callers look for under these names, and a mix of two would mislead,
 * so ours are there when it sends none. Our id is always there; as `X-Request-Id` unless the provider has one.
 */
function ownHeaders({ id }: FastifyRequest, reply: FastifyReply, theirs: Readonly<Record<string, unknown>>): Record<string, string> {
  const headers: Record<string, string> = {
    'x-request-id': id,
    'bowline-request-id': id,
    'access-control-allow-origin': '*',
    'access-control-expose-headers': '*',
  };
  if (limitNames.some((name) => theirs[name] !== undefined)) return headers;
  for (const name of limitNames) {
    const value = reply.getHeader(name);
    if (value !== undefined) headers[name] = String(value);
  }
  return headers;
}
const limitNames = ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'];

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
    kind: 'proxy',
    retries: headers.retries ?? 0,
    retryOn: headers['retry-on']?.split(',').map(Number),
    keepHeadersOnRedirect: headers['forward-headers-on-redirect'] ?? false,
  };
}

async function readBody(request: FastifyRequest, headers: ProxyHeaders, bytesMax: number): Promise<Sending['body']> {
  const length = Number(request.headers['content-length'] ?? (request.headers['transfer-encoding'] ? Number.POSITIVE_INFINITY : 0));
  if (length === 0) return undefined;
  if (length > Math.min(REPLAYED_BYTES_MAX, bytesMax) && (headers.retries ?? 0) === 0) return request.raw;
  const tooLarge = () => {
    const allowed = Math.floor((bytesMax / 1024 ** 2) * 10) / 10;
    return problem('request_too_large', {
      message: `A body that is to be retried may have ${allowed} MB; send Retries: 0 to stream a longer one`,
    });
  };
  if (Number.isFinite(length) && length > bytesMax) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  // Not destroyed when we stop reading: the caller could not hear why.
  for await (const chunk of request.raw.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > bytesMax) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
