/** The connect page in a frame over yours: the person chooses an integration there and connects. Messages go to its exact origin, and count only from it. */
import type { AuthResult } from './options.ts';

/**
 * What happens on the connect page. `connect` does not close it: the person does.
 *
 * @example
 * const onEvent = (event: ConnectUIEvent) => {
 *   if (event.type === 'connect') save(event.payload.connectionId, event.payload.providerConfigKey);
 * };
 */
export type ConnectUIEvent =
  | { type: 'ready' }
  | { type: 'connect'; payload: AuthResult }
  | { type: 'error'; payload: { errorType: string; errorMessage: string } }
  | { type: 'close' };

/**
 * Of `openConnectUI`.
 *
 * @example
 * const props: ConnectUIProps = { lang: 'de', themeOverride: 'dark', onEvent };
 * client.openConnectUI(props);
 */
export type ConnectUIProps = {
  /** Default: the token of the client. Without any, the page waits for `setSessionToken`. */
  sessionToken?: string | undefined;
  /** Where the connect page is. Default: `/connect/` of the client's host. */
  baseURL?: string | undefined;
  /** Where the page finds the server. Default: the client's host. */
  apiURL?: string | undefined;
  onEvent?: ((event: ConnectUIEvent) => void) | undefined;
  /** Whether a closed popup ends an attempt on the page. */
  detectClosedAuthWindow?: boolean | undefined;
  /** Such as `de`. Default: what the browser prefers. */
  lang?: string | undefined;
  themeOverride?: 'light' | 'dark' | 'system' | undefined;
};

/**
 * One connect page. `openConnectUI` makes and opens it.
 *
 * @example
 * const connect = client.openConnectUI({ sessionToken: undefined });
 * connect.setSessionToken(await tokenFromMyBackend()); // the page loads meanwhile
 */
export class ConnectUI {
  iframe: HTMLIFrameElement | null = null;
  readonly #props: ConnectUIProps & { baseURL: string; apiURL: string };
  readonly #address: URL;
  #token: string | undefined;
  #isReady = false;
  #overflow = '';
  #focused: Element | null = null;

  constructor(props: ConnectUIProps & { baseURL: string; apiURL: string }) {
    this.#props = props;
    this.#token = props.sessionToken;
    this.#address = new URL(props.baseURL.endsWith('/') ? props.baseURL : `${props.baseURL}/`);
    const { apiURL, detectClosedAuthWindow, lang, themeOverride } = props;
    const query = { apiURL, detectClosedAuthWindow: detectClosedAuthWindow ? 'true' : undefined, lang, theme: themeOverride };
    for (const [name, value] of Object.entries(query)) if (value) this.#address.searchParams.set(name, value);
  }

  /** Does nothing while it is open. */
  open(): void {
    if (this.iframe?.isConnected) return;
    this.close();
    const iframe = document.createElement('iframe');
    iframe.id = 'connect-ui';
    iframe.title = 'Connect';
    iframe.allow = 'clipboard-write';
    iframe.src = this.#address.href;
    const style = {
      position: 'fixed',
      zIndex: '9999',
      inset: '0',
      width: '100vw',
      height: '100vh',
      border: '0',
      background: 'transparent',
    };
    Object.assign(iframe.style, style, { colorScheme: 'auto' });
    this.iframe = iframe;
    this.#focused = document.activeElement;
    this.#overflow = document.body.style.overflow;
    document.body.style.overflow = 'hidden';
    addEventListener('message', this.#onMessage);
    document.body.append(iframe);
  }

  close(): void {
    if (!this.iframe) return;
    removeEventListener('message', this.#onMessage);
    this.iframe.remove();
    this.iframe = null;
    this.#isReady = false;
    document.body.style.overflow = this.#overflow;
    if (this.#focused instanceof HTMLElement) this.#focused.focus();
  }

  setSessionToken(sessionToken: string): void {
    this.#token = sessionToken;
    if (this.#isReady) this.#sendToken();
  }

  #sendToken(): void {
    if (this.#token === undefined) return;
    const message = { type: 'session_token', sessionToken: this.#token };
    this.iframe?.contentWindow?.postMessage(message, this.#address.origin);
  }

  readonly #onMessage = ({ data, origin, source }: MessageEvent<unknown>): void => {
    if (origin !== this.#address.origin || source !== this.iframe?.contentWindow) return;
    if (typeof data !== 'object' || data === null || !('type' in data)) return;
    const event = data as ConnectUIEvent; // of our own connect page
    if (event.type === 'ready') {
      this.#isReady = true;
      this.#sendToken();
    }
    if (event.type === 'close') this.close();
    this.#props.onEvent?.(event);
  };
}
