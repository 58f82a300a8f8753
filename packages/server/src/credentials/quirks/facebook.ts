/**
 * Facebook: a sign-in's token lives an hour or two and can be traded for one of about 60 days, and that again; there is no refresh token.
 * Meta documents both as GET with everything in the query.
 */
import { digText } from '../dig.ts';
import type { Quirk } from './quirk.ts';
import { only, queryGet, secondToken } from './shapes.ts';

const traded = (client: { id: string; secret: string }, token: string) => ({
  grant_type: 'fb_exchange_token',
  client_id: client.id,
  client_secret: client.secret,
  fb_exchange_token: token,
});

export const facebook: Quirk = {
  exchange: (call) => ({
    ...call,
    method: 'GET',
    params: only(call.params, ['client_id', 'client_secret', 'redirect_uri', 'code', 'code_verifier']),
  }),
  // Tokens of business integrations cannot be traded and need not: they do not expire.
  further: async (asking, answer) => {
    const { previous, provider, client } = asking;
    if (previous) return answer;
    const long = await secondToken(asking, queryGet(provider.token_url, traded(client, digText(answer, 'access_token') ?? '')));
    return { ...answer, ...long };
  },
  refresh: (call, { client, previous }) => ({ ...call, method: 'GET', params: traded(client, previous?.access_token ?? '') }),
  renews: 'when-forced',
};
