/** Agiloft: the code is exchanged with Basic; a refresh identifies the client by the first 20 characters of its secret alone. */
import type { Quirk } from './quirk.ts';
import { only, rawBasic, withHeaders } from './shapes.ts';

export const agiloft: Quirk = {
  exchange: (call, { client }) => ({
    ...withHeaders(call, rawBasic(client)),
    params: only(call.params, ['grant_type', 'code', 'client_id', 'redirect_uri', 'code_verifier']),
  }),
  refresh: (call, { client }) => ({
    ...call,
    params: { ...only(call.params, ['grant_type', 'refresh_token']), md5_secret: client.secret.slice(0, 20) },
  }),
};
