/** Asks an OAuth 1 server for a token (RFC 5849 §2.1, §2.3), and reads its answer or its refusal. */
import { type OutboundResponse, readText } from '../base/outbound.ts';
import { OutboundError } from '../base/outbound-error.ts';
import type { AuthWorld } from './auth-mode.ts';
import { CredentialsError, classifyOutbound, type FailureKind } from './failure.ts';
import { oauthHeader, type Signer } from './oauth1-signature.ts';
import { readBody, type TokenAnswer } from './token.ts';

export type Oauth1Request = {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly signer: Signer;
  /** Of the protocol; they travel in the header. */
  readonly oauth: Readonly<Record<string, string>>;
  /** Of the provider; they travel in the query or the form. */
  readonly params: Readonly<Record<string, string>>;
  /** Whose turn it is when the server refuses. */
  readonly refused: FailureKind;
};
export type Oauth1Token = { readonly token: string; readonly secret: string; readonly answer: TokenAnswer };

/** @throws CredentialsError `token_err`, with what the server said of it */
export async function askForToken(world: AuthWorld, request: Oauth1Request): Promise<Oauth1Token> {
  const { host } = request.url;
  const { status, text } = await ask(world, request);
  const answer = readBody(text) ?? {};
  const { oauth_token: token, oauth_token_secret: secret } = answer;
  if (status < 300 && typeof token === 'string' && token !== '' && typeof secret === 'string') return { token, secret, answer };
  if (status < 300) {
    throw new CredentialsError('unable_to_parse_token_response', `${host} answered ${status} without an oauth_token and its secret`, {
      status,
    });
  }
  const said = reason(answer, text);
  const kind: FailureKind = status >= 500 ? 'provider_down' : status === 429 ? 'transient' : request.refused;
  throw new CredentialsError('token_err', `${host} refused with status ${status}${said ? ` (${said})` : ''}`, {
    kind,
    providerError: typeof answer.oauth_problem === 'string' ? answer.oauth_problem : undefined,
    status,
  });
}

async function ask(world: AuthWorld, { url, method, signer, oauth, params }: Oauth1Request): Promise<{ status: number; text: string }> {
  const form = new URLSearchParams(params).toString();
  const address = new URL(url);
  if (method === 'GET') for (const [name, value] of Object.entries(params)) address.searchParams.set(name, value);
  try {
    const response: OutboundResponse = await world.outbound.request(address, {
      method,
      headers: {
        accept: '*/*',
        'user-agent': 'Bowline',
        ...(method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
      },
      body: method === 'POST' ? form : null,
      headersTimeoutMs: 30_000,
      bodyIdleTimeoutMs: 30_000,
      sign: (hop) => ({ authorization: oauthHeader(signer, hop, once(world), oauth) }),
    });
    return { status: response.status, text: await readText(response) };
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    throw new CredentialsError('token_err', error.message, { kind: classifyOutbound(error), providerError: error.reason });
  }
}

/** What makes each signature another. */
export const once = ({ clock, random }: Pick<AuthWorld, 'clock' | 'random'>) => ({
  nonce: random.bytes(16).toString('hex'),
  now: clock.now(),
});

/** There is no standard for refusals: the problem reporting extension, a list of errors, or a line of text. No page, no long text. */
function reason(answer: TokenAnswer, text: string): string {
  const { oauth_problem, oauth_problem_advice, errors } = answer;
  const listed = Array.isArray(errors) ? errors.map((error: unknown) => Object(error).message) : [];
  const known = [oauth_problem, oauth_problem_advice, ...listed].filter((one) => typeof one === 'string' && one !== '');
  if (known.length > 0) return known.join(': ').slice(0, 300);
  const line = text.trim();
  return /^[\w .,:;'()/-]{1,100}$/.test(line) ? line : '';
}
