/** Calendly: names things by their address, of which the last part is the id. */
import { digText } from '../dig.ts';
import type { Quirk } from './quirk.ts';

export const calendly: Quirk = {
  afterConnect: async ({ request }) => {
    const answer = await request('/users/me');
    const last = (path: string) => digText(answer, path)?.split('/').at(-1);
    return { config: { organizationId: last('resource.current_organization') }, account: last('resource.uri') };
  },
};
