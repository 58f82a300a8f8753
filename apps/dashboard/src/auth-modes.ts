/** What the auth modes are called here, and what each asks a developer to enter of what was registered at the provider. The only place that knows the modes by name. */
import type { IntegrationSecrets } from '@bowline/api/integration-credentials';
import type { Provider } from '@bowline/api/providers';

export type AppFieldName = Exclude<keyof IntegrationSecrets, 'type'>;
export type AppField = {
  name: AppFieldName;
  label: string;
  help?: string;
  example?: string;
  secret?: true;
  /** A PEM has many lines. */
  lines?: true;
  optional?: true;
  /** Shares a row with its neighbour where there is room. */
  short?: true;
  /** Only of providers whose webhooks are received; left out of a change it stays as it was. */
  ofWebhooks?: true;
};
type Mode = {
  name: string;
  /** What the developer registers, as the heading of its part of the settings. Absent: nothing. */
  app?: 'Client' | 'App' | 'Plugin';
  fields: readonly AppField[];
  /** The fields are given together or not at all. */
  optional?: true;
};

const clientId: AppField = { name: 'client_id', label: 'Client ID', short: true };
const clientSecret: AppField = { name: 'client_secret', label: 'Client secret', secret: true, short: true };
const publicSecret: AppField = { ...clientSecret, optional: true, help: 'A public client has none.' };
const scopes: AppField = {
  name: 'scopes',
  label: 'Scopes',
  help: 'What users are asked to allow, separated by commas.',
  example: 'repo,read:user',
  optional: true,
};
const webhookSecret: AppField = {
  name: 'webhook_secret',
  label: 'Webhook secret',
  help: 'What the provider signs its webhooks with.',
  secret: true,
  optional: true,
  ofWebhooks: true,
};
const app: readonly AppField[] = [
  { name: 'app_id', label: 'App ID', help: 'The number on the settings page of your app.', example: '123456', short: true },
  {
    name: 'app_link',
    label: 'Public page',
    help: 'Where people install your app.',
    example: 'https://github.com/apps/my-app',
    short: true,
  },
  {
    name: 'private_key',
    label: 'Private key',
    help: 'The PEM file that the provider made for you, whole, with its first and last line.',
    example: '-----BEGIN RSA PRIVATE KEY-----',
    secret: true,
    lines: true,
  },
  { ...webhookSecret, help: 'What the provider signs its webhooks with. Left empty, one is made, which the settings show.' },
];

const oauth: Omit<Mode, 'name'> = {
  app: 'Client',
  fields: [clientId, clientSecret, scopes, webhookSecret],
};
const asks = (name: string): Mode => ({ name, fields: [] });

/** MCP servers differ by where the client comes from: `client_registration` of the provider stands after the mode. */
const modes: Record<string, Mode> = {
  OAUTH1: { name: 'OAuth 1', ...oauth },
  OAUTH2: { name: 'OAuth 2', ...oauth },
  TBA: {
    name: 'Tokens (OAuth 1)',
    app: 'Client',
    fields: [
      { ...clientId, label: 'Consumer key' },
      { ...clientSecret, label: 'Consumer secret' },
    ],
    optional: true,
  },
  APP: { name: 'App', app: 'App', fields: app },
  CUSTOM: {
    name: 'App and person',
    app: 'App',
    fields: [clientId, clientSecret, ...app],
  },
  INSTALL_PLUGIN: {
    name: 'Plugin',
    app: 'Plugin',
    fields: [
      { name: 'username', label: 'Identifier', help: 'The user name or identifier of your plugin.', short: true },
      { name: 'password', label: 'Key', help: 'Its password or key.', secret: true, short: true },
      {
        name: 'app_link',
        label: 'Installation page',
        help: 'Where people install your plugin.',
        example: 'https://app.example.com/install',
      },
    ],
  },
  'MCP_OAUTH2 static': {
    name: 'MCP',
    app: 'Client',
    fields: [clientId, publicSecret, scopes],
  },
  'MCP_OAUTH2 dynamic': {
    name: 'MCP',
    app: 'Client',
    fields: [],
  },
  'MCP_OAUTH2 cimd': {
    name: 'MCP',
    app: 'Client',
    fields: [],
  },
  MCP_OAUTH2_GENERIC: {
    name: 'MCP, any server',
    app: 'Client',
    fields: [clientId, publicSecret, scopes],
    optional: true,
  },
  OAUTH2_CC: asks('Client credentials'),
  API_KEY: asks('API key'),
  BASIC: asks('Basic'),
  JWT: asks('JWT'),
  BILL: asks('Bill'),
  TWO_STEP: asks('Two steps'),
  SIGNATURE: asks('Signature'),
  AWS_SIGV4: asks('AWS role'),
  NONE: asks('No credentials'),
};

export function modeName(authMode: string): string {
  return (modes[authMode] ?? modes[`${authMode} static`])?.name ?? authMode;
}

/** What a person does who connects, to narrow a list by. */
const kinds: Record<string, readonly string[]> = {
  'Sign-in (OAuth)': ['OAUTH2', 'OAUTH1'],
  'App installation': ['APP', 'CUSTOM', 'INSTALL_PLUGIN'],
  'API key or password': ['API_KEY', 'BASIC'],
  'Credentials for a token': ['OAUTH2_CC', 'TWO_STEP', 'JWT', 'TBA', 'SIGNATURE', 'BILL', 'AWS_SIGV4'],
  MCP: ['MCP_OAUTH2', 'MCP_OAUTH2_GENERIC'],
  'No credentials': ['NONE'],
};
export const modeKinds: readonly string[] = Object.keys(kinds);

export function modeKind(authMode: string): string | undefined {
  return modeKinds.find((kind) => kinds[kind]?.includes(authMode));
}

/** A mode that this version does not know asks for nothing; the server says so if that is wrong. */
export function modeOf({ auth_mode, client_registration, webhook_routing_script }: Provider): Mode {
  const mode = modes[auth_mode] ?? modes[`${auth_mode} ${String(client_registration)}`] ?? asks(auth_mode);
  return {
    ...mode,
    fields: mode.fields.filter(({ ofWebhooks }) => !ofWebhooks || webhook_routing_script !== undefined),
  };
}
