/** Adobe User Management: its API wants the client's id in a header. */
import type { Quirk } from './quirk.ts';

export const adobeUmapi: Quirk = {
  afterConnect: async ({ access: { credentials } }) => ({
    config: { clientId: credentials.type === 'OAUTH2_CC' ? credentials.client_id : undefined },
  }),
};
