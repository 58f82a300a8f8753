/**
 * Instagram and Threads: the code buys a token of an hour, which is traded at once for one of 60 days. That one renews itself, without a
 * refresh token and without the person, as long as it has not expired.
 */
import { digText } from '../dig.ts';
import { askToken } from '../token-request.ts';
import { lookup } from './lookup.ts';
import type { Quirk } from './quirk.ts';
import { queryGet, reading, unwrapped } from './shapes.ts';

/** @param prefix of the two grants: `ig`, `th` */
function longLived(prefix: string): Quirk {
  return {
    further: async ({ world, provider, client, previous }, answer) => {
      if (previous) return answer;
      const url = new URL('/access_token', provider.refresh_url).href;
      const access_token = digText(answer, 'access_token') ?? '';
      const params = { grant_type: `${prefix}_exchange_token`, client_secret: client.secret, access_token };
      return { ...answer, ...(await askToken(world.outbound, queryGet(url, params))) };
    },
    refresh: (call, { previous }) => ({
      ...call,
      method: 'GET',
      params: { grant_type: `${prefix}_refresh_token`, access_token: previous?.access_token ?? '' },
    }),
    // Instagram has begun to wrap the first answer in a list.
    read: reading((answer) => (answer.data === undefined ? answer : unwrapped(answer, 'data[0]'))),
    renews: 'without-refresh-token',
  };
}

export const instagram: Quirk = { ...longLived('ig'), afterConnect: lookup('/me?fields=user_id', { config: {}, account: 'user_id' }) };
export const threads = longLived('th');
