/** Clover: JSON with nothing but what is named here, and the moment of expiry under a name of its own. */
import type { Quirk } from './quirk.ts';
import { only, reading } from './shapes.ts';

export const clover: Quirk = {
  exchange: (call) => ({ ...call, format: 'json', params: only(call.params, ['client_id', 'client_secret', 'code']) }),
  refresh: (call) => ({ ...call, format: 'json', params: only(call.params, ['client_id', 'refresh_token']) }),
  read: reading((answer) => ({ ...answer, expires_at: answer.access_token_expiration })),
};
