/** Intercom: an app is uninstalled from the workspace when its connection goes. */
import { lookup } from './lookup.ts';
import type { Quirk } from './quirk.ts';

export const intercom: Quirk = {
  afterConnect: lookup('/me', { config: {}, account: 'app.id_code' }),
  beforeDelete: async ({ request }) => {
    await request('/auth/uninstall', { method: 'POST' });
  },
};
