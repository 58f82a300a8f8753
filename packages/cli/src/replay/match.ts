/** Which captured answer belongs to a question: the first of the same that was not given yet. Pure but for what was given. */

import { type CallMethod, type CallParams, calls as contract } from '@bowline/api/calls';
import type { CapturedCall } from '@bowline/api/captures';
import { identify } from '../fixture/identity.ts';
import { bareRequest, proxiedRequest } from '../fixture/request.ts';
import { isMomentApart } from './moments.ts';
import { bytesOf } from './tape.ts';

/** `what` is compared; `body` too, unless it was too large to be kept. */
type Key = { method: string; what: string; body: string | undefined; path: string };
type Known = { call: CapturedCall; key: Key; given: boolean };
export type Miss = {
  method: string;
  url: string;
  /** Up to 200 characters. */
  body?: string;
  /** `exhausted`: it was asked, but less often. `cut`: its answer was too large to be kept. `none`: it was not asked. */
  why: 'none' | 'exhausted' | 'cut';
  /** The captured requests that are most like it. */
  nearest: string[];
};
export type Found = { call: CapturedCall } | { miss: Miss };
export type Matcher = {
  find(method: CallMethod, params: object, body: Buffer): Found;
  /** An answer that may be given again: what only reads, and what nobody asked in this order. */
  again(method: CallMethod, params: object): CapturedCall | undefined;
  /** Requests that were not made this time. */
  left(): string[];
  counts: { exact: number; moments: number };
};

/** @param toleranceMs how far times in a request may lie apart */
export function createMatcher(captured: readonly CapturedCall[], toleranceMs: number): Matcher {
  const known = captured.map((call): Known => ({ call, key: keyOf(call.method, call.params, bytesOf(call.body)), given: false }));
  const counts = { exact: 0, moments: 0 };
  const give = (one: Known): Found => {
    one.given = true;
    return { call: one.call };
  };
  return {
    counts,
    find(method, params, body) {
      const key = keyOf(method, params, body);
      const same = known.filter((one) => isSame(one, key));
      const next = same.find(({ given }) => !given);
      if (next) {
        counts.exact += 1;
        return give(next);
      }
      const close = same.length > 0 ? undefined : known.find((one) => !one.given && isClose(one, key, toleranceMs));
      if (!close) return { miss: missOf(key, known, same.length > 0 ? 'exhausted' : 'none') };
      counts.moments += 1;
      return give(close);
    },
    again(method, params) {
      const key = keyOf(method, params, Buffer.alloc(0));
      return known.findLast((one) => one.key.method === key.method && one.key.what === key.what)?.call;
    },
    left: () => known.flatMap(({ call, key, given }) => (given || !isRequest(call.method) ? [] : [key.what])),
  };
}

const isRequest = (method: string): boolean => method === 'proxy' || method === 'fetch';

const hasBody = ({ call }: Known): boolean => !(call.body !== null && call.body.text === null);

function isSame(one: Known, key: Key): boolean {
  return one.key.method === key.method && one.key.what === key.what && (!hasBody(one) || one.key.body === key.body);
}

function isClose(one: Known, key: Key, toleranceMs: number): boolean {
  if (one.key.method !== key.method || !isMomentApart(one.key.what, key.what, toleranceMs)) return false;
  return !hasBody(one) || isMomentApart(one.key.body ?? '', key.body ?? '', toleranceMs);
}

/** A request by its method, address with the query in order, and body; any other question by its parameters. */
function keyOf(method: string, params: object, body: Buffer): Key {
  if (method === 'proxy') {
    const given = params as CallParams<'proxy'>; // parsed by the schema of this method, here or on the server
    const request = proxiedRequest(given, body);
    const { providerConfigKey: integration, connectionId: connection, baseUrlOverride } = given;
    const of = [integration, connection].filter(Boolean).join('/');
    const { what, path } = addressOf(request, baseUrlOverride ?? '');
    return { method, what: of === '' ? what : `${what} as ${of}`, body: identify(request).data, path };
  }
  if (method === 'fetch') {
    const request = bareRequest(params as CallParams<'fetch'>, body); // as above
    return { method, ...addressOf(request, new URL(request.endpoint).origin), body: identify(request).data };
  }
  return { method, what: stable(asked(method, params)), body: body.length === 0 ? undefined : body.toString('utf8'), path: method };
}

function addressOf(request: Parameters<typeof identify>[0], host: string): { what: string; path: string } {
  const { method, endpoint, params } = identify(request);
  const query = new URLSearchParams(params).toString();
  const path = `${host.replace(/\/$/, '')}/${endpoint}`;
  return { what: `${method.toUpperCase()} ${path}${query === '' ? '' : `?${query}`}`, path: `${method} ${path}` };
}

/** With the defaults that the platform fills in, so that what it wrote and what is asked now compare. */
function asked(method: string, params: object): unknown {
  const schema = Object.hasOwn(contract, method) ? contract[method as CallMethod].params : undefined; // it is a key of the table
  return schema?.safeParse(params).data ?? params;
}

const stable = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

export const describeCall = (method: string, params: object): string => keyOf(method, params, Buffer.alloc(0)).what;

const NEAREST_MAX = 3;

function missOf(key: Key, known: readonly Known[], why: Miss['why']): Miss {
  const alike = known.filter((one) => one.key.path === key.path);
  // Those that nobody asked yet first: one of them is what this request was then.
  const nearest = [...alike.filter(({ given }) => !given), ...alike.filter(({ given }) => given)];
  const texts = nearest.map((one) => (one.key.what === key.what ? `${one.key.what} with body ${cut(one.key.body)}` : one.key.what));
  return {
    method: key.method,
    url: key.what,
    ...(key.body === undefined ? {} : { body: cut(key.body) }),
    why,
    nearest: [...new Set(texts)].slice(0, NEAREST_MAX),
  };
}

const cut = (text: string | undefined): string => (text === undefined ? '(none)' : text.length > 200 ? `${text.slice(0, 199)}…` : text);
