/**
 * The token that the link carries. It leaves the address at once, because addresses are copied, bookmarked and photographed;
 * it stays with the entry of the browser's history, so that the page can be loaded again.
 */
import * as z from 'zod';

const NAME = 'session_token';
const Kept = z.object({ sessionToken: z.string().min(1) });

/** Undefined when the page was opened without one. */
export function takeToken(): string | undefined {
  const address = new URL(location.href);
  const given = address.searchParams.get(NAME);
  if (!given) return Kept.safeParse(history.state).data?.sessionToken;
  address.searchParams.delete(NAME);
  history.replaceState({ sessionToken: given } satisfies z.input<typeof Kept>, '', address);
  return given;
}
