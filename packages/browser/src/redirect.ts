/**
 * Signing in by leaving the page, for browsers without popups. What was begun is kept in this tab's session storage, and only what is
 * kept there is believed when the browser comes back: an address alone makes nobody's connection ours.
 */

import type { Api } from './api.ts';
import { beginAttempt, outcomeOf } from './attempt.ts';
import { AuthError } from './auth-error.ts';
import type { AuthOptions, AuthResult } from './options.ts';

const KEPT = 'bowline:attempt';
const PARAMETER = 'bowline_attempt';

/** Resolves or rejects only when the person comes back by the browser's own button: else the page is gone. */
export async function leave(api: Api, key: string, { returnTo = location.href, ...options }: AuthOptions): Promise<AuthResult> {
  const begun = await beginAttempt(api, key, { ...options, returnTo });
  keep({ id: begun.id, token: api.token });
  let cameBack = false;
  const onShow = ({ persisted }: PageTransitionEvent) => {
    cameBack ||= persisted;
  };
  addEventListener('pageshow', onShow);
  location.assign(begun.startUrl);
  try {
    return await outcomeOf(api, { id: begun.id, isClosed: () => cameBack, signal: options.signal });
  } finally {
    removeEventListener('pageshow', onShow);
  }
}

/** @returns undefined when this page load does not end a redirect of this tab */
export async function comeBack(api: Omit<Api, 'token'>, signal: AbortSignal | undefined): Promise<AuthResult | undefined> {
  const address = new URL(location.href);
  const id = address.searchParams.get(PARAMETER);
  const kept = look();
  if (id === null || kept?.id !== id) return undefined;
  address.searchParams.delete(PARAMETER);
  history.replaceState(history.state, '', address);
  sessionStorage.removeItem(KEPT);
  return outcomeOf({ ...api, token: kept.token }, { id, isClosed: () => true, signal });
}

type Kept = { id: string; token: string };

function keep(kept: Kept): void {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
  } catch (error) {
    throw new AuthError('This browser keeps nothing for this page, so it could not come back', 'storage_unavailable', { cause: error });
  }
}

function look(): Kept | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}
