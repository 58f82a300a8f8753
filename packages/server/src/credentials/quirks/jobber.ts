/** Jobber: the account's id, of an API that is GraphQL alone. */
import { told } from './lookup.ts';
import type { Quirk } from './quirk.ts';

export const jobber: Quirk = {
  afterConnect: async ({ request }) => {
    const answer = await request('/graphql', { method: 'POST', json: { query: '{ account { id } }' } });
    return told(answer, { config: { accountId: 'data.account.id' }, account: 'data.account.id' });
  },
};
