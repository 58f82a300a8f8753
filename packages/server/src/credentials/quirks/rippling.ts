/** Rippling: its app shop waits to be told that the app is installed. */
import type { Quirk } from './quirk.ts';

export const ripplingShopApp: Quirk = {
  afterConnect: async ({ request }) => {
    await request('/platform/api/mark_app_installed', { method: 'POST', json: {} });
    return {};
  },
};
