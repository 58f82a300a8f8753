/**
 * Why connecting did not work and what the person can do about it. Types come from the socket, the callback page and the HTTP answers.
 * A member of the dashboard can mend the integration; an end user can only try again or tell the app that sent them here.
 */
import { ApiError } from '@bowline/api/client';

export class ConnectProblem extends Error {
  override readonly name = 'ConnectProblem';
  readonly type: string;
  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/** Who reads the words: somebody who runs the integrations, or somebody whose account is connected. */
export type Audience = 'member' | 'endUser';
type Words = { title: string; advice: string };
const admin = 'Check the client id, client secret and scopes of the integration, and that its callback URL is registered at the provider.';
const forMembers: Record<string, Words> = {
  blocked_by_browser: { title: 'The browser blocked the window', advice: 'Allow pop-ups for this page, then try again.' },
  window_closed: { title: 'The window was closed before access was granted', advice: 'Try again and finish the steps in the window.' },
  access_denied: { title: 'Access was not granted', advice: 'Try again and allow access in the window.' },
  connection_validation_failed: {
    title: 'The provider did not grant access',
    advice: 'Try again; if it stays so, check the integration’s settings.',
  },
  connection_test_failed: {
    title: 'The provider did not accept these credentials',
    advice: 'Check them for typing errors and that they are still valid.',
  },
  provider_config_err: { title: 'The integration is not set up completely', advice: admin },
  token_err: { title: 'The provider refused to hand out a token', advice: admin },
  callback_err: { title: 'The provider reported an error', advice: admin },
  state_err: { title: 'This attempt took too long or was used already', advice: 'Try again.' },
  state_cookie_err: { title: 'The browser lost track of this attempt', advice: 'Allow cookies for this page, then try again.' },
  url_param_err: { title: 'A value needed for the address is missing', advice: 'Fill in every field, then try again.' },
  integration_not_allowed: { title: 'This integration may not be connected here', advice: 'Choose another integration.' },
  unknown_connect_session_token: { title: 'The session to connect has ended', advice: 'Start again.' },
  invalid_connection: { title: 'The connection no longer exists', advice: 'Add a new connection instead.' },
  unknown_provider_config: { title: 'This integration no longer exists', advice: 'Reload the page and choose another.' },
};

const notYours = {
  title: 'This could not be connected',
  advice: 'It is nothing you did. Please tell whoever sent you here; the details below will help them.',
};
const wrongForm = { title: 'Something you entered does not look right', advice: 'Check every field, then try again.' };
const forEndUsers: Record<string, Words> = {
  connection_validation_failed: { title: 'Access was not granted', advice: 'Try again and allow access in the window.' },
  connection_test_failed: {
    title: 'These details were not accepted',
    advice: 'Check them for typing errors and that they are still valid, then try again.',
  },
  provider_config_err: notYours,
  token_err: notYours,
  callback_err: notYours,
  url_param_err: wrongForm,
  invalid_query_params: wrongForm,
  invalid_body: wrongForm,
  invalid_auth_mode: notYours,
  integration_not_allowed: notYours,
  invalid_connection: notYours,
  unknown_provider_config: notYours,
  unknown_connect_session_token: { title: 'This link has expired', advice: 'Go back to where you got it and start again there.' },
};

const unknown = {
  member: { title: 'Connecting failed', advice: 'Try again.' },
  endUser: { title: 'This could not be connected', advice: 'Try again. If it stays so, please tell whoever sent you here.' },
};
const offline = {
  member: { title: 'The server could not be reached', advice: 'Check the network and try again.', detail: '' },
  endUser: { title: 'You seem to be offline', advice: 'Check your internet connection and try again.', detail: '' },
};

/** `{ title, advice, detail }`: what happened, what to do, and the words of the server when they add something. */
export function explain(error: unknown, audience: Audience = 'member'): Words & { detail: string } {
  if (error instanceof ConnectProblem || error instanceof ApiError) {
    const type = error instanceof ApiError ? error.code : error.type;
    const name = /denied/.test(`${type} ${error.message}`) ? 'access_denied' : type;
    const known = (audience === 'endUser' ? forEndUsers[name] : undefined) ?? forMembers[name];
    return { ...(known ?? unknown[audience]), detail: error.message };
  }
  if (error instanceof TypeError) return offline[audience];
  return { ...unknown[audience], detail: error instanceof Error ? error.message : '' };
}
