/** TikTok's three APIs: the same ideas under other names, and errors of the business API that come with status 200 and a number. */
import type { Quirk, Reshape } from './quirk.ts';
import { reading, renamed, unwrapped } from './shapes.ts';

/** Of the business API: codes and tokens that are expired or revoked. */
const revoked = new Set([40105, 40110]);

const business = reading((answer) => {
  const { code, message } = answer;
  if (code === undefined || code === 0) return unwrapped(answer, 'data');
  const known = typeof code === 'number' && revoked.has(code);
  return { error: known ? 'invalid_grant' : String(code), error_description: message };
});

/** Advertisers: a token lives until it is revoked, so there is nothing to renew. */
export const tiktokAds: Quirk = {
  exchange: (call) => ({
    ...call,
    format: 'json',
    params: renamed(call.params, { app_id: 'client_id', secret: 'client_secret', auth_code: 'code' }),
  }),
  read: business,
};

const accountNames = { client_id: 'client_id', client_secret: 'client_secret', grant_type: 'grant_type' };
export const tiktokAccounts: Quirk = {
  exchange: (call) => ({
    ...call,
    format: 'json',
    params: renamed(call.params, { ...accountNames, auth_code: 'code', redirect_uri: 'redirect_uri' }),
  }),
  refresh: (call) => ({ ...call, format: 'json', params: renamed(call.params, { ...accountNames, refresh_token: 'refresh_token' }) }),
  read: business,
};

const keyed: Reshape = ({ params: { client_id = '', ...params }, ...call }) => ({ ...call, params: { client_key: client_id, ...params } });
export const tiktokPersonal: Quirk = { exchange: keyed, refresh: keyed };
