/** The access token of a connection, for look-ups that read what it says. Pure. */
import type { Access } from '../access.ts';

export function accessTokenOf({ credentials }: Access): string | undefined {
  switch (credentials.type) {
    case 'OAUTH2':
      return credentials.access_token;
    case 'OAUTH2_CC':
      return credentials.token;
    default:
      return undefined;
  }
}
