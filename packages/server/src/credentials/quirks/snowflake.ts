/** Snowflake: the user a token acts as. */
import { told } from './lookup.ts';
import type { Quirk } from './quirk.ts';

export const snowflake: Quirk = {
  afterConnect: async ({ request }) => {
    const answer = await request('/api/v2/statements', { method: 'POST', json: { statement: 'SELECT CURRENT_USER()' } });
    return told(answer, { config: { username: 'data[0][0]' }, account: 'data[0][0]' });
  },
};
