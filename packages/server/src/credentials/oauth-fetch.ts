/** Lets the OAuth library ask through the guard against private addresses: its `fetch` is ours, and no redirect is followed. */
import { type CustomFetchOptions, customFetch, OperationProcessingError, ResponseBodyError } from 'oauth4webapi';
import { type OutboundResponse, readText } from '../base/outbound.ts';
import { OutboundError } from '../base/outbound-error.ts';
import type { AuthWorld } from './auth-mode.ts';
import { CredentialsError, classify, classifyOutbound } from './failure.ts';

type Reaches = Pick<AuthWorld, 'outbound'>;
/** Longer documents than this are not metadata. */
const BYTES_MAX = 262_144;
const TIMEOUT_MS = 15_000;

/** As options of the library's requests. */
export function through(world: Reaches) {
  return {
    [customFetch]: async (url: string, { method, headers, body }: CustomFetchOptions<string, unknown>) =>
      webResponse(await world.outbound.request(url, { ...limits, method, headers, ...(body == null ? {} : { body: String(body) }) })),
  };
}

/** @throws OutboundError */
export async function getDocument(world: Reaches, url: string, headers: Record<string, string>): Promise<Response> {
  return webResponse(await world.outbound.request(url, { ...limits, headers }));
}

const limits = { redirectsMax: 0, headersTimeoutMs: TIMEOUT_MS, bodyIdleTimeoutMs: TIMEOUT_MS };

async function webResponse(response: OutboundResponse): Promise<Response> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(response.headers)) {
    for (const one of [value ?? []].flat()) headers.append(name, one);
  }
  // A status without a body may not be given one.
  const isEmpty = response.status < 200 || [204, 205, 304].includes(response.status);
  const text = await readText(response, BYTES_MAX);
  return new Response(isEmpty ? null : text, { status: Math.max(response.status, 200), headers });
}

/** What the library or the network refused, as a failure of ours. `what` begins the sentence. */
export function refusal(error: unknown, what: string): CredentialsError {
  if (error instanceof CredentialsError) return error;
  if (error instanceof OutboundError)
    return new CredentialsError('provider_config_err', `${what}: ${error.message}`, {
      kind: classifyOutbound(error),
      providerError: error.reason,
    });
  if (error instanceof ResponseBodyError) {
    const said = [error.error, error.error_description].filter(Boolean).join(': ').slice(0, 500);
    return new CredentialsError('provider_config_err', `${what}: refused with status ${error.status} (${said})`, {
      kind: classify(error.status, error.error),
      providerError: error.error,
      status: error.status,
    });
  }
  if (error instanceof OperationProcessingError || error instanceof Error)
    return new CredentialsError('provider_config_err', `${what}: ${error.message}`);
  throw error;
}
