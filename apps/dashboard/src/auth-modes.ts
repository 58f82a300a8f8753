/** What the auth modes are called here, and which of them have an app that the developer registered at the provider. */

const registered = ['OAUTH1', 'OAUTH2', 'TBA'] as const;
/** Modes whose integration holds a client that the developer registered at the provider; the answer is the type of its credentials. */
export function registeredClient(authMode: string): (typeof registered)[number] | undefined {
  return registered.find((mode) => mode === authMode);
}

const names: Record<string, string> = {
  OAUTH1: 'OAuth 1',
  OAUTH2: 'OAuth 2',
  OAUTH2_CC: 'Client credentials',
  API_KEY: 'API key',
  BASIC: 'Basic',
  NONE: 'No credentials',
  APP: 'App',
  CUSTOM: 'App and person',
  TBA: 'Tokens (OAuth 1)',
  JWT: 'JWT',
  BILL: 'Bill',
  TWO_STEP: 'Two steps',
  SIGNATURE: 'Signature',
  AWS_SIGV4: 'AWS role',
  MCP_OAUTH2: 'MCP',
  MCP_OAUTH2_GENERIC: 'MCP, any server',
  INSTALL_PLUGIN: 'Plugin',
};
export function modeName(authMode: string): string {
  return names[authMode] ?? authMode;
}
