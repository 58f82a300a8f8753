/** Whether a connection works, as your backend says; it asks again when something was connected and when the person comes back. */
import { BowlineElement, make } from './element.ts';

/**
 * What your backend says of a connection.
 *
 * @example
 * const state: ConnectionState = { status: 'broken', label: 'GitHub' };
 */
export type ConnectionState = {
  /** `broken`: the person must connect again. `missing`: they never did. `pending`: the provider has yet to confirm. */
  status: 'connected' | 'broken' | 'missing' | 'pending';
  /** What it is a connection to. */
  label?: string | undefined;
};

/**
 * The words of `<bowline-connection-status>`.
 *
 * @example
 * badge.texts = { connected: 'Verbunden' };
 */
export type ConnectionStatusTexts = Partial<typeof english>;
const english = {
  loading: 'Checking…',
  connected: 'Connected',
  broken: 'Needs to be connected again',
  missing: 'Not connected',
  pending: 'Waiting for approval',
  unknown: 'Could not be checked',
};

/**
 * `<bowline-connection-status>`. Attribute: `url`, a route of your app that answers a GET with a ConnectionState; or set `source`. What is inside the
 * element is shown beside the words, such as a button to connect again. Event: `bowline-status`.
 *
 * @example
 * const status = document.createElement('bowline-connection-status') as ConnectionStatusElement;
 * status.source = async () => ({ status: 'connected' });
 */
export class ConnectionStatusElement extends BowlineElement {
  static readonly observedAttributes = ['url'];
  texts: ConnectionStatusTexts = {};
  readonly #words = make('span', { part: 'text', role: 'status' });
  readonly #box = make('span', { part: 'status' }, make('span', { part: 'dot', 'aria-hidden': 'true' }), this.#words, make('slot'));
  #source: (() => Promise<ConnectionState>) | undefined;
  #asked = 0;

  constructor() {
    super();
    this.root.append(this.#box);
  }

  get source(): (() => Promise<ConnectionState>) | undefined {
    return this.#source;
  }
  set source(source: (() => Promise<ConnectionState>) | undefined) {
    this.#source = source;
    if (this.isConnected) void this.refresh();
  }

  connectedCallback(): void {
    document.addEventListener('bowline-connect', this.#again);
    document.addEventListener('visibilitychange', this.#again);
    void this.refresh();
  }
  disconnectedCallback(): void {
    document.removeEventListener('bowline-connect', this.#again);
    document.removeEventListener('visibilitychange', this.#again);
  }
  attributeChangedCallback(): void {
    if (this.isConnected) void this.refresh();
  }

  async refresh(): Promise<void> {
    const url = this.getAttribute('url');
    const ask = this.#source ?? (url === null ? undefined : () => stateFrom(url));
    if (!ask) return;
    const asked = ++this.#asked;
    if (this.#words.textContent === '') this.#show('loading');
    const state = await ask().catch(() => undefined);
    if (asked !== this.#asked) return; // an answer to an older question
    this.#show(state?.status ?? 'unknown', state?.label);
    this.tell('bowline-status', state);
  }

  readonly #again = (): void => {
    if (document.visibilityState === 'visible') void this.refresh();
  };

  #show(status: keyof typeof english, label?: string): void {
    this.#box.dataset.status = status;
    this.dataset.status = status;
    const words = { ...english, ...this.texts }[status];
    this.#words.textContent = label ? `${label}: ${words}` : words;
  }
}

async function stateFrom(url: string): Promise<ConnectionState> {
  const response = await fetch(url, { headers: { accept: 'application/json' }, credentials: 'same-origin' });
  if (!response.ok) throw new Error(`${url} answered with ${response.status}`);
  return (await response.json()) as ConnectionState; // of the app's own backend
}
