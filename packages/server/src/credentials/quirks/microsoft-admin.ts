/**
 * Microsoft, consent of an administrator: the callback tells the tenant instead of a code, and the token is the application's own, by
 * client credentials. It is renewed in the same way, without a refresh token.
 */
import type { Quirk, Reshape } from './quirk.ts';
import { only } from './shapes.ts';

const GRAPH = 'https://graph.microsoft.com/.default';

const ofApplication: Reshape = (call, { integration }) => ({
  ...call,
  params: {
    ...only(call.params, ['client_id', 'client_secret']),
    grant_type: 'client_credentials',
    scope: integration.scopes.join(' ') || GRAPH,
  },
});

export const microsoftAdmin: Quirk = { exchange: ofApplication, refresh: ofApplication, renews: 'without-refresh-token' };
