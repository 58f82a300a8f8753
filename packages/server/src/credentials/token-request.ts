/** Asks a token endpoint, and turns every way it can fail into a CredentialsError that says whose turn it is. */
import type { Oauth2ClientCredentialsProvider } from '@bowline/providers/provider';
import type { TemplateScope } from '@bowline/providers/template';
import { fillUrl } from '@bowline/providers/url-template';
import type { Outbound } from '../base/outbound.ts';
import type { ClientCertificate } from '../base/outbound-agents.ts';
import { askProvider } from './ask-provider.ts';
import { basicHeader } from './basic.ts';
import { concealText } from './conceal.ts';
import { CredentialsError, classify } from './failure.ts';
import type { Client, CodeGrantProvider } from './grant.ts';
import { fillParams } from './params.ts';
import { readBody, readError, readToken, type Token, type TokenAnswer } from './token.ts';

type TokenProvider = CodeGrantProvider | Oauth2ClientCredentialsProvider;

export type TokenRequest = {
  readonly provider: TokenProvider;
  readonly urlTemplate: string;
  readonly scope: TemplateScope;
  readonly client: Client;
  readonly params: Readonly<Record<string, string>>;
  readonly now: Date;
  /** What a vendor wants instead of the request that its data makes. */
  readonly reshape?: ((call: TokenCall) => TokenCall | Promise<TokenCall>) | undefined;
  readonly read?: ReadAnswer | undefined;
  /** More to ask with what was answered, until the token can be used. */
  readonly further?: ((answer: TokenAnswer) => Promise<TokenAnswer>) | undefined;
};

/** A request to a token endpoint before it is written: parameters go where `format` says. */
export type TokenCall = {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly format: 'form' | 'json' | 'query';
  /** Mutual TLS: what the client shows. */
  readonly certificate?: ClientCertificate | undefined;
};

/** The answer in the standard's form (RFC 6749 §5), or undefined when it cannot be read. */
export type ReadAnswer = (text: string) => TokenAnswer | undefined;

/** @throws CredentialsError; its message holds the provider's error and description, which RFC 6749 makes for people, and no credentials */
export async function requestToken(outbound: Outbound, request: TokenRequest): Promise<{ token: Token; answer: TokenAnswer }> {
  const filled = fillUrl(request.urlTemplate, request.scope);
  if (!filled.ok) throw new CredentialsError('url_param_err', `the token URL cannot be built: ${filled.message}`);
  const standard = buildCall(request, filled.url.href);
  const call = (await request.reshape?.(standard)) ?? standard;
  const { provider, now } = request;
  const unitMs = 'expires_in_unit' in provider && provider.expires_in_unit === 'milliseconds' ? 1 : 1000;
  const tokenOf = (answer: TokenAnswer) => readToken(answer, now, provider.alternate_access_token_response_path, unitMs);
  const first = await askToken(outbound, call, { read: request.read, holds: (answer) => tokenOf(answer) !== undefined });
  const answer = (await request.further?.(first)) ?? first;
  const token = tokenOf(answer);
  if (!token) throw new CredentialsError('unable_to_parse_token_response', `${filled.url.host} answered without a token we could read`);
  return { token, answer };
}

type Expected = {
  readonly read?: ReadAnswer | undefined;
  /** Whether this is what was asked for; by default that it holds a token. */
  readonly holds?: (answer: TokenAnswer) => boolean;
};

const holdsToken = (answer: TokenAnswer) => typeof answer.access_token === 'string' && answer.access_token !== '';

/** One request to a token endpoint. @throws CredentialsError unless it was answered with 2xx and what is expected */
export async function askToken(
  outbound: Outbound,
  call: TokenCall,
  { read = readBody, holds = holdsToken }: Expected = {},
): Promise<TokenAnswer> {
  const { host } = new URL(call.url);
  const { status, text } = await send(outbound, call);
  const answer = read(text);
  if (status < 300 && answer && holds(answer)) return answer;
  const { code, description } = readError(answer);
  if (status < 300 && code === undefined && answer?.ok !== false) {
    throw new CredentialsError('unable_to_parse_token_response', `${host} answered ${status} without a token we could read`, { status });
  }
  const said = concealText([code, description].filter(Boolean).join(': '), secretsIn(call)).slice(0, 500);
  throw new CredentialsError('token_err', `${host} refused with status ${status}${said ? ` (${said})` : ''}`, {
    kind: classify(status, code),
    providerError: code,
    status,
  });
}

/** What a request holds that a refusal must not repeat to people and logs: some providers quote the token or the code they did not like. */
function secretsIn({ params, headers }: TokenCall): string[] {
  const basic = /^Basic (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
  const password = Buffer.from(basic, 'base64').toString('utf8').split(':').slice(1).join(':');
  const secret = Object.entries(params).flatMap(([name, value]) => (told.has(name) ? [] : [value]));
  return [...secret, basic, password].flatMap((one) => [one, encodeURIComponent(one)]);
}

/** Parameters that say what is asked for, and are of no use alone. */
const told = new Set(['grant_type', 'scope', 'redirect_uri', 'client_id', 'client_assertion_type', 'resource', 'audience', 'username']);

function send(outbound: Outbound, { method, url, headers, params, format, certificate }: TokenCall) {
  const encoded = new URLSearchParams(params).toString();
  const inUrl = method === 'GET' || format === 'query';
  const written = inUrl && encoded !== '' ? `${url}${url.includes('?') ? '&' : '?'}${encoded}` : url;
  const type = format === 'json' ? 'application/json' : 'application/x-www-form-urlencoded';
  const body = encoded === '' ? null : format === 'json' ? JSON.stringify(params) : encoded;
  const request = {
    method,
    url: written,
    headers: inUrl ? { ...headers } : { 'content-type': type, ...headers },
    body: inUrl ? null : body,
  };
  return askProvider(outbound, { ...request, ...(certificate ? { certificate } : {}) }, 'token_err');
}

function buildCall(request: TokenRequest, url: string): TokenCall {
  return { method: 'POST', url, format: request.provider.body_format ?? 'form', ...authenticate(request) };
}

/**
 * `header`: form-encoded pair in Basic (RFC 6749 §2.3.1). `basic`: the raw pair, and in the body too as most vendors that want it raw
 * accept. `custom`: as user name and password. `private_key_jwt`: the id alone, since what is signed is added later. Else body.
 */
function authenticate({ provider, client, params, scope }: TokenRequest) {
  const custom = Object.entries(fillParams(provider.token_headers, provider, scope)).map(([name, value]) => [name.toLowerCase(), value]);
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'Bowline', ...Object.fromEntries(custom) };
  if ('authorization_method' in provider && provider.authorization_method === 'header') {
    return { headers: { ...headers, authorization: basicHeader(encodeForm(client.id), encodeForm(client.secret)) }, params };
  }
  if (provider.token_request_auth_method === 'custom')
    return { headers, params: { ...params, username: client.id, password: client.secret } };
  if (provider.token_request_auth_method === 'private_key_jwt') return { headers, params: { ...params, client_id: client.id } };
  const inBody = { ...params, client_id: client.id, ...(client.secret === '' ? {} : { client_secret: client.secret }) };
  if (provider.token_request_auth_method !== 'basic') return { headers, params: inBody };
  const authorization = basicHeader(client.id, client.secret);
  return { headers: { ...headers, authorization }, params: provider.auth_mode === 'OAUTH2_CC' ? params : inBody };
}

function encodeForm(value: string): string {
  return new URLSearchParams({ v: value }).toString().slice(2);
}
