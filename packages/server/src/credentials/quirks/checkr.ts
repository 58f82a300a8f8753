/** Checkr for partners: whether an account has nodes decides which requests it takes. */
import { digList } from '../dig.ts';
import type { Quirk } from './quirk.ts';

export const checkrPartner: Quirk = {
  afterConnect: async ({ request }) => {
    const answer = await request('/v1/nodes');
    return { config: { accountHierarchyEnabled: digList(answer, 'data').length > 0 } };
  },
};
