/** Workable: an account's API has its subdomain; the first is taken, unless one was named. */
import { digText } from '../dig.ts';
import type { Quirk } from './quirk.ts';

export const workable: Quirk = {
  afterConnect: async ({ access, request }) => {
    if (digText(access.connectionConfig, 'subdomain') !== undefined) return {};
    const subdomain = digText(await request('https://www.workable.com/spi/v3/accounts'), 'accounts[0].subdomain');
    return { config: { subdomain }, account: subdomain };
  },
};
