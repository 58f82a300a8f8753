/** How each auth mode connects in a browser: through the provider's own window, or with values typed here. The only place that knows the modes by name. */
import type { Client } from '@bowline/api/client';
import type { connect } from '@bowline/api/connect';
import type { Values } from './fields.ts';

export type ConnectClient = Client<{ connect: typeof connect }>['connect'];
type Submit = { client: ConnectClient; key: string; query: Record<string, string>; credentials: Values };
type Answer = Promise<{ connectionId: string }>;
type Default = { title: string; description: string; secret?: boolean };
export type Mode =
  | { kind: 'window' }
  /** `fields`: asked when the provider's definition names none. */
  | { kind: 'form'; fields: Record<string, Default>; submit: (values: Submit) => Answer };

const window: Mode = { kind: 'window' };
const modes: Record<string, Mode> = {
  OAUTH1: window,
  OAUTH2: window,
  MCP_OAUTH2: window,
  MCP_OAUTH2_GENERIC: window,
  CUSTOM: window,
  APP: window,
  API_KEY: {
    kind: 'form',
    fields: { apiKey: { title: 'API key', description: '', secret: true } },
    submit: ({ client, key, query, credentials }) =>
      client.apiKey({ params: { providerConfigKey: key }, query, body: { apiKey: credentials.apiKey ?? '' } }),
  },
  BASIC: {
    kind: 'form',
    fields: { username: { title: 'User name', description: '' }, password: { title: 'Password', description: '', secret: true } },
    submit: ({ client, key, query, credentials }) =>
      client.basic({
        params: { providerConfigKey: key },
        query,
        body: { username: credentials.username ?? '', password: credentials.password ?? '' },
      }),
  },
  OAUTH2_CC: {
    kind: 'form',
    fields: {
      client_id: { title: 'Client ID', description: '' },
      client_secret: { title: 'Client secret', description: '', secret: true },
    },
    submit: ({ client, key, query, credentials: { client_id = '', client_secret = '', ...rest } }) =>
      client.clientCredentials({ params: { providerConfigKey: key }, query, body: { client_id, client_secret, ...rest } }),
  },
  NONE: {
    kind: 'form',
    fields: {},
    submit: ({ client, key, query }) => client.unauthenticated({ params: { providerConfigKey: key }, query, body: {} }),
  },
};

/** Undefined for a mode that cannot be connected from a browser yet. */
export function modeOf(authMode: string): Mode | undefined {
  return modes[authMode];
}

const registered = new Set(['OAUTH1', 'OAUTH2', 'TBA']);
/** Modes whose integration holds a client that the developer registered at the provider; the answer is the type of its credentials. */
export function registeredClient(authMode: string): 'OAUTH1' | 'OAUTH2' | 'TBA' | undefined {
  return registered.has(authMode) ? (authMode as 'OAUTH1' | 'OAUTH2' | 'TBA') : undefined; // member of the set
}

const names: Record<string, string> = {
  OAUTH1: 'OAuth 1',
  OAUTH2: 'OAuth 2',
  OAUTH2_CC: 'Client credentials',
  API_KEY: 'API key',
  BASIC: 'Basic',
  NONE: 'No credentials',
  APP: 'App',
  JWT: 'JWT',
  TWO_STEP: 'Two steps',
};
export function modeName(authMode: string): string {
  return names[authMode] ?? authMode;
}
