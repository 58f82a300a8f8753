/**
 * Errors an author can meet or throw, and what each becomes when it ends a run (the taxonomy of `runErrorTypes`).
 * HTTP failures look like axios errors because that is what published functions test for (`error.response?.status`, `isAxiosError`).
 */
import type { CallMethod } from '@bowline/api/calls';
import { type CallFailure, type RunErrorType, runErrorTypes } from '@bowline/api/protocol';
import type { RunError } from '@bowline/api/sandbox-message';
import { decodeBody } from './body.ts';
import { authorLines } from './trace.ts';
import { messageCharsMax, plainText, truncated } from './truncate.ts';

/** Thrown by authors to end a run with a payload of their own. */
export class ActionError extends Error {
  readonly type = 'action_script_runtime_error';
  readonly payload: Record<string, unknown>;

  constructor(payload?: unknown) {
    super('');
    this.name = 'ActionError';
    this.payload = isFields(payload) ? payload : payload === undefined ? {} : { message: payload };
  }
}

/** A failure the platform itself has a name for. */
export class SdkError extends Error {
  override readonly name = 'SdkError';
  readonly type: RunErrorType;
  readonly code: string;
  readonly payload: unknown;

  constructor(type: RunErrorType, message: string, payload?: unknown) {
    super(message);
    this.type = type;
    this.code = type;
    this.payload = payload;
  }
}

export type HttpResponse = {
  data: unknown;
  status: number;
  statusText: string;
  headers: Record<string, string | string[]>;
  config: unknown;
};

/** What axios would throw; `response` is absent when nothing answered. */
export class HttpError extends Error {
  override readonly name = 'AxiosError';
  readonly isAxiosError = true;
  readonly code: string;
  readonly config: unknown;
  readonly request = {};
  readonly response: HttpResponse | undefined;
  readonly status: number | undefined;
  /** True when our own API answered and not the provider's. */
  readonly fromPlatform: boolean;

  constructor(message: string, code: string, about: { config: unknown; response?: HttpResponse; fromPlatform?: boolean }) {
    super(message);
    this.code = code;
    this.config = about.config;
    this.response = about.response;
    this.status = about.response?.status;
    this.fromPlatform = about.fromPlatform ?? false;
  }

  toJSON(): object {
    return { name: this.name, message: this.message, code: this.code, status: this.status };
  }
}

/** The error for an answer outside 2xx. */
export function forStatus(response: HttpResponse, fromPlatform = false): HttpError {
  const code = response.status >= 500 ? 'ERR_BAD_RESPONSE' : 'ERR_BAD_REQUEST';
  return new HttpError(`Request failed with status code ${response.status}`, code, { config: response.config, response, fromPlatform });
}

/** Turns the host's refusal of a call into what the author sees. */
export function fromFailure(method: CallMethod, failure: CallFailure, body: Uint8Array): Error {
  const { code, message, response } = failure;
  const outward = method === 'proxy' || method === 'fetch';
  if (response !== undefined) {
    const data = body.byteLength > 0 ? decodeBody(body) : failure.payload;
    return forStatus(
      { data, status: response.status, statusText: response.statusText ?? '', headers: response.headers, config: {} },
      !outward,
    );
  }
  if (isRunErrorType(code))
    return code === 'action_script_runtime_error' ? new ActionError(failure.payload) : new SdkError(code, message, failure.payload);
  if (outward && code !== undefined && /^(E[A-Z_]+|UND_ERR_[A-Z_]+)$/.test(code)) return new HttpError(message, code, { config: {} });
  return Object.assign(new Error(message), { name: failure.name, ...(code === undefined ? {} : { code }), payload: failure.payload });
}

/** What a thrown value makes of the run, whatever was thrown: a run that did not end would be waited for until its time is up. `code` is the function's text, for its source map. */
export function classify(thrown: unknown, code: string): RunError {
  try {
    return judged(thrown, code);
  } catch {
    // Getters, traps and revoked proxies throw when they are looked at.
    return { type: 'script_internal_error', message: 'The function threw something that cannot be read.' };
  }
}

function judged(thrown: unknown, code: string): RunError {
  const trace: unknown = thrown instanceof Error ? thrown.stack : undefined;
  const stack = typeof trace === 'string' ? authorLines(trace, code) : [];
  const traced = stack.length > 0 ? { stack } : {};
  const action = asActionError(thrown);
  if (action) {
    const message = typeof action.payload.message === 'string' ? action.payload.message : 'The function threw an ActionError.';
    return { type: action.type, message: cut(message), payload: truncated(action.payload), ...traced };
  }
  if (thrown instanceof SdkError) return { type: thrown.type, message: cut(thrown.message), payload: truncated(thrown.payload), ...traced };
  if (isHttpLike(thrown)) return { ...fromHttp(thrown, stack), ...traced };
  const error =
    thrown instanceof Error ? thrown : new Error(typeof thrown === 'string' ? thrown : `The function threw ${describe(thrown)}`);
  const message = cut(error.message);
  const known = { name: error.name, ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}) };
  return { type: 'script_internal_error', message, payload: truncated({ ...known, message, stack }), ...traced };
}

/** As long as a line of the activity log. An author may have put anything there. */
function cut(message: unknown): string {
  const text = typeof message === 'string' ? message : plainText(message);
  return text.length > messageCharsMax ? `${text.slice(0, messageCharsMax)}… (cut)` : text;
}

/** Older projects carry a class of their own, in each bundle. */
function asActionError(thrown: unknown): ActionError | undefined {
  if (thrown instanceof ActionError) return thrown;
  const isOne = thrown instanceof Error && 'type' in thrown && thrown.type === 'action_script_runtime_error' && 'payload' in thrown;
  return isOne ? new ActionError(thrown.payload) : undefined;
}

type HttpLike = Error & { code?: unknown; response?: HttpResponse; fromPlatform?: boolean };

function isHttpLike(thrown: unknown): thrown is HttpLike {
  return thrown instanceof Error && 'isAxiosError' in thrown && thrown.isAxiosError === true;
}

function fromHttp(error: HttpLike, stack: string[]): RunError {
  const { response } = error;
  const message = cut(error.message);
  if (response === undefined) {
    return { type: 'script_network_error', message, payload: truncated({ name: error.name, code: error.code, message, stack }) };
  }
  const body = response.data instanceof Uint8Array ? new TextDecoder().decode(response.data) : response.data;
  const type = error.fromPlatform && response.status === 429 ? 'script_api_rate_limit_error' : 'script_http_error';
  const payload = truncated(isFields(body) && body.payload !== undefined ? body.payload : body);
  return { type, message, payload, upstream: { status: response.status, headers: telling(response.headers), body: truncated(body) } };
}

/** The upstream headers a caller may act on: content type and rate limits. */
function telling(headers: HttpResponse['headers']): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => name === 'content-type' || name === 'retry-after' || name.startsWith('x-rate'));
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}

function isRunErrorType(code: string | undefined): code is RunErrorType {
  return code !== undefined && runErrorTypes.some((type) => type === code);
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(thrown: unknown): string {
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return 'a value that cannot be shown';
  }
}
