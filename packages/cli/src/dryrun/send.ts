/**
 * Requests of a function on this machine: through the server's proxy, which holds the credentials and retries, or bare. What the server itself
 * refuses is told from what the provider answers by the id of the request, which a provider cannot know.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallParams, HttpAnswer } from '@bowline/api/calls';
import { CallError } from '@bowline/api/protocol';
import { z } from 'zod';
import { refused } from '../local/calls.ts';
import { causeOf } from '../remote/advice.ts';
import type { Server } from './server.ts';

export type Sent = { value: HttpAnswer; body: Buffer };
type Own = { providerConfigKey: string; connectionId: string };

/** The most that the server takes. */
const retriesMax = 10;
/** How often a run waits for the server's own limit to pass. */
const limitedMax = 5;

export async function sendProxied(server: Server, own: Own, params: CallParams<'proxy'>, body: Buffer): Promise<Sent> {
  const init = {
    method: params.method,
    headers: proxyHeaders(server, own, params),
    body: params.contentType === undefined ? null : new Uint8Array(body),
    redirect: 'manual' as const,
  };
  const address = proxyAddress(server.host, params);
  for (let tries = 1; ; tries += 1) {
    const response = await request(address, init, `Cannot reach ${server.host}`);
    const sent = await read(response);
    const refusal = refusalOf(response, sent.body);
    if (!refusal) return sent;
    if (response.status !== 429 || tries > limitedMax) throw refusal;
    await sleep(Math.min(Number(response.headers.get('retry-after')) || 1, 60) * 1000);
  }
}

export async function sendBare({ url, method, headers, hasBody }: CallParams<'fetch'>, body: Buffer): Promise<Sent> {
  return read(await request(url, { method, headers, body: hasBody ? new Uint8Array(body) : null }, `Cannot reach ${new URL(url).host}`));
}

function proxyHeaders(server: Server, own: Own, params: CallParams<'proxy'>): Headers {
  const { retries, retryOn, baseUrlOverride, forwardHeadersOnRedirect, contentType } = params;
  const headers = new Headers(server.headers());
  headers.set('connection-id', params.connectionId ?? own.connectionId);
  headers.set('provider-config-key', params.providerConfigKey ?? own.providerConfigKey);
  headers.set('retries', String(Math.min(retries, retriesMax)));
  if (retryOn?.length) headers.set('retry-on', retryOn.join(','));
  if (baseUrlOverride) headers.set('base-url-override', baseUrlOverride);
  if (forwardHeadersOnRedirect !== undefined) headers.set('forward-headers-on-redirect', String(forwardHeadersOnRedirect));
  const type = params.headers['content-type'] ?? contentType;
  if (contentType !== undefined && type !== undefined) headers.set('content-type', type);
  for (const [name, value] of Object.entries(params.headers)) headers.set(`nango-proxy-${name}`, value);
  return headers;
}

/** @throws CallError for a path that leads out of the proxy, to routes of the server itself */
function proxyAddress(host: string, { endpoint, params }: CallParams<'proxy'>): string {
  const query = typeof params === 'string' ? params.replace(/^\?/, '') : new URLSearchParams(params).toString();
  const path = `/proxy${endpoint.startsWith('/') ? '' : '/'}${endpoint}`;
  const inside = `${new URL(host).pathname.replace(/\/$/, '')}/proxy/`;
  if (!`${new URL(host + path).pathname}/`.startsWith(inside))
    throw refused('invalid_arguments', `The endpoint ${endpoint} leads out of the proxy; write it without "..".`);
  return `${host}${path}${query === '' ? '' : `${path.includes('?') ? '&' : '?'}${query}`}`;
}

/** No answer at all is the author's to handle: it arrives as a network error with a code. */
async function request(url: string, init: RequestInit, what: string): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error && 'code' in error.cause ? String(error.cause.code) : 'ECONNRESET';
    throw new CallError({ name: 'NetworkError', code: cause, message: `${what}: ${causeOf(error)}` });
  }
}

/** Of the transport, or of our own server: the function must not see them. */
const hidden = /^(content-encoding|content-length|transfer-encoding|connection|keep-alive|bowline-request-id|access-control-.*)$/;

async function read(response: Response): Promise<Sent> {
  const requestId = response.headers.get('bowline-request-id');
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of response.headers) {
    if (hidden.test(name) || (name === 'x-request-id' && value === requestId)) continue;
    headers[name] = name === 'set-cookie' ? response.headers.getSetCookie() : value;
  }
  const { status, statusText, url } = response;
  try {
    return { value: { status, statusText, headers, url }, body: Buffer.from(await response.arrayBuffer()) };
  } catch (error) {
    throw new CallError({
      name: 'NetworkError',
      code: 'ECONNRESET',
      message: `The answer ended before it was complete: ${causeOf(error)}`,
    });
  }
}

const refusalShape = z.object({
  error: z.object({ code: z.string(), message: z.string().default(''), payload: z.unknown().optional(), request_id: z.string() }),
});

function refusalOf({ status, headers }: Response, body: Buffer): CallError | undefined {
  if (status < 400 || body.length > 65_536) return undefined;
  const parsed = refusalShape.safeParse(jsonOf(body));
  const ids = [headers.get('bowline-request-id'), headers.get('x-request-id')];
  if (!parsed.success || !ids.includes(parsed.data.error.request_id)) return undefined;
  const { code, message, payload } = parsed.data.error;
  if (code !== 'upstream_unreachable' && code !== 'upstream_timeout') return refused(code, message, payload);
  const said = z.object({ code: z.string() }).safeParse(payload);
  const reason = code === 'upstream_timeout' ? 'ETIMEDOUT' : said.success ? said.data.code : 'ECONNRESET';
  return new CallError({ name: 'NetworkError', code: reason, message });
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
