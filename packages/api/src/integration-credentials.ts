/** What a developer registered at a provider, as an integration takes it and shows it again. */
import * as z from 'zod';

const scopesField = z
  .string()
  .max(4096)
  .regex(/^$|^[0-9A-Za-z:/_.*-]+(,[0-9A-Za-z:/_.*-]+)*$/, 'Scopes are separated by commas, without spaces')
  .meta({ examples: ['read,write'] })
  .optional()
  .describe('What users are asked to allow, separated by commas. None given when it is made: what the provider has as default.');
const webhookSecret = z
  .string()
  .max(255)
  .optional()
  .describe('What the provider signs webhooks with. Left out in a change: as before. An empty text: none.');
const clientId = z.string().min(1).max(255).describe('The client id of your app at the provider.');
const clientSecret = z.string().min(1).max(4096).describe('Its client secret.');
const authMode = <const T extends string>(mode: T) => z.literal(mode).describe('The auth mode of the provider.');

const oauth = <const T extends string>(mode: T) =>
  z.strictObject({
    type: authMode(mode),
    client_id: clientId,
    client_secret: clientSecret,
    scopes: scopesField,
    webhook_secret: webhookSecret,
  });
/** A public client has no secret. */
const mcp = <const T extends string>(mode: T) =>
  z.strictObject({ type: authMode(mode), client_id: clientId, client_secret: clientSecret.optional(), scopes: scopesField });

const PEM = /^\s*-----BEGIN (RSA )?PRIVATE KEY-----\s[\s\S]+-----END (RSA )?PRIVATE KEY-----\s*$/;
const link = z.url({ protocol: /^https?$/ }).max(2048);
const githubApp = {
  app_id: z.string().min(1).max(255).describe('The id of your app at the provider.'),
  app_link: link.describe('The public page of your app, such as `https://github.com/apps/my-app`.'),
  private_key: z
    .string()
    .max(16_384)
    .regex(PEM, 'Send the whole PEM file, from -----BEGIN RSA PRIVATE KEY----- on')
    .describe('The private key of your app: the PEM file that the provider made, whole.'),
  webhook_secret: webhookSecret.describe(
    'What the provider signs webhooks with. Left out: one made of the id, the key and the link of the app, which reading the integration shows.',
  ),
};

/** What the developer registered at the provider. `type` equals the provider's auth mode. */
export const IntegrationCredentials = z.discriminatedUnion('type', [
  oauth('OAUTH1'),
  oauth('OAUTH2'),
  oauth('TBA'),
  z.strictObject({ type: authMode('APP'), ...githubApp }),
  z.strictObject({ type: authMode('CUSTOM'), client_id: clientId, client_secret: clientSecret, ...githubApp }),
  z.strictObject({
    type: authMode('INSTALL_PLUGIN'),
    username: z.string().min(1).max(1024).describe('The user name or identifier of your plugin at the provider.'),
    password: z.string().min(1).max(1024).describe('Its password or key.'),
    app_link: link.describe('The address where people install your plugin.'),
  }),
  mcp('MCP_OAUTH2'),
  mcp('MCP_OAUTH2_GENERIC'),
]);
export type IntegrationCredentials = z.infer<typeof IntegrationCredentials>;

const shown = z.string().nullable().optional();
/** Read back: of each auth mode its own fields; values may be null. */
export const IntegrationSecrets = z.object({
  type: z.string().describe('The auth mode of the provider.'),
  client_id: shown.describe('The client id; empty where the operator of the server shares the app.'),
  client_secret: shown.describe('The client secret; empty where the operator of the server shares the app.'),
  scopes: shown.describe('The scopes, separated by commas.'),
  webhook_secret: shown.describe('What the provider signs webhooks with.'),
  app_id: shown.describe('`APP` and `CUSTOM`: the id of the app.'),
  app_link: shown.describe('`APP`, `CUSTOM` and `INSTALL_PLUGIN`: where people install it.'),
  private_key: shown.describe('`APP` and `CUSTOM`: the private key, as PEM.'),
  username: shown.describe('`INSTALL_PLUGIN`: the user name of the plugin.'),
  password: shown.describe('`INSTALL_PLUGIN`: its password.'),
});
export type IntegrationSecrets = z.infer<typeof IntegrationSecrets>;
