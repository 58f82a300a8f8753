/** Asks a token endpoint, and turns every way it can fail into a CredentialsError that says whose turn it is. */
import type { Oauth2ClientCredentialsProvider } from '@bowline/providers/provider';
import { fillTemplate, type TemplateScope } from '@bowline/providers/template';
import { fillUrl } from '@bowline/providers/url-template';
import type { Outbound, OutboundResponse } from '../base/outbound.ts';
import { readText } from '../base/outbound.ts';
import { OutboundError } from '../base/outbound-error.ts';
import { basicHeader } from './basic.ts';
import { CredentialsError, classify, classifyOutbound } from './failure.ts';
import type { CodeGrantProvider } from './grant.ts';
import { readBody, readError, readToken, type Token, type TokenAnswer } from './token.ts';

type TokenProvider = CodeGrantProvider | Oauth2ClientCredentialsProvider;

export type TokenRequest = {
  readonly provider: TokenProvider;
  readonly urlTemplate: string;
  readonly scope: TemplateScope;
  readonly client: { readonly id: string; readonly secret: string };
  readonly params: Readonly<Record<string, string>>;
  readonly now: Date;
};

/** @throws CredentialsError; its message holds the provider's error and description, which RFC 6749 makes for people, and no credentials */
export async function requestToken(outbound: Outbound, request: TokenRequest): Promise<{ token: Token; answer: TokenAnswer }> {
  const filled = fillUrl(request.urlTemplate, request.scope);
  if (!filled.ok) throw new CredentialsError('url_param_err', `the token URL cannot be built: ${filled.message}`);
  const { status, text } = await ask(outbound, filled.url.href, request);
  const answer = readBody(text);
  const { provider, now } = request;
  const unitMs = 'expires_in_unit' in provider && provider.expires_in_unit === 'milliseconds' ? 1 : 1000;
  const token = status < 300 && answer ? readToken(answer, now, provider.alternate_access_token_response_path, unitMs) : undefined;
  if (token && answer) return { token, answer };
  const { code, description } = readError(answer);
  if (status < 300 && code === undefined && answer?.ok !== false) {
    throw new CredentialsError('unable_to_parse_token_response', `${filled.url.host} answered ${status} without a token we could read`, {
      status,
    });
  }
  const said = [code, description].filter(Boolean).join(': ').slice(0, 500);
  throw new CredentialsError('token_err', `${filled.url.host} refused with status ${status}${said ? ` (${said})` : ''}`, {
    kind: classify(status, code),
    providerError: code,
    status,
  });
}

async function ask(outbound: Outbound, url: string, request: TokenRequest): Promise<{ status: number; text: string }> {
  const { headers, params } = authenticate(request);
  const json = request.provider.body_format === 'json';
  try {
    const response: OutboundResponse = await outbound.request(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': json ? 'application/json' : 'application/x-www-form-urlencoded' },
      body: json ? JSON.stringify(params) : new URLSearchParams(params).toString(),
      headersTimeoutMs: 30_000,
      bodyIdleTimeoutMs: 30_000,
    });
    return { status: response.status, text: await readText(response) };
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    throw new CredentialsError('token_err', error.message, { kind: classifyOutbound(error), providerError: error.reason });
  }
}

/** `header`: form-encoded pair in Basic (RFC 6749 §2.3.1). `basic`: the raw pair, and in the body too as most vendors that want it raw accept. Else body. */
function authenticate({ provider, client, params, scope }: TokenRequest) {
  const custom = Object.entries(provider.token_headers ?? {}).map(([name, value]) => [name.toLowerCase(), fillTemplate(value, scope).text]);
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'Bowline', ...Object.fromEntries(custom) };
  if ('authorization_method' in provider && provider.authorization_method === 'header') {
    return { headers: { ...headers, authorization: basicHeader(encodeForm(client.id), encodeForm(client.secret)) }, params };
  }
  const inBody = { ...params, client_id: client.id, ...(client.secret === '' ? {} : { client_secret: client.secret }) };
  if (provider.token_request_auth_method !== 'basic') return { headers, params: inBody };
  const authorization = basicHeader(client.id, client.secret);
  return { headers: { ...headers, authorization }, params: provider.auth_mode === 'OAUTH2_CC' ? params : inBody };
}

function encodeForm(value: string): string {
  return new URLSearchParams({ v: value }).toString().slice(2);
}
