/**
 * HTTP to anywhere a user can steer: the proxy's upstreams, token endpoints, webhook receivers.
 * A connection is made only to an address the guard lets through, checked as written, as resolved and as connected, so neither a
 * notation nor a DNS answer that changes can reach the private network. Redirects are followed here, each one checked again.
 */
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { createAddressGuard } from './address.ts';
import { type Agents, type ClientCertificate, createAgents } from './outbound-agents.ts';
import { guardedConnector, type Lookup, refusalOf } from './outbound-connect.ts';
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
  /** Shown to the first origin alone, and only over https. The server is verified all the same. */
  readonly certificate?: ClientCertificate;
  /** Headers over all others, made anew for each request to the first origin, redirects included: a signature fits one request. */
  readonly sign?: (hop: SignedHop) => OutboundHeaders;
};

/** What goes out, byte for byte, but for its signature. */
export type SignedHop = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<OutboundHeaders>;
  /** Undefined for a body that streams by. */
  readonly body: string | Uint8Array | null | undefined;
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
  /** Why an address would not be reached, in a sentence; undefined when it may be, or its name does not resolve now. It is checked again when it is requested. */
  readonly refusal: (url: string) => Promise<string | undefined>;
  readonly close: () => Promise<void>;
};

type OutboundOptions = {
  /** What may be reached although it is private: entries of `createAddressGuard`. */
  readonly allow: readonly string[];
  /** Resolves names; the system's resolver when absent. */
  readonly lookup?: Lookup;
  /** PEM of authorities to trust besides those that Node brings. */
  readonly authorities?: string | undefined;
};

export function createOutbound({ allow, lookup, authorities }: OutboundOptions): Outbound {
  const guard = createAddressGuard(allow);
  const agents = createAgents({ authorities, connector: (context) => guardedConnector(guard, lookup, context) });
  const refusal = async (url: string) => {
    try {
      const { hostname, port, protocol } = new URL(target(url).origin);
      return await refusalOf(guard, lookup, { host: hostname, port: Number(port) || (protocol === 'https:' ? 443 : 80) });
    } catch (error) {
      return toOutboundError(error, 'the address').message;
    }
  };
  return { request: (url, request = {}) => follow(agents, String(url), request), refusal, close: agents.close };
}

async function follow(agents: Agents, from: string, request: OutboundRequest): Promise<OutboundResponse> {
  const redirectsMax = request.redirectsMax ?? 5;
  const first = target(from).origin;
  if (request.certificate && !first.startsWith('https:'))
    throw new OutboundError('invalid_url', `a client certificate can be shown over https only, not to ${first}`);
  let hop = { url: from, method: request.method ?? 'GET', headers: request.headers ?? {}, body: request.body ?? null };
  for (let redirects = 0; ; redirects++) {
    const { origin, path } = target(hop.url);
    const agent = agents.of(origin === first ? request.certificate : undefined);
    const headers = request.sign && origin === first ? signed(request.sign, { ...hop, url: origin + path }) : hop.headers;
    const answer = await send(agent, { ...hop, headers, origin, path }, request);
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

function signed(sign: NonNullable<OutboundRequest['sign']>, hop: Omit<SignedHop, 'body'> & { body: OutboundBody }): OutboundHeaders {
  return { ...hop.headers, ...sign({ ...hop, body: hop.body instanceof Readable ? undefined : hop.body }) };
}

async function send(
  dispatcher: Dispatcher,
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
