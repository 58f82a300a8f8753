/** Mailchimp: the API's host starts with the data centre of the account. */
import { accessTokenOf } from './access-token.ts';
import { lookup } from './lookup.ts';
import type { Quirk } from './quirk.ts';

const ask = lookup('https://login.mailchimp.com/oauth2/metadata', { config: { dc: 'dc' }, account: 'user_id' });

export const mailchimp: Quirk = {
  // This one address takes the older scheme.
  afterConnect: ({ access, request }) =>
    ask({ access, request: (at, asked) => request(at, { ...asked, headers: { authorization: `OAuth ${accessTokenOf(access)}` } }) }),
};
