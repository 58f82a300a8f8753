/** Why an outbound request got no answer. Messages name hosts at most: a URL's path and query may hold secrets. */
export type OutboundErrorCode =
  | 'invalid_url'
  | 'blocked_host'
  | 'dns'
  | 'connect'
  | 'tls'
  | 'timeout'
  | 'reset'
  | 'protocol'
  | 'aborted'
  | 'too_many_redirects'
  | 'too_large';

export class OutboundError extends Error {
  override name = 'OutboundError';
  readonly code: OutboundErrorCode;
  /** The system's or the client's own code, as clients of the proxy know it: `ECONNREFUSED`, `UND_ERR_SOCKET`. */
  readonly reason: string;

  constructor(code: OutboundErrorCode, message: string, reason: string = code) {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

/** Whatever the client threw, as one of ours. Also for errors a body stream ends with. */
export function toOutboundError(error: unknown, origin: string): OutboundError {
  if (error instanceof OutboundError) return error;
  // Trying both address families fails with an AggregateError; its first error says why.
  const inner: unknown = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  const reason =
    typeof inner === 'object' && inner !== null && 'code' in inner ? String(inner.code) : error instanceof Error ? error.name : 'unknown';
  const code = codes[reason] ?? (reason.startsWith('ERR_TLS') || reason.startsWith('ERR_SSL') || tls.test(reason) ? 'tls' : 'protocol');
  return new OutboundError(code, `${sentences[code]} ${origin} (${reason})`, reason);
}

const tls = /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|EPROTO)/;

const codes: Readonly<Record<string, OutboundErrorCode>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ECONNREFUSED: 'connect',
  EHOSTUNREACH: 'connect',
  ENETUNREACH: 'connect',
  EADDRNOTAVAIL: 'connect',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'reset',
  UND_ERR_ABORTED: 'aborted',
  UND_ERR_DESTROYED: 'aborted',
  UND_ERR_CLOSED: 'aborted',
  AbortError: 'aborted',
  ABORT_ERR: 'aborted',
  TimeoutError: 'timeout',
  '20': 'aborted',
  '23': 'timeout',
};

const sentences: Record<OutboundErrorCode, string> = {
  invalid_url: 'not a usable URL:',
  blocked_host: 'not allowed to reach',
  dns: 'cannot resolve the name of',
  connect: 'cannot connect to',
  tls: 'no trusted TLS connection to',
  timeout: 'no timely answer from',
  reset: 'the connection was closed by',
  protocol: 'no valid HTTP exchange with',
  aborted: 'gave up on',
  too_many_redirects: 'too many redirects from',
  too_large: 'too long an answer from',
};
