/** OneLogin: a token is revoked by the client it was granted to, in the vendor's own scheme. */
import { accessTokenOf } from './access-token.ts';
import type { Quirk } from './quirk.ts';

export const onelogin: Quirk = {
  beforeDelete: async ({ access, request }) => {
    const { credentials } = access;
    if (credentials.type !== 'OAUTH2_CC') return;
    const authorization = `client_id:${credentials.client_id}, client_secret:${credentials.client_secret}`;
    await request('/auth/oauth2/revoke', { method: 'POST', json: { access_token: accessTokenOf(access) }, headers: { authorization } });
  },
};
