/** How each auth mode connects in a browser, and what it asks when the provider's definition names nothing. The only place that knows the modes by name. */
import type { Words } from '../words/shape.ts';

/** `popup`: at the provider's own page. `submit`: what is typed goes to the server. `create`: nothing is needed. */
export type How = 'popup' | 'submit' | 'create';
export type BaseName = keyof Words['field'];
type Base = { secret?: boolean; optional?: boolean; format?: string; pattern?: string; example?: string; hint?: keyof Words['hint'] };
type Facts = Readonly<Record<string, unknown>>;
type Mode = {
  how: How;
  /** Asked as credentials. */
  credentials: (provider: Facts) => readonly BaseName[];
  /** Asked as configuration of the connection. */
  config?: readonly BaseName[];
  /** What the integration could set for everybody and did not is asked of each. */
  asksOpenSettings?: true;
  /** An id made here, which the person enters at the provider first. */
  externalId?: true;
};

export const bases: Record<BaseName, Base> = {
  apiKey: { secret: true },
  username: {},
  password: { secret: true },
  client_id: {},
  client_secret: { secret: true },
  client_certificate: { hint: 'pem' },
  client_private_key: { secret: true, hint: 'pem' },
  oauth_client_id_override: {},
  oauth_client_secret_override: { secret: true },
  oauth_refresh_token_override: { secret: true },
  token_id: {},
  token_secret: { secret: true },
  organization_id: {},
  dev_key: { secret: true },
  role_arn: { pattern: '^arn:[a-z-]+:iam::\\d{12}:role/.+$', example: 'arn:aws:iam::123456789012:role/bowline' },
  region: { example: 'eu-central-1' },
  external_id: { hint: 'externalId' },
  mcp_server_url: { format: 'uri', example: 'https://mcp.example.com/mcp' },
};

const popup: Mode = { how: 'popup', credentials: () => [] };
const submit = (...names: BaseName[]): Mode => ({ how: 'submit', credentials: () => names });
const modes: Record<string, Mode> = {
  OAUTH1: popup,
  OAUTH2: popup,
  MCP_OAUTH2: popup,
  MCP_OAUTH2_GENERIC: { ...popup, config: ['mcp_server_url'] },
  APP: popup,
  CUSTOM: popup,
  INSTALL_PLUGIN: popup,
  OAUTH2_CC: {
    how: 'submit',
    credentials: ({ require_client_certificate, token_request_auth_method }) => [
      'client_id',
      ...(token_request_auth_method === 'private_key_jwt' ? [] : (['client_secret'] as const)),
      ...(require_client_certificate === true ? (['client_certificate', 'client_private_key'] as const) : []),
    ],
  },
  API_KEY: submit('apiKey'),
  BASIC: submit('username', 'password'),
  SIGNATURE: submit('username', 'password'),
  BILL: submit('username', 'password', 'organization_id', 'dev_key'),
  TBA: submit('oauth_client_id_override', 'oauth_client_secret_override', 'token_id', 'token_secret'),
  JWT: submit(),
  TWO_STEP: { ...submit(), asksOpenSettings: true },
  AWS_SIGV4: { ...submit('role_arn'), externalId: true },
  NONE: { how: 'create', credentials: () => [] },
};
/** An OAuth client, or a token, that a person may bring instead of the app's, where the session asks for it with an empty text. */
export const overrides = ['oauth_client_id_override', 'oauth_client_secret_override', 'oauth_refresh_token_override'] as const;

/** Undefined for a mode that this version cannot connect from a browser. */
export function modeOf(authMode: string): Mode | undefined {
  return Object.hasOwn(modes, authMode) ? modes[authMode] : undefined;
}
