/** Sentry: an installation stays pending until the app says that it has dealt with it. */
import { digText } from '../dig.ts';
import type { Quirk } from './quirk.ts';

export const sentryOauth: Quirk = {
  afterConnect: async ({ access, request }) => {
    const uuid = digText(access.connectionConfig, 'installation.uuid');
    if (uuid === undefined) return {};
    const at = `https://sentry.io/api/0/sentry-app-installations/${encodeURIComponent(uuid)}/`;
    await request(at, { method: 'PUT', json: { status: 'installed' } });
    return { remove: ['pending'], account: uuid };
  },
};
