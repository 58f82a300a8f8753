/** Every auth mode by the name the catalogue gives it. A name without an object does not compile. */
import type { AuthModeName } from '@bowline/providers/provider';
import { apiKey } from './api-key.ts';
import { app } from './app.ts';
import type { AuthMode } from './auth-mode.ts';
import { awsSigV4 } from './aws.ts';
import { basic } from './basic.ts';
import { bill } from './bill.ts';
import { custom } from './custom.ts';
import { installPlugin } from './install-plugin.ts';
import { jwt } from './jwt.ts';
import { mcpOauth2Generic } from './mcp-generic.ts';
import { mcpOauth2 } from './mcp-oauth2.ts';
import { none } from './none.ts';
import { oauth1 } from './oauth1.ts';
import { oauth2 } from './oauth2.ts';
import { oauth2ClientCredentials } from './oauth2-cc.ts';
import { tba } from './tba.ts';
import { twoStep } from './two-step.ts';
import { wsse } from './wsse.ts';

export const modes: Readonly<Record<AuthModeName, AuthMode>> = {
  OAUTH2: oauth2,
  OAUTH2_CC: oauth2ClientCredentials,
  OAUTH1: oauth1,
  API_KEY: apiKey,
  BASIC: basic,
  APP: app,
  CUSTOM: custom,
  TBA: tba,
  JWT: jwt,
  TWO_STEP: twoStep,
  SIGNATURE: wsse,
  BILL: bill,
  AWS_SIGV4: awsSigV4,
  MCP_OAUTH2: mcpOauth2,
  MCP_OAUTH2_GENERIC: mcpOauth2Generic,
  INSTALL_PLUGIN: installPlugin,
  NONE: none,
};
