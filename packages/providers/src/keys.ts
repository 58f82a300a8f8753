/** The keys that several auth modes share, each with what it means: for readers of the schema, and for editors, which show it. */
import { z } from 'zod';
import { category, provenance, webhook } from './facts.ts';
import { fields } from './field.ts';
import { webhookSubscription } from './subscription.ts';

export const url = z.url({ protocol: /^https?$/ });
const scalar = z.union([z.string(), z.boolean(), z.number()]).transform(String);
export const params = z.record(z.string(), scalar);
/** Values of any depth, whose texts are templates. */
export const nestedParams = z.record(z.string(), z.json());
export const claims = z.record(z.string(), z.union([scalar, z.array(z.string())]));
export const names = z.array(z.string().min(1));
const scriptName = z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/, 'the name of a quirk');
export const template = z.string().min(1);

const assumed = 'Lifetime in milliseconds to assume when the answer tells none; 0: the token does not expire.';
export const assumedLifetime = z.int().nonnegative().optional().describe(assumed);

export const common = {
  display_name: z.string().min(1).describe('What people call it; no two providers have the same.'),
  categories: z.array(category).min(1).describe('What it is for, the most fitting first.'),
  docs: url.describe("The vendor's documentation of the API that is called."),
  docs_connect: url.optional().describe("The vendor's page for the person who connects: where the key or the id is found."),
  setup_guide_url: url.optional().describe("The vendor's page for the developer: how an app is registered."),
  connection_config: fields
    .optional()
    .describe('What is asked of the person beside credentials, such as a subdomain; templates read `connectionConfig.x`.'),
  credentials: fields.optional().describe('The secrets that are asked of the person; templates read `credentials.x`.'),
  integration_config: fields.optional().describe('What the developer sets once on the integration; templates read `integrationConfig.x`.'),
  connection_configuration: names.optional().describe('Names of `connection_config` that the quirk of `post_connection_script` fills.'),
  post_connection_script: scriptName
    .optional()
    .describe('A quirk that runs after a connection was made, and tells more about its account.'),
  pre_connection_deletion_script: scriptName
    .optional()
    .describe('A quirk that runs before a connection is deleted, usually to revoke its token.'),
  credentials_verification_script: scriptName
    .optional()
    .describe('A quirk that tries credentials where one request cannot tell; `proxy.verification` is for where it can.'),
  webhook_routing_script: scriptName.optional().describe("Which of our readers finds the connection that a provider's webhook is for."),
  account: z
    .string()
    .regex(/^(?:token|id_token|access_token|config)\.[\w.-]+$/, 'token.x, id_token.x, access_token.x or config.x')
    .optional()
    .describe('Where the provider names the account of a grant: `token.x` of the answer, a claim of a token, or `config.x`.'),
  webhook_user_defined_secret: z.boolean().optional().describe('The secret of its webhooks is one that the developer makes up.'),
  webhook_allowed_query_params: names.optional().describe('Query parameters of its webhooks that are handed on.'),
  webhook: webhook.optional().describe('How its webhooks are told from forged ones.'),
  webhook_subscription: webhookSubscription.optional().describe('How it is asked to send them.'),
  provenance: provenance.optional().describe('Where the facts of this entry come from, and when they were checked.'),
  sandbox: z.boolean().optional().describe("A vendor's test environment: nothing in it is real."),
  notes: names.optional().describe('What surprises people about it, one sentence each.'),
};

export const scopes = {
  scope_separator: z.string().optional().describe('What stands between scopes; a space when absent.'),
  default_scopes: names.optional().describe('Scopes that are asked for when the integration names none.'),
  available_scopes: names.optional().describe('All scopes that the provider documents.'),
};

export const tokenRequest = {
  token_params: params.optional().describe('Parameters of the token request besides those of the grant; values are templates.'),
  token_headers: params.optional().describe('Headers of the token request; values are templates.'),
  token_response_metadata: names
    .optional()
    .describe("Keys of the token response (dots descend) that are kept in the connection's configuration."),
  token_response_secrets: names
    .optional()
    .describe('Keys of the token response that are second tokens: sealed with the credentials, readable in templates.'),
  introspection_url: z
    .string()
    .optional()
    .describe('Template of the address that says how long a token lives where its answer does not (RFC 7662).'),
  token_expiration_buffer: z
    .int()
    .nonnegative()
    .optional()
    .describe('Seconds before its end at which a token is renewed; 900 when absent.'),
};

export const token = {
  token_url: template.describe('Template of the address where tokens are asked for.'),
  ...tokenRequest,
  ...scopes,
  alternate_access_token_response_path: z
    .string()
    .optional()
    .describe('Where the token is when it is not at `access_token`: a text, or an object that holds `access_token` and its companions.'),
};

/** What leads a person to the provider's consent page and back. */
export const authorization = {
  authorization_url: template.describe('Template of the page where the person consents.'),
  authorization_params: params.optional().describe('Parameters of the consent page besides those of the standard; values are templates.'),
  authorization_url_fragment: z.string().optional().describe('A fragment that stands before the query, for pages of single-page apps.'),
  authorization_url_skip_empty: z.boolean().optional().describe('Leaves parameters without a value out.'),
  authorization_url_skip_encode: z
    .array(z.enum(['scopes', 'base_url']))
    .optional()
    .describe('Parts of the URL that are not percent-encoded.'),
  authorization_url_replacements: z
    .record(z.string(), z.string())
    .optional()
    .describe('Texts of the finished URL, and what takes their place: for parameters with other names than the standard’s.'),
  authorization_code_param_in_callback: z.string().optional().describe('The name of the code in the callback; `code` when absent.'),
  issuer: z
    .string()
    .optional()
    .describe('What the provider calls itself at the callback (`iss`, RFC 9207), where that is on another site than its consent page.'),
  redirect_uri_metadata: names
    .optional()
    .describe("Parameters of the callback that are kept in the connection's configuration, if their fields take them."),
};

export const codeGrant = {
  ...token,
  ...authorization,
  quirk: scriptName.optional().describe('What token requests need beyond these keys: a quirk of the server.'),
  token_request_auth_method: z
    .enum(['basic', 'none'])
    .optional()
    .describe('`basic`: the raw client id and secret in Basic; `none`: a client without a secret, known by its id and PKCE.'),
  token_expires_in_ms: assumedLifetime,
  body_format: z.enum(['form', 'json']).optional().describe('How token requests are written; `form` when absent.'),
  authorization_method: z
    .enum(['header'])
    .optional()
    .describe('`header`: Basic of the form-encoded client id and secret (RFC 6749 §2.3.1); absent: both in the body.'),
  disable_pkce: z.boolean().optional().describe('Leaves PKCE (RFC 7636) out, for providers that refuse it.'),
  refresh_params: params.optional().describe('Parameters of the request that renews a token; `token_params` when absent.'),
  refresh_url: z.string().optional().describe('Template of the address where tokens are renewed; `token_url` when absent.'),
  refresh_token_response_metadata: names
    .optional()
    .describe('Like `token_response_metadata`, for what only the answer to a refresh tells.'),
};
