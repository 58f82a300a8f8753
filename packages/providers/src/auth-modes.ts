/**
 * The schema of each auth mode: which keys a provider's file may have when it connects that way. Only keys the mode reads are
 * allowed, so one that would be silently ignored is refused. Keys are those of the wire.
 */
import { z } from 'zod';
import { category, provenance, webhook } from './facts.ts';
import { fields, strict } from './field.ts';
import { proxy } from './proxy.ts';

const url = z.url({ protocol: /^https?$/ });
const scalar = z.union([z.string(), z.boolean(), z.number()]).transform(String);
const params = z.record(z.string(), scalar);
/** Values of any depth, whose texts are templates. */
const nestedParams = z.record(z.string(), z.json());
const claims = z.record(z.string(), z.union([scalar, z.array(z.string())]));
const names = z.array(z.string().min(1));
const scriptName = z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/, 'the name of a quirk');

const common = {
  display_name: z.string().min(1),
  categories: z.array(category).min(1),
  docs: url,
  docs_connect: url.optional(),
  setup_guide_url: url.optional(),
  connection_config: fields.optional(),
  credentials: fields.optional(),
  /** Set once by the developer on the integration; read in templates as `integrationConfig.x`. */
  integration_config: fields.optional(),
  /** Names of `connection_config` that the quirk of `post_connection_script` fills. */
  connection_configuration: names.optional(),
  /** Runs after a connection was made, and tells more about its account. */
  post_connection_script: scriptName.optional(),
  /** Runs before a connection is deleted, usually to revoke its token. */
  pre_connection_deletion_script: scriptName.optional(),
  /** Tries credentials where one request cannot tell (`proxy.verification` is for where it can). */
  credentials_verification_script: scriptName.optional(),
  webhook_routing_script: scriptName.optional(),
  /** Where the provider names the account of a grant; see `account.ts` of the server's `credentials/`. */
  account: z
    .string()
    .regex(/^(?:token|id_token|access_token|config)\.[\w.-]+$/, 'token.x, id_token.x, access_token.x or config.x')
    .optional(),
  webhook_user_defined_secret: z.boolean().optional(),
  webhook_allowed_query_params: names.optional(),
  webhook: webhook.optional(),
  provenance: provenance.optional(),
  /** A vendor's test environment: nothing in it is real. */
  sandbox: z.boolean().optional(),
  /** What surprises people about it, one sentence each. */
  notes: names.optional(),
};

const scopes = {
  scope_separator: z.string().optional(),
  default_scopes: names.optional(),
  available_scopes: names.optional(),
};

const tokenRequest = {
  token_params: params.optional(),
  token_headers: params.optional(),
  /** Keys of the token response (dots descend) that are kept in the connection's configuration. */
  token_response_metadata: names.optional(),
  /**
   * Keys of the token response that are second tokens. They stay sealed with the credentials; whoever may read those finds them in the
   * connection's configuration, where templates read them too.
   */
  token_response_secrets: names.optional(),
  /** RFC 7662: says how long a token lives where token responses do not. */
  introspection_url: z.string().optional(),
  /** Seconds before expiry at which a token is renewed; 900 when absent. */
  token_expiration_buffer: z.int().nonnegative().optional(),
};

const token = {
  token_url: z.string().min(1),
  ...tokenRequest,
  ...scopes,
  /** Where the token is when it is not at `access_token`: a text, or an object that holds `access_token` and its companions. */
  alternate_access_token_response_path: z.string().optional(),
};

/** What leads a person to the provider's consent page and back. */
const authorization = {
  authorization_url: z.string().min(1),
  authorization_params: params.optional(),
  authorization_url_fragment: z.string().optional(),
  authorization_url_skip_empty: z.boolean().optional(),
  authorization_url_skip_encode: z.array(z.enum(['scopes', 'base_url'])).optional(),
  authorization_url_replacements: z.record(z.string(), z.string()).optional(),
  authorization_code_param_in_callback: z.string().optional(),
  /** What the provider calls itself at the callback (`iss`, RFC 9207), where that is on another site than its authorization URL. */
  issuer: z.string().optional(),
  redirect_uri_metadata: names.optional(),
};

const codeGrant = {
  ...token,
  ...authorization,
  /** What token requests need beyond these keys: a file of the server's `credentials/quirks/`. */
  quirk: scriptName.optional(),
  /** `none`: a client without a secret (RFC 6749 §2.1), known by its id and PKCE. */
  token_request_auth_method: z.enum(['basic', 'none']).optional(),
  /** Lifetime to assume when the answer tells none; 0: it does not expire. */
  token_expires_in_ms: z.int().nonnegative().optional(),
  body_format: z.enum(['form', 'json']).optional(),
  /** `header`: Basic of the form-encoded id and secret (RFC 6749 §2.3.1); absent: both in the body. */
  authorization_method: z.enum(['header']).optional(),
  disable_pkce: z.boolean().optional(),
  refresh_params: params.optional(),
  refresh_url: z.string().optional(),
  /** Like `token_response_metadata`, for what only the answer to a refresh tells. */
  refresh_token_response_metadata: names.optional(),
};

const oauth2 = strict({
  auth_mode: z.literal('OAUTH2'),
  ...common,
  ...codeGrant,
  /** `outbound`: the person installs the app at the vendor, whose webhook brings the code. */
  installation: z.enum(['outbound']).optional(),
  authorization_code_param_in_webhook: z.string().optional(),
  webhook_response_metadata: names.optional(),
  proxy: proxy.optional(),
});

/** A person's OAuth 2 sign-in and the installation of an app in one (GitHub): each has its token URL. */
const custom = strict({
  auth_mode: z.literal('CUSTOM'),
  ...common,
  ...codeGrant,
  token_url: strict({ OAUTH2: z.string().min(1), APP: z.string().min(1) }),
  proxy: proxy.optional(),
});

const app = strict({
  auth_mode: z.literal('APP'),
  ...common,
  ...token,
  authorization_url: z.string().min(1),
  proxy: proxy.optional(),
});

const mcpOauth2 = strict({
  auth_mode: z.literal('MCP_OAUTH2'),
  ...common,
  ...codeGrant,
  /** Where the client comes from: registered by us (RFC 7591), entered by the developer, or our metadata document's address. */
  client_registration: z.enum(['dynamic', 'static', 'cimd']),
  registration_url: url.optional(),
  registration_params: z.record(z.string(), z.array(z.string())).optional(),
  proxy: proxy.optional(),
});

/** Everything about the server is discovered (RFC 9728, RFC 8414) from the address a person enters. */
const mcpOauth2Generic = strict({ auth_mode: z.literal('MCP_OAUTH2_GENERIC'), ...common, proxy: proxy.optional() });

const oauth2ClientCredentials = strict({
  auth_mode: z.literal('OAUTH2_CC'),
  ...common,
  ...token,
  token_request_auth_method: z.enum(['basic', 'custom', 'private_key_jwt']).optional(),
  body_format: z.enum(['form', 'json', 'query']).optional(),
  expires_in_unit: z.enum(['milliseconds']).optional(),
  /** Lifetime to assume when the answer tells none; 0: it does not expire. */
  token_expires_in_ms: z.int().nonnegative().optional(),
  /** Mutual TLS: the API calls present the certificate too. */
  require_client_certificate: z.boolean().optional(),
  proxy: proxy.optional(),
});

const httpMethod = z.enum(['GET', 'POST']);
const oauth1 = strict({
  auth_mode: z.literal('OAUTH1'),
  ...common,
  ...scopes,
  request_url: z.string().min(1),
  request_params: params.optional(),
  request_http_method: httpMethod.optional(),
  authorization_url: z.string().min(1),
  authorization_params: params.optional(),
  token_url: z.string().min(1),
  token_params: params.optional(),
  token_http_method: httpMethod.optional(),
  signature_method: z.enum(['HMAC-SHA1', 'HMAC-SHA256', 'RSA-SHA1', 'PLAINTEXT']),
  redirect_uri_metadata: names.optional(),
  proxy: proxy.optional(),
});

/** OAuth 1 with tokens that a person made by hand (NetSuite). */
const tba = strict({ auth_mode: z.literal('TBA'), ...common, proxy });

const signedToken = strict({
  expires_in_ms: z.int().positive(),
  signing_key: z.string().optional(),
  header: params.optional(),
  payload: claims.optional(),
});
const signature = strict({
  protocol: z.enum(['RSA', 'HMAC', 'EC']),
  hmac_secret_encoding: z.enum(['hex', 'utf8']).optional(),
});

const jwt = strict({ auth_mode: z.literal('JWT'), ...common, signature, token: signedToken, proxy });

const wsse = strict({
  auth_mode: z.literal('SIGNATURE'),
  ...common,
  signature: strict({ protocol: z.enum(['WSSE']) }),
  token: strict({ expires_in_ms: z.int().positive() }),
  proxy,
});

const bill = strict({ auth_mode: z.literal('BILL'), ...common, token_url: z.string().min(1), proxy });

const assertion = z.discriminatedUnion('type', [
  strict({
    type: z.literal('jwt'),
    key: z.string(),
    header: params,
    payload: claims,
    lifetimeInSeconds: z.union([z.int().positive(), z.string()]).optional(),
    /** Changes nothing: every token request gets a new assertion. */
    singleUse: z.boolean().optional(),
  }),
  strict({
    type: z.literal('saml'),
    key: z.string().optional(),
    cert: z.string().optional(),
    issuer: z.string(),
    audiences: z.string().optional(),
    recipient: z.string().optional(),
    nameIdentifier: z.string().optional(),
    nameIdentifierFormat: z.string().optional(),
    sessionIndex: z.string().optional(),
    inResponseTo: z.string().optional(),
    authnContextClassRef: z.string().optional(),
    attributes: params.optional(),
    lifetimeInSeconds: z.union([z.int().positive(), z.string()]).optional(),
    singleUse: z.boolean().optional(),
  }),
]);

/** A token that one or several requests of the provider's own making exchange for what a person enters. */
const twoStep = strict({
  auth_mode: z.literal('TWO_STEP'),
  ...common,
  ...tokenRequest,
  token_url: z.string().min(1),
  introspection_url: z.string().optional(),
  token_params: nestedParams.optional(),
  token_request_method: z.enum(['GET']).optional(),
  body_format: z.enum(['json', 'form', 'xml']).optional(),
  token_response: strict({
    /** Empty: the whole answer. */
    token: z.string(),
    refresh_token: z.string().optional(),
    token_expiration: z.string().optional(),
    token_expiration_strategy: z.enum(['expireAt', 'expireIn']).optional(),
  }),
  /** Lifetime to assume when the answer tells none; 0: it does not expire. */
  token_expires_in_ms: z.int().nonnegative().optional(),
  token_response_headers: names.optional(),
  refresh_url: z.string().optional(),
  refresh_token_params: nestedParams.optional(),
  refresh_token_headers: params.optional(),
  additional_steps: z
    .array(
      strict({
        token_url: z.string().min(1),
        token_params: nestedParams.optional(),
        token_headers: params.optional(),
        token_request_method: z.enum(['GET']).optional(),
        body_format: z.enum(['json', 'form']).optional(),
      }),
    )
    .min(1)
    .optional(),
  signature: signature.optional(),
  token: signedToken.optional(),
  assertion: assertion.optional(),
  /** Asked for when connecting and needed to make assertions: kept sealed with the credentials, and handed out to nobody. */
  assertion_option: fields.optional(),
  proxy: proxy.optional(),
});

const awsSigV4 = strict({ auth_mode: z.literal('AWS_SIGV4'), ...common, proxy });

/** The person installs a plugin at the vendor; the credentials are the integration's own, of the type `auth_type`. */
const installPlugin = strict({
  auth_mode: z.literal('INSTALL_PLUGIN'),
  ...common,
  auth_type: z.enum(['BASIC']),
  redirect_uri_metadata: names.optional(),
  proxy,
});

const apiKey = strict({ auth_mode: z.literal('API_KEY'), ...common, proxy });
const basic = strict({ auth_mode: z.literal('BASIC'), ...common, proxy });
const none = strict({ auth_mode: z.literal('NONE'), ...common, proxy: proxy.optional() });

const definitions = [
  oauth2,
  oauth2ClientCredentials,
  oauth1,
  basic,
  apiKey,
  app,
  custom,
  tba,
  jwt,
  twoStep,
  wsse,
  bill,
  awsSigV4,
  mcpOauth2,
  mcpOauth2Generic,
  installPlugin,
  none,
] as const;

export type AuthModeName = (typeof definitions)[number]['shape']['auth_mode']['value'];
const authModes: readonly AuthModeName[] = definitions.map((definition) => definition.shape.auth_mode.value);

/** A provider of any mode. */
export const anyDefinition = z.discriminatedUnion('auth_mode', definitions, {
  error: (issue) => (issue.code === 'invalid_union' ? `auth_mode must be one of ${authModes.join(', ')}` : undefined),
});
