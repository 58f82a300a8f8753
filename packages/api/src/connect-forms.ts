/** The doors for what an end user types: one for each auth mode that asks with a form. */
import * as z from 'zod';
import { ProviderConfigKey } from './fields.ts';
import { defineRoute } from './route.ts';

/** What the browser holds in the query while it connects: nested `params[x]`, `authorization_params[x]`, `credentials[x]`. */
const BrowserQuery = z.looseObject({
  connect_session_token: z.string().optional().describe('The token of the connect session. Required.'),
  connection_id: z.string().optional().describe('Refused: the session decides the id of the connection.'),
  params: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('What the provider needs to know besides credentials, each as `params[name]=value`. What the session sets wins.'),
});
const key = z.strictObject({ providerConfigKey: ProviderConfigKey });
const Connected = z.object({
  connectionId: z.string().describe('The id of the connection, new or repaired. Your app keeps it with its user.'),
  providerConfigKey: z.string().describe('The key of its integration.'),
});
const byBrowser = {
  method: 'POST',
  description:
    'For the browser that holds a connect session. The credentials are tried at the provider first, where the catalogue says how; when they fail, nothing is stored and the person can try again.',
  caller: 'connectSessionInQuery',
  params: key,
  query: BrowserQuery,
  answer: Connected,
  problems: [
    'unknown_provider_config',
    'unknown_provider_template',
    'invalid_auth_mode',
    'integration_not_allowed',
    'invalid_connection',
    'connection_test_failed',
    'connection_validation_failed',
  ],
  wording: { unknown_provider_config: { status: 404 } },
} as const;

/** Published clients send more than the provider asks for, `type` among it: what no field declares is dropped. */
const ByField = z.looseObject({}).describe('A text for each field of the provider’s `credentials`, by its name.');

export const forms = {
  apiKey: defineRoute({
    ...byBrowser,
    path: '/api-auth/api-key/:providerConfigKey',
    summary: 'Connect with an API key',
    body: z.strictObject({ apiKey: z.string().min(1).max(1024).describe('The API key.') }),
  }),
  basic: defineRoute({
    ...byBrowser,
    path: '/api-auth/basic/:providerConfigKey',
    summary: 'Connect with a user name and password',
    body: z.strictObject({
      username: z.string().max(1024).describe('The user name; may be empty.'),
      password: z.string().max(1024).describe('The password; may be empty.'),
    }),
  }),
  clientCredentials: defineRoute({
    ...byBrowser,
    path: '/oauth2/auth/:providerConfigKey',
    wording: {},
    problems: [...byBrowser.problems, 'missing_client_id', 'missing_client_secret'],
    summary: 'Connect with OAuth 2 client credentials',
    body: z.looseObject({
      client_id: z.string().max(255).optional().describe('The client id. Required.'),
      client_secret: z
        .string()
        .max(2048)
        .optional()
        .describe('The client secret. Required, unless the client signs with `client_private_key`.'),
      client_certificate: z.string().max(10_000).optional().describe('The certificate that the client shows (mutual TLS), as PEM.'),
      client_private_key: z
        .string()
        .max(10_000)
        .optional()
        .describe('The private key of the certificate, or of a client that signs its requests, as PEM or JWK.'),
    }),
  }),
  twoStep: defineRoute({
    ...byBrowser,
    path: '/auth/two-step/:providerConfigKey',
    summary: 'Connect with what the provider exchanges for a token',
    description:
      'For the browser that holds a connect session. What the person entered is exchanged at the provider, by one or several requests of its own making; when it refuses, nothing is stored and the person can try again.',
    problems: [...byBrowser.problems, 'invalid_two_step_credentials', 'two_step_credentials_fetch_error'],
    body: ByField.extend({
      assertionOption: z
        .record(z.string(), z.string().max(65_536))
        .optional()
        .describe('What the provider’s `assertion_option` asks for, such as a private key. It is kept sealed and handed out to nobody.'),
    }),
  }),
  jwt: defineRoute({
    ...byBrowser,
    path: '/auth/jwt/:providerConfigKey',
    summary: 'Connect with a key that signs JSON Web Tokens',
    body: ByField,
  }),
  signature: defineRoute({
    ...byBrowser,
    path: '/auth/signature/:providerConfigKey',
    summary: 'Connect with a user name and password that sign each request (WSSE)',
    body: z.looseObject({
      username: z.string().min(1).max(1024).describe('The user name.'),
      password: z.string().min(1).max(1024).describe('The password, or the secret of the API user.'),
    }),
  }),
  bill: defineRoute({
    ...byBrowser,
    path: '/auth/bill/:providerConfigKey',
    summary: 'Connect to BILL',
    body: z.looseObject({
      username: z.string().min(1).max(1024).describe('The e-mail address that signs in.'),
      password: z.string().min(1).max(1024).describe('The password.'),
      organization_id: z.string().min(1).max(1024).describe('The organization, which starts with `008`.'),
      dev_key: z.string().min(1).max(1024).describe('The developer key.'),
    }),
  }),
  tba: defineRoute({
    ...byBrowser,
    path: '/auth/tba/:providerConfigKey',
    summary: 'Connect with a token that a person made (token-based authentication)',
    body: z.strictObject({
      token_id: z.string().min(1).max(2048).describe('The id of the token.'),
      token_secret: z.string().min(1).max(2048).describe('Its secret.'),
      oauth_client_id_override: z
        .string()
        .max(255)
        .optional()
        .describe('The consumer key that the token belongs to, where it is another than that of the integration.'),
      oauth_client_secret_override: z.string().max(2048).optional().describe('The consumer secret that goes with it.'),
    }),
  }),
  awsSigV4: defineRoute({
    ...byBrowser,
    path: '/auth/aws-sigv4/:providerConfigKey',
    summary: 'Connect with a role at AWS',
    description:
      'For the browser that holds a connect session. The role must trust the account of the integration under the external id, `params[external_id]`, which the page shows to the person first. ' +
      'The role is assumed and asked who it is; when that fails, nothing is stored and the person can try again.',
    body: z.strictObject({
      role_arn: z.string().min(1).max(2048).describe('The ARN of the role.'),
      region: z
        .string()
        .max(64)
        .regex(/^[a-z0-9-]+$/, 'A region has small letters, digits and dashes')
        .optional()
        .describe('The region, such as `eu-central-1`. Default: `params[region]`, else that of the integration.'),
    }),
  }),
  outbound: defineRoute({
    ...byBrowser,
    path: '/auth/oauth-outbound/:providerConfigKey',
    // The functions of the integration are asked when the webhook completes it: until then there is nothing to try.
    problems: [
      'unknown_provider_config',
      'unknown_provider_template',
      'invalid_auth_mode',
      'integration_not_allowed',
      'invalid_connection',
      'connection_test_failed',
    ],
    summary: 'Connect an app that the person installs on the pages of its provider',
    description:
      'For the browser that holds a connect session. The connection is there at once and waits: its `connection_config` has `pending: true`, and requests through it are refused, until the provider tells by its webhook that the app was installed. Your app hears of it then.',
    body: z.looseObject({}).optional(),
    answer: Connected.extend({ isPending: z.literal(true).describe('The provider has yet to confirm it.') }),
  }),
  unauthenticated: defineRoute({
    ...byBrowser,
    path: '/auth/unauthenticated/:providerConfigKey',
    summary: 'Connect to an API that needs no credentials',
    description: 'For the browser that holds a connect session.',
    body: z.looseObject({}).optional(),
  }),
};
