/** SHOPLINE: signs each token request with the client's secret. A token renews itself; the answer is one level down, dates as text. */
import { createHmac } from 'node:crypto';
import { digText } from '../dig.ts';
import type { TokenCall } from '../token-request.ts';
import type { About, Quirk } from './quirk.ts';
import { only, reading, unwrapped, withHeaders } from './shapes.ts';

function signed(call: TokenCall, { client, now }: About): TokenCall {
  const timestamp = String(now.getTime());
  const body = Object.keys(call.params).length === 0 ? '' : JSON.stringify(call.params);
  const sign = createHmac('sha256', client.secret)
    .update(body + timestamp)
    .digest('hex');
  return withHeaders({ ...call, format: 'json' }, { 'content-type': 'application/json', appkey: client.id, timestamp, sign });
}

export const shopline: Quirk = {
  exchange: (call, about) => signed({ ...call, params: only(call.params, ['code']) }, about),
  refresh: (call, about) => signed({ ...call, params: {} }, about),
  read: reading((answer) => {
    const token = digText(answer, 'data.accessToken');
    if (token === undefined) return { error: answer.i18nCode ?? String(answer.code), error_description: answer.message };
    return { ...unwrapped(answer, 'data'), access_token: token, expires_at: digText(answer, 'data.expireTime') };
  }),
  renews: 'without-refresh-token',
};
