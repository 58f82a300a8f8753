/** Basecamp: a person may have several accounts; only one alone is chosen for them. */
import { digList, digText } from '../dig.ts';
import type { Quirk } from './quirk.ts';

export const basecamp: Quirk = {
  afterConnect: async ({ access, request }) => {
    const answer = await request('https://launchpad.37signals.com/authorization.json');
    const accounts = digList(answer, 'accounts').map((account) => ({
      id: digText(account, 'id') ?? '',
      name: digText(account, 'name') ?? '',
      product: digText(account, 'product') ?? '',
      href: digText(account, 'href') ?? '',
    }));
    const chosen = digText(access.connectionConfig, 'accountId');
    const [first] = accounts;
    return {
      config: { accounts, accountId: chosen ?? (accounts.length === 1 ? first?.id : undefined) },
      account: digText(answer, 'identity.id'),
    };
  },
};
