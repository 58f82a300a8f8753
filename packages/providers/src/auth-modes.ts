/**
 * The schema of each auth mode: which keys a provider's file may have when it connects that way. Only keys the mode reads are
 * allowed, so one that would be silently ignored is refused. Keys are those of the wire.
 */
import { z } from 'zod';
import { fields, strict } from './field.ts';
import {
  assumedLifetime,
  authorization,
  claims,
  codeGrant,
  common,
  names,
  nestedParams,
  params,
  scopes,
  template,
  token,
  tokenRequest,
  url,
} from './keys.ts';
import { proxy } from './proxy.ts';

const calls = 'How the API is called.';
const modeOf = <Name extends string>(name: Name) => z.literal(name).describe('How access is granted.');

const oauth2 = strict({
  auth_mode: modeOf('OAUTH2'),
  ...common,
  ...codeGrant,
  installation: z
    .enum(['outbound'])
    .optional()
    .describe('`outbound`: the person installs the app at the vendor, whose webhook brings the code.'),
  authorization_code_param_in_webhook: z.string().optional().describe('Where the code is in that webhook; dots descend.'),
  webhook_response_metadata: names.optional().describe("Keys of that webhook that are kept in the connection's configuration."),
  proxy: proxy.optional().describe(calls),
});

/** A person's OAuth 2 sign-in and the installation of an app in one (GitHub): each has its token URL. */
const custom = strict({
  auth_mode: modeOf('CUSTOM'),
  ...common,
  ...codeGrant,
  token_url: strict({
    OAUTH2: template.describe("Template of the address of the person's token."),
    APP: template.describe("Template of the address of the installation's token."),
  }).describe('Where the two tokens are asked for.'),
  proxy: proxy.optional().describe(calls),
});

const app = strict({
  auth_mode: modeOf('APP'),
  ...common,
  ...token,
  authorization_url: template.describe('Template of the page where the app is installed.'),
  proxy: proxy.optional().describe(calls),
});

const mcpOauth2 = strict({
  auth_mode: modeOf('MCP_OAUTH2'),
  ...common,
  ...codeGrant,
  client_registration: z
    .enum(['dynamic', 'static', 'cimd'])
    .describe("Where the client comes from: registered by us (RFC 7591), entered by the developer, or our metadata document's address."),
  registration_url: url.optional().describe('Where clients are registered.'),
  registration_params: z.record(z.string(), z.array(z.string())).optional().describe('What a registration says besides the standard.'),
  proxy: proxy.optional().describe(calls),
});

/** Everything about the server is discovered (RFC 9728, RFC 8414) from the address a person enters. */
const mcpOauth2Generic = strict({ auth_mode: modeOf('MCP_OAUTH2_GENERIC'), ...common, proxy: proxy.optional().describe(calls) });

const oauth2ClientCredentials = strict({
  auth_mode: modeOf('OAUTH2_CC'),
  ...common,
  ...token,
  token_request_auth_method: z
    .enum(['basic', 'custom', 'private_key_jwt'])
    .optional()
    .describe('`basic`: in the header; `custom`: as user name and password; `private_key_jwt`: signed (RFC 7523); absent: in the body.'),
  body_format: z.enum(['form', 'json', 'query']).optional().describe('How token requests are written; `form` when absent.'),
  expires_in_unit: z.enum(['milliseconds']).optional().describe('What `expires_in` counts where it is not seconds.'),
  token_expires_in_ms: assumedLifetime,
  require_client_certificate: z.boolean().optional().describe('Mutual TLS: the API calls present the certificate too.'),
  proxy: proxy.optional().describe(calls),
});

const httpMethod = z.enum(['GET', 'POST']);
const oauth1 = strict({
  auth_mode: modeOf('OAUTH1'),
  ...common,
  ...scopes,
  request_url: template.describe('Template of the address where temporary tokens are asked for.'),
  request_params: params.optional().describe('Parameters of that request.'),
  request_http_method: httpMethod.optional().describe('Of that request; POST when absent.'),
  authorization_url: template.describe('Template of the page where the person consents.'),
  authorization_params: authorization.authorization_params,
  token_url: template.describe('Template of the address where lasting tokens are asked for.'),
  token_params: params.optional().describe('Parameters of that request.'),
  token_http_method: httpMethod.optional().describe('Of that request; POST when absent.'),
  signature_method: z.enum(['HMAC-SHA1', 'HMAC-SHA256', 'RSA-SHA1', 'PLAINTEXT']).describe('How requests are signed (RFC 5849 §3.4).'),
  redirect_uri_metadata: authorization.redirect_uri_metadata,
  proxy: proxy.optional().describe(calls),
});

/** OAuth 1 with tokens that a person made by hand (NetSuite). */
const tba = strict({ auth_mode: modeOf('TBA'), ...common, proxy: proxy.describe(calls) });

const lifetime = z.int().positive().describe('Lifetime of the token in milliseconds.');
const signedToken = strict({
  expires_in_ms: lifetime,
  signing_key: z.string().optional().describe('Template of the key it is signed with.'),
  header: params.optional().describe('Header of the JWT; values are templates.'),
  payload: claims.optional().describe('Claims of the JWT; values are templates.'),
}).describe('The token that we sign ourselves.');
const signature = strict({
  protocol: z.enum(['RSA', 'HMAC', 'EC']).describe('The kind of key that signs.'),
  hmac_secret_encoding: z.enum(['hex', 'utf8']).optional().describe('How the secret is written; `utf8` when absent.'),
}).describe('How that token is signed.');

const jwt = strict({ auth_mode: modeOf('JWT'), ...common, signature, token: signedToken, proxy: proxy.describe(calls) });

const wsse = strict({
  auth_mode: modeOf('SIGNATURE'),
  ...common,
  signature: strict({ protocol: z.enum(['WSSE']).describe('The kind of header.') }).describe('How requests are signed.'),
  token: strict({ expires_in_ms: lifetime }).describe('The header that we sign ourselves.'),
  proxy: proxy.describe(calls),
});

const bill = strict({
  auth_mode: modeOf('BILL'),
  ...common,
  token_url: template.describe('Template of the address of the sign-in.'),
  proxy: proxy.describe(calls),
});

const assertionLifetime = z
  .union([z.int().positive(), z.string()])
  .optional()
  .describe('Lifetime of the assertion in seconds; a number or a template.');
const singleUse = z.boolean().optional().describe('Changes nothing: every token request gets a new assertion.');
const assertion = z.discriminatedUnion('type', [
  strict({
    type: z.literal('jwt').describe('A JWT (RFC 7523).'),
    key: z.string().describe('Template of the key it is signed with.'),
    header: params.describe('Header of the JWT; values are templates.'),
    payload: claims.describe('Claims of the JWT; values are templates.'),
    lifetimeInSeconds: assertionLifetime,
    singleUse,
  }),
  strict({
    type: z.literal('saml').describe('A SAML assertion (RFC 7522).'),
    key: z.string().optional().describe('Template of the key it is signed with.'),
    cert: z.string().optional().describe('Template of the certificate that belongs to the key.'),
    issuer: z.string().describe('Template of who makes it.'),
    audiences: z.string().optional().describe('Template of whom it is for.'),
    recipient: z.string().optional().describe('Template of where it is sent.'),
    nameIdentifier: z.string().optional().describe('Template of the user it names.'),
    nameIdentifierFormat: z.string().optional().describe('The form of that name, a URN of SAML.'),
    sessionIndex: z.string().optional().describe('Template of the session it names.'),
    inResponseTo: z.string().optional().describe('Template of the request it answers.'),
    authnContextClassRef: z.string().optional().describe('How the user was authenticated, a URN of SAML.'),
    attributes: params.optional().describe('Attributes of the user; values are templates.'),
    lifetimeInSeconds: assertionLifetime,
    singleUse,
  }),
]);

/** A token that one or several requests of the provider's own making exchange for what a person enters. */
const twoStep = strict({
  auth_mode: modeOf('TWO_STEP'),
  ...common,
  ...tokenRequest,
  token_url: template.describe('Template of the address of the first request.'),
  token_params: nestedParams.optional().describe('What the first request says, at any depth; texts are templates.'),
  token_request_method: z.enum(['GET']).optional().describe('Of the first request; POST when absent.'),
  body_format: z.enum(['json', 'form', 'xml']).optional().describe('How requests are written; `json` when absent.'),
  token_response: strict({
    token: z.string().describe('Where the token is in the last answer; dots descend. Empty: the whole answer.'),
    refresh_token: z.string().optional().describe('Where the refresh token is.'),
    token_expiration: z.string().optional().describe('Where the answer tells how long the token lives.'),
    token_expiration_strategy: z.enum(['expireAt', 'expireIn']).optional().describe('Whether that is a moment or a number of seconds.'),
  }).describe('What is read of the last answer.'),
  token_expires_in_ms: assumedLifetime,
  token_response_headers: names
    .optional()
    .describe('Headers of answers that are kept with the credentials; `set-cookie` keeps each cookie.'),
  refresh_url: codeGrant.refresh_url,
  refresh_token_params: nestedParams.optional().describe('What the request says that renews a token by its refresh token.'),
  refresh_token_headers: params.optional().describe('Headers of that request; values are templates.'),
  additional_steps: z
    .array(
      strict({
        token_url: template.describe('Template of the address; `stepN.x` reads the answer to an earlier request.'),
        token_params: nestedParams.optional().describe('What the request says, at any depth; texts are templates.'),
        token_headers: params.optional().describe('Headers of the request; values are templates.'),
        token_request_method: z.enum(['GET']).optional().describe('POST when absent.'),
        body_format: z.enum(['json', 'form']).optional().describe('How the request is written.'),
      }),
    )
    .min(1)
    .optional()
    .describe('Requests after the first; the last one answers the token.'),
  signature: signature.optional(),
  token: signedToken.optional(),
  assertion: assertion.optional().describe('An assertion that each token request carries; templates read `credentials.assertion`.'),
  assertion_option: fields
    .optional()
    .describe('Asked for when connecting and needed to make assertions: sealed with the credentials, handed out to nobody.'),
  proxy: proxy.optional().describe(calls),
});

const awsSigV4 = strict({ auth_mode: modeOf('AWS_SIGV4'), ...common, proxy: proxy.describe(calls) });

/** The person installs a plugin at the vendor; the credentials are the integration's own, of the type `auth_type`. */
const installPlugin = strict({
  auth_mode: modeOf('INSTALL_PLUGIN'),
  ...common,
  auth_type: z.enum(['BASIC']).describe('The type of the credentials.'),
  redirect_uri_metadata: authorization.redirect_uri_metadata,
  proxy: proxy.describe(calls),
});

const apiKey = strict({ auth_mode: modeOf('API_KEY'), ...common, proxy: proxy.describe(calls) });
const basic = strict({ auth_mode: modeOf('BASIC'), ...common, proxy: proxy.describe(calls) });
const none = strict({ auth_mode: modeOf('NONE'), ...common, proxy: proxy.optional().describe(calls) });

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
