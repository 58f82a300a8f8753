/**
 * The token that a link carries. It leaves the address at once, because addresses are copied, bookmarked and photographed;
 * it stays with the entry of the browser's history, so that the page can be loaded again.
 */
const NAME = 'session_token';

/** Undefined when the page was opened without one. */
export function takeToken(): string | undefined {
  const address = new URL(location.href);
  const given = address.searchParams.get(NAME);
  if (!given) return keptToken(history.state);
  address.searchParams.delete(NAME);
  history.replaceState({ sessionToken: given }, '', address);
  return given;
}

function keptToken(state: unknown): string | undefined {
  const kept: unknown = Object(state).sessionToken;
  return typeof kept === 'string' && kept !== '' ? kept : undefined;
}
