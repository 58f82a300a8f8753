/** Integrations: a provider configured in one environment. */
import * as z from 'zod';
import { Flag, Name, Nothing, ProviderConfigKey, Success } from './fields.ts';
import { defineRoute } from './route.ts';

export const Integration = z.object({
  unique_key: z.string(),
  provider: z.string(),
  display_name: z.string(),
  logo: z.string(),
  forward_webhooks: z.boolean(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Integration = z.infer<typeof Integration>;

const scopesField = z
  .string()
  .max(4096)
  .regex(/^$|^[0-9A-Za-z:/_.*-]+(,[0-9A-Za-z:/_.*-]+)*$/, 'Scopes are separated by commas, without spaces')
  .meta({ examples: ['read,write'] })
  .optional();
const client = {
  client_id: z.string().min(1).max(255),
  client_secret: z.string().min(1).max(4096),
  scopes: scopesField,
  webhook_secret: z.string().max(255).optional(),
};
const oauth = <const T extends string>(type: T) => z.strictObject({ type: z.literal(type), ...client });

/** What the developer registered at the provider. `type` equals the provider's auth mode. */
export const IntegrationCredentials = z.discriminatedUnion('type', [oauth('OAUTH1'), oauth('OAUTH2'), oauth('TBA')]);
export type IntegrationCredentials = z.infer<typeof IntegrationCredentials>;

/** Read back: values may be null. */
export const IntegrationSecrets = z.object({
  type: z.string(),
  client_id: z.string().nullable(),
  client_secret: z.string().nullable(),
  scopes: z.string().nullable(),
  webhook_secret: z.string().nullable(),
});
export type IntegrationSecrets = z.infer<typeof IntegrationSecrets>;

const settings = {
  display_name: z.string().min(1).max(255).optional(),
  forward_webhooks: z.boolean().optional(),
  credentials: IntegrationCredentials.optional(),
  integration_config: z.record(z.string(), z.string().max(8192)).optional(),
  custom: z.record(z.string(), z.string().max(8192)).optional(),
};
const created = {
  method: 'POST',
  caller: 'apiKey',
  scope: ['environment:integrations:create'],
  query: Nothing,
  answer: z.object({ data: Integration }),
  problems: [],
} as const;
const include = z.enum(['webhook', 'credentials']);

/** One deployed function of an integration. */
export const FunctionSummary = z.object({
  id: z.number(),
  name: z.string(),
  type: z.enum(['sync', 'action', 'on-event']),
  description: z.string().optional(),
  scopes: z.array(z.string()).optional(),
  enabled: z.boolean(),
  version: z.string().optional(),
  last_deployed: z.string(),
  source: z.enum(['repo', 'catalog', 'standalone']),
  input: z.string().optional(),
  returns: z.array(z.string()).optional(),
  json_schema: z.unknown().optional(),
  runs: z.string().nullable().optional(),
  auto_start: z.boolean().optional(),
  track_deletes: z.boolean().optional(),
  event: z.string().optional(),
});
export type FunctionSummary = z.infer<typeof FunctionSummary>;

export const integrations = {
  list: defineRoute({
    method: 'GET',
    path: '/integrations',
    summary: 'List the integrations of the environment',
    caller: 'connectSessionOrApiKey',
    scope: ['environment:integrations:list', 'environment:integrations:list_credentials'],
    query: Nothing,
    answer: z.object({ data: z.array(Integration) }),
    problems: [],
  }),
  create: defineRoute({
    ...created,
    path: '/integrations',
    summary: 'Configure a provider in the environment',
    body: z.strictObject({ provider: Name, unique_key: ProviderConfigKey, ...settings }),
  }),
  quickstart: defineRoute({
    ...created,
    path: '/integrations/quickstart',
    summary: 'Configure a provider on an app that the operator of the server shares',
    body: z.strictObject({
      provider: Name,
      unique_key: ProviderConfigKey,
      display_name: settings.display_name,
      forward_webhooks: settings.forward_webhooks,
    }),
  }),
  get: defineRoute({
    method: 'GET',
    path: '/integrations/:uniqueKey',
    summary: 'Read one integration',
    caller: 'apiKey',
    scope: ['environment:integrations:read', 'environment:integrations:read_credentials'],
    params: z.strictObject({ uniqueKey: ProviderConfigKey }),
    query: z.strictObject({
      include: z
        .union([z.string().transform((text) => text.split(',')), z.array(z.string())])
        .pipe(z.array(include))
        .optional(),
    }),
    answer: z.object({
      data: Integration.extend({ webhook_url: z.string().nullable().optional(), credentials: IntegrationSecrets.nullable().optional() }),
    }),
    problems: ['unknown_provider_config'],
    wording: { unknown_provider_config: { code: 'not_found', status: 404 } },
  }),
  update: defineRoute({
    method: 'PATCH',
    path: '/integrations/:uniqueKey',
    summary: 'Change one integration',
    caller: 'apiKey',
    scope: ['environment:integrations:update'],
    params: z.strictObject({ uniqueKey: ProviderConfigKey }),
    query: Nothing,
    body: z.strictObject({ unique_key: ProviderConfigKey.optional(), ...settings }),
    answer: z.object({ data: Integration }),
    problems: ['unknown_provider_config'],
    wording: { unknown_provider_config: { code: 'not_found', status: 404 } },
  }),
  remove: defineRoute({
    method: 'DELETE',
    path: '/integrations/:uniqueKey',
    summary: 'Delete one integration with its connections',
    caller: 'apiKey',
    scope: ['environment:integrations:delete'],
    params: z.strictObject({ uniqueKey: ProviderConfigKey }),
    query: Nothing,
    answer: Success,
    problems: ['unknown_provider_config'],
    wording: { unknown_provider_config: { code: 'not_found', status: 404 } },
  }),
  functions: defineRoute({
    method: 'GET',
    path: '/integrations/:uniqueKey/functions',
    summary: 'List the functions deployed for one integration',
    caller: 'apiKey',
    scope: ['environment:functions:list'],
    params: z.strictObject({ uniqueKey: ProviderConfigKey }),
    query: z.strictObject({
      type: z.enum(['sync', 'action', 'on-event']).optional(),
      search: z.string().trim().min(1).max(255).optional(),
      page: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(100).default(20),
    }),
    answer: z.object({
      data: z.array(FunctionSummary),
      pagination: z.object({ total: z.number(), page: z.number(), limit: z.number() }),
    }),
    problems: ['unknown_provider_config'],
    wording: { unknown_provider_config: { code: 'not_found', status: 404 } },
  }),
  functionCode: defineRoute({
    method: 'GET',
    path: '/integrations/:uniqueKey/functions/:name/code',
    summary: 'Read the source of one deployed function',
    caller: 'apiKey',
    scope: ['environment:functions:read'],
    params: z.strictObject({ uniqueKey: ProviderConfigKey, name: Name }),
    query: z.strictObject({ type: z.enum(['sync', 'action', 'on-event']).optional() }),
    answer: z.object({ type: z.string(), code: z.string() }),
    problems: ['unknown_provider_config', 'not_found', 'ambiguous_function'],
    wording: { unknown_provider_config: { code: 'not_found', status: 404 } },
  }),
  /** Older clients read an integration here. */
  legacy: defineRoute({
    method: 'GET',
    path: '/config/:providerConfigKey',
    summary: 'Read one integration in the older form',
    caller: 'apiKey',
    scope: ['environment:integrations:read', 'environment:integrations:read_credentials'],
    params: z.strictObject({ providerConfigKey: ProviderConfigKey }),
    query: z.object({ include_creds: Flag.optional() }),
    answer: z.object({ config: z.looseObject({ unique_key: z.string(), provider: z.string() }) }),
    problems: ['unknown_provider_config', 'unknown_provider_template'],
    wording: { unknown_provider_template: { status: 400 } },
  }),
};
