/** Stripe apps: the account's secret key is the user name of Basic, with no password; no client id is sent. */
import { basicHeader } from '../basic.ts';
import type { Quirk, Reshape } from './quirk.ts';
import { only, withHeaders } from './shapes.ts';

const keyed: Reshape = (call, { client }) => ({
  ...withHeaders(call, { authorization: basicHeader(client.secret, '') }),
  params: only(call.params, ['grant_type', 'code', 'refresh_token']),
});

export const stripeApp: Quirk = { exchange: keyed, refresh: keyed };
