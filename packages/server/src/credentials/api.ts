/** A connection's own API for look-ups and revocations: authenticated as a proxy call is, bounded in time and size, and logged without secrets. */
import { readText } from '../base/outbound.ts';
import { OutboundError } from '../base/outbound-error.ts';
import type { World } from '../base/world.ts';
import type { OperationHandle } from '../logs/operation.ts';
import type { Access } from './access.ts';
import { type Authorized, authorize, signer } from './authorize.ts';
import { baseUrl } from './base-url.ts';
import { conceal } from './conceal.ts';
import type { Api, ApiRequest } from './quirks/quirk.ts';

/** The message is for the activity log: it names host and status, nothing that was sent or answered. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number | undefined;
  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** Long enough for any of them, and short enough for somebody who waits for a deletion. */
const REQUEST_MS = 10_000;

type Needs = Pick<World, 'outbound' | 'clock' | 'random'>;

type Opening = {
  readonly operation: OperationHandle;
  readonly signal?: AbortSignal;
  /** Not as a proxy call: with nothing but what each request brings. `secrets`: what of it is not to be logged. */
  readonly own?: { readonly secrets: readonly string[] };
};

export function openApi(world: Needs, access: Access, { operation, signal, own }: Opening): Api {
  return {
    access,
    request: async (at, request = {}) => {
      const { method = 'GET' } = request;
      const { url, headers, certificate } = addressed(access, at, request, own ? BARE : authorize(access));
      const sign = own ? undefined : signer(world, access);
      const startedAt = world.clock.now().getTime();
      const exchange = {
        request: conceal({ method, url, headers }, access, own?.secrets),
        attempt: 1,
      };
      const ended = () => world.clock.now().getTime() - startedAt;
      try {
        const limit = AbortSignal.timeout(REQUEST_MS);
        const response = await world.outbound.request(url, {
          method,
          headers,
          ...(certificate ? { certificate } : {}),
          ...(sign ? { sign } : {}),
          body: bodyOf(request),
          headersTimeoutMs: REQUEST_MS,
          bodyIdleTimeoutMs: REQUEST_MS,
          signal: signal ? AbortSignal.any([signal, limit]) : limit,
        });
        const text = await readText(response);
        operation.http({ ...exchange, response: { status: response.status }, durationMs: ended() });
        if (response.status >= 300) throw new ApiError(`${new URL(url).host} answered ${response.status}`, response.status);
        return parsed(text);
      } catch (error) {
        if (!(error instanceof OutboundError)) throw error;
        operation.http({ ...exchange, error: error.message, durationMs: ended() });
        throw new ApiError(error.message);
      }
    },
  };
}

const BARE: Authorized = { headers: {}, query: {}, body: {} };

function addressed(access: Access, at: string, request: ApiRequest, authorized: Authorized) {
  const base = /^https?:\/\//.test(at) ? { ok: true as const, url: '' } : baseUrl(access);
  if (!base.ok) throw new ApiError(base.message);
  const query = new URLSearchParams(authorized.query).toString();
  const url = base.url + at + (query === '' ? '' : `${at.includes('?') ? '&' : '?'}${query}`);
  const type = request.json === undefined ? (request.form ? 'application/x-www-form-urlencoded' : undefined) : 'application/json';
  const all = {
    accept: 'application/json',
    'user-agent': 'Bowline',
    ...(type ? { 'content-type': type } : {}),
    ...authorized.headers,
    ...request.headers,
  };
  const headers = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return { url, headers: Object.fromEntries(headers), certificate: authorized.certificate };
}

function bodyOf({ json, form }: ApiRequest): string | null {
  if (json !== undefined) return JSON.stringify(json);
  if (!form) return null;
  return new URLSearchParams(
    Object.entries(form).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one])),
  ).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
