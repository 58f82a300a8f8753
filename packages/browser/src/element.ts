/** What the web components share: a shadow root with their style, and making nodes without HTML text, so nothing a server says becomes markup. */
import { style } from './style.ts';

/** On a server nothing is drawn, but the module loads. */
const Root = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement; // only ever constructed where there is one

let sheet: CSSStyleSheet | undefined;

export abstract class BowlineElement extends Root {
  protected readonly root: ShadowRoot;

  constructor() {
    super();
    this.root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    sheet ??= new CSSStyleSheet();
    if (sheet.cssRules.length === 0) sheet.replaceSync(style);
    this.root.adoptedStyleSheets = [sheet];
  }

  protected tell(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

type Attributes = Readonly<Record<string, string | boolean | undefined | ((event: Event) => void)>>;

/** A function is a listener, true an empty attribute; false and undefined leave it out. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children);
  return element;
}

export function define(name: string, element: CustomElementConstructor): void {
  if (typeof customElements !== 'undefined' && !customElements.get(name)) customElements.define(name, element);
}
