/** Every auth mode this version carries out, by the name the catalogue gives it. A name without an object does not compile. */
import type { AuthModeName } from '@bowline/providers/provider';
import { apiKey } from './api-key.ts';
import type { AuthMode } from './auth-mode.ts';
import { basic } from './basic.ts';
import { none } from './none.ts';
import { oauth2 } from './oauth2.ts';
import { oauth2ClientCredentials } from './oauth2-cc.ts';

export const modes: Readonly<Record<AuthModeName, AuthMode>> = {
  OAUTH2: oauth2,
  OAUTH2_CC: oauth2ClientCredentials,
  API_KEY: apiKey,
  BASIC: basic,
  NONE: none,
};
