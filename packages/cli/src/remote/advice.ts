/** What it means that a server did not answer, answered as no Bowline would, or refused; and what to do about it. One table each, for every command. Pure. */
import type { ApiError } from '@bowline/api/client';
import type { Target } from '../deploy/target.ts';

const otherAddress = 'Another address: --host or BOWLINE_HOST.';
const ownCertificate =
  'If the certificate is of your own authority, let Node know it: NODE_EXTRA_CA_CERTS=/path/to/authority.pem. Certificates are always checked.';
const noSuchName = `Is the name spelt right? ${otherAddress}`;

/** By the code of the failure beneath `fetch`. */
const unreached: Readonly<Record<string, string>> = {
  ECONNREFUSED: `Is the server running? ${otherAddress}`,
  ENOTFOUND: noSuchName,
  EAI_AGAIN: noSuchName,
  UND_ERR_ABORTED: `Requests go through the proxy of HTTPS_PROXY or HTTP_PROXY; hosts that need none are listed in NO_PROXY.`,
  UND_ERR_CONNECT_TIMEOUT: `Is there a firewall or a VPN between? A proxy is taken from HTTPS_PROXY and HTTP_PROXY. ${otherAddress}`,
  UND_ERR_SOCKET: 'The connection broke. A server that speaks https is not reached by http://; else try again.',
  ECONNRESET: 'The connection broke. A server that speaks https is not reached by http://; else try again.',
  DEPTH_ZERO_SELF_SIGNED_CERT: ownCertificate,
  SELF_SIGNED_CERT_IN_CHAIN: ownCertificate,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ownCertificate,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ownCertificate,
  CERT_HAS_EXPIRED: 'The certificate of the server is to be renewed. Is the clock of this machine right?',
  ERR_TLS_CERT_ALTNAME_INVALID: `The certificate is for another name. ${otherAddress}`,
  ERR_SSL_WRONG_VERSION_NUMBER: 'The server does not speak TLS there: write http:// instead of https://.',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'The server does not speak TLS there: write http:// instead of https://.',
};

/** @param error as `fetch` throws it */
export const describeUnreached = (host: string, error: unknown, timeoutMs: number): string => {
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return `${host} did not answer within ${timeoutMs / 1000} s. An action that takes long goes on: call it with --async.`;
  const advice = unreached[codeOf(error)] ?? `Is the server running? ${otherAddress}`;
  return `Cannot reach ${host} (${causeOf(error)}). ${advice}`;
};

/** What lies beneath, such as `ECONNREFUSED`; '' where it says none. */
const codeOf = (error: unknown): string => {
  const cause = deepest(error);
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
};

export const causeOf = (error: unknown): string => {
  const cause = deepest(error);
  if (!(cause instanceof Error)) return String(cause);
  const [line = ''] = cause.message.split('\n');
  // As OpenSSL says it: `809C:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/…`
  return /^[0-9A-F]+:error:[^:]*:[^:]*:[^:]*:([^:]*)/.exec(line)?.[1] ?? (line || codeOf(error) || cause.name);
};

const deepest = (error: unknown): unknown => (error instanceof Error && error.cause instanceof Error ? deepest(error.cause) : error);

type Answer = { readonly status: number; readonly type: string; readonly location: string | null };

/** Answers that are not of a Bowline server: a redirect, somebody's web page, a proxy that speaks for a server which is not there. */
export const describeStranger = (host: string, { status, type, location }: Answer): string | undefined => {
  if (status >= 300 && status < 400) {
    const to = location === null ? undefined : URL.parse(location, host);
    return `${host} sends elsewhere${to ? `, to ${to.origin}` : ''} (${status}). Give the address of the server itself: --host ${to?.origin ?? '<url>'}.`;
  }
  if (/\bjson\b/.test(type) || (type === '' && status < 300)) return undefined;
  if (status === 407) return `The proxy of this machine wants a sign-in (407). Put it into HTTPS_PROXY: http://user:password@proxy:port.`;
  if (status === 413) return `The request is larger than ${host} accepts (413). Deploy one integration at a time with --integration.`;
  if (isGateway(status)) return describeGateway(host, status);
  const what = /\bhtml\b/.test(type) ? 'with a web page' : `in ${type || 'an unknown form'}`;
  return `${host} answered ${what} (${status}). Is it the address of a Bowline server? ${otherAddress}`;
};

const isGateway = (status: number): boolean => status === 502 || status === 503 || status === 504;
const describeGateway = (host: string, status: number): string =>
  `A proxy answers at ${host}, but the server behind it does not (${status}). Is it running? ${otherAddress}`;

const listing = 'Those there are: `bowline connections`.';
const missingIntegration =
  'Create the integration in this environment first, in the dashboard or by POST /integrations: its unique key must be the name of the folder.';

/** By the problem's code. */
const refused: Readonly<Record<string, string>> = {
  unknown_connection: listing,
  unknown_provider_config: listing,
  concurrent_deployment: 'Another deploy to this environment is under way. Try again when it has ended.',
  deploy_script_security_rejected: 'A function calls `.constructor(…)`, which the sandbox does not allow. Write it without.',
  deploy_missing_json_schema_model: 'A model has no schema. Compile again with this version of the command.',
  request_too_large: 'Deploy one integration at a time with --integration.',
  too_many_request: 'Wait a minute, or let the operator raise the limit.',
};

/** Where the same code means something else to do. */
export const deployAdvice: Readonly<Record<string, string>> = { unknown_provider_config: missingIntegration };

/** What is behind the server's refusal, its single findings on lines of their own. The key is named by where it comes from, never shown. */
export const describeRefusal = (error: ApiError, { host, keySource }: Target, own: Readonly<Record<string, string>> = {}): string => {
  const { status, code, details } = error;
  if (status === 401) return `${host} refused the API key from ${keySource} (401). Check that it belongs to this server and environment.`;
  if (status === 403) return `${host} does not allow this to the API key from ${keySource} (403): ${sentenceOf(error)}`;
  if (status === 413) return `The request is larger than ${host} accepts (413). ${refused.request_too_large}`;
  if (isGateway(status) && code === 'server_error') return describeGateway(host, status);
  const findings = (details.errors ?? []).map(({ path, message }) => `\n  ${[path.join('.'), message].filter(Boolean).join(': ')}`);
  const said = details.message === undefined && findings.length > 0 ? 'The request is not as the server expects it.' : sentenceOf(error);
  return [`${said} (${code}, ${status})`, own[code] ?? refused[code]].filter(Boolean).join(' ') + findings.join('');
};

export const sentenceOf = ({ message }: Pick<ApiError, 'message'>): string => (/[.?!]$/.test(message) ? message : `${message}.`);
