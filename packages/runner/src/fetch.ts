/**
 * `nango.uncontrolledFetch`: a request to any public URL without credentials or retries, answered as a WHATWG Response.
 * The host sends it, follows redirects by its outbound policy, and refuses private addresses.
 */
import { ActionError } from './errors.ts';
import type { Port } from './port.ts';

type Options = { url: URL; method?: string; headers?: Record<string, string>; body?: string | null };

/** Refusals an author may handle, handed over as ActionError as in the reference. */
const refusals = new Set(['url_not_allowed', 'too_many_redirects', 'invalid_redirect']);
const bodiless = new Set([101, 204, 205, 304]);

export function createFetch(port: Port): (options: Options) => Promise<Response> {
  return async ({ url, method, headers, body }) => {
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : undefined;
    const sent = [...new Headers(headers).entries()];
    const params = { url: String(url), method: (method ?? 'GET').toUpperCase(), headers: sent, hasBody: bytes !== undefined };
    const answer = await port.call('fetch', params, bytes).catch((error: unknown) => {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      throw error instanceof Error && refusals.has(code) ? new ActionError({ code, message: error.message }) : error;
    });
    return toResponse(answer.value, answer.body);
  };
}

function toResponse(
  value: { status: number; statusText: string; headers: Record<string, string | string[]>; url?: string },
  bytes: Uint8Array,
): Response {
  const headers = Object.entries(value.headers).flatMap(([name, given]) => [given].flat().map((one): [string, string] => [name, one]));
  const body = bodiless.has(value.status) ? null : new Uint8Array(bytes);
  const response = new Response(body, { status: value.status, statusText: value.statusText, headers });
  if (value.url !== undefined) Object.defineProperty(response, 'url', { value: value.url });
  return response;
}
