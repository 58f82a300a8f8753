/** DocuSign: each account lives at an address of its own; the default one is taken. Asked where the sign-in was: demo accounts have their host. */
import { dig, digList, digText } from '../dig.ts';
import type { Quirk } from './quirk.ts';

export const docusign: Quirk = {
  afterConnect: async ({ access, request }) => {
    const { provider } = access.integration;
    const host =
      'token_url' in provider && typeof provider.token_url === 'string' ? new URL(provider.token_url).host : 'account.docusign.com';
    const accounts = digList(await request(`https://${host}/oauth/userinfo`), 'accounts');
    const account = accounts.find((one) => dig(one, 'is_default') === true) ?? accounts[0];
    const accountId = digText(account, 'account_id');
    return { config: { baseUri: digText(account, 'base_uri'), accountId }, account: accountId };
  },
};
