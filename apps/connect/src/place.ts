/** Where and how the page is shown: what its address says, and whether another page frames it. */
import { defaultThemes } from '@bowline/api/appearance';

export type Place = {
  /** Another page shows this one. */
  framed: boolean;
  /** Only the card: whoever frames it brings the rest. */
  embedded: boolean;
  /** Shown with samples in the editor of its settings: nothing is connected and nothing closes. */
  preview: boolean;
  theme: (typeof defaultThemes)[number] | undefined;
  lang: string | undefined;
  detectClosedAuthWindow: boolean;
  /** Where the API answers: on the server that this page came from, below the same path. */
  apiUrl: string;
};

export function readPlace({ href }: { href: string }, framed: boolean): Place {
  const address = new URL(href);
  const given = address.searchParams;
  const apiUrl = new URL('..', `${address.origin}${address.pathname}`).href.replace(/\/$/, '');
  warnOfOtherApi(given.get('apiURL'), apiUrl);
  return {
    framed,
    embedded: given.get('embedded') === 'true',
    preview: given.get('preview') === 'true',
    theme: defaultThemes.find((one) => one === given.get('theme')),
    lang: given.get('lang') ?? undefined,
    detectClosedAuthWindow: given.get('detectClosedAuthWindow') === 'true',
    apiUrl,
  };
}

/** A link could otherwise make this page, under its good name, hand what a person types to a server of the link's maker. */
function warnOfOtherApi(given: string | null, own: string): void {
  if (given && URL.parse(given)?.origin !== new URL(own).origin)
    console.warn(`Connect: apiURL is not followed; this page asks ${own} alone.`);
}
