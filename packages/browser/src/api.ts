/** Calls the server. The token goes into a header, never into an address, and no call lasts for ever. */
import { AuthError } from './auth-error.ts';

export type Api = {
  /** Without a slash at its end. */
  readonly host: string;
  readonly websocketsPath: string;
  readonly token: string;
  readonly debug: boolean;
};
export type Call = {
  method: 'GET' | 'POST';
  path: string;
  query?: [string, string][];
  body?: object | undefined;
  signal?: AbortSignal | undefined;
};

/** A question is repeated; trying credentials at a slow provider takes its time. */
const TIMEOUT_MS = { GET: 15_000, POST: 90_000 };

/** @throws AuthError with the server's code, `network_error`, or the reason of the signal */
export async function callApi(api: Api, { method, path, query = [], body, signal }: Call): Promise<unknown> {
  const address = `${api.host}${path}${query.length > 0 ? `?${new URLSearchParams(query)}` : ''}`;
  const controller = new AbortController();
  const stop = () => controller.abort(signal?.reason);
  const timer = setTimeout(() => controller.abort(), TIMEOUT_MS[method]);
  signal?.addEventListener('abort', stop);
  try {
    signal?.throwIfAborted();
    const response = await fetch(address, {
      method,
      headers: { authorization: `Bearer ${api.token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
      credentials: 'omit',
      signal: controller.signal,
    });
    const answer = await read(response);
    if (!response.ok) throw refusal(response.status, answer);
    if (typeof answer !== 'object') throw new AuthError(`${api.host} is no Bowline server`, 'unknown_error');
    return answer;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof AuthError) throw error;
    throw new AuthError(`${api.host} could not be reached`, 'network_error', { cause: error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/** @returns undefined for what is no JSON; a body that breaks off, or is left off, rejects as what it is */
function read(response: Response): Promise<unknown> {
  return response.json().catch((error: unknown) => {
    if (!(error instanceof SyntaxError)) throw error;
  });
}

function refusal(status: number, answer: unknown): AuthError {
  const { code, message, payload, errors } = Object(Object(answer).error);
  const type = typeof code === 'string' ? code : 'unknown_error';
  const isPassing = status >= 500 || status === 429;
  const issues = issuesOf(errors);
  const words = issues.map((issue) => issue.message).join('; ') || `The server answered with ${status}`;
  return new AuthError(
    typeof message === 'string' ? message : words,
    providersTurn.has(Object(payload).kind) ? 'provider_unavailable' : type,
    {
      ...(isPassing ? { cause: status } : {}),
      issues,
    },
  );
}

/** The code says which step failed, this whose turn it is. */
const providersTurn = new Set<unknown>(['provider_down', 'transient']);

function issuesOf(errors: unknown): { path: string[]; message: string }[] {
  if (!Array.isArray(errors)) return [];
  return errors.map((error) => ({ path: [Object(error).path ?? []].flat().map(String), message: String(Object(error).message ?? '') }));
}

/** Whether asking again may help. */
export function isPassing(error: unknown): boolean {
  return error instanceof AuthError && (error.type === 'network_error' || typeof error.cause === 'number');
}

export function note({ debug }: Pick<Api, 'debug'>, what: string): void {
  if (debug) console.log(`[bowline] ${what}`);
}
