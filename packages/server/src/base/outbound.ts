/**
 * HTTP to anywhere a user can steer: the proxy's upstreams, token endpoints, webhook receivers.
 * A connection is made only to an address the guard lets through, checked as written, as resolved and as connected, so neither a
 * notation nor a DNS answer that changes can reach the private network. Redirects are followed here, each one checked again.
 */
import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Readable } from 'node:stream';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { type AddressGuard, createAddressGuard } from './address.ts';
import { OutboundError, toOutboundError } from './outbound-error.ts';
import { nextHop } from './redirect.ts';

export type OutboundHeaders = Record<string, string | string[]>;
export type OutboundBody = string | Uint8Array | Readable | null;

export type OutboundRequest = {
  readonly method?: string;
  /** Names in lower case. */
  readonly headers?: OutboundHeaders;
  readonly body?: OutboundBody;
  /** Redirects followed before `too_many_redirects`; 0 hands the 3xx answer to the caller. Default 5. */
  readonly redirectsMax?: number;
  /** Send every header, credentials included, to another origin too. Default: only what describes the content. */
  readonly keepHeadersOnRedirect?: boolean;
  /** From the request being sent to the answer's headers. Default 60 s. */
  readonly headersTimeoutMs?: number;
  /** Longest pause between two pieces of the body. Default 60 s. */
  readonly bodyIdleTimeoutMs?: number;
  /** The body fails with `too_large` beyond it. Default: no limit. */
  readonly responseBytesMax?: number;
  readonly signal?: AbortSignal;
};

export type OutboundResponse = {
  readonly status: number;
  /** Names in lower case, as received: nothing is decompressed. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Must be read to its end or destroyed, else its connection stays busy. */
  readonly body: Readable;
  /** Where the answer came from, after redirects. */
  readonly url: string;
};

export type Outbound = {
  /** @throws OutboundError; an answer of any status is not an error */
  readonly request: (url: string | URL, options?: OutboundRequest) => Promise<OutboundResponse>;
  readonly dispatcher: Agent;
  readonly close: () => Promise<void>;
};

type Lookup = (
  host: string,
  options: LookupOptions & { all: true },
  callback: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/** @param options.lookup resolves names; the system's resolver when absent */
export function createOutbound(options: { readonly allow: readonly string[]; readonly lookup?: Lookup }): Outbound {
  const guard = createAddressGuard(options.allow);
  const dispatcher = new Agent({
    connect: guardedConnector(guard, options.lookup ?? dnsLookup),
    connections: 256,
    keepAliveTimeout: 15_000,
    headersTimeout: 60_000,
    bodyTimeout: 60_000,
  });
  return {
    dispatcher,
    request: (url, request = {}) => follow(dispatcher, String(url), request),
    close: () => dispatcher.destroy(),
  };
}

async function follow(dispatcher: Agent, from: string, request: OutboundRequest): Promise<OutboundResponse> {
  const redirectsMax = request.redirectsMax ?? 5;
  let hop = { url: from, method: request.method ?? 'GET', headers: request.headers ?? {}, body: request.body ?? null };
  for (let redirects = 0; ; redirects++) {
    const { origin, path } = target(hop.url);
    const answer = await send(dispatcher, { ...hop, origin, path }, request);
    // Destroying a body nobody listens to must not end the process; whoever reads it still sees the error.
    answer.body.on('error', () => undefined);
    const next = redirectsMax === 0 ? undefined : nextHop(hop, origin + path, answer, request.keepHeadersOnRedirect ?? false);
    if (!next)
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: limited(answer.body, request.responseBytesMax),
        url: origin + path,
      };
    await answer.body.dump().catch(() => undefined);
    if (redirects >= redirectsMax)
      throw new OutboundError('too_many_redirects', `more than ${redirectsMax} redirects, the last one from ${origin}`);
    hop = next;
  }
}

async function send(
  dispatcher: Agent,
  hop: { origin: string; path: string; method: string; headers: OutboundHeaders; body: OutboundBody },
  request: OutboundRequest,
): Promise<Dispatcher.ResponseData> {
  try {
    return await dispatcher.request({
      origin: hop.origin,
      path: hop.path,
      // undici's type lists the usual methods; it checks the token itself, and WebDAV and the like must pass.
      method: hop.method as Dispatcher.HttpMethod,
      headers: hop.headers,
      body: hop.body instanceof Uint8Array ? Buffer.from(hop.body.buffer, hop.body.byteOffset, hop.body.byteLength) : hop.body,
      headersTimeout: request.headersTimeoutMs ?? 60_000,
      bodyTimeout: request.bodyIdleTimeoutMs ?? 60_000,
      ...(request.signal ? { signal: request.signal } : {}),
    });
  } catch (error) {
    throw toOutboundError(error, hop.origin);
  }
}

/**
 * Splits a URL without touching path and query: `new URL` would rewrite `..`, backslashes and quotes, and upstreams sign what they receive.
 * Only bytes that HTTP itself forbids in a request line are encoded.
 */
function target(url: string): { origin: string; path: string } {
  const parts = /^(https?:\/\/[^/?#\\]+)([^#]*)/i.exec(url);
  const parsed = parts?.[1] === undefined ? null : URL.parse(parts[1]);
  if (!parsed) throw new OutboundError('invalid_url', 'only absolute http and https URLs can be requested');
  if (parsed.username || parsed.password)
    throw new OutboundError('invalid_url', `the URL of ${parsed.host} holds credentials; send them in a header`);
  const path = (parts?.[2] ?? '').toWellFormed().replace(/[^\x21-\x7e]+/gu, encodeURIComponent);
  return { origin: parsed.origin, path: path.startsWith('/') ? path : `/${path}` };
}

function limited(body: Readable, bytesMax: number | undefined): Readable {
  if (bytesMax === undefined) return body;
  return Readable.from(counted(body, bytesMax), { objectMode: false });
}

async function* counted(body: Readable, bytesMax: number) {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += Buffer.byteLength(chunk);
    if (bytes > bytesMax) throw new OutboundError('too_large', `the answer is longer than ${bytesMax} bytes`);
    yield chunk;
  }
}

/** The whole body as text, refused beyond `bytesMax`. For answers that are ours to read: tokens, receipts. */
export async function readText(response: OutboundResponse, bytesMax = 1_048_576): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of counted(response.body, bytesMax)) chunks.push(Buffer.from(chunk));
  } catch (error) {
    throw toOutboundError(error, new URL(response.url).origin);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function guardedConnector(guard: AddressGuard, lookup: Lookup): buildConnector.connector {
  const limits = { timeout: 10_000, autoSelectFamily: true } as const;
  const open = buildConnector({ ...limits, lookup: answerAll(lookup) });
  const guarded = buildConnector({ ...limits, lookup: answerAll(checked(lookup, guard)) });
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '');
    if (guard.allowsHost(host, Number(options.port) || (options.protocol === 'https:' ? 443 : 80))) return open(options, callback);
    if (isIP(host) && guard.blocks(host)) return callback(blocked(host), null);
    guarded(options, (...[error, socket]) => {
      if (error) return callback(error, null);
      if (!guard.blocks(socket.remoteAddress ?? '')) return callback(null, socket);
      socket.destroy();
      callback(blocked(host), null);
    });
  };
}

/** One private answer is enough to refuse: which of several is connected to is not ours to choose. */
function checked(lookup: Lookup, guard: AddressGuard): Lookup {
  return (host, options, callback) =>
    lookup(host, options, (error, addresses) => {
      if (error) return callback(error, []);
      callback(addresses.some(({ address }) => guard.blocks(address)) ? blocked(host) : null, addresses);
    });
}

function blocked(host: string): OutboundError {
  return new OutboundError('blocked_host', `${host} is a private or reserved address; to reach it add it to BOWLINE_OUTBOUND_ALLOW`);
}

/** Adapts to what `net.connect` asks: one address, or all of them when it tries both families. */
function answerAll(lookup: Lookup): LookupFunction {
  return (host, options, callback) =>
    lookup(host, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses;
      if (error || !first) return callback(error ?? Object.assign(new Error(`no address for ${host}`), { code: 'ENOTFOUND' }), '', 0);
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
}
