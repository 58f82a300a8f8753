/** Procore: the first company of those a person may see, unless one was named. */
import { digText } from '../dig.ts';
import type { Quirk } from './quirk.ts';

export const procore: Quirk = {
  afterConnect: async ({ access, request }) => {
    if (digText(access.connectionConfig, 'companyId') !== undefined) return {};
    const companyId = digText(await request('/rest/v1.0/companies'), '[0].id');
    return { config: { companyId }, account: companyId };
  },
};
