/** The one error of this package: what went wrong by a stable type, and for people. */

/**
 * What this package itself rejects with. What the server says passes through as it is: a code of its problems, or a step of the sign-in
 * such as `token_err`.
 *
 * @example
 * import type { AuthErrorType } from '@bowline/browser';
 * const quiet: AuthErrorType[] = ['cancelled', 'window_closed'];
 */
export type AuthErrorType =
  | 'missing_auth_token'
  | 'missing_connect_session_token'
  | 'missing_credentials'
  | 'invalid_host_url'
  | 'blocked_by_browser'
  | 'window_closed'
  | 'cancelled'
  | 'network_error'
  | 'storage_unavailable'
  | 'state_err'
  | 'callback_err'
  | 'token_err'
  | 'provider_config_err'
  | 'connection_test_failed'
  | 'provider_unavailable'
  | 'connection_validation_failed'
  | 'resource_capped'
  | 'unknown_connect_session_token'
  | 'unknown_error';

/**
 * Everything this package rejects with, apart from the reason of your own AbortSignal.
 *
 * @example
 * try {
 *   await client.auth('github');
 * } catch (error) {
 *   if (error instanceof AuthError && error.type === 'blocked_by_browser') tell('Allow pop-ups for this page');
 *   else throw error;
 * }
 */
export class AuthError extends Error {
  override readonly name = 'AuthError';
  readonly type: AuthErrorType | (string & {});
  /** What is wrong with single values: the path ends with the name of the field. */
  readonly issues: readonly { path: string[]; message: string }[];
  constructor(
    message: string,
    type: AuthErrorType | (string & {}),
    { issues = [], ...options }: { cause?: unknown; issues?: { path: string[]; message: string }[] } = {},
  ) {
    super(message, options);
    this.type = type;
    this.issues = issues;
  }
}
