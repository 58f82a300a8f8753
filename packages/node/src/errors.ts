/** The one error this client throws. It says what the server said, and carries `response` the way code written for axios expects it. */
import type { Reply, Untyped } from './reply.ts';
import type { ProblemCode, ProxyRefusal } from './wire.ts';

/**
 * What can go wrong on this side, before or instead of an answer.
 *
 * @example
 * import { BowlineError, type ClientCode } from '@bowline/node';
 * const passing: ClientCode[] = ['network_error', 'timeout'];
 * const isPassing = (error: unknown) => error instanceof BowlineError && passing.some((code) => code === error.code);
 */
export type ClientCode =
  | 'invalid_configuration'
  | 'invalid_argument'
  | 'network_error'
  | 'timeout'
  | 'invalid_answer'
  | 'upstream_error'
  | 'connection_not_made'
  | 'invalid_webhook';

/**
 * One thing that is wrong with the input; `path` leads to it.
 *
 * @example
 * import { BowlineError, type Issue } from '@bowline/node';
 * const told = ({ path, message }: Issue) => `${path.join('.')}: ${message}`;
 * const tell = (error: BowlineError) => error.errors?.map(told).join('\n');
 */
export type Issue = { readonly code: string; readonly message: string; readonly path: readonly string[] };

type Details = {
  readonly response?: Reply<unknown> | undefined;
  readonly payload?: unknown;
  readonly errors?: readonly Issue[];
  readonly cause?: unknown;
};

/**
 * Everything this client rejects with, apart from the reason of your own AbortSignal.
 *
 * @example
 * try {
 *   await client.getConnection('github', 'user-1');
 * } catch (error) {
 *   if (error instanceof BowlineError && error.code === 'not_found') return undefined;
 *   throw error;
 * }
 */
export class BowlineError extends Error {
  override readonly name: string = 'BowlineError';
  /** Stable: a code of the server's problems, or one of this client's. */
  readonly code: ProblemCode | ClientCode | (string & {});
  /** Of the answer; undefined when there was none. */
  readonly status: number | undefined;
  /** What the server adds to some problems. */
  readonly payload: unknown;
  /** What is wrong with the input, one by one. */
  readonly errors: readonly Issue[];
  /** Names the request in the server's log. */
  readonly requestId: string | undefined;
  /** The whole answer, as axios would have it. */
  readonly response: Reply<Untyped> | undefined;

  constructor(code: string, message: string, { response, payload, errors = [], cause }: Details = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = response?.status;
    this.payload = payload;
    this.errors = errors;
    // Through the proxy the other header may be the provider's.
    this.requestId = response?.headers['bowline-request-id'] ?? response?.headers['x-request-id'];
    this.response = response;
  }
}

/**
 * A call through the proxy that did not end well: `response` is the provider's own answer, or Bowline's refusal. `code` is `upstream_error` for the former.
 *
 * @example
 * try {
 *   await client.get({ endpoint: '/user', providerConfigKey: 'github', connectionId: 'user-1' });
 * } catch (error) {
 *   if (error instanceof ProxyError && error.response?.status === 404) return undefined;
 *   throw error;
 * }
 */
export class ProxyError extends BowlineError {
  override readonly name = 'ProxyError';
}

/** An answer that is no success, as an error. */
export function errorOf(response: Reply<unknown>): BowlineError {
  const { code, text, ...said } = lookProblem(response.data) ?? { code: 'invalid_answer', text: statusOf('The server', response) };
  return new BowlineError(code, text, { response, ...said });
}

/** The same of a proxied call. A provider may well have errors that look like ours, so only what the proxy can say is taken for ours. */
export function proxyErrorOf(response: Reply<unknown>): ProxyError {
  const said = lookProblem(response.data);
  if (!said || !(said.code in refusals)) return new ProxyError('upstream_error', statusOf('The provider', response), { response });
  const { code, text, ...rest } = said;
  return new ProxyError(code, text, { response, ...rest });
}

const statusOf = (who: string, { status, statusText }: Reply<unknown>) => `${who} answered ${status} ${statusText}`.trim();

/** All of them: the compiler holds this to the contract. */
const refusals: Readonly<Record<ProxyRefusal, true>> = {
  base_url_override_not_allowed: true,
  connection_pending: true,
  connection_refresh_backoff: true,
  connection_refresh_exhausted: true,
  forbidden: true,
  invalid_content_type: true,
  invalid_credentials: true,
  invalid_headers: true,
  invalid_secret_key_format: true,
  invalid_uri_params: true,
  malformed_auth_header: true,
  missing_api_url: true,
  missing_auth_header: true,
  provider_rate_limited: true,
  refresh_token_external_error: true,
  request_too_large: true,
  server_error: true,
  signed_out: true,
  too_many_request: true,
  unknown_account: true,
  unknown_connection: true,
  unknown_provider_config: true,
  unknown_provider_template: true,
  upstream_timeout: true,
  upstream_unreachable: true,
};

type Said = { code: string; text: string; payload: unknown; errors: Issue[] };

/** The server's envelope `{ error: { code, message?, payload?, errors? } }`. */
function lookProblem(data: unknown): Said | undefined {
  if (!isObject(data) || !isObject(data.error) || typeof data.error.code !== 'string') return undefined;
  const { code, message, payload } = data.error;
  const errors = Array.isArray(data.error.errors) ? data.error.errors.flatMap(issueOf) : [];
  const listed = errors.map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`).join('; ');
  return { code, text: typeof message === 'string' && message ? message : listed || code, payload, errors };
}

function issueOf(given: unknown): Issue[] {
  if (!isObject(given)) return [];
  const path = Array.isArray(given.path) ? given.path.map(String) : [];
  return [{ code: String(given.code ?? ''), message: String(given.message ?? ''), path }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
