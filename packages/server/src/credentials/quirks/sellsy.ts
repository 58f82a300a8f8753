/** Sellsy: the company is a claim of the access token, and a number on the wire. */
import { readClaims } from '../claims.ts';
import { dig, digText } from '../dig.ts';
import { accessTokenOf } from './access-token.ts';
import type { Quirk } from './quirk.ts';

export const sellsy: Quirk = {
  afterConnect: async ({ access }) => {
    const claims = readClaims(accessTokenOf(access));
    const corpid = dig(claims, 'corpId');
    return { config: { corpid: typeof corpid === 'number' ? corpid : Number(corpid) || undefined }, account: digText(claims, 'corpId') };
  },
};
