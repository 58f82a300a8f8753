/** What callers hand in and get back. */

/**
 * Of `new Bowline(…)`.
 *
 * @example
 * import { Bowline, type BowlineOptions } from '@bowline/browser';
 * const options: BowlineOptions = { host: 'https://bowline.example.com', connectSessionToken };
 * const client = new Bowline(options);
 */
export type BowlineOptions = {
  /** Where the server is. Default: `http://localhost:3003`. */
  host?: string | undefined;
  /** Where it tells how a sign-in ended; relative to `host`. Default: `/`. */
  websocketsPath?: string | undefined;
  /** Of the popup, in pixels. Default: 500. */
  width?: number | undefined;
  /** Of the popup, in pixels. Default: 600. */
  height?: number | undefined;
  /** Says in the console what happens, without secrets. */
  debug?: boolean | undefined;
  /**
   * The token that your backend made for this person (`POST /connect/sessions`), or what asks your backend for one when it is needed:
   * the popup is open by then, so no browser blocks it.
   */
  connectSessionToken?: string | (() => Promise<string>) | undefined;
};

/**
 * A connection was made or repaired.
 *
 * @example
 * const { connectionId, providerConfigKey }: AuthResult = await client.auth('github');
 */
export type AuthResult = {
  ok: true;
  /** The key of the integration. */
  providerConfigKey: string;
  /** Keep it with your user. */
  connectionId: string;
  /** The provider has yet to confirm it, such as an installation that an owner must approve. */
  isPending?: boolean;
};
/** The same under its older name. */
export type AuthSuccess = AuthResult;

/**
 * What a person typed, for integrations that send nobody to the page of a provider. Which fields there are depends on the provider.
 *
 * @example
 * const credentials: Credentials = { apiKey: 'the key' };
 * await client.auth('stripe', { credentials });
 */
export type Credentials =
  | { apiKey: string; type?: 'API_KEY' }
  | { username: string; password: string; type?: 'BASIC' | 'SIGNATURE' }
  | { username?: string; password: string; type?: 'BASIC' }
  | { username: string; password?: string; type?: 'BASIC' }
  | { client_id: string; client_secret?: string; client_certificate?: string; client_private_key?: string; type?: 'OAUTH2_CC' }
  | { token_id: string; token_secret: string; oauth_client_id_override?: string; oauth_client_secret_override?: string; type?: 'TBA' }
  | { username: string; password: string; organization_id: string; dev_key: string; type?: 'BILL' }
  | { role_arn: string; region?: string; type: 'AWS_SIGV4' }
  | { privateKey: string | object; type?: 'JWT'; [field: string]: unknown }
  | { type: 'JWT' | 'TWO_STEP'; [field: string]: unknown }
  | { oauth_client_id_override: string; oauth_client_secret_override: string; oauth_refresh_token_override?: string }
  | { oauth_refresh_token_override: string }
  | { type: string };

/**
 * Of `auth`, `create` and `reconnect`.
 *
 * @example
 * const controller = new AbortController();
 * const options: AuthOptions = { params: { subdomain: 'acme' }, signal: controller.signal };
 * await client.auth('zendesk', options);
 */
export type AuthOptions = {
  /** What the provider needs to know besides credentials, such as a subdomain. What your backend set wins. */
  params?: Record<string, string> | undefined;
  /** Makes the sign-in one without a popup; `oauth_client_…_override` keeps the popup, with that client. */
  credentials?: Credentials | undefined;
  /** Added to the page of the provider, unless your backend set some. */
  authorization_params?: Record<string, string | undefined> | undefined;
  /** The app is installed from the provider's side: nobody is sent there. */
  installation?: 'outbound' | undefined;
  /** Further values of providers that sign an assertion. */
  assertionOption?: Record<string, unknown> | undefined;
  /** False: a popup that looks closed is waited for until the server gives up on it. Default: true. */
  detectClosedAuthWindow?: boolean | undefined;
  /** `redirect` leaves the page, for browsers without popups; `handleRedirect` hears how it ended. Default: `popup`. */
  mode?: 'popup' | 'redirect' | undefined;
  /** With `redirect`: where to come back to. Its origin must be among the session's `return_origins`. Default: this page. */
  returnTo?: string | undefined;
  /** Ends it; the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
};
