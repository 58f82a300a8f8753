/** A button that connects: one integration in a popup, or any in the connect page when none is named. */
import { AuthError } from './auth-error.ts';
import { Bowline } from './client.ts';
import type { ConnectUIEvent } from './connect-ui.ts';
import { BowlineElement, make } from './element.ts';
import type { AuthOptions } from './options.ts';

/**
 * The words of `<bowline-connect-button>`; set those you want otherwise.
 *
 * @example
 * button.texts = { connecting: 'Bitte im Fenster weitermachen …' };
 */
export type ConnectButtonTexts = Partial<typeof english>;
const english = {
  connecting: 'Go on in the window that opened.',
  connected: 'Connected.',
  window_closed: 'The window was closed before access was granted. Try again.',
  blocked_by_browser: 'The browser blocked the window. Allow pop-ups for this page, then try again.',
  network_error: 'The server could not be reached. Check your connection, then try again.',
  callback_err: 'Access was not granted. Try again.',
  cancelled: '',
};

/**
 * `<bowline-connect-button>`. Attributes: `integration` (without it, the connect page opens), `host` and `session-url`, a route of your app that
 * answers a POST with `{ token }`. Events: `bowline-connect` with the result, `bowline-error` with an AuthError.
 *
 * @example
 * const button = document.createElement('bowline-connect-button') as ConnectButtonElement;
 * button.setAttribute('integration', 'github');
 * button.client = client;
 */
export class ConnectButtonElement extends BowlineElement {
  /** Instead of `host` and `session-url`. */
  client: Bowline | undefined;
  /** Of `auth`. */
  options: AuthOptions | undefined;
  texts: ConnectButtonTexts = {};
  readonly #button: HTMLButtonElement = make('button', { type: 'button', part: 'button', click: () => void this.connect() }, make('slot'));
  readonly #message = make('p', { part: 'message', role: 'status' });
  #busy: Bowline | undefined;
  #own: { key: string; client: Bowline } | undefined;

  constructor() {
    super();
    this.root.append(this.#button, this.#message);
    this.root.querySelector('slot')?.append('Connect');
  }

  disconnectedCallback(): void {
    this.#busy?.clear();
  }

  /** What a click does. While a sign-in is under way, its window comes to the front. */
  async connect(): Promise<void> {
    if (this.#busy) return this.#busy.win?.modal.focus();
    try {
      const client = this.client ?? this.#ownClient();
      const integration = this.getAttribute('integration');
      if (!integration) {
        client.openConnectUI({ onEvent: (event) => this.#onEvent(event) });
        return;
      }
      this.#busy = client;
      this.#show('connecting');
      const result = await client.auth(integration, this.options);
      this.#show('connected');
      this.tell('bowline-connect', result);
    } catch (error) {
      const type = error instanceof AuthError ? error.type : 'cancelled';
      this.#show(type, error instanceof Error ? error.message : '');
      this.tell('bowline-error', error);
    } finally {
      this.#busy = undefined;
      this.#button.removeAttribute('aria-disabled');
    }
  }

  #onEvent(event: ConnectUIEvent): void {
    if (event.type === 'connect') this.tell('bowline-connect', event.payload);
    if (event.type === 'error') this.tell('bowline-error', new AuthError(event.payload.errorMessage, event.payload.errorType));
  }

  #show(what: string, otherwise = ''): void {
    const texts: Readonly<Record<string, string>> = { ...english, ...this.texts };
    this.dataset.state = what === 'connecting' || what === 'connected' ? what : 'failed';
    this.#message.textContent = texts[what] ?? otherwise;
    if (what === 'connecting') this.#button.setAttribute('aria-disabled', 'true');
  }

  #ownClient(): Bowline {
    const host = this.getAttribute('host') ?? undefined;
    const url = this.getAttribute('session-url');
    if (url === null) throw new AuthError('Give the button a client, or a session-url', 'missing_auth_token');
    const key = `${host} ${url}`;
    if (this.#own?.key !== key) this.#own = { key, client: new Bowline({ host, connectSessionToken: () => tokenFrom(url) }) };
    return this.#own.client;
  }
}

async function tokenFrom(url: string): Promise<string> {
  const failure = `${url} gave no token: it should answer a POST with { "token": "…" }`;
  const response = await fetch(url, { method: 'POST', headers: { accept: 'application/json' }, credentials: 'same-origin' }).catch(
    (cause: unknown) => {
      throw new AuthError(failure, 'network_error', { cause });
    },
  );
  const { token, data } = Object(await response.json().catch(() => undefined));
  const found = token ?? Object(data).token;
  if (!response.ok || typeof found !== 'string') throw new AuthError(failure, 'missing_auth_token');
  return found;
}
