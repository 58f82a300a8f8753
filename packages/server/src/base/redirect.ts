/**
 * What a redirect asks to be requested next (RFC 9110 §15.4), pure.
 * Another origin receives none of the request's headers but those that describe content: a credential may be in any of the rest.
 */
import { Readable } from 'node:stream';

export type Hop<Body> = {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string | string[]>;
  readonly body: Body;
};
type Answer = { readonly statusCode: number; readonly headers: Readonly<Record<string, string | string[] | undefined>> };

/** The next request, or undefined when the answer is no redirect or cannot be followed (a streamed body is gone after the first try). */
export function nextHop<Body>(hop: Hop<Body | null>, from: string, answer: Answer, keepHeaders: boolean): Hop<Body | null> | undefined {
  const location = answer.headers.location;
  if (![301, 302, 303, 307, 308].includes(answer.statusCode) || typeof location !== 'string') return undefined;
  const rewritten = becomesGet(answer.statusCode, hop.method);
  if (!rewritten && hop.body instanceof Readable) return undefined;
  const next = URL.parse(location, from);
  if (!next) return undefined;
  // The previous path is kept as bytes; a relative location has only its own to give.
  const url = /^https?:\/\//i.test(location) ? location : next.href;
  const kept = keepHeaders || next.origin === new URL(from).origin ? hop.headers : only(hop.headers, neutral);
  if (!rewritten) return { url, method: hop.method, headers: kept, body: hop.body };
  const method = hop.method === 'HEAD' ? 'HEAD' : 'GET';
  return { url, method, headers: without(kept, ['content-type', 'content-length', 'content-encoding', 'transfer-encoding']), body: null };
}

const neutral = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'content-type',
  'content-encoding',
  'content-length',
  'range',
  'user-agent',
]);

/** 303 always; 301 and 302 for POST, as every browser does. */
function becomesGet(status: number, method: string): boolean {
  return status === 303 || ((status === 301 || status === 302) && method === 'POST');
}

function only(headers: Hop<unknown>['headers'], names: ReadonlySet<string>) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => names.has(name.toLowerCase())));
}

function without(headers: Hop<unknown>['headers'], names: readonly string[]) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name.toLowerCase())));
}
