/** What the auth modes are called here, and what each asks a developer to register at the provider. The only place that knows the modes by name. */
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
  /** What to do, with the provider's name for `{provider}`. */
  about: string;
  /** Where the provider sends people back to, which has to be registered there. */
  back?: 'callback' | 'setup';
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
  about: 'Register an OAuth app at {provider} with this callback URL',
  back: 'callback',
  fields: [clientId, clientSecret, scopes, webhookSecret],
};
const asks = (name: string, about: string): Mode => ({ name, about, fields: [] });

/** MCP servers differ by where the client comes from: `client_registration` of the provider stands after the mode. */
const modes: Record<string, Mode> = {
  OAUTH1: { name: 'OAuth 1', ...oauth },
  OAUTH2: { name: 'OAuth 2', ...oauth },
  TBA: {
    name: 'Tokens (OAuth 1)',
    app: 'Client',
    about: 'The consumer key of your integration record at {provider}. Leave it out when each connection brings its own.',
    fields: [
      { ...clientId, label: 'Consumer key' },
      { ...clientSecret, label: 'Consumer secret' },
    ],
    optional: true,
  },
  APP: { name: 'App', app: 'App', about: 'Register an app at {provider} with this setup URL', back: 'setup', fields: app },
  CUSTOM: {
    name: 'App and person',
    app: 'App',
    about: 'Register an app at {provider} that asks for the authorization of the person who installs it, with this callback URL',
    back: 'callback',
    fields: [clientId, clientSecret, ...app],
  },
  INSTALL_PLUGIN: {
    name: 'Plugin',
    app: 'Plugin',
    about: 'Register a plugin at {provider} that sends people back to this callback URL',
    back: 'callback',
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
    about: 'Register an OAuth app at {provider} with this callback URL',
    back: 'callback',
    fields: [clientId, publicSecret, scopes],
  },
  'MCP_OAUTH2 dynamic': {
    name: 'MCP',
    app: 'Client',
    about: 'The client is registered automatically at {provider}. There is nothing to enter.',
    fields: [],
  },
  'MCP_OAUTH2 cimd': {
    name: 'MCP',
    app: 'Client',
    about: '{provider} reads what your client is from this server, which needs a public https address. There is nothing to enter.',
    fields: [],
  },
  MCP_OAUTH2_GENERIC: {
    name: 'MCP, any server',
    app: 'Client',
    about: 'The client is registered automatically. Enter one only for a server that registers none by itself, with this callback URL',
    back: 'callback',
    fields: [clientId, publicSecret, scopes],
    optional: true,
  },
  OAUTH2_CC: asks('Client credentials', 'Nothing to register: whoever connects enters a client of their own.'),
  API_KEY: asks('API key', 'Nothing to register: whoever connects enters an API key.'),
  BASIC: asks('Basic', 'Nothing to register: whoever connects enters a user name and a password.'),
  JWT: asks('JWT', 'Nothing to register: whoever connects enters a key, and tokens are signed with it here.'),
  BILL: asks('Bill', 'Nothing to register: whoever connects signs in with a developer key.'),
  TWO_STEP: asks('Two steps', 'Nothing to register: whoever connects enters credentials that are exchanged for a token.'),
  SIGNATURE: asks('Signature', 'Nothing to register: whoever connects enters a user name and a password that requests are signed with.'),
  AWS_SIGV4: asks('AWS role', 'Whoever connects names a role that trusts your AWS account. Which account that is you say here.'),
  NONE: asks('No credentials', 'Nothing to register: this API asks for nothing.'),
};

export function modeName(authMode: string): string {
  return (modes[authMode] ?? modes[`${authMode} static`])?.name ?? authMode;
}

/** A mode that this version does not know asks for nothing; the server says so if that is wrong. */
export function modeOf({ auth_mode, client_registration, display_name, webhook_routing_script }: Provider): Mode {
  const mode = modes[auth_mode] ?? modes[`${auth_mode} ${String(client_registration)}`] ?? asks(auth_mode, '');
  return {
    ...mode,
    about: mode.about.replace('{provider}', display_name),
    fields: mode.fields.filter(({ ofWebhooks }) => !ofWebhooks || webhook_routing_script !== undefined),
  };
}
