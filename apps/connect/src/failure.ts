/** Why connecting did not work, sorted by what the person can do about it. Types come from `@bowline/browser` and from the server. */
import { ApiError } from '@bowline/api/client';
import { AuthError } from '@bowline/browser';
import type { Words } from './words/shape.ts';

export type FailureKind = keyof Words['failure'] | 'expired';
export type Failure = {
  kind: FailureKind;
  type: string;
  message: string;
  /** What the server says of single fields, by their names. */
  fields: Record<string, string>;
};

const kinds: Record<string, FailureKind> = {
  blocked_by_browser: 'blocked',
  window_closed: 'closed',
  access_denied: 'denied',
  connection_test_failed: 'rejected',
  invalid_body: 'wrongForm',
  invalid_query_params: 'wrongForm',
  url_param_err: 'wrongForm',
  missing_credentials: 'wrongForm',
  missing_client_id: 'wrongForm',
  missing_client_secret: 'wrongForm',
  connection_validation_failed: 'notValid',
  state_err: 'tooLate',
  state_cookie_err: 'tooLate',
  unknown_connect_attempt: 'tooLate',
  different_account: 'otherAccount',
  resource_capped: 'capped',
  provider_unavailable: 'down',
  network_error: 'offline',
  unknown_connect_session_token: 'expired',
  invalid_connect_session_token_format: 'expired',
};
/** Nothing that is typed or clicked here changes it. */
const misconfigured = new Set([
  'provider_config_err',
  'unknown_provider_config',
  'unknown_provider_template',
  'invalid_auth_mode',
  'auth_mode_err',
  'grant_type_err',
  'callback_err',
  'token_err',
  'unable_to_parse_token_response',
  'unknown_config_key',
  'integration_not_allowed',
  'invalid_connection',
  'forbidden',
]);
/** Shown beside the form, which keeps what was typed; the others take its place. */
const inPlace = new Set<FailureKind>(['blocked', 'closed', 'denied', 'rejected', 'wrongForm', 'offline', 'tooLate', 'down']);

export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : '';
  if (error instanceof AuthError) {
    const fields = Object.fromEntries(error.issues.map((issue) => [issue.path.at(-1) ?? '', issue.message]));
    return { kind: kindOf(error.type, message), type: error.type, message, fields };
  }
  if (error instanceof ApiError) return { kind: kindOf(error.code, message), type: error.code, message, fields: {} };
  return { kind: error instanceof TypeError ? 'offline' : 'unknown', type: 'unknown_error', message, fields: {} };
}

/** Where the words of the server add nothing for whoever reads them. */
const plain = new Set<FailureKind>(['blocked', 'closed', 'tooLate', 'offline']);
export function detailsOf({ kind, message }: Failure): string {
  return plain.has(kind) ? '' : message;
}

export function isInPlace({ kind }: Failure): boolean {
  return inPlace.has(kind);
}

function kindOf(type: string, message: string): FailureKind {
  // Providers word it in many ways, and all of them with this.
  if (/denied/i.test(`${type} ${message}`)) return 'denied';
  return kinds[type] ?? (misconfigured.has(type) ? 'misconfigured' : 'unknown');
}
