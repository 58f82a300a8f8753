/** Requests of a function: through the proxy with the connection's credentials, or bare with `uncontrolledFetch`. */
import { finished, type Readable } from 'node:stream';
import type { calls, HttpAnswer } from '@bowline/api/calls';
import { Problem } from '@bowline/api/problem';
import { CallError } from '@bowline/api/protocol';
import type * as z from 'zod';
import type { OutboundResponse } from '../base/outbound.ts';
import { OutboundError } from '../base/outbound-error.ts';
import type { Target } from '../connections/target.ts';
import type { Access } from '../credentials/access.ts';
import { retryAfterOf } from '../proxy/budget.ts';
import { type Sending, sendThrough } from '../proxy/send.ts';
import type { RunContext } from './context.ts';
import { noteOutcome } from './failed-requests.ts';
import type { HostCalls } from './host-calls.ts';
import { reach } from './reach.ts';

/** More than any page of an API; a function that needs more streams it in parts. */
const RESPONSE_BYTES_MAX = 100 * 1024 * 1024;

export const httpCalls: HostCalls<'proxy' | 'fetch'> = {
  proxy: async (context, params, body) => {
    let status: number | undefined;
    try {
      const answer = await proxyThrough(context, { params, body, target: await reach(context, params) });
      status = answer.value.status;
      return answer;
    } finally {
      if (context.hasRecords) noteOutcome(context.failedRequests, params, body, status);
    }
  },

  fetch: async ({ world, operation, signal }, params, body) => {
    const startedAt = world.clock.now().getTime();
    const sent = world.outbound.request(params.url, {
      method: params.method,
      headers: Object.fromEntries(params.headers),
      body: params.hasBody ? body : null,
      signal,
    });
    const response = await lost(() => sent.catch((error: unknown) => Promise.reject(refusal(error, params.url))));
    operation.http({
      request: { method: params.method, url: params.url, headers: Object.fromEntries(params.headers) },
      response: { status: response.status, headers: response.headers },
      durationMs: world.clock.now().getTime() - startedAt,
      attempt: 1,
    });
    return readAnswer(response);
  },
};

type ProxyParams = z.output<(typeof calls)['proxy']['params']>;
type Through = {
  readonly params: ProxyParams;
  readonly body: Buffer;
  readonly target: Target;
  /** Used as it is, instead of what is stored. */
  readonly access?: Access;
};

export async function proxyThrough(context: RunContext, { params, body, target, access }: Through) {
  const headers = Object.entries(params.headers).map(([name, value]) => [`nango-proxy-${name.toLowerCase()}`, value] as const);
  const typed = params.contentType && !headers.some(([name]) => name === 'nango-proxy-content-type');
  const sent = lost(() =>
    sendThrough(
      context.world,
      context.scope,
      target,
      {
        call: {
          method: params.method,
          path: withParams(params.endpoint, params.params),
          headers: Object.fromEntries(typed ? [...headers, ['nango-proxy-content-type', params.contentType]] : headers),
          ...(params.baseUrlOverride ? { baseUrlOverride: params.baseUrlOverride } : {}),
        },
        body: params.contentType === undefined ? undefined : body,
        kind: context.fn.type === 'sync' ? 'sync' : 'action',
        retries: params.retries,
        retryOn: params.retryOn,
        retryHeader: headerNames(params.retryHeader),
        repeatable: true,
        keepHeadersOnRedirect: params.forwardHeadersOnRedirect ?? false,
        signal: context.signal,
        ...(access ? { access } : {}),
      },
      context.operation,
    ),
  );
  try {
    return await readAnswer(await sent);
  } catch (error) {
    const seconds = error instanceof Problem ? retryAfterOf(error, context.world.clock.now()) : undefined;
    if (seconds === undefined || !(error instanceof Problem)) throw error;
    return refusedFor(seconds, error);
  }
}

/** What the provider would have answered: authors handle one 429, whoever it is from. */
function refusedFor(seconds: number, { code, message }: Problem): { value: HttpAnswer; body: Buffer } {
  const headers = { 'content-type': 'application/json', 'retry-after': String(seconds) };
  return { value: { status: 429, statusText: '', headers, url: '' }, body: Buffer.from(JSON.stringify({ error: { code, message } })) };
}

/** The refusals that authors of `uncontrolledFetch` may handle have names of their own. */
function refusal(error: unknown, url: string): unknown {
  if (!(error instanceof OutboundError)) return error;
  // A first address that is one leaves only that of a redirect to be none.
  const code = error.code === 'invalid_url' && /^https?:/i.test(url) ? 'invalid_redirect' : refusals[error.code];
  return code === undefined ? error : new CallError({ name: 'Error', code, message: error.message });
}

const refusals: Partial<Record<OutboundError['code'], string>> = {
  blocked_host: 'url_not_allowed',
  invalid_url: 'url_not_allowed',
  too_many_redirects: 'too_many_redirects',
};

function headerNames(given: ProxyParams['retryHeader']): Sending['retryHeader'] {
  const { at, after } = given ?? {};
  if (at === undefined && after === undefined) return undefined;
  return { ...(at ? { at: [at.toLowerCase()] } : {}), ...(after ? { after: [after.toLowerCase()] } : {}) };
}

function withParams(endpoint: string, params: string | Record<string, string> | undefined): string {
  const query = typeof params === 'string' ? params.replace(/^\?/, '') : new URLSearchParams(params).toString();
  const path = endpoint.startsWith('/') || /^https?:/i.test(endpoint) ? endpoint : `/${endpoint}`;
  if (query === '') return path;
  return `${path}${path.includes('?') ? '&' : '?'}${query}`;
}

/** A request without an answer is the author's to handle: it arrives as a network error with a code. */
async function lost(send: () => Promise<OutboundResponse>): Promise<OutboundResponse> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof OutboundError)
      throw new CallError({ name: 'NetworkError', code: error.reason ?? error.code, message: error.message });
    if (error instanceof Problem && (error.code === 'upstream_unreachable' || error.code === 'upstream_timeout')) {
      throw new CallError({
        name: 'NetworkError',
        code: error.code === 'upstream_timeout' ? 'ETIMEDOUT' : codeOf(error),
        message: error.message,
      });
    }
    throw error;
  }
}

function codeOf({ details: { payload } }: Problem): string {
  return typeof payload === 'object' && payload !== null && 'code' in payload && typeof payload.code === 'string'
    ? payload.code
    : 'ECONNRESET';
}

async function readAnswer(response: OutboundResponse): Promise<{ value: HttpAnswer; body: Buffer }> {
  let body: Buffer;
  try {
    body = await readWhole(response.body);
  } catch (error) {
    if (error instanceof CallError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new CallError({
      name: 'NetworkError',
      code: 'ECONNRESET',
      message: `The provider ended the answer before it was complete: ${message}`,
    });
  }
  const headers = Object.entries(response.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return {
    value: { status: response.status, statusText: '', headers: Object.fromEntries(headers), url: response.url },
    body,
  };
}

/** By its events: most answers are a piece or two, for which an iterator over the stream is much. */
function readWhole(stream: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > RESPONSE_BYTES_MAX) stream.destroy(tooLarge());
    });
    finished(stream, (error) => (error ? reject(error) : resolve(Buffer.concat(chunks))));
  });
}

const tooLarge = () =>
  new CallError({ name: 'Error', code: 'response_too_large', message: 'The answer has more than 100 MB; ask for less at a time.' });
