/** Google: push notifications name an address; its hash finds the connection without keeping the address. */
import { createHash } from 'node:crypto';
import { digText } from '../dig.ts';
import type { Quirk } from './quirk.ts';

/** A name of the wire: what was stored elsewhere is found here too. */
const PREFIX = 'nango.emailAddressHash.v1:';

const hashed = (at: string, path: string): Quirk => ({
  afterConnect: async ({ request }) => {
    const address = digText(await request(at), path)?.toLowerCase();
    return {
      config: {
        emailAddressHash:
          address &&
          createHash('sha256')
            .update(PREFIX + address)
            .digest('hex'),
      },
    };
  },
});

export const googleMail = hashed('/gmail/v1/users/me/profile', 'emailAddress');
export const googleCalendar = hashed('/calendar/v3/users/me/calendarList/primary', 'id');
