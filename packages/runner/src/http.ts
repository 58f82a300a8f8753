/**
 * `nango.proxy` and its verbs: axios-like requests that the host sends with the connection's credentials, which never enter this process.
 * An answer outside 2xx throws what axios would throw.
 */
import type { CallParams } from '@bowline/api/calls';
import { decodeBody, encodeBody } from './body.ts';
import { forStatus, HttpError, type HttpResponse } from './errors.ts';
import type { Port } from './port.ts';

type Wire = CallParams<'proxy'>;

/** What authors pass; keys and types as in the published `ProxyConfiguration`. */
export type ProxyConfig = Partial<Omit<Wire, 'method' | 'params' | 'headers' | 'endpoint'>> & {
  endpoint: string;
  method?: string;
  params?: string | Record<string, unknown>;
  headers?: Record<string, unknown> | null;
  data?: unknown;
  paginate?: Record<string, unknown>;
};

export type Send = (config: ProxyConfig) => Promise<HttpResponse>;

export function createProxy(port: Port): Send {
  return async (config) => {
    const headers = lowerCased(config.headers ?? {});
    const method = methodOf(config.method);
    const body = carriesBody(method) ? await encodeBody(config.data, headers['content-type']) : undefined;
    if (body?.forced) headers['content-type'] = body.contentType;
    const { value, body: bytes } = await port
      .call('proxy', wireOf(config, method, headers, body?.contentType), body?.bytes)
      .catch((error: unknown) => {
        throw error instanceof HttpError ? withConfig(error, config) : error;
      });
    const data = decodeBody(bytes, config.responseType);
    const response = { data, status: value.status, statusText: value.statusText, headers: value.headers, config };
    if (value.status < 200 || value.status >= 300) throw forStatus(response);
    return response;
  };
}

export function verbs(proxy: Send): Record<'get' | 'post' | 'put' | 'patch' | 'delete', Send> {
  const as = (method: string) => (config: ProxyConfig) => proxy({ ...config, method });
  return { get: as('GET'), post: as('POST'), put: as('PUT'), patch: as('PATCH'), delete: as('DELETE') };
}

function wireOf(config: ProxyConfig, method: Wire['method'], headers: Record<string, string>, contentType: string | undefined): Wire {
  const { data: _data, paginate: _paginate, params, retries, ...rest } = config;
  const query = queryOf(params);
  return {
    ...rest,
    method,
    headers,
    retries: retries ?? 0,
    ...(query === undefined ? {} : { params: query }),
    ...(contentType === undefined ? {} : { contentType }),
  };
}

/** Undefined and null are left out and lists comma-joined, which is what recorded fixtures of the reference show on the wire. */
function queryOf(params: ProxyConfig['params']): string | Record<string, string> | undefined {
  if (params === undefined || params === null || typeof params === 'string') return params ?? undefined;
  const given = params instanceof URLSearchParams ? [...params.entries()] : Object.entries(params);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== null).map(([key, value]) => [key, String(value)]));
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;

function methodOf(name = 'GET'): Wire['method'] {
  const method = methods.find((one) => one === name.toUpperCase());
  if (method === undefined) throw new Error(`The HTTP method '${name}' is not supported. Use one of ${methods.join(', ')}.`);
  return method;
}

function carriesBody(method: Wire['method']): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH' || method === 'DELETE';
}

function lowerCased(headers: Record<string, unknown>): Record<string, string> {
  const given = Object.entries(headers).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), String(value)]));
}

function withConfig(error: HttpError, config: ProxyConfig): HttpError {
  const response = error.response === undefined ? {} : { response: { ...error.response, config } };
  return new HttpError(error.message, error.code, { config, ...response });
}
