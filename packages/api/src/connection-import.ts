/** Importing connections: what an app sends that already holds credentials, in the form of today and in the older one. */
import * as z from 'zod';
import { Flag, JsonObject, NewConnectionId, ProviderConfigKey, WebhookUrl } from './fields.ts';

/** In both forms. */
export const importFields = {
  connection_id: NewConnectionId.optional().describe('The id of the connection. Without it a random UUID. `metadata` is not allowed.'),
  metadata: JsonObject.optional().describe('The notes of your app, which functions can read.'),
  connection_config: JsonObject.optional().describe('What the provider needs to know besides credentials, such as a subdomain.'),
  webhook_url_override: WebhookUrl.optional().describe(
    'Where webhooks about this connection go, instead of the address of the environment. An empty text: there again.',
  ),
};

const text = (max: number) => z.string().min(1).max(max);
const authMode = <const T extends string>(mode: T) => z.literal(mode).describe('The auth mode.');
const expiry = z.coerce.date().optional().describe('When the token expires. Without it, it is never renewed ahead of time.');
const otherClient = z
  .strictObject({
    client_id: z.string().max(255).optional().describe('Its client id.'),
    client_secret: z.string().max(2048).optional().describe('Its client secret.'),
  })
  .optional();
/** Of a GitHub App: its token is fetched at once. */
const installation = <const T extends string>(mode: T) =>
  z.strictObject({
    type: authMode(mode),
    app_id: text(255).describe('The id of the app. It must be that of the integration.'),
    installation_id: text(255).describe('The number of the installation.'),
  });
/** Credentials of an import; `type` equals the provider's auth mode. */
export const ImportedCredentials = z.discriminatedUnion('type', [
  z.strictObject({
    type: authMode('OAUTH2'),
    access_token: text(16384).describe('The access token.'),
    refresh_token: text(16384).optional().describe('The refresh token. Without it the access token cannot be renewed.'),
    expires_at: expiry,
    config_override: otherClient.describe('The app that the tokens were given to, where it is another than that of the integration.'),
  }),
  z.strictObject({
    type: authMode('OAUTH2_CC'),
    token: text(4096).describe('The access token.'),
    client_id: text(255).describe('The client id, which asks for new tokens.'),
    client_secret: z.string().max(2048).describe('The client secret; empty for a client that signs with its key.'),
    client_certificate: text(10_000).optional().describe('The certificate that token requests present, as PEM.'),
    client_private_key: text(10_000).optional().describe('The private key of the certificate, or of a client that signs, as PEM or JWK.'),
    expires_at: expiry,
  }),
  z.strictObject({
    type: authMode('BASIC'),
    username: z.string().max(1024).describe('The user name; may be empty.'),
    password: z.string().max(1024).describe('The password; may be empty.'),
  }),
  z.strictObject({ type: authMode('API_KEY'), apiKey: text(1024).describe('The API key.') }),
  z.strictObject({
    type: authMode('OAUTH1'),
    oauth_token: text(2048).describe('The token.'),
    oauth_token_secret: text(2048).describe('Its secret.'),
  }),
  z.strictObject({
    type: authMode('TBA'),
    token_id: text(2048).describe('The id of the token.'),
    token_secret: text(2048).describe('Its secret. `connection_config.accountId` says which account it is of.'),
    config_override: otherClient.describe('The consumer pair that the token belongs to, where it is another than that of the integration.'),
  }),
  z.strictObject({ type: authMode('NONE') }),
  installation('APP'),
  installation('CUSTOM'),
]);
export type ImportedCredentials = z.infer<typeof ImportedCredentials>;

const secret = (max: number) => z.string().max(max).optional();
/** The older import: flat, and each auth mode reads its own fields. What a mode needs and does not find has a code of its own. */
export const LegacyImport = z.looseObject({
  provider_config_key: ProviderConfigKey.optional().describe(
    'The key of the integration. Required; without it the code is `missing_provider_config`.',
  ),
  ...importFields,
  access_token: secret(16_384).describe('OAuth 2: the access token.'),
  refresh_token: secret(16_384).describe('OAuth 2: the refresh token.'),
  expires_at: z
    .union([z.string().max(64), z.number()])
    .optional()
    .describe(
      'OAuth 2: when the token expires, as ISO 8601 or milliseconds since 1970. One of this, `expires_in` and `no_expiration` is required.',
    ),
  expires_in: z.coerce.number().int().optional().describe('OAuth 2: the seconds from now until the token expires.'),
  no_expiration: z.union([z.boolean(), Flag]).optional().describe('OAuth 2: true for a token that does not expire.'),
  oauth_client_id_override: secret(255).describe(
    'OAuth 2: the client id, where it is another than that of the integration. Client credentials: the client id.',
  ),
  oauth_client_secret_override: secret(2048).describe('The client secret that goes with it.'),
  raw: JsonObject.optional().describe('OAuth 2: the answer of the provider that held the token.'),
  username: secret(1024).describe('User name and password: the user name.'),
  password: secret(1024).describe('User name and password: the password.'),
  api_key: secret(1024).describe('API key: the key.'),
  oauth_token: secret(2048).describe('OAuth 1: the token.'),
  oauth_token_secret: secret(2048).describe('OAuth 1: its secret.'),
  token_id: secret(2048).describe('Token-based authentication: the id of the token. `connection_config.accountId` is needed too.'),
  token_secret: secret(2048).describe('Token-based authentication: its secret.'),
  app_id: secret(255).describe('App: the id of the app, which must be that of the integration.'),
  installation_id: secret(255).describe('App: the number of the installation.'),
});
export type LegacyImport = z.infer<typeof LegacyImport>;
