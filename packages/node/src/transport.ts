/**
 * Sends requests: URL, headers, time limit, retries of reads, and errors. A request other than GET is sent once, since nobody can
 * tell whether it arrived.
 */
import { BowlineError, errorOf, proxyErrorOf } from './errors.ts';
import { type Reply, type ResponseType, readReply } from './reply.ts';
import { waitBeforeRetry } from './retry.ts';
import type { CallOptions, Settings } from './settings.ts';

type Value = string | number | boolean | null | undefined;
/** Undefined is left out, a list is repeated. */
export type Query = { readonly [name: string]: Value | readonly Value[] };

export type Call = {
  readonly method: string;
  /** Begins with a slash, ids in it encoded; see `path`. */
  readonly path: string;
  readonly query?: Query;
  readonly headers?: { readonly [name: string]: Value };
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: RequestInit['body'];
  readonly responseType?: ResponseType | undefined;
  /** Through the proxy: the server itself retries, and any status is the provider's. */
  readonly proxied?: boolean;
  /** Takes as long as it takes, unless the caller sets a limit. */
  readonly unlimited?: boolean;
};

const TIMEOUT_MS = 60_000;

/** @throws BowlineError, or the signal's reason */
export async function send<T>(settings: Settings, call: Call, options: CallOptions = {}): Promise<Reply<T>> {
  const { signal } = options;
  const retries = call.method === 'GET' && !call.proxied ? (options.retries ?? settings.retries) : 0;
  for (let tries = 1; ; tries += 1) {
    try {
      return (await attempt(settings, call, options)) as Reply<T>; // the contract says so for this route; answers are not parsed here
    } catch (error) {
      if (tries > retries || !(error instanceof BowlineError)) throw error;
      const waitMs = waitBeforeRetry({ error, tries, now: new Date(), chance: Math.random() });
      if (waitMs === undefined) throw error;
      await sleep(waitMs, signal);
    }
  }
}

async function attempt(settings: Settings, call: Call, options: CallOptions): Promise<Reply<unknown>> {
  options.signal?.throwIfAborted();
  const limitMs = options.timeoutMs ?? settings.timeoutMs ?? (call.unlimited ? undefined : TIMEOUT_MS);
  const watch = watchOver(options.signal, limitMs);
  try {
    const response = await settings.fetch(addressOf(settings.host, call), { ...requestOf(settings, call), signal: watch.signal });
    const reply = await readReply(response, call.responseType);
    if (!response.ok) throw call.proxied ? proxyErrorOf(reply) : errorOf(reply);
    return reply;
  } catch (cause) {
    if (cause instanceof BowlineError) throw cause;
    options.signal?.throwIfAborted();
    if (watch.late()) throw new BowlineError('timeout', `${named(call)} took longer than ${limitMs} ms`, { cause });
    const host = new URL(settings.host).host;
    throw new BowlineError('network_error', `${named(call)} did not reach ${host}: is Bowline running there?`, { cause });
  } finally {
    watch.end(call.responseType === 'stream');
  }
}

/** Without the query, which may hold what a caller would not log. */
const named = (call: Call) => `${call.method} ${call.path.split('?')[0]}`;

function requestOf(settings: Settings, call: Call): RequestInit {
  const headers = new Headers(settings.headers);
  for (const [name, value] of Object.entries(call.headers ?? {})) {
    if (value !== undefined && value !== null) headers.set(name, String(value));
  }
  // A redirect that the server hands on is the provider's, and must not take our headers elsewhere.
  const init = { method: call.method, headers, ...(call.proxied ? ({ redirect: 'manual' } as const) : {}) };
  if (call.json === undefined)
    return { ...init, body: call.body ?? null, ...(call.body instanceof ReadableStream ? { duplex: 'half' } : {}) };
  headers.set('content-type', 'application/json');
  return { ...init, body: JSON.stringify(call.json) };
}

function addressOf(host: string, { path, query = {} }: Call): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) if (one !== undefined) pairs.append(name, String(one));
  }
  const search = pairs.toString();
  return `${host}${path}${search === '' ? '' : `${path.includes('?') ? '&' : '?'}${search}`}`;
}

/** One signal of the caller's and the time limit. Made by hand: `AbortSignal.any` keeps what it made as long as a lasting signal lives. */
function watchOver(signal: AbortSignal | undefined, limitMs: number | undefined) {
  const both = new AbortController();
  let late = false;
  const stop = () => both.abort(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  const timer =
    limitMs === undefined
      ? undefined
      : setTimeout(() => {
          late = true;
          both.abort();
        }, limitMs);
  /** The limit is over; the caller's signal still ends a stream that is `open`. */
  const end = (open: boolean) => {
    clearTimeout(timer);
    if (!open) signal?.removeEventListener('abort', stop);
  };
  return { signal: both.signal, late: () => late, end };
}

/** Ends early, with the signal's reason, when that aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/**
 * A path with what is put into it encoded: an id may hold `/`, `?` and `#`.
 * @throws BowlineError for what would make it another path: nothing, `.` and `..`
 */
export function path(parts: TemplateStringsArray, ...ids: readonly string[]): string {
  return parts.reduce((before, part, index) => {
    const id = ids[index - 1];
    if (typeof id !== 'string' || id === '' || id === '.' || id === '..') {
      throw new BowlineError('invalid_argument', `An id in ${parts.join('…')} is ${id === undefined ? 'missing' : `"${id}"`}`);
    }
    return before + encodeURIComponent(id) + part;
  });
}
