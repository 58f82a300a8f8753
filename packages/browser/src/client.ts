/** The client: what can be done with a connect session in a browser. */
import type { Api } from './api.ts';
import { note } from './api.ts';
import { beginAttempt, outcomeOf } from './attempt.ts';
import { AuthError } from './auth-error.ts';
import { ConnectUI, type ConnectUIProps } from './connect-ui.ts';
import type { AuthOptions, AuthResult, BowlineOptions } from './options.ts';
import { type AuthorizationModal, openPopup } from './popup.ts';
import { comeBack, leave } from './redirect.ts';
import { needsNoPopup, submit, submitNothing } from './submit.ts';

const DEFAULT_HOST = 'http://localhost:3003';

/**
 * Connects an API of your customer, in their browser.
 *
 * @example
 * const client = new Bowline({ host: 'https://bowline.example.com', connectSessionToken });
 * button.onclick = async () => {
 *   const { connectionId } = await client.auth('github');
 * };
 */
export class Bowline {
  /** The window of the sign-in under way. */
  win: AuthorizationModal | null = null;
  readonly #api: Omit<Api, 'token'>;
  readonly #token: string | (() => Promise<string>) | undefined;
  readonly #size: { width: number; height: number };
  #leaveOff: (() => void) | undefined;

  /** @throws AuthError `invalid_host_url` */
  constructor({ host, websocketsPath, width, height, debug = false, connectSessionToken }: BowlineOptions = {}) {
    this.#api = { host: hostOf(host || DEFAULT_HOST), websocketsPath: websocketsPath || '/', debug };
    this.#token = connectSessionToken;
    this.#size = { width: width || 500, height: height || 600 };
  }

  /**
   * Makes a connection: in a popup at the provider, or with `credentials` that the person typed. Call it inside a click, before anything is
   * awaited, or browsers block the popup.
   *
   * @example
   * await client.auth('github');
   * await client.auth('stripe', { credentials: { apiKey } });
   */
  async auth(providerConfigKey: string, options?: AuthOptions): Promise<AuthResult>;
  /** @deprecated the session decides the id of the connection; the one given here is not used */
  async auth(providerConfigKey: string, connectionId?: string, options?: AuthOptions): Promise<AuthResult>;
  async auth(providerConfigKey: string, second?: string | AuthOptions, third?: AuthOptions): Promise<AuthResult> {
    const options = optionsOf(second, third);
    this.#requireToken();
    options.signal?.throwIfAborted();
    if (needsNoPopup(options)) return submit(await this.#authorized(), providerConfigKey, options);
    if (options.mode === 'redirect') return leave(await this.#authorized(), providerConfigKey, options);
    return this.#inPopup(providerConfigKey, options);
  }

  /**
   * Makes a connection to an API that needs no credentials.
   *
   * @example
   * await client.create('open-data');
   */
  async create(providerConfigKey: string, options?: AuthOptions): Promise<AuthResult>;
  /** @deprecated the session decides the id of the connection; the one given here is not used */
  async create(providerConfigKey: string, connectionId?: string, options?: AuthOptions): Promise<AuthResult>;
  async create(providerConfigKey: string, second?: string | AuthOptions, third?: AuthOptions): Promise<AuthResult> {
    return submitNothing(await this.#authorized(), providerConfigKey, optionsOf(second, third));
  }

  /**
   * Gives a connection new credentials. Which one, the session knows: `POST /connect/sessions/reconnect`.
   *
   * @example
   * await client.reconnect('github');
   */
  async reconnect(providerConfigKey: string, options?: AuthOptions): Promise<AuthResult> {
    if (!this.#token) throw new AuthError('Give the token of a session that reconnects', 'missing_connect_session_token');
    return this.auth(providerConfigKey, options);
  }

  /**
   * Resolves when this page load ends a sign-in of the mode `redirect`: call it once when the page opens. Rejects as `auth` would have.
   *
   * @example
   * const result = await client.handleRedirect();
   * if (result) save(result.connectionId);
   */
  async handleRedirect({ signal }: Pick<AuthOptions, 'signal'> = {}): Promise<AuthResult | undefined> {
    return comeBack(this.#api, signal);
  }

  /**
   * Opens the connect page over yours.
   *
   * @example
   * client.openConnectUI({ onEvent: (event) => event.type === 'connect' && save(event.payload.connectionId) });
   */
  openConnectUI(props: ConnectUIProps = {}): ConnectUI {
    const { host } = this.#api;
    const token = this.#token;
    const { baseURL = `${host}/connect/`, apiURL = host, sessionToken = typeof token === 'string' ? token : undefined } = props;
    const connect = new ConnectUI({ ...props, baseURL, apiURL, sessionToken });
    connect.open();
    if (sessionToken === undefined && typeof token === 'function') {
      token().then(
        (made) => connect.setSessionToken(made),
        (error: unknown) => note(this.#api, `no token for the connect page: ${error}`), // the page says by itself that none came
      );
    }
    return connect;
  }

  /**
   * Leaves off the sign-in under way: its window closes, its promise rejects as `cancelled`.
   *
   * @example
   * client.clear();
   */
  clear(): void {
    this.#leaveOff?.();
  }

  async #inPopup(key: string, options: AuthOptions): Promise<AuthResult> {
    this.clear();
    const popup = openPopup(this.#size);
    const controller = new AbortController();
    const { signal: given } = options;
    const onAbort = () => controller.abort(given?.reason);
    const leaveOff = () => controller.abort(new AuthError('Another sign-in took its place, or it was left off', 'cancelled'));
    given?.addEventListener('abort', onAbort);
    this.win = popup;
    this.#leaveOff = leaveOff;
    try {
      const { signal } = controller;
      const api = await this.#authorized();
      signal.throwIfAborted();
      const { id, startUrl } = await beginAttempt(api, key, { ...options, returnTo: undefined, signal });
      popup.go(startUrl);
      note(api, `attempt ${id} of ${key} goes on in the window`);
      const { detectClosedAuthWindow = true } = options;
      return await outcomeOf(api, { id, isClosed: () => detectClosedAuthWindow && popup.isClosed(), signal });
    } finally {
      given?.removeEventListener('abort', onAbort);
      popup.close();
      if (this.#leaveOff === leaveOff) {
        this.win = null;
        this.#leaveOff = undefined;
      }
    }
  }

  #requireToken(): string | (() => Promise<string>) {
    if (this.#token) return this.#token;
    const message = 'Give a connectSessionToken, which your backend makes: POST /connect/sessions. Public keys are not accepted';
    throw new AuthError(message, 'missing_auth_token');
  }

  async #authorized(): Promise<Api> {
    const token = this.#requireToken();
    return { ...this.#api, token: typeof token === 'string' ? token : await token() };
  }
}

function optionsOf(second: string | AuthOptions | undefined, third: AuthOptions | undefined): AuthOptions {
  return { ...(typeof second === 'object' ? second : third) };
}

function hostOf(given: string): string {
  if (!/^https?:\/\//i.test(given) || !URL.canParse(given)) {
    throw new AuthError(`The host must be an address such as ${DEFAULT_HOST}, not ${given}`, 'invalid_host_url');
  }
  return given.replace(/\/+$/, '');
}
