/** Every auth mode by the name the catalogue gives it. A name without an object does not compile. */
import type { AuthModeName } from '@bowline/providers/provider';
import { apiKey } from './api-key.ts';
import { type AuthMode, declaredFields, never, staysAsIs } from './auth-mode.ts';
import { awsSigV4 } from './aws.ts';
import { basic } from './basic.ts';
import { bill } from './bill.ts';
import { CredentialsError } from './failure.ts';
import { jwt } from './jwt.ts';
import { none } from './none.ts';
import { oauth1 } from './oauth1.ts';
import { oauth2 } from './oauth2.ts';
import { oauth2ClientCredentials } from './oauth2-cc.ts';
import { tba } from './tba.ts';
import { twoStep } from './two-step.ts';
import { wsse } from './wsse.ts';

/** The schema knows the mode and nothing carries it out yet: the catalogue has no provider of it. */
const unbuilt: AuthMode = {
  fields: declaredFields,
  start: async () => refuse(),
  finish: async () => refuse(),
  refresh: staysAsIs,
  renews: never,
  apply: () => ({ headers: {}, query: {} }),
};

function refuse(): never {
  throw new CredentialsError('provider_config_err', 'this version of Bowline does not carry out the auth mode of this provider');
}

export const modes: Readonly<Record<AuthModeName, AuthMode>> = {
  OAUTH2: oauth2,
  OAUTH2_CC: oauth2ClientCredentials,
  OAUTH1: oauth1,
  API_KEY: apiKey,
  BASIC: basic,
  APP: unbuilt,
  CUSTOM: unbuilt,
  TBA: tba,
  JWT: jwt,
  TWO_STEP: twoStep,
  SIGNATURE: wsse,
  BILL: bill,
  AWS_SIGV4: awsSigV4,
  MCP_OAUTH2: unbuilt,
  MCP_OAUTH2_GENERIC: unbuilt,
  INSTALL_PLUGIN: unbuilt,
  NONE: none,
};
