/**
 * One sign-in at a provider: begun by a request that holds what is secret, ended by what the server says of it.
 * Waiting always ends: with an outcome, when the person closed the window, when the server gives up, or when nobody can be reached.
 */
import type { connect } from '@bowline/api/connect';
import type { Received } from '@bowline/api/route';
import { type Api, callApi, isPassing, note } from './api.ts';
import { AuthError } from './auth-error.ts';
import { listen } from './nudges.ts';
import type { AuthOptions, AuthResult } from './options.ts';

export type Begun = { id: string; startUrl: string };
export type Waiting = {
  id: string;
  /** Whether the window is gone; always false where there is none. */
  isClosed: () => boolean;
  signal?: AbortSignal | undefined;
};

/** With the socket open, asking is only for when it lies. */
const ASK_MS = { hearing: 10_000, first: 800, most: 5_000, closed: 400 };
/** What the provider's answer may take to be worked off after the window closed. */
const GRACE_MS = 2_500;
/** In a row: more than two minutes. */
const FAILURES_MAX = 30;

/** @throws AuthError with what the server says */
export async function beginAttempt(api: Api, providerConfigKey: string, options: AuthOptions): Promise<Begun> {
  const { params, authorization_params: given, returnTo, signal } = options;
  // The text takes a parameter of the provider away.
  const authorizationParams = given && Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));
  const body = { providerConfigKey, params, authorizationParams, credentials: overridesIn(options.credentials), returnTo };
  const answer = await callApi(api, { method: 'POST', path: '/connect/session/attempts', body, signal });
  const { data } = answer as Received<typeof connect.beginAttempt>; // by the contract
  if (data.error) throw new AuthError(data.error.message, data.error.type);
  if (!data.id || !data.startUrl) throw new AuthError(`${api.host} is no Bowline server`, 'unknown_error');
  return { id: data.id, startUrl: data.startUrl };
}

const OVERRIDES = ['oauth_client_id_override', 'oauth_client_secret_override', 'oauth_refresh_token_override'];

function overridesIn(credentials: object | undefined): object | undefined {
  return credentials && Object.fromEntries(Object.entries(credentials).filter(([name, value]) => OVERRIDES.includes(name) && value));
}

export async function outcomeOf(api: Api, { id, isClosed, signal }: Waiting): Promise<AuthResult> {
  const nudges = listen(api, id, isClosed);
  let goneSince: number | undefined;
  let failures = 0;
  try {
    for (let asked = 0; ; asked++) {
      const wasGone = isClosed() && isBack();
      const result = await ask(api, id, signal).catch((error: unknown) => {
        if (!isPassing(error) || ++failures > FAILURES_MAX) throw error;
        note(api, 'the server cannot be asked; trying again');
        return 'unknown' as const;
      });
      if (typeof result === 'object') return result;
      if (result === 'waiting') failures = 0;
      goneSince = wasGone ? (goneSince ?? performance.now()) : undefined;
      if (goneSince !== undefined && result === 'waiting' && performance.now() - goneSince > GRACE_MS) {
        throw new AuthError('The window was closed before access was granted', 'window_closed');
      }
      const patience = nudges.hears() ? ASK_MS.hearing : Math.min(ASK_MS.first * 1.4 ** asked, ASK_MS.most);
      await race(nudges.next(goneSince === undefined ? patience : ASK_MS.closed), signal);
    }
  } finally {
    nudges.stop();
  }
}

async function ask(api: Api, id: string, signal: AbortSignal | undefined): Promise<AuthResult | 'waiting'> {
  const answer = await callApi(api, { method: 'GET', path: `/connect/session/attempts/${id}`, signal });
  const { data } = answer as Received<typeof connect.getAttempt>; // by the contract
  if (data.status === 'waiting') return 'waiting';
  if (data.status === 'failed') throw new AuthError(data.error?.message ?? '', data.error?.type ?? 'unknown_error');
  const { providerConfigKey, connectionId = '', isPending = false } = data;
  return { ok: true, providerConfigKey, connectionId, isPending };
}

/**
 * A window whose provider isolates its pages (Cross-Origin-Opener-Policy) looks closed while the person is still there. Whoever closed it
 * is back at this page.
 */
function isBack(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus();
}

async function race(pause: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return pause;
  let stop = () => {};
  const aborted = new Promise<void>((_resolve, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop);
  });
  try {
    signal.throwIfAborted();
    await Promise.race([pause, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
