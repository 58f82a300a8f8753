/**
 * One provider of the catalogue, as its YAML file spells it after `extends` is resolved. Keys are those of the wire
 * (`GET /providers`), so nothing is renamed on the way out. An auth mode allows only the keys it reads: a key that would be
 * silently ignored is refused.
 */
import { z } from 'zod';
import { type Field, fields, strict } from './field.ts';
import { proxy } from './proxy.ts';

/** The auth modes that this version can carry out. */
export const authModes = ['OAUTH2', 'OAUTH2_CC', 'API_KEY', 'BASIC', 'NONE'] as const;
export type AuthModeName = (typeof authModes)[number];

const url = z.url({ protocol: /^https?$/ });
const scalar = z.union([z.string(), z.boolean(), z.number()]).transform(String);
const params = z.record(z.string(), scalar);
const names = z.array(z.string().min(1));

const common = {
  display_name: z.string().min(1),
  categories: names.min(1),
  docs: url,
  docs_connect: url.optional(),
  setup_guide_url: url.optional(),
  connection_config: fields.optional(),
  credentials: fields.optional(),
  /** Set once by the developer on the integration; read in templates as `integrationConfig.x`. */
  integration_config: fields.optional(),
  webhook_user_defined_secret: z.boolean().optional(),
};

const token = {
  token_url: z.string().min(1),
  token_params: params.optional(),
  token_headers: params.optional(),
  token_request_auth_method: z.enum(['basic']).optional(),
  body_format: z.enum(['form', 'json']).optional(),
  scope_separator: z.string().optional(),
  default_scopes: names.optional(),
  available_scopes: names.optional(),
  /** Keys of the token response (dots descend) that are kept in the connection's configuration. */
  token_response_metadata: names.optional(),
  /** Seconds before expiry at which a token is renewed; 900 when absent. */
  token_expiration_buffer: z.int().nonnegative().optional(),
  /** Where the token is when it is not at `access_token`: a text, or an object that holds `access_token` and its companions. */
  alternate_access_token_response_path: z.string().optional(),
};

const oauth2 = strict({
  auth_mode: z.literal('OAUTH2'),
  ...common,
  ...token,
  authorization_url: z.string().min(1),
  authorization_params: params.optional(),
  authorization_url_fragment: z.string().optional(),
  authorization_url_skip_empty: z.boolean().optional(),
  authorization_url_skip_encode: z.array(z.enum(['scopes'])).optional(),
  authorization_url_replacements: z.record(z.string(), z.string()).optional(),
  authorization_code_param_in_callback: z.string().optional(),
  /** `header`: Basic of the form-encoded id and secret (RFC 6749 §2.3.1); absent: both in the body. */
  authorization_method: z.enum(['header']).optional(),
  disable_pkce: z.boolean().optional(),
  redirect_uri_metadata: names.optional(),
  refresh_params: params.optional(),
  refresh_url: z.string().optional(),
  proxy: proxy.optional(),
});

const oauth2ClientCredentials = strict({
  auth_mode: z.literal('OAUTH2_CC'),
  ...common,
  ...token,
  expires_in_unit: z.enum(['milliseconds']).optional(),
  proxy: proxy.optional(),
});

const apiKey = strict({ auth_mode: z.literal('API_KEY'), ...common, proxy });
const basic = strict({ auth_mode: z.literal('BASIC'), ...common, proxy });
const none = strict({ auth_mode: z.literal('NONE'), ...common, proxy: proxy.optional() });

/** What a catalogue file holds. The name is the file's. */
export const providerDefinition = z
  .discriminatedUnion('auth_mode', [oauth2, oauth2ClientCredentials, apiKey, basic, none], {
    error: (issue) => (issue.code === 'invalid_union' ? `auth_mode must be one of ${authModes.join(', ')}` : undefined),
  })
  .superRefine((definition, context) => {
    if (definition.auth_mode === 'API_KEY' && !definition.credentials?.apiKey) {
      context.addIssue({ code: 'custom', path: ['credentials', 'apiKey'], message: 'is required by auth_mode API_KEY' });
    }
  });
export type ProviderDefinition = z.infer<typeof providerDefinition>;
export type Provider = ProviderDefinition & { readonly name: string };
export type Oauth2Provider = Extract<Provider, { auth_mode: 'OAUTH2' }>;
export type Oauth2ClientCredentialsProvider = Extract<Provider, { auth_mode: 'OAUTH2_CC' }>;

/** The provider as `GET /providers/:provider` answers it: the definition plus `name` and `logo_url`, every field numbered. */
export function publicProvider(provider: Provider, logoUrl: string) {
  return {
    ...provider,
    connection_config: numbered(provider.connection_config, 0),
    credentials: numbered(provider.credentials, 100),
    ...(provider.integration_config ? { integration_config: numbered(provider.integration_config, 0) } : {}),
    logo_url: logoUrl,
  };
}

/** Credentials are numbered from 100, so that a form shows connection fields first unless a file says otherwise. */
function numbered(map: Record<string, Field> | undefined, from: number): Record<string, Field> {
  return Object.fromEntries(
    Object.entries(map ?? {}).map(([name, field], index) => [name, { ...field, order: field.order ?? from + index }]),
  );
}
