/** What goes wrong between us and a provider's sign-in, and whose turn it is then. */
import type { OutboundError } from '../base/outbound-error.ts';

export type CredentialsProblem =
  | 'provider_config_err' // the integration lacks its client id or secret
  | 'url_param_err' // a URL or parameter of the provider has a placeholder without a value
  | 'callback_err' // the provider sent the person back without a code
  | 'token_err' // the token endpoint refused or did not answer
  | 'unable_to_parse_token_response'
  | 'two_step_credentials_fetch_error' // no answer to a request that exchanges credentials
  | 'invalid_two_step_credentials' // an answer that refuses them
  | 'invalid_body' // the submitted form lacks or misspells something
  | 'missing_client_id'
  | 'missing_client_secret'
  | 'missing_refresh_token'
  | 'different_account'; // a reconnect that must be of the same account at the provider was of another

/**
 * Whose turn it is: `revoked` the end user must connect again; `misconfigured` the developer must mend the integration; `transient`
 * try again soon; `provider_down` try again later.
 */
export type FailureKind = 'revoked' | 'misconfigured' | 'transient' | 'provider_down';

/** Nothing that the person did: the same may work in a while. */
export const isPassing = (kind: FailureKind): boolean => kind === 'transient' || kind === 'provider_down';

/** The message is for people and holds neither tokens nor secrets; `providerError` is the provider's own code, such as `invalid_grant`. */
export class CredentialsError extends Error {
  override name = 'CredentialsError';
  readonly code: CredentialsProblem;
  readonly kind: FailureKind;
  readonly providerError: string | undefined;
  readonly status: number | undefined;
  /** Leads to the input that is wrong, for `invalid_body`: `['credentials', 'username']`, `['params', 'region']`. */
  readonly path: readonly string[] | undefined;

  constructor(
    code: CredentialsProblem,
    message: string,
    about: { kind?: FailureKind; providerError?: string | undefined; status?: number; path?: readonly string[] | undefined } = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.kind = about.kind ?? 'misconfigured';
    this.providerError = about.providerError;
    this.status = about.status;
    this.path = about.path;
  }
}

const kinds: Readonly<Record<string, FailureKind>> = {
  invalid_grant: 'revoked',
  access_denied: 'revoked',
  bad_refresh_token: 'revoked',
  invalid_refresh_token: 'revoked',
  token_revoked: 'revoked',
  token_expired: 'revoked',
  invalid_token: 'revoked',
  account_inactive: 'revoked',
  bad_verification_code: 'revoked',
  invalid_code: 'revoked',
  code_already_used: 'revoked',
  interaction_required: 'revoked',
  consent_required: 'revoked',
  login_required: 'revoked',
  invalid_client: 'misconfigured',
  invalid_client_id: 'misconfigured',
  bad_client_secret: 'misconfigured',
  incorrect_client_credentials: 'misconfigured',
  unauthorized_client: 'misconfigured',
  unsupported_grant_type: 'misconfigured',
  invalid_scope: 'misconfigured',
  invalid_request: 'misconfigured',
  redirect_uri_mismatch: 'misconfigured',
  slow_down: 'transient',
  ratelimited: 'transient',
  rate_limited: 'transient',
  temporarily_unavailable: 'transient',
  server_error: 'provider_down',
  internal_error: 'provider_down',
};

/** Whether it is the client that was refused: then it is refused for everybody who uses it. @param code the provider's, or ours */
export function refusesClient(code: string | undefined): boolean {
  return code !== undefined && refusalsOfClients.has(code.toLowerCase());
}

const refusalsOfClients = new Set([
  ...['invalid_client', 'invalid_client_id', 'bad_client_secret', 'incorrect_client_credentials', 'unauthorized_client'],
  ...(['provider_config_err', 'missing_client_id', 'missing_client_secret'] satisfies CredentialsProblem[]),
]);

/** Sorts a token endpoint's refusal by the provider's code first (RFC 6749 §5.2 and what vendors add), then by the status. */
export function classify(status: number, providerError?: string): FailureKind {
  const known = providerError === undefined ? undefined : kinds[providerError.toLowerCase()];
  if (known) return known;
  if (status === 408 || status === 425 || status === 429) return 'transient';
  if (status >= 500) return 'provider_down';
  return status === 400 || status === 401 || status === 403 ? 'revoked' : 'misconfigured';
}

/** Sorts a request that got no answer. */
export function classifyOutbound(error: OutboundError): FailureKind {
  switch (error.code) {
    case 'blocked_host':
    case 'invalid_url':
    case 'too_many_redirects':
      return 'misconfigured';
    case 'dns':
      return error.reason === 'ENOTFOUND' ? 'misconfigured' : 'transient';
    case 'timeout':
    case 'reset':
    case 'aborted':
      return 'transient';
    case 'connect':
    case 'tls':
    case 'protocol':
    case 'too_large':
      return 'provider_down';
  }
}
